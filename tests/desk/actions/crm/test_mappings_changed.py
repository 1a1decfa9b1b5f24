"""Another mapping changes no deal by itself: amendments come from deals."""

import pytest

from desk.domain.crm.told import DealState
from desk.models import DealMapping, MappingState
from entitlements.models import Contract
from tests.desk.crm import AT, MINUTE, crm, deal, hear, holds, kept, line, mapped, open_findings, row_of, ruled, verbs
from tests.entitlements.world import DAY

pytestmark = pytest.mark.django_db
LATER = AT + DAY


def switched(world, *, months="24", rules=True):
    before = DealMapping.objects.get(state=MappingState.IN_FORCE)
    before.state = MappingState.FORMER
    kept(before)
    told = {"number": 2, "in_force_at": LATER, "months": {"written": months}}
    if rules:
        return mapped(world.connection, world.catalog, **told)
    return kept(DealMapping(connection=world.connection, state="in_force", drafted_at=AT, drafted_by="Sal", **told))


def months():
    return [version.term_months for version in Contract.objects.get().versions.order_by("number")]


def test_a_deal_that_made_something_stays_as_it_was_agreed_until_it_changes_there():
    world = crm()
    hear(world, deal(line()))
    switched(world)
    so_far = verbs()
    heard = hear(world, deal(line()), at=LATER)
    assert (heard.words, verbs()) == ("It stays as it was agreed by mapping 1", so_far)
    hear(world, deal(line(), closed_on=deal().closed_on - DAY), at=LATER + MINUTE)
    assert months() == [12, 24]


def test_a_line_that_changes_is_a_change_of_its_deal():
    world = crm()
    hear(world, deal(line()))
    switched(world)
    hear(world, deal(line(quantity="6")), at=LATER)
    assert (months(), holds(LATER)) == ([12, 24], ["6 × team"])


def test_what_a_person_was_told_of_is_read_by_the_new_one():
    world = crm()
    hear(world, deal(line(), line("l2", "MUG", "3")))
    row = switched(world, months="12")
    ruled(row, "mug", "plan", products=["MUG"], plan=world.catalog.team, position=9)
    hear(world, deal(line(), line("l2", "MUG", "3")), at=LATER)
    assert (sorted(holds(LATER)), open_findings()) == (["3 × team", "5 × team"], [])


def test_without_its_rule_what_was_sold_goes_on_and_is_told():
    world = crm()
    hear(world, deal(line()))
    switched(world, rules=False)
    hear(world, deal(line(quantity="6")), at=LATER)
    assert holds(LATER) == ["5 × team"]
    assert [kind for kind, _ in open_findings()] == ["unmapped"]


def test_a_deal_is_followed_to_its_end_also_where_no_mapping_is_in_force():

    world = crm()
    hear(world, deal(line()))
    before = DealMapping.objects.get()
    before.state = MappingState.FORMER
    kept(before)
    assert hear(world, deal(line(quantity="9")), at=LATER).words == "No mapping is switched on, so it becomes nothing"
    assert holds(LATER) == ["5 × team"]
    hear(world, deal(line(), state=DealState.LOST), at=LATER + MINUTE)
    assert (holds(LATER + MINUTE), row_of().agreed) == ([], {})


def test_a_touch_of_what_no_mapping_reads_changes_nothing():
    world = crm()
    hear(world, deal(line()))
    switched(world)
    hear(world, deal(line()), at=LATER)
    heard = hear(world, deal(line(), changed_at=LATER + MINUTE, name="Bigger one"), at=LATER + MINUTE)
    assert (months(), Contract.objects.get().name) == ([12], "Bigger one")
    assert heard.words == "It stays as it was agreed by mapping 1" or heard.moved


def test_a_field_that_only_the_new_one_reads_counts_from_when_it_was_seen_first():
    world = crm()
    hear(world, deal(line()))
    switched(world)
    read = {"fields": {"Region": "EMEA"}}
    hear(world, deal(line(), **read), at=LATER)
    hear(world, deal(line(), changed_at=LATER + MINUTE, **read), at=LATER + 2 * MINUTE)
    assert months() == [12]
    hear(world, deal(line(), changed_at=LATER + 3 * MINUTE, fields={"Region": "US"}), at=LATER + 4 * MINUTE)
    assert months() == [12, 24]
