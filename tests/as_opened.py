"""What a browser would send of a page's form that nobody has touched."""

import re
from html.parser import HTMLParser

from django.http import HttpResponse


class _Forms(HTMLParser):
    """The fields of each form as they are shown; a day that isn't spelt 2026-03-31 shows as none."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self._chooser = self._writing = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        name = told.get("name", "")
        match tag:
            case "form":
                self.forms.append({})
            case "input" if (
                self.forms and name and (told.get("type") not in {"radio", "checkbox"} or "checked" in told)
            ):
                self.forms[-1][name] = _shown(told.get("value", ""), told.get("type", "text"))
            case "select":
                self._chooser = name
            case "option" if self.forms and ("selected" in told or self._chooser not in self.forms[-1]):
                self.forms[-1][self._chooser] = told.get("value", "")
            case "textarea" if self.forms:
                self._writing, self.forms[-1][name] = name, ""

    def handle_data(self, data: str) -> None:
        if self._writing:
            self.forms[-1][self._writing] = data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._writing = ""


def _shown(value: str, kind: str) -> str:
    return value if kind != "date" or re.fullmatch(r"\d{4}-\d\d-\d\d", value) else ""


def as_opened(page: HttpResponse, *, asks: str) -> dict[str, str]:
    """The values of the form that has a field of that name, read from the page itself."""
    reader = _Forms()
    reader.feed(page.content.decode())
    return next(form for form in reader.forms if asks in form)
