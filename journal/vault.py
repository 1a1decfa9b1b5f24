"""Secrets at rest: what the desk has to say again later, such as what webhooks are signed with, is kept sealed.

The newest of the keys seals, all of them open, so that a key can be renewed: put the new one first, run
`manage.py reseal`, then take the old one away. Whoever registers says where sealed texts stand.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class Unreadable(Exception):
    """Sealed with a key that isn't among the desk's keys any more, or altered."""

    def __init__(self) -> None:
        super().__init__("A secret can't be opened: DESK_VAULT_KEYS lacks the key it was sealed with.")


def seal(plain: str) -> str:
    return _keys().encrypt(plain.encode()).decode()


def unseal(sealed: str) -> str:
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def resealed(sealed: str) -> str:
    """The same, under the newest key."""
    return seal(unseal(sealed))


def _keys() -> MultiFernet:
    """Made of whatever long texts the settings name: only their digests are used."""
    made = [Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in settings.DESK_VAULT_KEYS]
    return MultiFernet(made)


Place = tuple[Callable[[], type[models.Model]], str]
_places: dict[str, Place] = {}


def register(name: str, model: Callable[[], type[models.Model]], column: str) -> None:
    """`name` says where: "journal.WebhookSecret.sealed"."""
    _places[name] = (model, column)


def places() -> Iterator[tuple[str, type[models.Model], str]]:
    for name, (model, column) in _places.items():
        yield name, model(), column
