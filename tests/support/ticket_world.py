"""Tickets to check: customers who are owed help and who aren't, features had and not had, and readers that know."""

from typing import Any

import pytest

from catalog.domain.values import Kind
from catalog.models import Feature, FeatureGroup, FeatureRevision
from entitlements.domain.facts import Mode
from entitlements.models import Account, Override
from entitlements.models.account import IdentifierKind
from entitlements.models.override import OverrideState
from support.domain.case_events import Channel
from support.domain.intake.tickets import Request, Ticket
from support.domain.intake.understood import Candidate, Reading, Understood
from support.models import IntakeSettings
from support.queries.intake.deciding import Read, Told, ticket_of
from tests.entitlements.factories import AccountFactory
from tests.support.casework import world
from tests.support.world import START, findable, kept

EVERY = [channel.value for channel in Channel]


def ticket_world(**settings: Any) -> Account:
    """acme is owed help and has exports, but no single sign-on, which nothing on sale gives; poor is owed nothing."""
    acme = world()
    group = FeatureGroup.objects.get(key="support")
    exports, _sso = (gate(key, name, group) for key, name in (("exports", "Exports"), ("sso", "Single sign-on")))
    grant(acme, exports)
    poor = AccountFactory(key="poor", name="Poor")
    findable(poor, IdentifierKind.KEY, "poor")
    findable(poor, IdentifierKind.DOMAIN, "poor.example")
    checking(**settings)
    return acme


def checking(**settings: Any) -> IntakeSettings:
    """Every channel is checked, and a classifier acts without waiting for labels."""
    return kept(IntakeSettings(pk=1, **{"checked": EVERY, "labels_wanted": 0, **settings}))


def gate(key: str, name: str, group: FeatureGroup) -> Feature:
    feature = kept(Feature(key=key, name=name, group=group, kind=Kind.GATE))
    kept(FeatureRevision(feature=feature, effective_at=START))
    return feature


def grant(account: Account, feature: Feature) -> None:
    kept(
        Override(
            account=account, feature=feature, mode=Mode.REPLACE, starts_at=START, ends_at=START.replace(year=2030),
            reason="For a test", state=OverrideState.APPROVED, requested_at=START, requested_by="Ana",
            approved_at=START, approved_by="Bo",
        )
    )  # fmt: skip


def meant(text: str = "It stops.", *, given: str = "", failed: str = "", **sure: float) -> Understood:
    """A request, with how sure a reader is of each feature."""
    found = tuple(Candidate(key, share, text[:10]) for key, share in sorted(sure.items(), key=lambda one: -one[1]))
    return Understood(Request(text), Reading(found, failed), given=given)


def read(*understood: Understood, **more: Any) -> Read:
    return Read(understood or (meant(exports=0.95),), kind="tfidf", maker="tfidf 1", **more)


def told(account: Account | None, **more: Any) -> Told:
    fields = {"channel": Channel.EMAIL, "requester": "jo@acme.example", "source": "tickets", "external_id": "4711"}
    return Told(ticket_of("Export stops", "It stops."), account=account, **{**fields, **more})


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> list[Ticket]:
    """Whoever reads is sure that exports are meant, unless a field says otherwise; what was read, in order."""
    seen: list[Ticket] = []

    def read_ticket(ticket: Ticket, *, feature: str, settings: IntakeSettings) -> Read:
        seen.append(ticket)
        return read(meant(ticket.text or ticket.subject, given=feature, **({} if feature else {"exports": 0.95})))

    monkeypatch.setattr("support.integrations.door.read_ticket", read_ticket)
    return seen
