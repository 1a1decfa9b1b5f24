"""The demo: the real price page settled and published, customers in many states, once, and never in production."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from catalog.domain.version_diff import lowers
from catalog.models import BillingLink, Dimension, ImportRun, MarketWindow, Plan, PlanTerm, PlanVersion, Rollout
from catalog.queries.changes import diff_of_draft
from desk.demo.customers import Fate, customers
from desk.demo.pipeline import PRODUCTS
from entitlements.models import (
    Account,
    AnswerGiven,
    BillingPeriod,
    Cohort,
    ContractVersion,
    Licence,
    LicenceActivation,
    LicenceFile,
    LicencePolicy,
    Override,
    Redemption,
    Release,
    SigningKey,
    SoldBundle,
    SpendCap,
    SubscriptionItem,
    TrialUse,
)
from entitlements.queries.duplicates import likely_duplicates
from entitlements.queries.entitlements import entitlements_of
from journal.models import Approval, AuditEvent, Outbound, Staff, WebhookEndpoint
from journal.queries.audit import verify
from tests.remembered import remembered

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


MANY = 60


def load(count: int = MANY) -> str:
    said = StringIO()
    call_command("load_demo", customers=count, at=NOW.isoformat(), stdout=said)
    return said.getvalue()


loaded = remembered(load)


def test_all_of_it_stands_and_adds_up() -> None:
    said = loaded()
    assert "try-the-desk-2026" in said
    assert Account.objects.count() == MANY + 1  # one of them is here twice
    assert [str(pair.other) for pair in likely_duplicates()] == [f"{likely_duplicates()[0].one} Ltd"]
    assert not PlanTerm.objects.filter(state="unsettled").exists()
    published = set(PlanVersion.objects.filter(state="published").values_list("plan__key", flat=True))
    assert {"free", "pro", "team", "enterprise", "pitr"} <= published
    assert sorted(PlanVersion.objects.filter(state="draft").values_list("plan__key", flat=True)) == ["free", "team"]
    assert Override.objects.filter(state="requested").exists() or Override.objects.filter(state="approved").exists()
    assert list(verify()) == []


def test_every_list_has_something_telling_on_it() -> None:
    loaded()
    for told in (Dimension, SoldBundle, SpendCap, Cohort, BillingPeriod, BillingLink):
        assert told.objects.exists(), told
    audiences = set(Rollout.objects.values_list("audience", flat=True))
    assert audiences == {"new_customers", "on_date", "at_renewal", "cohort"}
    assert SubscriptionItem.objects.filter(held_until__gt=NOW).count() == 1
    assert SubscriptionItem.objects.filter(plan__key="ipv4", quantity=5).exists()
    assert MarketWindow.objects.filter(starts_at__gt=NOW).exists()
    assert PlanTerm.objects.filter(group__key="premium_services", version__state="published").exists()
    cases = PlanTerm.objects.filter(version__plan__key="pro", version__number=1)
    assert set(cases.values_list("phase", flat=True)) == {"", "trial", "grace"}
    assert Approval.objects.filter(kind="publication", state="pending").count() == 1
    assert sorted(ImportRun.objects.values_list("stage", "wrong")) == [("applied", 0), ("checked", 2)]
    used = Counter(Redemption.objects.values_list("code__code", flat=True))
    assert used["MORE-ROOM"] == 3
    assert set(used) == {"MORE-ROOM", "TRY-TEAM", "LOGS-OUT"}
    for told in (LicencePolicy, Licence, LicenceActivation, LicenceFile, Release, SigningKey):
        assert told.objects.exists(), told
    agreed = Counter(ContractVersion.objects.values_list("state", flat=True))
    assert agreed == {"signed": 4, "requested": 1, "draft": 1}
    assert_a_family_a_program_that_asked_and_what_outlasts_a_trial_are_there()


def assert_a_family_a_program_that_asked_and_what_outlasts_a_trial_are_there() -> None:
    children = Account.objects.filter(parent__isnull=False)
    assert len(set(children.values_list("parent", flat=True))) == 1
    free = children.get(subscriptions__items__plan__key="free")
    answer = entitlements_of(account=free, at=NOW)["support_tier"]
    assert [candidate.kind for candidate in answer.because if candidate.kept] == ["parent"]
    told = Counter(AnswerGiven.objects.values_list("account", flat=True))
    assert len(told) > 3
    assert max(told.values()) > 1
    assert TrialUse.objects.count() == 1
    kept = PlanTerm.objects.filter(version__plan__key="pro", version__number=2).exclude(at_trial_end="ends")
    assert set(kept.values_list("at_trial_end", "kept_days")) == {("kept_for", 7), ("kept_if_used", None)}


def test_the_open_draft_gives_more_of_some_things_and_less_of_others() -> None:
    loaded()
    changes = diff_of_draft(version=PlanVersion.objects.get(plan__key="team", state="draft"))
    assert len(changes) >= 12
    less = [change for change in changes if lowers([change])]
    assert 0 < len(less) < len(changes)


def test_a_second_time_nothing_is_added() -> None:
    loaded()
    before = AuditEvent.objects.count()
    assert "there already" in load()
    assert AuditEvent.objects.count() == before


def test_a_paying_customer_has_what_its_plan_says() -> None:
    loaded()
    paying = next(c for c in customers(MANY) if c.fate is Fate.PAYING and c.plan == "team")
    answers = entitlements_of(account=Account.objects.get(key=paying.key), at=NOW)
    assert answers["support_tier"].value == "standard"
    assert answers["soc2"].granted
    assert not answers["hipaa"].granted


def test_three_systems_are_told_of_which_one_fails_and_one_is_paused() -> None:
    loaded()
    endpoints = WebhookEndpoint.objects.order_by("pk")
    assert [row.state for row in endpoints] == ["active", "active", "paused"]
    assert [row.health.failing_since is None for row in endpoints] == [True, False, True]
    due = Outbound.objects.filter(kind="webhook", state="pending", due_at__lte=NOW)
    assert set(due.values_list("destination", flat=True)) <= {endpoints[2].key}  # nothing is sent by itself


@override_settings(PRODUCTION=True)
def test_known_passwords_never_reach_production() -> None:
    with pytest.raises(CommandError, match="production"):
        load(1)
    assert not Staff.objects.exists()


def test_the_same_customers_on_every_machine() -> None:
    assert [c.key for c in customers(5)] == [c.key for c in customers(5)]
    assert len({c.key for c in customers(240)}) == 240


def test_tickets_were_checked_and_by_now_it_acts() -> None:
    """Every outcome there is, labels over weeks, something to review, and nothing acted on a reading before them."""
    from support.models import ExamplePhrase, IntakeDecision, IntakeSettings

    loaded()
    rows = IntakeDecision.objects.all()
    assert set(IntakeSettings.objects.get().checked) == {"web", "email", "chat"}
    assert ExamplePhrase.objects.filter(feature__isnull=False).count() > 300
    assert rows.filter(stage="settled", labels__isnull=False).count() > 100
    assert {"accept", "hold", "suggest", "redirect", "block"} <= set(rows.values_list("outcome", flat=True))
    assert rows.filter(stage="held").exists()
    assert rows.filter(stage="decided", sampled=True).exists()
    labelled = [row for row in rows if row.engine["account"] and row.wanted["acting"]]
    assert labelled
    assert all(row.at > NOW - timedelta(days=21) for row in labelled)


def test_the_crm_of_the_demo_sells_the_plans_that_the_desk_has_and_a_training() -> None:
    loaded()
    codes = {code.lower().replace("-", "_") for code, _, _ in PRODUCTS}
    assert codes - set(Plan.objects.values_list("key", flat=True)) == {"training"}
