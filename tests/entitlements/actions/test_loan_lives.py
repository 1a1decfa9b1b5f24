"""Loans in any order of lending, recalling, revoking and ends: parts begin and end together, and recalled is over."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entitlements.actions.loans import recall
from entitlements.actions.overrides import revoke
from entitlements.actions.subscriptions import end
from entitlements.models import Account, Loan
from entitlements.queries.loans import parts_of
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from tests.entitlements.lending import borrowing, lent, may_lend, on_free
from tests.entitlements.world import AT, DAY, Catalog, catalog, value

pytestmark = pytest.mark.django_db
DAYS = 12
acts = st.lists(
    st.tuples(
        st.integers(0, DAYS - 2), st.sampled_from(("plan", "feature", "recall", "revoke", "leave")), st.integers(0, 5)
    ),
    min_size=2,
    max_size=5,
)


@pytest.fixture
def sold(db: None) -> Catalog:
    may_lend()
    return catalog()


@pytest.fixture
def held(sold: Catalog) -> list[Account]:
    """Two accounts with Free."""
    return on_free(sold, "anna", "bob")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each life is undone at its end
@given(lived=acts)
def test_whatever_happens_its_parts_go_together(
    sold: Catalog, held: list[Account], lived: list[tuple[int, str, int]]
) -> None:
    with transaction.atomic():
        cohort = borrowing(*held)
        for number, (day, what, more) in enumerate(sorted(lived)):
            try:
                with transaction.atomic():
                    live(sold, held, cohort, what, more, hour=24 * day + number)
            except (Refusal, IndexError):
                """What the desk refuses hasn't been done."""
        for loan in Loan.objects.all():
            check_together(loan)
        check_answers(held)
        transaction.set_rollback(True)


def live(sold: Catalog, held: list[Account], cohort: object, what: str, more: int, *, hour: int) -> None:
    at = AT + timedelta(hours=hour)
    lasts = {"cohort": cohort, "at": at, "starts_at": at + (more % 2) * DAY, "through_on": (at + more * DAY).date()}
    match what:
        case "plan":
            lent(sold.team, **lasts)
        case "feature":
            lent(feature=sold.sso, **lasts)
        case "recall":
            recall(loan=list(Loan.objects.order_by("pk"))[more % 3], reason="Over", by=SYSTEM, at=at)
        case "revoke":
            revoke(override=held[0].overrides.all()[more % 3], reason="Not them", by=SYSTEM, at=at)
        case "leave":
            end(subscription=held[more % 2].subscriptions.get(), ends_at=at, reason="They leave", by=SYSTEM, at=at)


def check_together(loan: Loan) -> None:
    """But for what was revoked alone, all of it begins at once, and ends at once or with the day it was said."""
    rows = [part.row for part in parts_of(loan)]
    alone = [row for row in rows if getattr(row, "revoked_at", None) not in (None, loan.recalled_at)]
    together = [part.window for part in parts_of(loan) if part.row not in alone and part.window is not None]
    assert len({window.start for window in together}) <= 1
    assert len({window.end for window in together}) <= 1
    if loan.recalled_at is not None:
        assert all(window.end is not None and window.end <= loan.recalled_at for window in together)


def check_answers(held: list[Account]) -> None:
    """Single sign-on is in neither plan that was bought: whoever has it has a part of a loan that lasts, or nothing."""
    for account in held:
        for hour in range(7, 24 * DAYS, 31):
            at = AT + timedelta(hours=hour)
            assert bool(value(account, "sso", at)) == any(_lends(loan, account, at) for loan in Loan.objects.all())


def _lends(loan: Loan, account: Account, at: object) -> bool:
    """Told by the loan's own dates and by whether its part was revoked, not by what the part says of its end."""
    if loan.recalled_at is not None and loan.recalled_at <= at:
        return False
    if not loan.starts_at <= at:
        return False
    override = loan.overrides.filter(account=account).first()
    if override is not None:
        return override.ends_at > at and (override.revoked_at is None or override.revoked_at > at)
    item = loan.items.filter(subscription__account=account).select_related("subscription").first()
    if item is None:
        return False
    left = item.subscription.ends_at
    return item.ends_at > at and (left is None or left > at)
