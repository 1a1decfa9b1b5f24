"""What is told to who listens: one notice for each subscription that a change meets."""

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.hubspot import kinds
from tests.fakes.hubspot.state import Record, Row, State

FLAGS = {"creation": "CREATED", "deletion": "DELETED", "restore": "RESTORED", "merge": "MERGED"}


@dataclass
class App:
    """Somebody who listens: where to, what to, and the secret that signs."""

    id: int
    secret: str
    url: str = ""
    signed_as: str = ""  # the address as HubSpot saw it, where a proxy stands before the receiver
    concurrent: int = 10
    subscriptions: dict[str, Row] = field(default_factory=dict)
    since: str = ""


@dataclass
class Notice:
    """One event for one subscription."""

    app: int
    event: Row
    due: int
    attempts: list[int] = field(default_factory=list)  # the status of each; 0 where none came back
    lost: bool = False
    given_up: bool = False

    @property
    def type(self) -> str:
        return str(self.event["subscriptionType"])

    @property
    def delivered(self) -> bool:
        return any(200 <= status < 300 for status in self.attempts)

    @property
    def settled(self) -> bool:
        return self.delivered or self.given_up or self.lost


def told(state: State, deed: str, row: Record, **more: Any) -> None:
    for app in state.apps.values():
        for one in app.subscriptions.values():
            if one["active"] and _meant(state, one, deed, row, more):
                state.notices.append(Notice(app.id, _event(state, app, one, deed, row, more), state.clock.now()))


def _meant(state: State, one: Row, deed: str, row: Record, more: Row) -> bool:
    noun, _, wanted = one["eventType"].partition(".")
    kind = kinds.known(state, row.kind)
    if wanted != deed or (deed == "propertyChange" and one.get("propertyName") != more["propertyName"]):
        return False
    if noun == "object":
        return bool(kinds.kind_of(state, one["objectTypeId"]).id == kind.id)
    return bool(noun == kind.singular and not kind.custom)


def _event(state: State, app: App, one: Row, deed: str, row: Record, more: Row) -> Row:
    event: Row = {
        "eventId": state.ids.event(), "subscriptionId": int(one["id"]), "portalId": state.settings.portal,
        "appId": app.id, "occurredAt": state.clock.now(), "subscriptionType": one["eventType"], "attemptNumber": 0,
        "changeSource": state.source, "sourceId": "counterpart",
    }  # fmt: skip
    if deed != "associationChange":
        event["objectId"] = int(row.id)
    if one["eventType"].startswith("object."):
        event["objectTypeId"] = row.kind
    if deed in FLAGS:
        event["changeFlag"] = FLAGS[deed]
    return event | more
