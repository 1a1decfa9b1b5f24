"""Teams: who works on cases together, and where they are told of their clocks."""

from datetime import datetime

from django.db import transaction

from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from support.models import Team

PERMISSION = "support.edit_sla"


@transaction.atomic
def declare_team(*, key: str, name: str, email: str, by: Actor, at: datetime) -> Team:
    """A team was declared, or its name or address changed; where it already stood so, nothing is written."""
    by.require(PERMISSION)
    team = Team.objects.select_for_update().filter(key=key).first() or Team(key=key)
    said = {"name": name.strip(), "email": email.strip().lower()}
    before = {column: getattr(team, column) if team.pk else None for column in said}
    if before == said:
        return team
    deed = begin(by=by, at=at)
    team.name, team.email = said["name"], said["email"]
    keep(team, deed=deed)
    changes = {column: [before[column], value] for column, value in said.items() if before[column] != value}
    record(deed, "team:declare", subject=team, changes=changes)
    return team
