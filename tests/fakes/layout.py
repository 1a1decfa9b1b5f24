"""The frame of the pages that a person sees on any counterpart: light and dark, nothing from elsewhere."""

from dataclasses import dataclass
from html import escape

from tests.fakes.serving import Answer

STYLE = """
* { box-sizing: border-box } body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
header { padding: 14px 24px; border-bottom: 1px solid var(--line); font-weight: 600 } header a { color: inherit; text-decoration: none } header small { font-weight: 400; color: var(--quiet); margin-left: 8px }
main { max-width: 860px; margin: 24px auto; padding: 0 16px } h1 { font-size: 26px; margin: 8px 0 16px } h2 { font-size: 18px; margin: 32px 0 8px }
.table { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px } table { width: 100%; border-collapse: collapse }
td, th { padding: 10px 12px; border-bottom: 1px solid var(--line); text-align: left } .table tr:last-child > td { border-bottom: 0 } .number { text-align: right; font-variant-numeric: tabular-nums } .number, .day { white-space: nowrap }
.quiet { color: var(--quiet) } .bad { color: var(--bad); font-weight: 600 } .good { color: var(--good); font-weight: 600 }
.row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center } form { margin: 0 } a { color: var(--link) }
button { font: inherit; font-weight: 600; color: #fff; background: var(--deed); border: 0; border-radius: 8px; padding: 9px 16px; cursor: pointer } button.plain { background: none; color: var(--link); border: 1px solid var(--line) } button.danger { background: none; color: var(--bad); border: 1px solid var(--bad) }
button:focus-visible, a:focus-visible, input:focus-visible, select:focus-visible { outline: 3px solid var(--deed); outline-offset: 2px }
input { font: inherit; width: 7em; padding: 8px 10px; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); color: var(--ink) }
"""
LIGHT = (
    "--ink: #1d2433; --quiet: #5b6475; --paper: #f5f6fa; --card: #fff; --line: #dfe3ec; --bad: #b3261e; --good: #1a7f45"
)
DARK = "--ink: #eceef4; --quiet: #a2aabb; --paper: #12151d; --card: #1b202b; --line: #303747; --bad: #ff8a80; --good: #6fd49b"


@dataclass(frozen=True)
class Frame:
    """A vendor's pages: its name, what the head says beside it, and its colours of deeds and links in either light."""

    vendor: str
    note: str
    deed: tuple[str, str]
    link: tuple[str, str]
    style: str = ""  # what only its own pages need

    def page(self, title: str, body: str, status: int = 200) -> Answer:
        """A whole page; `body` is HTML, and whatever was entered by somebody is escaped in it already."""
        whole = f"""<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width,initial-scale=1">
<title>{escape(title)} · {escape(self.vendor)} stand-in</title><style>{self._colours()}{STYLE}{self.style}</style>
<header><a href="/">{escape(self.vendor)} stand-in</a><small>{escape(self.note)}</small></header><main>{body}</main></html>"""
        return Answer(status, whole.encode(), {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"})

    def _colours(self) -> str:
        light, dark = (f"--deed: {self.deed[place]}; --link: {self.link[place]}" for place in (0, 1))
        return f""":root {{ color-scheme: light dark; {LIGHT}; {light} }}
@media (prefers-color-scheme: dark) {{ :root {{ {DARK}; {dark} }} }}"""


def redirect(to: str) -> Answer:
    return Answer(303, b"", {"Location": to, "Content-Type": "text/plain"})
