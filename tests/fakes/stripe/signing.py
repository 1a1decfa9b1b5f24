"""Stripe’s signature, written with plain hmac: the whole secret as bytes, over the time, a dot and the raw body."""

import hashlib
import hmac
from collections.abc import Sequence


def signature(body: bytes, secret: str, at: int) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def header(body: bytes, secrets: Sequence[str], at: int) -> str:
    """One `v1` for each secret that is valid, and the `v0` of test mode, which proves nothing."""
    marks = [f"v1={signature(body, secret, at)}" for secret in secrets]
    return ",".join([f"t={at}", *marks, f"v0={signature(body, 'v0', at)}"])
