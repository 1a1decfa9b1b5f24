"""SQL, Python and the words on the screen agree, in every zone, on which day access still holds and when it is over.

Promised through 29 February, through New Year's Eve, and through a day on which clocks change there.
"""

from datetime import date, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from catalog.domain.window import MOMENT, end_through
from catalog.queries.instants import say_until
from entitlements.admin.wording import say_end
from entitlements.domain.facts import Facts, FeatureFact, Mode, OverrideFact
from entitlements.domain.resolve import resolve
from entitlements.models import Override
from entitlements.models.override import OverrideState, override_window
from journal.actions.deeds import begin, keep_many
from journal.domain.actor import SYSTEM
from tests.catalog.factories import EPOCH, FeatureFactory
from tests.entitlements.domain.zones import ZONES, edges_of
from tests.entitlements.factories import AccountFactory
from tests.spec.tables import LONG_AGO, SHAPES

LEAP, NEW_YEAR, SPRING = date(2028, 2, 29), date(2026, 12, 31), date(2026, 3, 28)


def day_of_change(zone: str) -> date:
    """The day on which clocks first change there, or the day on which they do in Europe."""
    edges = edges_of(zone)
    return edges[0].astimezone(ZoneInfo(zone)).date() if edges else SPRING


def promised(zone: str, day: date, **of: object) -> Override:
    return Override(
        **of,
        mode=Mode.REPLACE,
        starts_at=LONG_AGO,
        ends_at=end_through(day, zone),
        through_on=day,
        zone=zone,
        reason="A deal",
        state=OverrideState.APPROVED,
        requested_at=EPOCH,
        requested_by="Ann",
        approved_at=EPOCH,
        approved_by="Ann",
    )


@cache
def all_promised() -> list[Override]:
    return [promised(zone, day) for zone in ZONES for day in (LEAP, NEW_YEAR, day_of_change(zone))]


@pytest.mark.django_db
def test_a_filter_in_sql_and_a_window_in_python_hold_at_the_same_instants() -> None:
    account, feature = AccountFactory(), FeatureFactory()
    asked = [promised(row.zone, row.through_on, account=account, feature=feature) for row in all_promised()]
    keep_many(asked, deed=begin(by=SYSTEM, at=EPOCH))
    rows = list(Override.objects.all())
    assert [row.ends_at for row in rows] == [row.ends_at for row in all_promised()]
    ends = {row.ends_at for row in rows}
    windows = {row.pk: override_window(row) for row in rows}
    for instant in sorted(ends | {end - MOMENT for end in ends}):
        live = Override.objects.filter(starts_at__lte=instant, ends_at__gt=instant).values_list("pk", flat=True)
        assert set(live) == {pk for pk, window in windows.items() if window.contains(instant)}, instant


def test_it_holds_as_long_as_a_calendar_on_the_wall_shows_the_day_it_was_said_for() -> None:
    for row in all_promised():
        for instant in (row.ends_at - MOMENT, row.ends_at, row.ends_at - timedelta(hours=3)):
            shown = instant.astimezone(ZoneInfo(row.zone)).date()
            assert override_window(row).contains(instant) == (shown <= row.through_on), (row.zone, row.through_on)


def test_the_screens_say_the_day_it_was_said_for() -> None:
    for row in all_promised():
        place = row.zone.rpartition("/")[2].replace("_", " ")
        said = f"through {row.through_on.day} {row.through_on:%B %Y} ({place})"
        assert say_until(row.ends_at, zone=row.zone) == said
        assert say_end(row.ends_at, zone=row.zone) == said


def test_the_answer_turns_at_that_very_instant() -> None:
    shape = SHAPES["sso"]
    for row in all_promised():
        promise = OverrideFact("1", "sso", Mode.REPLACE, override_window(row), True)
        facts = Facts("acme", None, {"sso": FeatureFact(shape, ())}, {}, overrides=(promise,))
        before, after = resolve(facts, at=row.ends_at - MOMENT)["sso"], resolve(facts, at=row.ends_at)["sso"]
        assert (before.granted, after.granted, before.valid_until) == (True, False, row.ends_at), row.zone
