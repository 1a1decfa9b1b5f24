"""Reads a PDF file from its input and writes one word and then the text; run by `pdf_reading`, never imported.

Its limits are its own: so much memory, so much time of a processor, so many pages.
"""

import contextlib
import io
import sys

MOST_PAGES = 50
MOST_MEMORY = 768 * 1024 * 1024  # bytes
MOST_SECONDS = 8


def _limit() -> None:
    """Where the system knows such limits."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(raw: bytes, most: int) -> tuple[str, str]:
    try:
        import pypdf
    except ImportError:
        return "missing", ""
    try:
        reader = pypdf.PdfReader(io.BytesIO(raw), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return "protected", ""
        said, length = [], 0
        for number in range(min(MOST_PAGES, len(reader.pages))):
            said.append(reader.pages[number].extract_text() or "")
            length += len(said[-1])
            if length >= most:
                break
    except Exception:
        return "damaged", ""
    return "text", "\n\n".join(said)[:most]


if __name__ == "__main__":
    _limit()
    word, text = _read(sys.stdin.buffer.read(), int(sys.argv[1]))
    sys.stdout.buffer.write(word.encode() + b"\n" + text.encode("utf-8", "replace"))
