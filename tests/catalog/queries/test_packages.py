"""Packages as a tree: what each sells as a whole, what each member gives by that, and by which path."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.actions.cells import CellWrite, write_cells
from catalog.actions.drafts import open_draft
from catalog.models import FeatureGroup, Plan
from catalog.queries.packages import Branch, packages
from journal.domain.actor import SYSTEM
from tests.catalog.factories import (
    EPOCH,
    AddOnFactory,
    FeatureFactory,
    FeatureGroupFactory,
    SeatsFactory,
    StorageFactory,
    publish_now,
    published_version,
)
from tests.entitlements.gold import gold_support

pytestmark = pytest.mark.django_db


def members(branch: Branch) -> dict[str, tuple[str, str]]:
    return {member.feature.name: (member.words, member.path) for member in branch.members}


def package(plan: Plan, **said: str) -> None:
    """The plan's next version, saying a text for each group by its key."""
    draft = open_draft(plan=plan, by=SYSTEM, at=EPOCH)
    groups = {group.key: group for group in FeatureGroup.objects.all()}
    writes = [CellWrite(version=draft, subject=groups[key], text=text) for key, text in said.items()]
    write_cells(writes=writes, tokens={draft.pk: draft.edits}, by=SYSTEM, at=EPOCH)


def test_gold_support_is_a_tree() -> None:
    gold = gold_support()
    (found,) = packages()
    (branch,) = found.branches
    assert (found.version, branch.group, branch.words) == (gold.version, gold.group, "Unlimited")
    through = "through Premium services"
    assert members(branch) == {
        "24/7 phone": ("Included", through),
        "Response": ("2 hours", "its own line"),
        "Incidents": ("Unlimited", through),
        "Named manager": ("Included", through),
    }


def test_what_is_said_of_a_group_may_not_be_about_each_member() -> None:
    group = FeatureGroupFactory(key="premium")
    FeatureFactory(group=group, name="Phone")
    SeatsFactory(group=group, name="Seats")
    package(AddOnFactory(), premium="Included")
    (branch,) = packages()[0].branches
    assert [(member.feature.name, member.unheard, member.gives) for member in branch.members] == [
        ("Phone", False, True),
        ("Seats", True, False),
    ]


def test_an_amount_is_said_in_the_group_s_own_measure() -> None:
    group = FeatureGroupFactory(key="data", name="Data")
    StorageFactory(group=group, name="Storage")
    package(AddOnFactory(), data="5 GB")
    (branch,) = packages()[0].branches
    assert members(branch) == {"Storage": ("5 GB", "through Data")}


def test_the_nearer_group_speaks() -> None:
    outer = FeatureGroupFactory(key="outer", name="Outer")
    inner = FeatureGroupFactory(key="inner", name="Inner", parent=outer)
    FeatureFactory(group=inner, name="Phone")
    package(AddOnFactory(), outer="Included", inner="not included")
    (branch,) = packages()[0].branches
    (below,) = branch.branches
    assert (branch.group, below.group) == (outer, inner)
    assert members(below) == {"Phone": ("not included", "through Inner")}


def test_a_group_above_reaches_the_groups_below() -> None:
    outer = FeatureGroupFactory(key="outer", name="Outer")
    FeatureFactory(group=FeatureGroupFactory(parent=outer), name="Phone")
    package(AddOnFactory(), outer="Included")
    (branch,) = packages()[0].branches
    assert members(branch.branches[0]) == {"Phone": ("Included", "through Outer")}


def test_the_newest_version_is_shown_also_as_a_draft() -> None:
    gold = gold_support()
    draft = open_draft(plan=gold.plan, by=SYSTEM, at=EPOCH)
    assert [found.version for found in packages()] == [draft]


def test_plans_that_say_nothing_of_groups_are_no_packages() -> None:
    published_version()
    assert packages() == ()


def test_a_bounded_number_of_reads() -> None:
    gold_support()
    for number in range(3):
        FeatureGroupFactory(key=f"g{number}")
        package(AddOnFactory(), **{f"g{number}": "Included"})
    with CaptureQueriesContext(connection) as reads:
        assert len(packages()) == 4
    assert len(reads) <= 8


def test_retired_versions_are_left_out() -> None:
    gold = gold_support()
    publish_now(open_draft(plan=gold.plan, by=SYSTEM, at=EPOCH))
    assert [found.version.number for found in packages()] == [2]
