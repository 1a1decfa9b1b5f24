"""The versions of a row, in the words of an auditor."""

import pytest

from journal.admin.versions import version_lines
from journal.domain.actor import Actor
from tests.entitlements.world import AT, DAY, catalog, publish_plan


@pytest.mark.django_db
def test_each_version_has_its_act_and_what_it_changed(finance: Actor) -> None:
    from catalog.actions.publishing import retire

    world = catalog()
    publish_plan(world.team, {world.sso: True}, at=AT)
    version = world.team.versions.earliest("number")
    retire(version=version, by=finance, at=AT + DAY, reason="Nobody buys it")
    newest, *_rest, first = version_lines(version)
    assert (newest.event.actor_name, newest.event.reason) == ("Finance Person", "Nobody buys it")
    assert ("State", "Published", "Retired") in newest.changes
    assert not any(what == "Edits" for line in version_lines(version) for what, _, _ in line.changes)
    assert ("Plan", "–", "Team") in first.changes
