"""The text of a PDF file, read by a process of its own that is ended when it takes too long.

A PDF may make its reader calculate without end, or unpack without end. Neither may happen to the desk, so the process
has a limit on its time and its memory, and tells what it found, or why it found nothing. A few are read at once: many
at a time would have no limit again.
"""

import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic

from support.intake.plain_text import DAMAGED
from support.intake.unread import Unread

SECONDS = 10
MOST_TOLD = 400_000  # bytes of an answer
AT_ONCE = 2  # by each process of the desk
_PROGRAM = Path(__file__).with_name("pdf_program.py")
_WHY = {
    "protected": "it is protected by a password",
    "damaged": DAMAGED,
    "missing": "PDF files aren’t read on this machine",
}
_LATE = "it takes too long to read"
_turns = threading.BoundedSemaphore(AT_ONCE)


def text_of_pdf(raw: bytes, *, most: int, seconds: float = SECONDS) -> str:
    """Raises Unread with why; nothing where it has no text, as a scan. `seconds` count from now, with any waiting."""
    ends = monotonic() + seconds
    if not _turns.acquire(timeout=seconds):
        raise Unread(_LATE)
    try:
        told, _, text = _told(raw, most=most, seconds=max(ends - monotonic(), 0.0)).partition(b"\n")
    finally:
        _turns.release()
    word = told.decode("ascii", "replace")
    if word == "text":
        return text.decode("utf-8", "replace")
    raise Unread(_WHY.get(word, "it asks too much of whoever reads it"))


def _told(raw: bytes, *, most: int, seconds: float) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 — our own words; the file is only its input
            [sys.executable, "-I", str(_PROGRAM), str(most)],
            input=raw,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise Unread(_LATE) from None
    return done.stdout[:MOST_TOLD]
