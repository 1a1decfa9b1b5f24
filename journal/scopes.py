"""What an API key may be issued for, in words. Apps register theirs in AppConfig.ready()."""

_scopes: dict[str, str] = {}


def register(scope: str, *, words: str) -> None:
    _scopes[scope] = words


def known() -> dict[str, str]:
    return dict(sorted(_scopes.items()))
