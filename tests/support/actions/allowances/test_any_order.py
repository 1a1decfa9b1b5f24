"""Whatever is told of a case, in any order and however often: it ends as if all had been told in the order it happened."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.actions.cases.handling import CaseCancelled
from support.domain.case_events import CaseState
from support.domain.counting import owed
from support.domain.cover_terms import CountedOn
from support.models import Case, CaseCount
from tests.conftest import EXAMPLES
from tests.entitlements.crediting import Credited, adds_up
from tests.support.counting_world import AT, HOUR, a_case, comes_to, held, left, supported, writes_again

pytestmark = pytest.mark.django_db
HEARD = AT + 30 * HOUR
STATES = ("open", "waiting", "on_hold", "resolved", "closed", "cancelled", "")  # "" is a customer's message
HAPPENED = st.lists(st.tuples(st.integers(1, 12), st.sampled_from(STATES)), min_size=1, max_size=6)


def tell(case: Case, number: int, hours: int, state: str) -> None:
    """Under a name, so that a repeat is one; what comes after a cancellation is refused."""
    told = {"at": HEARD + timedelta(minutes=number), "happened_at": AT + hours * HOUR, "name": f"e{hours}-{state}"}
    with suppress(CaseCancelled):
        if state:
            comes_to(case, state, **told)
        else:
            writes_again(case, **told)


@settings(max_examples=2 * EXAMPLES, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(CountedOn), HAPPENED, st.randoms(use_true_random=False))
def test_any_order_of_telling_and_any_repeat_ends_alike(rule, happened, chance) -> None:
    with transaction.atomic():
        acme, pack = supported(3, counted_on=rule)
        in_order, shuffled = a_case(acme), a_case(acme)
        happened = [(hours, state) for hours, state in dict.fromkeys(happened) if state != "cancelled"]
        for number, (hours, state) in enumerate(sorted(happened)):
            tell(in_order, number, hours, state)
        again = [*happened, *happened]
        chance.shuffle(again)
        for number, (hours, state) in enumerate(again):
            tell(shuffled, number, hours, state)
        ends = [Case.objects.get(pk=case.pk) for case in (in_order, shuffled)]
        counts = [[row.at for row in held(case)] for case in ends]
        for case, took in zip(ends, counts, strict=True):
            assert len(took) == owed(rule, state=CaseState(case.state), exempt=False, covered=True)
        if ends[0].state == ends[1].state:
            assert counts[0] == counts[1] or _tied(happened)
        assert left(acme, pack) == 3 - sum(map(len, counts))
        assert adds_up(Credited(acme, pack.feature, None))  # type: ignore[arg-type]
        transaction.set_rollback(True)


def _tied(happened: list[tuple[int, str]]) -> bool:
    """Of several things at one instant the order of hearing decides."""
    hours = [hour for hour, _ in happened]
    return len(set(hours)) < len(hours)


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(CountedOn), HAPPENED)
def test_nothing_is_taken_twice_nor_given_back_twice(rule, happened) -> None:
    with transaction.atomic():
        acme, pack = supported(3, counted_on=rule)
        case = a_case(acme)
        for number, (hours, state) in enumerate(happened):
            tell(case, number, hours, state)
            rows = CaseCount.objects.filter(case=case)
            assert rows.filter(given_back_at__isnull=True).count() <= 1
            assert left(acme, pack) == 3 - rows.filter(given_back_at__isnull=True).count()
        transaction.set_rollback(True)
