"""What an API key may be issued for, in words. Apps register theirs in AppConfig.ready()."""

from collections.abc import Collection

READING, WRITING = "May read", "May change or tell"

_scopes: dict[str, str] = {}


def register(scope: str, *, words: str) -> None:
    _scopes[scope] = words


def known() -> dict[str, str]:
    return dict(sorted(_scopes.items()))


def grouped(chosen: Collection[str] | None = None) -> dict[str, dict[str, str]]:
    """Scopes in words, those that only read apart from those that write; all of them, or the chosen ones."""
    words = known()
    groups: dict[str, dict[str, str]] = {READING: {}, WRITING: {}}
    for scope in words if chosen is None else sorted(chosen):
        groups[READING if scope.endswith(":read") else WRITING][scope] = words.get(scope, scope)
    return {group: scopes for group, scopes in groups.items() if scopes}
