"""The text of an HTML page, in one pass: the standard library's parser takes time without bound on pages made for that."""

import html

_UNSAID = ("script", "style", "head", "template", "svg", "noscript")
_BREAKING = frozenset([
    "p", "div", "br", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5",
    "h6", "blockquote", "pre", "section", "article", "header", "footer", "hr", "dt", "dd", "title",
])  # fmt: skip


def text_of_html(page: str, *, most: int) -> str:
    """What a reader sees of it, roughly: tags are left out, blocks begin a line, what isn't shown is skipped."""
    small = page.lower()
    if len(small) != len(page):  # a letter that is longer in small: places wouldn't agree
        small = page = small
    said: list[str] = []
    at, length = 0, 0
    while at < len(page) and length <= 4 * most:
        opened = page.find("<", at)
        stop = len(page) if opened < 0 else opened
        said.append(_flowing(page[at:stop]))
        length += len(said[-1])
        if opened < 0:
            break
        at = _past(small, opened, said)
    text = html.unescape("".join(said)).replace("\xa0", " ")
    return "\n".join(_lines(text))[:most]


def _flowing(text: str) -> str:
    """Line ends of the source are blanks on the page."""
    return text.replace("\n", " ") if "\n" in text else text


def _past(small: str, opened: int, said: list[str]) -> int:
    """Past one tag, comment or passage that isn't shown."""
    if small.startswith("<!--", opened):
        return _after(small, "-->", opened + 4)
    name = _name(small, opened + 1)
    if not name and small[opened + 1 : opened + 2] not in ("/", "!", "?"):
        said.append("<")
        return opened + 1
    if name in _UNSAID:
        return _after(small, ">", _after(small, f"</{name}", opened + 1) - 1)
    if name in _BREAKING or _name(small, opened + 2) in _BREAKING:
        said.append("\n")
    return _after(small, ">", opened + 1)


def _name(small: str, at: int) -> str:
    end = at
    while end < len(small) and end < at + 12 and small[end].isalnum():
        end += 1
    return small[at:end]


def _after(small: str, mark: str, at: int) -> int:
    found = small.find(mark, at)
    return len(small) if found < 0 else found + len(mark)


def _lines(text: str) -> list[str]:
    """Without blanks around lines, and never two empty ones in a row."""
    lines: list[str] = []
    for line in text.split("\n"):
        said = " ".join(line.split())
        if said or (lines and lines[-1]):
            lines.append(said)
    return lines
