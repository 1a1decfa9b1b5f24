"""An outside system that exists in tests alone: it posts signed JSON, one event at a time or several.

`Console` pretends to be it: what it sends, and what a handler saw of it. Two of it stand in the registry: `console`,
whose events are hints, and `ledger`, whose events build on each other.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from journal import vendors
from journal.domain.connection import Mode
from journal.domain.receiving import Forged, Message, Order, Outcome, Reason, Received
from journal.models import Inbound
from journal.vendors import SecretKind, Setting, Vendor

SIGNING, API = "console_sign_4711", "console_test_key"
HEADER = "console-signature"
TOLERANCE = timedelta(minutes=5)
TYPES = ("thing.made", "thing.changed")
MAY = frozenset({"journal.manage_webhooks"})


def sign(body: bytes, *, secret: str = SIGNING, at: datetime) -> str:
    seconds = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v={digest}"


def verify(message: Message, *, secrets: Sequence[str], at: datetime) -> list[Received]:
    stamp, _, given = message.headers.get(HEADER, "").partition(",v=")
    seconds = stamp.removeprefix("t=")
    if not seconds.isdigit():
        raise Forged(Reason.SIGNATURE)
    when = datetime.fromtimestamp(int(seconds), UTC)
    expected = [sign(message.body, secret=secret, at=when).partition(",v=")[2] for secret in secrets]
    if not any(hmac.compare_digest(given, one) for one in expected):
        raise Forged(Reason.SIGNATURE)
    if abs(at - when) > TOLERANCE:
        raise Forged(Reason.TIME)
    said = json.loads(message.body)
    if isinstance(said, list):
        return [_received(one, body=json.dumps(one).encode()) for one in said]
    return [_received(said)]


def _received(said: dict[str, Any], *, body: bytes | None = None) -> Received:
    happened = said.get("created")
    return Received(
        external_id=said["id"],
        type=said["type"],
        subject=said.get("about", ""),
        occurred_at=datetime.fromtimestamp(happened, UTC) if happened is not None else None,
        live=said.get("live"),
        of_account=said.get("account", ""),
        body=body,
    )


CONSOLE = Vendor(
    name="console",
    words="Console",
    verify=verify,
    secrets=(
        SecretKind("signing", "Signing secret", "Shown beside the address at Console.", verifies=True,
                   begins=dict.fromkeys(Mode, ("console_sign_",))),
        SecretKind("api", "API key", "With it the desk asks how things stand.",
                   begins={Mode.LIVE: ("console_live_",), Mode.TEST: ("console_test_",)}),
        SecretKind("paper", "Certificate", "Only for those who sign by certificate.", required=False, is_long=True),
    ),
    fields=(
        Setting("account", "Account id", "Under Settings at Console.", pattern=r"ca_\w+", such_as="ca_1", is_account=True),
        Setting("region", "Region", "Where the account is kept.", required=False),
    ),
    mode_words="Keys for trying out begin with console_test_.",
    next_steps=("Open Console, Settings, Webhooks.", "Enter the address above, and tick every event."),
    headers=(HEADER,),
    may=MAY,
    hidden=("inner_thoughts",),
)  # fmt: skip
LEDGER = Vendor(
    name="ledger",
    words="Ledger",
    verify=verify,
    secrets=(SecretKind("signing", "Signing secret", "Shown at Ledger.", verifies=True),),
    order=Order.STRICT,
)

Deed = Callable[[Inbound], Outcome]


def _fine(row: Inbound) -> Outcome:
    return Outcome("It was looked at.")


class Handling:
    """What the handlers do, and what they were given; each test that wants something else says so."""

    def __init__(self) -> None:
        self.does: Deed = _fine
        self.seen: list[str] = []

    def __call__(self, row: Inbound) -> Outcome:
        self.seen.append(row.external_id)
        return self.does(row)

    def forget(self) -> None:
        self.does, self.seen = _fine, []


handling = Handling()


def register() -> None:
    for vendor in (CONSOLE, LEDGER):
        vendors.register(vendor)
        vendors.register_handler(vendor.name, TYPES, handling)


def event(external_id: str = "evt_1", type: str = "thing.made", **told: Any) -> dict[str, Any]:
    return {"id": external_id, "type": type, "about": "thing_1", **told}
