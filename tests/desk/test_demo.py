"""The demo: the real price page settled and published, customers in many states, once, and never in production."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from catalog.models import PlanTerm, PlanVersion
from desk.demo.customers import Fate, customers
from entitlements.models import Account, Override
from entitlements.queries.entitlements import entitlements_of
from journal.models import AuditEvent, Staff
from journal.queries.audit import verify

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def load(count: int = 40) -> str:
    said = StringIO()
    call_command("load_demo", customers=count, at=NOW.isoformat(), stdout=said)
    return said.getvalue()


def test_all_of_it_stands_and_adds_up() -> None:
    said = load()
    assert "try-the-desk-2026" in said
    assert Account.objects.count() == 40
    assert not PlanTerm.objects.filter(state="unsettled").exists()
    published = set(PlanVersion.objects.filter(state="published").values_list("plan__key", flat=True))
    assert {"free", "pro", "team", "enterprise", "pitr"} <= published
    assert PlanVersion.objects.filter(state="draft").count() == 1
    assert Override.objects.filter(state="requested").exists() or Override.objects.filter(state="approved").exists()
    assert list(verify()) == []


def test_a_second_time_nothing_is_added() -> None:
    load(3)
    before = AuditEvent.objects.count()
    assert "there already" in load(3)
    assert AuditEvent.objects.count() == before


def test_a_paying_customer_has_what_its_plan_says() -> None:
    load()
    paying = next(c for c in customers(40) if c.fate is Fate.PAYING and c.plan == "team")
    answers = entitlements_of(account=Account.objects.get(key=paying.key), at=NOW)
    assert answers["support_tier"].value == "standard"
    assert answers["soc2"].granted
    assert not answers["hipaa"].granted


@override_settings(PRODUCTION=True)
def test_known_passwords_never_reach_production() -> None:
    with pytest.raises(CommandError, match="production"):
        load(1)
    assert not Staff.objects.exists()


def test_the_same_customers_on_every_machine() -> None:
    assert [c.key for c in customers(5)] == [c.key for c in customers(5)]
    assert len({c.key for c in customers(240)}) == 240
