"""Is this customer covered: the same answer as the screen, for help desks and their tools."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from journal.api.auth import KeyAuth
from journal.api.instants import Instant
from journal.api.problems import PROBLEMS
from journal.domain.refusal import Invalid
from support.api.schemas import LookupOut
from support.domain.case_events import Channel
from support.queries.lookup import lookup

SCOPE = "coverage:read"

router = Router(tags=["Coverage"], auth=KeyAuth(SCOPE))


class Asked(Schema):
    """Who is meant, about what, and which instant."""

    q: Annotated[
        str,
        Field(
            max_length=320,
            description="An e-mail address, domain, name, key, any system's id, the number of a case, ticket or "
            "contract, a device’s serial number or id, or what may be shown of a licence key (el_ab12cd34; an address is "
            "no place for a whole one). Left out: `account` or `device` says who is meant.",
        ),
    ] = ""
    account: Annotated[
        str | None,
        Field(max_length=200, description="With `q`, one of its matches; alone, our key or any system's id."),
    ] = None
    device: Annotated[str, Field(max_length=120, description="The serial number of one of the customer's devices.")] = (
        ""
    )
    channel: Annotated[Channel | None, Field(description="The way in which help is asked for.")] = None
    at: Annotated[
        Instant | None, Field(description="The instant asked about, between 1970 and 2200; now if left out.")
    ] = None


@router.get("/coverage", response={200: LookupOut, **PROBLEMS}, summary="Is this customer covered?")
def coverage(request: HttpRequest, asked: Query[Asked]) -> Any:
    """Covered or not, for what, how fast and why; with several matches, the accounts to choose from.

    Nobody found is an answer too: `answer` is null and `matches` is empty.
    """
    if not (asked.q or asked.account or asked.device):
        raise Invalid("Say who is meant: give q, account or device.", field="q")
    found = lookup(
        text=asked.q,
        account=asked.account,
        device=asked.device,
        channel=asked.channel,
        at=asked.at or timezone.now(),
    )
    if found.device_fault:
        serials = ", ".join(device.serial for device in found.devices)
        known = f" Its devices like it: {serials}." if serials else ""
        raise Invalid(f"{found.device_fault}{known}", field="device")
    return found
