"""Reading what changed: nothing is lost and nothing looked at twice, whatever the CRM's clock and its pages do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk.domain.crm.watermark import OVERLAP, REMEMBERED, SETTLING, Reading, mark_after, news, reading_of
from tests.desk.domain.crm.deals import AT


@dataclass(frozen=True)
class Row:
    id: str
    changed_at: datetime


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def row(id: str, seconds: float) -> Row:
    return Row(id, after(seconds))


def test_what_is_younger_than_it_settles_is_news_and_will_be_news_again():
    assert Reading(None, AT).settled == AT - SETTLING
    young = [row("a", 0), row("b", -1)]
    assert news(young, {"b": [after(-9)]}, settled=after(-1)) == {"a": [], "b": [after(-9)]}
    assert news(young, {"b": [after(-9)]}, settled=after(1)) == {"a": [after(0)], "b": [after(-9), after(-1)]}


def test_a_record_of_which_the_old_stamp_is_known_and_the_young_one_is_new_is_news():
    assert news([row("a", -60), row("a", 0)], {"a": [after(-60)]}, settled=after(-30)) == {"a": [after(-60)]}
    assert news([row("a", -60)], {"a": [after(-60)]}, settled=after(-30)) == {}


def test_the_first_reading_begins_at_the_beginning_and_others_a_while_before_the_mark():
    assert reading_of(None, AT) == Reading(None, AT)
    assert reading_of(AT, after(60)) == Reading(AT - OVERLAP, after(60))


def test_a_clock_that_was_put_back_takes_the_reading_back_with_it():
    assert reading_of(after(3600), AT) == Reading(AT - OVERLAP, AT)


def test_the_mark_is_the_latest_stamp_that_was_returned():
    assert mark_after(Reading(AT, after(90)), [after(5), after(40), after(9)]) == after(40)


def test_after_a_quiet_while_the_mark_follows_at_a_distance():
    assert mark_after(Reading(AT, after(3600)), []) == after(3600) - OVERLAP
    assert mark_after(Reading(AT, after(3600)), [after(5)]) == after(3600) - OVERLAP


def test_a_young_stamp_moves_no_mark_so_that_what_is_stamped_before_it_is_read():
    assert mark_after(Reading(AT, after(600)), [after(400), after(570), after(700)]) == after(400)


def test_what_was_heard_is_no_news_and_a_new_stamp_of_it_is():
    heard = {"a": [after(0)], "b": [after(0)]}
    assert news([row("a", 0), row("b", 0), row("a", 9), row("c", 0)], heard, settled=after(60)) == {
        "a": [after(0), after(9)],
        "c": [after(0)],
    }


def test_an_earlier_stamp_that_was_committed_late_is_news():
    assert news([row("a", 3)], {"a": [after(9)]}, settled=after(60)) == {"a": [after(3), after(9)]}


def test_stamps_are_forgotten_once_no_reading_can_come_upon_them():
    long_ago = AT - REMEMBERED - timedelta(seconds=1)
    assert news([row("a", 0)], {"a": [long_ago, after(-60)]}, settled=after(60)) == {"a": [after(-60), after(0)]}


def test_stamps_are_known_for_as_long_as_a_reading_goes_back_behind_its_mark():
    """A quiet reading leaves its mark five minutes before its end, and the next begins five minutes before that."""
    earliest = reading_of(mark_after(Reading(None, AT), []), AT).since
    assert news([row("a", 0)], {"a": [earliest]}, settled=after(60)) == {"a": [earliest, AT]}


WRITES = st.lists(
    st.tuples(st.sampled_from("abcde"), st.integers(0, 2000), st.integers(0, int(OVERLAP.total_seconds()) - 1)),
    max_size=25,
    unique_by=lambda write: write[
        :2
    ],  # who changes a record waits for who changes it, so neither takes the other's stamp
)


@given(WRITES, st.lists(st.integers(1, 400), min_size=1, max_size=20), st.integers(1, 5))
def test_however_late_a_record_is_seen_within_the_overlap_it_is_heard_of_once_it_settled(writes, waits, page_size):
    """Each write is stamped at once and seen up to nearly five minutes later; looks come whenever they come, and the runs
    of one reading forget each other's stamps. A record bears its last stamp alone."""
    written = sorted((stamp + late, stamp, id) for id, stamp, late in writes)
    heard, settled, looked, mark, now = {}, [], {}, None, 0
    for wait in [*waits, 5000]:
        now += wait
        stands = {id: stamp for seen, stamp, id in written if seen <= now}
        reading = reading_of(mark, after(now))
        listed = [row(id, stamp) for id, stamp in stands.items() if (reading.since is None or after(stamp) >= reading.since)
                  and after(stamp) < reading.until]  # fmt: skip
        listed.sort(key=lambda one: (one.changed_at, one.id))
        pages = [listed[begin : begin + page_size] for begin in range(0, len(listed), page_size)]
        for page in pages:
            told = news(page, heard, settled=reading.settled)
            settled += [one for one in page if one.id in told and one.changed_at < reading.settled]
            looked |= dict.fromkeys(told, now)
            heard |= told
        mark = mark_after(reading, [one.changed_at for one in (pages[-1] if pages else [])])
        assert all(looked.get(id, -1) >= seen for seen, stamp, id in written if seen <= now and stamp < now), (
            "seen at once"
        )
    assert len(settled) == len(set(settled)), "nothing twice"
