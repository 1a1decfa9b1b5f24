"""Putting every secret at rest under the newest of the desk's keys, so that the former one can be taken away."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from django.db import models

from journal.actions.outbound import SEALED
from journal.domain.delivery import DeliveryState
from journal.models import Outbound
from journal.vault import Unreadable, places, resealed

IN_MESSAGES = "Messages still to be sent"


@dataclass(frozen=True, slots=True)
class Place:
    """How it went in one place: how many are under the newest key now, and which none of the keys opens."""

    name: str
    done: int
    unreadable: tuple[str, ...]


def reseal() -> Iterator[Place]:
    """Sealed every secret anew under the newest key, place by place; it may be broken off and run again.

    Each row is written only if it still holds what was read, so nothing that was taken out meanwhile comes back.
    """
    for name, model, column in places():
        yield _in_rows(name, model, column)
    yield _in_messages()


def _in_rows(name: str, model: type[models.Model], column: str) -> Place:
    done, unreadable = 0, []
    for row in model._base_manager.exclude(**{column: ""}).order_by("pk").only(column).iterator():
        was = getattr(row, column)
        try:
            done += model._base_manager.filter(pk=row.pk, **{column: was}).update(**{column: resealed(was)})
        except Unreadable:
            unreadable.append(str(row.pk))
    return Place(name, done, tuple(unreadable))


def _in_messages() -> Place:
    done, unreadable = 0, []
    unsent = partial(Outbound.objects.exclude, state=DeliveryState.SENT)
    for row in unsent().filter(payload__has_key=SEALED).order_by("seq").iterator():
        try:
            payload = {**row.payload, SEALED: resealed(row.payload[SEALED])}
        except Unreadable:
            unreadable.append(str(row.seq))
        else:
            done += unsent().filter(seq=row.seq).update(payload=payload)
    return Place(IN_MESSAGES, done, tuple(unreadable))
