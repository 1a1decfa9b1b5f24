"""The house's own laws: sizes, names, clocks, vendors' words, lists that must stay whole."""

import ast
import re
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "journal", "catalog", "entitlements", "support", "desk")
HOMELESS = {"utils", "helpers", "services", "managers", "signals", "mixins", "common", "core", "misc", "tools"}
VAGUE = re.compile(r"^_?(process|handle|manage|do|execute)(_|$)")
VENDORS = re.compile(r"\b(stripe|salesforce|hubspot)\b", re.IGNORECASE)
CLOCK = re.compile(r"\b(timezone\.now|datetime\.now|datetime\.utcnow|date\.today|time\.time)\(")
EDGES = ("admin", "api", "tasks.py", "management", "config", "monitor")


@cache
def sources() -> tuple[Path, ...]:
    return tuple(path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def functions() -> tuple[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef], ...]:
    return tuple(
        (name(path), node)
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_files_are_small() -> None:
    sizes = {name(path): len(path.read_text().splitlines()) for path in sources()}
    assert not {path: size for path, size in sizes.items() if size > 500}
    large = [path for path, size in sizes.items() if size > 300]
    assert len(large) <= 0.05 * len(sizes), large


def test_functions_are_small() -> None:
    sizes = [lines_of(node) for _, node in functions()]
    assert not [(path, node.name) for path, node in functions() if lines_of(node) > 60]
    assert statistics.median(sizes) <= 10
    assert sum(size > 35 for size in sizes) <= 0.05 * len(sizes)


def test_every_function_says_what_it_returns() -> None:
    assert not [(path, node.name) for path, node in functions() if node.returns is None]


def test_no_room_without_a_meaning() -> None:
    parts = {part.removesuffix(".py") for path in sources() for part in path.relative_to(ROOT).parts}
    assert not parts & HOMELESS


def test_functions_are_verbs_of_the_trade() -> None:
    vague = [(path, node.name) for path, node in functions() if VAGUE.match(node.name)]
    assert not [(path, name) for path, name in vague if (path.split("/")[-2], name) != ("commands", "handle")]


def test_the_clock_is_read_at_the_edges_only() -> None:
    for path in sources():
        relative = path.relative_to(ROOT)
        if any(part in EDGES for part in relative.parts):
            continue
        assert not CLOCK.search(path.read_text()), f"{relative} reads the clock"


def test_a_vendor_stands_in_its_own_folder() -> None:
    for path in sources():
        if "integrations" in path.parts or "settings.py" in path.name:
            continue
        code = "\n".join(line for line in _code_without_words(path))
        assert not VENDORS.search(code), f"{name(path)} names a vendor"


def _code_without_words(path: Path) -> Iterator[str]:
    """Names a vendor may be called by in code: comments, docstrings and help texts are for people."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.FunctionDef(name=word) | ast.ClassDef(name=word):
                yield word.replace("_", " ")
            case ast.alias(name=word):
                yield word.replace(".", " ")


def test_a_day_is_asked_for_in_one_way() -> None:
    """A browser takes a day that is spelt otherwise for none, so that an untouched form would lose it."""
    own = re.compile(r"DateInput|input_type|[\"']type[\"']: [\"']date|type=[\"']?date")
    assert [name(path) for path in sources() if own.search(path.read_text())] == ["journal/admin/fields.py"]
    for path in sources():
        asked = re.findall(r"\bforms\.DateField\([^()]*\)", path.read_text())
        assert all("widget=DayInput" in one for one in asked), name(path)


# QuerySet.update and the bulk calls leave no history (docs/adr/0006), so they may touch only tables without any.
WITHOUT_HISTORY = {
    "desk/actions/crm/": "mirrors of what a CRM told last, the tickets of who asked, and what is due",
    "desk/demo/webhooks.py": "deliveries that were never made",
    "journal": "its rows are append-only, or the state of a delivery",
    "entitlements/actions/billed/tickets.py": "a mirror of what a system told last, and the tickets of who asked",
    "entitlements/actions/licences/noting.py": "heartbeats and counts of validations keep no versions",
    "entitlements/actions/changes.py": "EntitlementChange is an append-only report",
    "entitlements/actions/sweep.py": "how far the sweep has come",
    "support/actions/cases/reckoning.py": "clocks are a projection of events and promises",
    "support/actions/intake/turns.py": "who is at the teaching; who asked for it is in the audit",
    "entitlements/actions/usage/": "use is its own audit: events, what they come to, and what was told of it",
}


def test_what_is_under_history_is_never_written_past_it() -> None:
    past_history = re.compile(r"\.(bulk_create|bulk_update|update)\((?!\{)[^)]*=|_raw_delete|QuerySet\.delete")
    for path in sources():
        if past_history.search(path.read_text()):
            assert any(name(path).startswith(place) for place in WITHOUT_HISTORY), f"{name(path)} writes past history"


def test_domain_code_explains_its_rules() -> None:
    for path in sources():
        if "domain" in path.parts and path.name != "__init__.py":
            assert ast.get_docstring(ast.parse(path.read_text())), f"{name(path)} has no docstring"


def test_tests_stay_short() -> None:
    long = [
        (name(path), node.name)
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and lines_of(node) > 25
    ]
    assert not long


@pytest.mark.parametrize("app", [app for app in APPS if app != "config"])
def test_every_app_says_what_it_owns(app: str) -> None:
    readme = (ROOT / app / "README.md").read_text()
    assert len(readme.splitlines()) <= 90
    for heading in ("Owns", "Does NOT own", "Lifecycle", "Time"):
        assert heading.lower() in readme.lower(), f"{app}/README.md lacks “{heading}”"


def test_no_page_loads_anything_from_elsewhere() -> None:
    remote = re.compile(r"""(src|href)\s*=\s*["'](https?:)?//""")
    for path in (ROOT / "templates").rglob("*.html"):
        assert not remote.search(path.read_text()), f"{name(path)} loads from another server"


def test_the_lock_file_holds_no_address() -> None:
    for lock in ("requirements.txt", "requirements-dev.txt"):
        assert not re.search(r"https?://|file://|--index-url|--find-links", (ROOT / lock).read_text())


def test_nothing_long_is_left_to_a_countdown() -> None:
    """Due work is a row (DESIGN.md §2): a broker forgets or repeats what waits in it."""
    for path in sources():
        assert not re.search(r"\b(eta|countdown)\s*=", path.read_text()), f"{name(path)} schedules in the broker"
