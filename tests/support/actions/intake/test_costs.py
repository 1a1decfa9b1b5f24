"""A ticket reads each thing once: its customer, the catalog, the routes; and its case is opened by what was read."""

import re
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.domain.values import Reset
from entitlements.models import Account
from journal.domain.actor import SYSTEM
from support.actions.intake.recording import check_ticket, take_ticket
from support.domain.case_events import Channel
from support.domain.intake.outcomes import Outcome
from support.queries.cases.promising import judged
from support.queries.covering import About, covering
from support.queries.intake.deciding import Read
from support.queries.intake.topics import number_of_labels
from tests.entitlements.factories import OverrideFactory
from tests.entitlements.using import metered_feature
from tests.support.casework import NOW
from tests.support.counting_world import incidents, sold
from tests.support.intake_world import a_route, settled
from tests.support.ticket_world import meant, read, ticket_world, told

pytestmark = pytest.mark.django_db
OPENING = {"subject": "Export stops", "severity": "high"}
CUSTOMER = ("entitlements_subscription", "entitlements_override", "entitlements_accountstanding")
ONCE = (*CUSTOMER, "catalog_feature", "catalog_rollout", "support_route", "support_slapolicyversion")


@pytest.fixture
def acme() -> Account:
    """It has prepaid incidents too, and calls that are counted."""
    acme = ticket_world()
    sold(acme, incidents(), 10)
    OverrideFactory(account=acme, feature=metered_feature("calls", "Calls", Reset.MONTH), amount=100)
    a_route()
    return acme


def reads(act: Callable[[], object]) -> Counter[str]:
    """How often each table was read from first of all."""
    with CaptureQueriesContext(connection) as captured:
        act()
    found = (re.search(r'^SELECT .*? FROM "(\w+)"', query["sql"], re.DOTALL) for query in captured)
    return Counter(one[1] for one in found if one is not None)


def asked_for(*features: str) -> Read:
    return read(*(meant(**{feature: 0.95}) for feature in features))


def test_a_check_reads_each_thing_once(acme: Account) -> None:
    counts = reads(lambda: check_ticket(told(acme), asked_for("exports", "calls", "sso"), by=SYSTEM, at=NOW))
    assert {table: counts[table] for table in ONCE} == dict.fromkeys(ONCE, 1)


def test_a_case_is_opened_by_what_its_ticket_was_decided_by(acme: Account) -> None:
    ticket = told(acme)
    counts = reads(
        lambda: take_ticket(ticket, asked_for("exports", "calls"), opening=OPENING, keeps=True, by=SYSTEM, at=NOW)
    )
    assert {table: counts[table] for table in CUSTOMER} == dict.fromkeys(CUSTOMER, 1)


def test_what_was_read_answers_no_other_question(acme: Account) -> None:
    email = About(channel=Channel.EMAIL.value)
    held = covering(acme, at=NOW, about=email)
    assert judged(acme, at=NOW, about=email, asked=held).covering is held
    for other in (About(channel=Channel.PHONE.value), About(channel=Channel.EMAIL.value, chosen="tier")):
        assert judged(acme, at=NOW, about=other, asked=held).covering is not held
    assert judged(acme, at=NOW.replace(hour=21), about=email, asked=held).covering is not held
    poor = Account.objects.get(key="poor")
    assert judged(poor, at=NOW, about=email, asked=held).covering.asked.account == poor.pk


def test_no_more_labels_are_counted_than_are_wanted(acme: Account) -> None:
    for number in range(5):
        settled(Outcome.HOLD, Outcome.ACCEPT, account=acme, at=NOW, text_digest=str(number))
    assert [number_of_labels(most) for most in (0, 3, 5, 9, None)] == [0, 3, 5, 5, 5]
