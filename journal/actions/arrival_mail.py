"""Who hears that something that arrived was given up: whoever may set up connections."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string

from journal.actions.notices import tell
from journal.models import Inbound
from journal.queries.connections import keepers

KIND = "arrival_given_up"
LONGEST_ERROR = 500


def tell_keepers(row: Inbound, *, error: str, at: datetime) -> None:
    """Told everybody who may set up connections; of one type at one connection once a day, however many there are."""
    for person in keepers():
        told = {"person": person, "row": row, "error": error[:LONGEST_ERROR], "address": settings.DESK_URL}
        tell(
            recipient=person.email,
            subject=f"{row.connection.name}: {row.type} was given up",
            body=render_to_string(f"emails/{KIND}.txt", told),
            once_key=f"{KIND}:{row.connection_id}:{at:%Y-%m-%d}:{person.pk}:{row.type}"[:190],
            kind=KIND,
            at=at,
        )
