"""A mapping is tried on real deals before it is switched on: it says what would become of each, and writes nothing."""

from datetime import date, timedelta

import pytest

from desk.domain.crm.deciding import Extend
from desk.domain.crm.told import DealState
from desk.domain.crm.wanted import Agreed, Extension
from desk.models import CrmCompany, MappingState
from desk.queries.crm.trying import Would, say_agreed, say_step, try_on
from entitlements.models import Contract
from journal.models import AuditEvent
from tests.desk.crm import AT, TODAY, crm, deal, hear, line, mapped, ruled

pytestmark = pytest.mark.django_db


def drafted(world, **more):
    return mapped(
        world.connection, world.catalog, number=2, state=MappingState.DRAFT, in_force_at=None, months={"written": "24"},
        **more,
    )  # fmt: skip


def tried(world, *deals, **more):
    so_far = AuditEvent.objects.count()
    found = try_on(connection=world.connection, mapping=drafted(world, **more), deals=deals, at=AT)
    assert AuditEvent.objects.count() == so_far
    return found


def one(world, said, **more):
    (found,) = tried(world, said, **more).deals
    return found


def test_what_it_would_make_is_said_line_by_line():
    world = crm()
    found = one(world, deal(line(), line("l2", "SEATS", "1", Seats="7"), line("l3", "MUG", "2")))
    assert (found.would, found.account, found.approved) == (Would.CREATE, "acme", True)
    assert found.lines == (
        "A contract from 2 March 2026 for 24 months, which then renews",
        "5 × Team",
        "Seats: + 7",
    )
    assert found.told == ("2 × MUG was sold, and the mapping makes nothing of it.",)
    assert not Contract.objects.exists()


def test_what_it_would_change_stays_until_the_deal_changes_there():
    world = crm()
    hear(world, deal(line()))
    found = one(world, deal(line()))
    assert (found.would, found.agreed) == (Would.CHANGE, True)
    assert found.lines == ("Its contract is amended, from 2 March 2026 for 24 months, which then renews",)


def test_what_runs_and_would_begin_later_is_skipped():
    world = crm()
    hear(world, deal(line()))
    found = one(world, deal(line(quantity="2"), closed_on=TODAY + timedelta(days=9)))
    assert (found.would, found.because, found.lines) == (
        Would.SKIP, "a contract that runs would begin on a later day", ()
    )  # fmt: skip
    assert found.told[0].startswith("The deal begins on 11 March 2026 by now")


def test_what_the_desk_would_refuse_is_skipped_in_its_words():
    said = deal(line(), line("l2", "SEATS", "1", Seats="7"))
    world = crm()
    told = {"connection": world.connection, "mapping": drafted(world), "deals": [said, deal(line(), id="d2")]}
    refused, done = try_on(**told, at=AT, refused={"d1": "Team is not sold there.", "d2": ""}).deals
    assert (refused.would, refused.because, refused.lines, refused.approved) == (
        Would.SKIP, "Team is not sold there.", (), False
    )  # fmt: skip
    assert done.would is Would.CREATE


def test_what_it_would_end():
    world = crm()
    hear(world, deal(line()))
    found = one(world, deal(line(), state=DealState.LOST))
    assert (found.would, found.lines) == (Would.END, ("Its contract ends: The deal Big one is lost",))


def test_a_longer_trial():
    found = one(crm(), deal(fields={"Kind": "trial", "TrialDays": "7"}))
    assert (found.would, found.lines, found.approved) == (Would.CREATE, ("The trial runs 7 days longer",), True)


@pytest.mark.parametrize(
    ("said", "would", "because"),
    [
        (deal(line(), company="c8"), Would.SKIP, "nobody knows whose they are"),
        (deal(line(quantity="2.5")), Would.SKIP, "a field can’t be read"),
        (deal(line(product="MUG")), Would.SKIP, "no rule speaks of them"),
        (deal(), Would.NOTHING, "No rule of the mapping speaks of it, so it becomes nothing"),
        (deal(line(), state=DealState.OPEN), Would.NOTHING, "Open: nothing is held of it"),
    ],
)
def test_what_becomes_nothing_says_why(said, would, because):
    found = one(crm(), said)
    assert (found.would, found.because) == (would, because)


def test_what_was_won_before_counts_only_where_staff_say_so():
    world = crm()
    before = deal(line(), closed_on=TODAY - timedelta(days=1))
    assert one(world, before).earlier
    assert not try_on(
        connection=world.connection, mapping=_since(world, date(2026, 1, 1)), deals=[before], at=AT
    ).deals[0].earlier  # fmt: skip


def _since(world, day):
    mapping = world.connection.deal_mappings.get(number=2)
    mapping.since = day
    return mapping


def test_the_summary_of_all():
    world = crm()
    CrmCompany.objects.create(connection=world.connection, external_id="c8", told_at=AT)
    hear(world, deal(line()))
    found = tried(
        world,
        deal(line()),
        deal(line(), id="d2"),
        deal(line(), id="d3", closed_on=date(2025, 1, 1)),
        deal(line(), id="d4", company="c8"),
        deal(line(), id="d5", company="c8"),
        deal(line(quantity="2.5"), id="d6"),
    )
    assert found.summary == (
        "would create 2, change 1, skip 2 because nobody knows whose they are, skip 1 because a field can’t be read; "
        "1 of them were won before, and count only if you say so; 1 stay as they were agreed until they change there"
    )
    assert tried_nothing(world).summary == "would do nothing"


def tried_nothing(world):
    return try_on(connection=world.connection, mapping=_since(world, None), deals=[], at=AT)


def test_a_rule_may_name_what_is_sold_no_more():
    world = crm()
    mapping = drafted(world)
    ruled(mapping, "more", "feature", products=["DISK"], feature=world.catalog.storage, mode="deny", position=9)
    (found,) = try_on(connection=world.connection, mapping=mapping, deals=[deal(line(product="DISK"))], at=AT).deals
    assert found.lines[1:] == ("Storage: denied",)


def test_one_month_and_one_day_are_said_as_one():
    assert say_agreed(Agreed(date(2026, 3, 2), 1, True)) == "from 2 March 2026 for 1 month, which then renews"
    assert list(say_step(Extend(Extension("longer", days=1)))) == ["The trial runs 1 day longer"]
