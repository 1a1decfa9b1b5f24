"""Who may log in, and how: the connected app, its certificate, the users' passwords."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@cache
def key_pair(name: str = "app") -> tuple[str, str]:
    """A private key and its public half, made once per process: nothing that is compared hangs on them."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@dataclass
class Access:
    """The connected app of the integration. What is emptied is not allowed."""

    consumer_key: str
    consumer_secret: str
    public_key: str
    run_as: str = ""  # the user of client credentials, by id
    approved: set[str] = field(default_factory=set)  # usernames that JWT may speak for
    passwords: dict[str, tuple[str, str]] = field(default_factory=dict)  # username: password, security token
    refused: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # wrong passwords in a row

    def locked(self, username: str, after: int) -> bool:
        return self.refused[username] >= after
