"""How a licence key is written: `el_<prefix>_<secret>`, the last two characters of it a checksum.

The prefix may be shown and stays with the licence; of the whole only a digest is kept. The secret has 160 random bits,
so a plain SHA-256 is enough (journal/domain/key_text.py). Letters and digits are those of base32 in small letters:
people type keys, so capitals and spaces around or inside don't matter.

The checksum tells a typo from a key that nobody has: each character's number times its place, summed modulo the prime
1021. As differences of characters and of places are smaller than the prime, no single wrong character and no two that
changed places, wherever they stand, leave the sum as it was.
"""

import base64
import hashlib
from typing import NamedTuple

MARK = "el"
LONGEST = 200  # characters of anything that could be a key
PREFIX_LENGTH, SECRET_LENGTH, CHECK_LENGTH = 8, 32, 2
PREFIX_BYTES, SECRET_BYTES = 5, 20
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
PRIME = 1021  # the largest under 32 * 32
_LETTERS = frozenset(ALPHABET)
_WHOLE = len(MARK) + 1 + PREFIX_LENGTH + 1 + SECRET_LENGTH + CHECK_LENGTH


class LicenceKey(NamedTuple):
    """A text that can be a key: what may be shown of it, and the digest it is known by."""

    prefix: str
    digest: bytes


def write_key(*, prefix: str, secret: bytes) -> str:
    """The whole key. `prefix` as `write_prefix` gives it."""
    head = f"{MARK}_{prefix}_{_base32(secret)}"
    return head + checksum(head)


def write_prefix(random: bytes) -> str:
    return _base32(random)


def parse_key(text: str) -> LicenceKey | None:
    """None where it can't be a key: cut short, mistyped, or something else."""
    plain = plainly(text)
    if len(plain) != _WHOLE or plain[:3] != f"{MARK}_" or plain[3 + PREFIX_LENGTH] != "_":
        return None
    prefix, rest = plain[3 : 3 + PREFIX_LENGTH], plain[4 + PREFIX_LENGTH :]
    if not _LETTERS.issuperset(prefix) or not _LETTERS.issuperset(rest):
        return None
    if checksum(plain[:-CHECK_LENGTH]) != plain[-CHECK_LENGTH:]:
        return None
    return LicenceKey(prefix, digest_of(plain))


def plainly(text: str) -> str:
    """As keys are written, whatever hand or mail program it came through."""
    return "" if len(text) > LONGEST else "".join(text.lower().split())


def digest_of(plain: str) -> bytes:
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()


def checksum(head: str) -> str:
    found = sum(place * ord(letter) for place, letter in enumerate(head, start=1)) % PRIME
    return ALPHABET[found // 32] + ALPHABET[found % 32]


def _base32(random: bytes) -> str:
    return base64.b32encode(random).decode().rstrip("=").lower()
