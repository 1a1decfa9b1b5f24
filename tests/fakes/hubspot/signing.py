"""HubSpot's signature of version 3, written with plain hmac: method, address, body and time under the client secret."""

import base64
import hashlib
import hmac
import re
from urllib.parse import unquote

# HubSpot undoes these escapes of the address before it signs; every other one stays as it is.
DECODED = ("%3A", "%2F", "%3F", "%40", "%21", "%24", "%27", "%28", "%29", "%2A", "%2C", "%3B")


def uri(url: str) -> str:
    return re.sub("|".join(DECODED), lambda found: unquote(found[0]), url, flags=re.IGNORECASE)


def signature(secret: str, method: str, url: str, body: bytes, at: int) -> str:
    """`at` is in milliseconds."""
    told = f"{method}{uri(url)}".encode() + body + str(at).encode()
    return base64.b64encode(hmac.new(secret.encode(), told, hashlib.sha256).digest()).decode()


def headers(secret: str, method: str, url: str, body: bytes, at: int) -> dict[str, str]:
    """The newest signature, and the oldest beside it, which covers neither time nor address."""
    return {
        "X-HubSpot-Request-Timestamp": str(at),
        "X-HubSpot-Signature-v3": signature(secret, method, url, body, at),
        "X-HubSpot-Signature": hashlib.sha256(secret.encode() + body).hexdigest(),
        "X-HubSpot-Signature-Version": "v1",
    }
