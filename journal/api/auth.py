"""API keys at the door."""

from django.http import HttpRequest
from django.utils.timezone import now
from ninja.security import HttpBearer

from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed
from journal.queries.api_keys import authenticate


class KeyAuth(HttpBearer):
    """`Authorization: Bearer ed_…`; the key must be issued for `scope`. `request.auth` is then the Actor."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        key = authenticate(token.strip(), at=now())
        if key is None:
            return None
        if self.scope not in key.scopes:
            raise NotAllowed(f"This key was not issued for {self.scope}. Ask an administrator for one that is.")
        return key.as_actor()
