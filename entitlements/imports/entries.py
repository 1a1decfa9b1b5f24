"""What may be written in one cell of a file of accounts, and the one way it is written out again."""

import re
from collections.abc import Callable, Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from catalog.domain.countries import NoCountry, country_code
from catalog.domain.entries import WrongEntry, a_line
from entitlements.domain.identifiers import NoDomain, read_domain
from entitlements.models.account import ACCOUNT_KEY, known_zones

_CONTACT = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>]+)>")
_DIVIDERS = re.compile(r"[,;\n]")


def an_account_key(text: str) -> str:
    said = text.strip()
    try:
        ACCOUNT_KEY(said)
    except ValidationError as wrong:
        raise WrongEntry(f"“{said[:40]}” is no key. {wrong.messages[0]}") from None
    if len(said) > 64:
        raise WrongEntry("A key has at most 64 characters.")
    return said


def a_country(text: str) -> str:
    try:
        return country_code(text)
    except NoCountry as unknown:
        raise WrongEntry(str(unknown)) from None


def a_zone(text: str) -> str:
    said = text.strip()
    if said not in known_zones():
        raise WrongEntry(f"“{said[:40]}” is no time zone; write one such as Europe/Amsterdam.")
    return said


def several(read: Callable[[str], str]) -> Callable[[str], str]:
    """Several values divided by commas or semicolons, each once, in the order of the alphabet."""

    def read_all(text: str) -> str:
        return spell_several(read(part) for part in _DIVIDERS.split(text) if part.strip())

    return read_all


def spell_several(values: Iterable[str]) -> str:
    once = {value.casefold(): value for value in values}
    return ", ".join(once[key] for key in sorted(once))


def parts_of(said: str) -> list[str]:
    return [part for part in said.split(", ") if part]


def a_domain(text: str) -> str:
    try:
        return read_domain(text)
    except NoDomain as wrong:
        raise WrongEntry(f"“{text.strip()[:40]}” is no domain. {wrong}") from None


def an_id(text: str) -> str:
    return a_line(300)(text)


def a_contact(text: str) -> str:
    """ "Bea Buyer <bea@acme.example>", or the address alone."""
    found = _CONTACT.fullmatch(text.strip())
    name, email = (found["name"], found["email"]) if found else ("", text)
    try:
        validate_email(email.strip())
    except ValidationError:
        raise WrongEntry(f"“{email.strip()[:60]}” is no e-mail address.") from None
    return spell_contact(a_line(200)(name), email.strip())


def spell_contact(name: str, email: str) -> str:
    """Dividers in a name would part it in two when it is read again."""
    plain = " ".join(_DIVIDERS.sub(" ", name).replace("<", " ").replace(">", " ").split())
    return f"{plain} <{email}>" if plain and plain != email else email


def read_contact(said: str) -> tuple[str, str]:
    """The name, or the address in its place, and the address."""
    found = _CONTACT.fullmatch(said)
    return (found["name"].strip(), found["email"]) if found else (said, said)
