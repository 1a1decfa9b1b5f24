"""Whether a message that came in is signed, by the same specification that ours are signed by (`signing`).

The three headers are needed, one of the signatures must be that of a secret in force, and the timestamp must be within
five minutes of now, so that what somebody overheard is no use to them later.
"""

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from journal.domain.webhooks.signing import bytes_of, seconds_of, signature

TOLERANCE = timedelta(minutes=5)
LONGEST_NAME, MOST_SIGNATURES = 256, 10


def is_signed(
    *, name: str, timestamp: str, signatures: str, body: bytes, secrets: Iterable[str], at: datetime
) -> bool:  # fmt: skip
    """Every pair is compared, and each in the same time, so that nothing is told by how long it takes."""
    if not 0 < len(name) <= LONGEST_NAME or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    seconds = int(timestamp)
    if abs(seconds - seconds_of(at)) > TOLERANCE.total_seconds():
        return False
    given = [one.encode("utf-8", "replace") for one in signatures.split(" ")[:MOST_SIGNATURES]]
    found = False
    for secret in secrets:
        expected = signature(name=name, seconds=seconds, body=body, secret=bytes_of(secret)).encode()
        for one in given:
            found |= hmac.compare_digest(one, expected)
    return found
