"""What a program may ask about itself."""

from datetime import UTC, datetime
from math import isinf

from django.http import HttpRequest
from ninja import Router, Schema

from journal.api.auth import KeyAuth
from journal.api.problems import PROBLEMS
from journal.queries.live_keys import LiveKey

router = Router(tags=["API key"], auth=KeyAuth())


class KeyOut(Schema):
    """The key that asks."""

    name: str
    prefix: str
    scopes: list[str]
    expires_at: datetime | None


@router.get("/key", response={200: KeyOut, **PROBLEMS}, summary="This key", url_name="key")
def this_key(request: HttpRequest) -> KeyOut:
    """Whether the key works, what it was issued for and until when: something to try it with. Needs no scope."""
    key: LiveKey = request.live_key  # type: ignore[attr-defined]  # KeyAuth puts it there
    expires_at = None if isinf(key.expires_at) else datetime.fromtimestamp(key.expires_at, tz=UTC)
    return KeyOut(name=key.name, prefix=key.prefix, scopes=sorted(key.scopes), expires_at=expires_at)
