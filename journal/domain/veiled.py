"""Texts that hold a secret, such as a licence key sent by e-mail: written with a mark where the secret will stand.

What is kept of such a text has the mark, or dots; the secret itself stands in it only while it goes out.
"""

MARK = "{secret}"
DOTS = "•••"


def veiled(text: str) -> str:
    """As it may be kept and shown."""
    return text.replace(MARK, DOTS)


def unveiled(text: str, secret: str) -> str:
    """As the one it is for reads it."""
    return text.replace(MARK, secret)
