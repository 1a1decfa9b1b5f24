"""What part of the queue an address asks for, and the addresses of its other parts: its state stands in the URL."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from entitlements.domain.reviewing import Section
from entitlements.models import Override, ReasonCode
from entitlements.queries.review.rows import Asked, granted_rows
from journal.models import Staff

MINE = "mine"
NAMES = ("section", "owner", "feature", "reason_code", "team")
ANYBODY = "Anybody"


@dataclass(frozen=True, slots=True)
class Choice:
    """One question of the filter: its name, its label, what it offers, and what is chosen."""

    name: str
    label: str
    offered: tuple[tuple[str, str], ...]
    chosen: str


def told(query: Mapping[str, Any]) -> dict[str, str]:
    """What the address says, without what isn't asked for."""
    found = {name: str(query.get(name, "")) for name in NAMES}
    if found["section"] not in set(Section):
        found["section"] = ""
    return {name: value for name, value in found.items() if value and "\x00" not in value}


def asked(query: Mapping[str, Any], *, reader: Any) -> Asked:
    """What is asked of the query; "mine" are the customers the reader looks after."""
    given = told(query)
    owner = given.pop("owner", "")
    number = reader.pk if owner == MINE else int(owner) if owner.isdecimal() and len(owner) < 10 else None
    return Asked(owner=number, **given)


def with_other(query: Mapping[str, Any], **other: str) -> str:
    """The same address with something else asked for; always from its first page."""
    asked_for = {name: value for name, value in {**told(query), **other}.items() if value}
    return "?" + urlencode(asked_for)


def choices(query: QueryDict, *, at: Any) -> tuple[Choice, ...]:
    """The questions of the filter, each with what the queue could have."""
    chosen = told(query)
    rows = granted_rows(at=at).order_by()
    return (
        Choice("owner", "Looked after by", _owners(), chosen.get("owner", "")),
        Choice("feature", "Feature", _pairs(rows, "feature__key", "feature__name"), chosen.get("feature", "")),
        Choice("reason_code", "Reason", _reasons(), chosen.get("reason_code", "")),
        Choice("team", "Asked for by", _teams(rows), chosen.get("team", "")),
    )


def _owners() -> tuple[tuple[str, str], ...]:
    people = Staff.objects.filter(accounts__isnull=False).distinct()[:100]
    return (("", ANYBODY), (MINE, "Me"), *((str(person.pk), person.name()) for person in people))


def _pairs(rows: Any, key: str, name: str) -> tuple[tuple[str, str], ...]:
    found = sorted(rows.values_list(key, name).distinct(), key=lambda pair: pair[1])
    return (("", "Any"), *found)


def _reasons() -> tuple[tuple[str, str], ...]:
    codes = ReasonCode.objects.filter(pk__in=Override.objects.values("reason_code_id"))
    return (("", "Any"), *codes.values_list("key", "name"))


def _teams(rows: Any) -> tuple[tuple[str, str], ...]:
    teams = sorted(rows.exclude(requested_as="").values_list("requested_as", flat=True).distinct())
    return (("", ANYBODY), *((team, team.capitalize()) for team in teams))
