"""Is this customer covered: the same answer as the screen, for help desks and their tools."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from journal.api.auth import KeyAuth
from journal.api.instants import Instant
from journal.api.problems import PROBLEMS
from support.api.schemas import LookupOut
from support.queries.lookup import lookup

SCOPE = "coverage:read"

router = Router(tags=["Coverage"], auth=KeyAuth(SCOPE))


class Asked(Schema):
    """Who is meant, and which instant."""

    q: Annotated[str, Field(min_length=1, max_length=320, description="An e-mail address, domain, name, key or id.")]
    account: Annotated[
        str | None, Field(max_length=64, description="The key of one of the matches of an earlier answer.")
    ] = None
    at: Annotated[
        Instant | None, Field(description="The instant asked about, between 1970 and 2200; now if left out.")
    ] = None


@router.get("/coverage", response={200: LookupOut, **PROBLEMS}, summary="Is this customer covered?")
def coverage(request: HttpRequest, asked: Query[Asked]) -> Any:
    """Covered or not, for what, how fast and why; with several matches, the accounts to choose from.

    Nobody found is an answer too: `answer` is null and `matches` is empty.
    """
    return lookup(text=asked.q, account=asked.account, at=asked.at or timezone.now())
