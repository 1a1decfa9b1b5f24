"""Tickets for the pages: a desk where Acme has single sign-on and Bolt has nothing, and a reader that needs no model."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from catalog.models import Feature
from entitlements.models import Account
from support.admin.intake import reading
from support.domain.intake.tickets import Request
from support.domain.intake.understood import Candidate, Reading, Understood
from support.models import IntakeDecision, IntakeSettings, Route, Team
from support.queries.intake.deciding import Read, Told
from tests.catalog.factories import FeatureFactory, FeatureGroupFactory
from tests.conftest import AT
from tests.entitlements.factories import OverrideFactory
from tests.remembered import remembered
from tests.support.admin.cases.desks import the_desk
from tests.support.factories import IntakeDecisionFactory
from tests.support.world import kept

ASKS = "how do we set up single sign-on?"
TEXT = f"Hello,\n\n{ASKS}\n\nThanks, Ana"


@remembered
def the_door() -> dict[str, int]:
    """Acme is covered and has single sign-on; backups nobody has, and nothing on sale gives them. It may act by words."""
    the_desk()
    group = FeatureGroupFactory(key="auth", name="Sign-in")
    sso, _backups, _storage = (
        FeatureFactory(key=key, name=name, group=group)
        for key, name in (("sso", "Single sign-on"), ("backups", "Backups"), ("storage", "Storage"))
    )
    acme = Account.objects.get(key="acme")
    OverrideFactory(account=acme, feature=sso)
    kept(IntakeSettings(pk=1, labels_wanted=0))
    kept(Route(team=Team.objects.get(key="first")))
    return {"acme": acme.pk, "sso": sso.pk}


def reads(monkeypatch: Any, *readings: Sequence[tuple[str, float, str]], asks: Sequence[str] = (ASKS,)) -> None:
    """From now on tickets are read so."""

    def read(told: Told) -> Read:
        understood = [
            Understood(
                Request(text), Reading(tuple(Candidate(*one) for one in each)), given=told.feature if place == 0 else ""
            )
            for place, (text, each) in enumerate(zip(asks, readings, strict=True))
        ]
        return Read(tuple(understood), kind="tfidf", maker="tfidf 1", took_us=900)

    monkeypatch.setattr(reading, "read", read)


def held(number: int = 0, **more: Any) -> IntakeDecision:
    """A ticket of Acme that waits for a person; the higher the number the later it came."""
    said = {
        "account": Account.objects.get(key="acme"), "at": AT + timedelta(minutes=number), "subject": f"Sign-on {number}",
        "text_digest": f"{number:064d}",
    }  # fmt: skip
    return IntakeDecisionFactory(**{**said, **more})


def feature(key: str) -> Feature:
    return Feature.objects.get(key=key)
