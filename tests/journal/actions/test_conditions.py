"""What a row is plainly outside of, the database says is false of it too; of the rest nothing is said."""

from itertools import islice, product

import pytest
from django.db import connection
from django.db.models import F, Q
from django.test.utils import CaptureQueriesContext

from journal.actions.conditions import is_outside
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid
from journal.models import AuditEvent
from tests.journal.factories import EPOCH
from tests.support.factories import CaseFactory

LABELS, PLAIN = (
    ("", "a", "A"),
    (
        Q(reason=""), Q(reason__exact="a"), Q(seq=1), Q(reason__isnull=True), Q(seq__isnull=True),
        Q(reason__in=["", "a"]), Q(seq__in=(1, 3)), Q(reason__in=["a", None]),
    ),
)  # fmt: skip
UNKNOWN = (
    Q(reason__startswith="a"), Q(reason=F("verb")), Q(at__gte=EPOCH), Q(reason=1), Q(nothing=1),
    Q(reason__in=["a", F("verb")]),
)  # fmt: skip


def row(reason: str | None = "", seq: int | None = 1) -> AuditEvent:
    return AuditEvent(reason=reason, seq=seq, verb="", at=EPOCH)


def database_says(condition: Q, one: AuditEvent) -> bool:
    """Unknown counts as true, as it does where a constraint is asked about."""
    return condition.check(one._get_field_expression_map(meta=one._meta))


@pytest.mark.django_db
def test_nothing_is_left_out_that_the_database_would_say_yes_to() -> None:
    said = 0
    for one, other in islice(product((*PLAIN, *UNKNOWN[:3]), repeat=2), 0, None, 5):
        for condition in (one, ~one, one & other, one | ~other, ~(one & other), ~one & ~other, one ^ other):
            for reason, seq in product((*LABELS, None), (1, 2, None)):
                if is_outside(condition, row(reason, seq)):
                    said += 1
                    assert not database_says(condition, row(reason, seq)), (condition, reason, seq)
    assert said > 100


def test_what_is_plain_is_said() -> None:
    assert is_outside(~Q(reason=""), row(""))
    assert is_outside(~Q(reason="x") & ~Q(reason=""), row(""))
    assert is_outside(Q(reason__in=["x", "y"]), row(""))
    assert not is_outside(Q(reason__in=["x", ""]), row(""))
    assert is_outside(Q(seq__isnull=True), row())
    assert not is_outside(None, row())
    for unknown in UNKNOWN:
        assert not is_outside(unknown, row("b")), unknown
        assert not is_outside(~unknown, row("b")), unknown


@pytest.mark.django_db
def test_a_row_without_a_number_asks_for_no_other_of_that_number() -> None:
    numbered = CaseFactory(source="tickets", external_id="4711")
    plain = CaseFactory(source="desk", external_id="")
    asked = {}
    for case in (numbered, plain):
        with CaptureQueriesContext(connection) as captured:
            keep(case, deed=begin(by=SYSTEM, at=EPOCH))
        asked[case.pk] = sum("EXISTS" in query["sql"] for query in captured)
    assert asked == {numbered.pk: 1, plain.pk: 0}


@pytest.mark.django_db
def test_a_second_row_with_the_number_is_refused_by_name() -> None:
    first = CaseFactory(source="tickets", external_id="4711")
    second = CaseFactory.build(
        account=first.account, severity=first.severity, source="tickets", external_id="4711", tier="", subject="x"
    )
    with pytest.raises(Invalid):
        keep(second, deed=begin(by=SYSTEM, at=EPOCH))
