"""API keys at the door."""

import time

from django.http import HttpRequest
from ninja.security import HttpBearer

from journal.api.rate import take_for
from journal.domain.actor import Actor
from journal.domain.rate import RateLimited
from journal.domain.refusal import NotAllowed
from journal.queries.live_keys import LiveKey, authenticate_cached


class KeyAuth(HttpBearer):
    """`Authorization: Bearer ed_…`; the key must be issued for `scope`, if one is named. `request.auth` is the Actor.

    A key that asks too often is refused here, before anything is done; beside the actor, the request then carries
    `live_key`, and `taken` for the headers.
    """

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        key = authenticate_cached(token.strip(), now=time.time())
        if key is None:
            return None
        self._let_in(request, key)
        if self.scope and self.scope not in key.scopes:
            raise NotAllowed(f"This key was not issued for {self.scope}. Ask an administrator for one that is.")
        return key.actor

    def _let_in(self, request: HttpRequest, key: LiveKey) -> None:
        taken = take_for(key)
        request.live_key, request.taken = key, taken  # type: ignore[attr-defined]  # Django's requests carry more
        if not taken.allowed:
            raise RateLimited(taken)
