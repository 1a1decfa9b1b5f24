"""Which of the desk’s own decisions are shown to staff, so that its error can be told at all."""

import hashlib


def is_sampled(digest: str, *, number: int, percent: int) -> bool:
    """About `percent` of a hundred, by a hash of the words and of the ticket’s number: again the same, whatever was decided.

    Whoever writes the words doesn't choose the number, which comes after them.
    """
    drawn = hashlib.sha256(f"{digest}:{number}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") % 10_000 < percent * 100
