"""Figures of intake: counted as the pure functions count, by rows that can be shown, in a fixed number of reads."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from support.domain.case_events import Channel
from support.domain.intake import measuring
from support.domain.intake.measuring import Checked, Opened, Reviewed
from support.domain.intake.outcomes import Outcome
from support.domain.intake.settings import Stage
from support.models import Case, IntakeDecision
from support.queries.intake.figures import AGREED, COUNTED, DEFLECTED, Marks, figures
from support.queries.intake.sets import rows_of
from support.queries.intake.spans import Span
from tests.entitlements.factories import AccountFactory
from tests.support.factories import CaseFactory
from tests.support.intake_world import decision, settled

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
HELD, ACCEPT, REDIRECT, SUGGEST, BLOCK = (Outcome(one) for one in ("hold", "accept", "redirect", "suggest", "block"))


def span(weeks: int = 4, **more: Any) -> Span:
    return Span.latest(weeks, now=NOW, zone="Europe/Amsterdam", **more)


def a_month() -> None:
    """Of two customers, by two channels; every kind of row there is."""
    ana, bo = AccountFactory(key="a"), AccountFactory(key="b")
    for number, outcome in enumerate((ACCEPT, ACCEPT, REDIRECT, SUGGEST, BLOCK, HELD)):
        decision(outcome, account=ana, at=NOW - DAY * (number * 3 + 1), took_us=1000 + number, text_digest=f"{number}")
        settled(outcome, ACCEPT, account=bo, at=NOW - DAY * (number * 4 + 1), channel=Channel.PHONE, sampled=True,
                text_digest=f"b{number}")  # fmt: skip
    settled(HELD, SUGGEST, account=bo, at=NOW - DAY * 9, after=timedelta(days=2))
    one = settled(HELD, ACCEPT, account=bo, at=NOW - DAY * 10)
    settled(HELD, ACCEPT, account=bo, at=NOW - DAY * 11, readings=one.readings * 2)  # says nothing as a whole
    settled(
        ACCEPT,
        ACCEPT,
        account=bo,
        at=NOW - DAY * 2,
        resumed_at=NOW - DAY * 2 + timedelta(hours=1),
        settled_by="validator",
    )
    settled(
        BLOCK, ACCEPT, account=bo, at=NOW - DAY * 5, after=DAY * 0, settled_by="Ada", asked_by="Ada", text_digest="once"
    )
    decision(
        REDIRECT, account=ana, at=NOW - DAY * 12, stage=Stage.ASKED, text_digest="asked", requester="Ana@acme.example"
    )
    for days in (10, 12):
        decision(REDIRECT, account=None, at=NOW - DAY * days, text_digest=f"nobody{days}")
    CaseFactory(account=ana, requester="ana@Acme.example", opened_at=NOW - DAY * 6)
    own = CaseFactory(account=ana, requester="ana@acme.example", opened_at=NOW - DAY * 20 + timedelta(hours=1))
    decision(SUGGEST, account=ana, at=NOW - DAY * 20, case=own, text_digest="own")
    decision(ACCEPT, account=ana, at=NOW - DAY * 3, case=own)
    decision(ACCEPT, account=ana, at=NOW - DAY * 90)


def test_a_week_begins_on_monday_where_its_reader_is() -> None:
    starts = span().starts
    assert [start.isoformat() for start in starts[-2:]] == ["2026-03-09T00:00:00+01:00", "2026-03-16T00:00:00+01:00"]
    for minutes, week in ((-1, 2), (0, 3)):
        row = decision(at=starts[-1] + timedelta(minutes=minutes))
        assert rows_of("tickets", span(), week=week).get() == row
        row.delete()


def test_every_figure_is_the_number_of_its_rows() -> None:
    a_month()
    for asked in (span(), span(1), span(8, channel=Channel.PHONE)):
        found = figures(asked)
        for name in (*COUNTED, *AGREED, *DEFLECTED):
            assert found.total[name] == rows_of(name, asked).count(), name
            for week in found.weeks:
                assert week.counts[name] == rows_of(name, asked, week=week.number).count(), (name, week.number)
        for reason, count in found.reasons.items():
            assert count == rows_of(f"reason_{reason}", asked).count()


def test_parts_make_up_their_wholes() -> None:
    a_month()
    total = figures(span()).total
    parts = total["by_itself"] + total["held"] + total["at_once"]
    assert total["tickets"] == parts == sum(total[f"outcome_{one}"] for one in Outcome)
    assert total["reviewed"] == total["agreed"] + total["disagreed"]
    assert total["deflecting"] == total["deflected"] + total["followed"] + total["unknown"]
    assert min(total.values()) > 0


def test_deflection_is_what_the_rule_says() -> None:
    a_month()
    rows = IntakeDecision.objects.filter(at__gte=span().starts[0])
    checked = [
        Checked(row.at, row.at.date(), Outcome(row.settled_outcome or row.outcome), row.account_id or 0, row.requester,
                row.case_id or 0)
        for row in rows
    ]  # fmt: skip
    opened = [Opened(row.opened_at, row.account_id or 0, row.requester, row.pk) for row in Case.objects.all()]
    assert figures(span()).deflection == measuring.deflection(checked, opened, now=NOW)


def test_agreement_is_what_the_rule_says() -> None:
    a_month()
    weeks = figures(span()).weeks
    reviewed = [
        Reviewed(row.at.date(), Outcome(row.machine), Outcome(row.settled_outcome))
        for row in rows_of("reviewed", span())
    ]
    found = [(week.counts["reviewed"], week.counts["agreed"]) for week in weeks if week.counts["reviewed"]]
    assert found == [(one.reviewed, one.agreed) for one in measuring.agreement(reviewed)]


def test_neither_an_answer_from_outside_nor_who_opened_it_with_the_check_before_them_has_looked_at_it() -> None:
    """The one is no person; the other could only open it."""
    settled(ACCEPT, ACCEPT, at=NOW - DAY, settled_by="validator", resumed_at=NOW - DAY + timedelta(hours=1))
    settled(BLOCK, ACCEPT, at=NOW - DAY, after=DAY * 0, settled_by="Ada", asked_by="Ada")
    row = settled(ACCEPT, REDIRECT, at=NOW - DAY, settled_by="Bo", resumed_at=NOW - DAY + timedelta(minutes=5))
    assert rows_of("reviewed", span()).get() == row
    total = figures(span()).total
    assert (total["at_once"], total["by_itself"], total["held"]) == (1, 0, 2)


def test_a_check_that_became_a_ticket_counts_once() -> None:
    account = AccountFactory()
    at = NOW - DAY * 10
    decision(REDIRECT, account=account, at=at, stage=Stage.ASKED)
    decision(REDIRECT, account=account, at=at + timedelta(minutes=5))
    assert figures(span()).total["deflected"] == 1


def test_what_took_longer_than_how_many() -> None:
    for number in range(1, 21):
        decision(at=NOW - DAY, took_us=number * 100, read_us=0)
    settled(HELD, ACCEPT, at=NOW - DAY, after=timedelta(hours=3), took_us=1)
    week = figures(span()).weeks[-1]
    assert (week.took, week.read) == (Marks(21, 1000, 1900), Marks(1, 1300, 1300))
    assert week.waited == Marks(1, timedelta(hours=3), timedelta(hours=3))


def test_as_many_reads_for_many_as_for_few() -> None:
    with CaptureQueriesContext(connection) as few:
        figures(span())
    a_month()
    with CaptureQueriesContext(connection) as many:
        figures(span())
    assert len(few) == len(many) == 6


def test_nothing_yet() -> None:
    found = figures(span())
    assert (found.deflection.share, found.cost(19).per_resolution, found.reasons) == (None, None, {})
