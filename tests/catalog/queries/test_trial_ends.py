"""Where the catalog shows what is kept after a trial: the sheet, to engineers, to customers, side by side, in packages."""

from datetime import datetime

import pytest

from catalog.domain.values import AtTrialEnd
from catalog.models import PlanVersion
from catalog.models.plan import Interval
from catalog.queries.changes import diff_versions
from catalog.queries.comparison import compare
from catalog.queries.engineer_sheet import engineer_sheet
from catalog.queries.engineering import engineering_lines
from catalog.queries.offering import offering
from catalog.queries.packages import packages
from catalog.queries.sheet import Show, sheet
from tests.catalog.factories import (
    FeatureFactory,
    PlanFactory,
    PlanTermFactory,
    PlanVersionFactory,
    StorageFactory,
    publish_now,
)

pytestmark = pytest.mark.django_db
WEEK = {"at_trial_end": AtTrialEnd.KEPT_FOR, "kept_days": 7}
SAID = "Included, kept 7 days after a trial"


def test_a_tick_cannot_stand_for_it_on_the_sheet(at: datetime) -> None:
    PlanTermFactory(feature=FeatureFactory(), **WEEK)
    (row,) = sheet(at=at).rows[1:]
    (cell,) = row.cells
    assert (cell.is_yes, cell.words, cell.text) == (False, SAID, "on, kept 7 days after a trial")


def test_a_member_of_a_group_inherits_it(at: datetime) -> None:
    feature = FeatureFactory()
    PlanTermFactory(feature=None, group=feature.group, **WEEK)
    cells = [row.cells[0] for row in sheet(at=at).rows]
    assert [(cell.is_yes, cell.words or cell.shown) for cell in cells] == [(False, SAID), (False, SAID)]
    (branch,) = packages()[0].branches
    assert [member.words for member in branch.members] == [SAID]


def test_an_engineer_reads_what_is_stored(at: datetime) -> None:
    term = PlanTermFactory(feature=StorageFactory(), amount=8, **WEEK)
    PlanTermFactory(version=term.version, feature=FeatureFactory(), at_trial_end=AtTrialEnd.KEPT_IF_USED)
    rows = engineer_sheet(sheet(at=at), lines=engineering_lines(at=at))
    assert [row.raw for row in rows] == [
        ("8 B (at_trial_end: kept_for 7 days)",),
        ("true (at_trial_end: kept_if_used)",),
    ]


def test_a_customer_reads_it_before_buying(at: datetime) -> None:
    publish_now(PlanTermFactory(feature=FeatureFactory(), **WEEK).version)
    ((_group, (row,)),) = offering(at=at, show=Show.PUBLISHED, market=None, interval=Interval.MONTH).bands
    assert (row.cells[0].yes, row.cells[0].words) == (False, SAID)


@pytest.fixture
def versions(db: None) -> tuple[PlanVersion, PlanVersion]:
    """A version that keeps single sign-on for a week through its group, and the next, which doesn't."""
    plan, sso = PlanFactory(name="Pro"), FeatureFactory(name="SSO")
    old = PlanTermFactory(version=PlanVersionFactory(plan=plan), feature=None, group=sso.group, **WEEK).version
    new = PlanTermFactory(version=PlanVersionFactory(plan=publish_now(old).plan), feature=sso).version
    return old, new


def test_keeping_no_more_is_a_lowering(versions: tuple[PlanVersion, PlanVersion]) -> None:
    (change,) = diff_versions(old=versions[0], new=versions[1])
    assert (change.kind, change.before) == ("lowered", "on, kept 7 days after a trial")


def test_it_is_seen_side_by_side(versions: tuple[PlanVersion, PlanVersion]) -> None:
    (row,) = (row for row in compare(*versions).rows if row.name == "SSO")
    assert (row.left.words, row.right.words, row.verdict) == (SAID, "on", "Worse")
