"""How an API key is written: `ed_<prefix>_<secret>`. The prefix may be shown; of the whole, only a digest is kept.

The secret has 256 random bits, so a plain SHA-256 is enough: there is nothing to guess, and nothing to slow down.
"""

import hashlib

MARK = "ed"
LONGEST = 200  # characters of anything that could be a key


def prefix_of(plain: str) -> str:
    """The part that may be shown; empty where the text can't be a key."""
    if len(plain) > LONGEST or "\x00" in plain:
        return ""
    mark, _, rest = plain.partition("_")
    prefix, _, secret = rest.partition("_")
    return prefix if mark == MARK and secret else ""


def digest_of(plain: str) -> bytes:
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()
