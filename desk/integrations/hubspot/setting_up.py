"""What has to be there at HubSpot before the desk can write: rights, a group of properties, properties, an object.

Each of them is looked for, made where it is missing and may be made, and told in words for an administrator who would
rather make it by hand. Records of entitlements need an object of the portal's own, which not every plan of HubSpot's has:
without it what stands at the company is written all the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from desk.domain.crm.outgoing import COMPANY_FIELDS, ENTITLEMENT_FIELDS, OutField, Sort
from desk.integrations.crm.port import Declined, Need, NeedState
from desk.integrations.hubspot.client import Line, NotAllowed, NotThere
from desk.integrations.hubspot.fetching import NOBODY
from desk.integrations.hubspot.names import (
    COMPANIES,
    COMPANY_TYPE,
    DEALS,
    GROUP,
    GROUP_WORDS,
    LINES,
    PRODUCTS,
    RECORD,
    RECORD_KEY,
    RECORD_WORDS,
    RECORDS_WORDS,
    SPELLED,
    defined,
    record_type,
    theirs,
)

SCOPES_BY_HAND = (
    "HubSpot, Settings, Integrations, Private apps, the app of the desk, “Scopes”: add {scope}, then save the app."
)
PROPERTY_BY_HAND = (
    "HubSpot, Settings, Properties, “{where}”, “Create property”: label “{label}”, internal name {name}, field type "
    "{sort}{group}.{unique}"
)
UNIQUE = " Whether values are unique is chosen there and then: it can’t be changed afterwards."
OBJECT_BY_HAND = (
    "HubSpot, Settings, Objects, Custom objects, “Create custom object”: singular “{one}”, plural “{many}”, internal name "
    "{name}, primary display property “Entitlement” (desk_name). Custom objects come with HubSpot’s Enterprise plans."
)
LINK_BY_HAND = (
    "HubSpot, Settings, Objects, Custom objects, “{one}”, Associations, “Create association”: with Companies, without a "
    "label."
)
ABOUT_GROUP, ABOUT_LINK = f"company group {GROUP}", f"{RECORD} company"
SAID = "said"
Row = Mapping[str, Any]


class By(StrEnum):
    """How it is seen whether a right was given. `WRITING` is to a record that doesn't exist, so that nothing changes."""

    READING = "reading"
    WRITING = "writing"
    PROPERTIES = "properties"
    OWNERS = "owners"


@dataclass(frozen=True, slots=True)
class Right:
    """A scope of the private app."""

    scope: str
    words: str
    kind: str
    by: By = By.READING
    optional: bool = False


def rights_of(portal: str) -> tuple[Right, ...]:
    records = record_type(portal)
    return (
        Right("crm.objects.companies.read", "Read companies", COMPANIES),
        Right("crm.objects.companies.write", "Write to companies", COMPANIES, By.WRITING),
        Right("crm.schemas.companies.read", "See which properties companies have", COMPANIES, By.PROPERTIES),
        Right("crm.objects.deals.read", "Read deals", DEALS),
        Right("crm.schemas.deals.read", "See which properties deals have", DEALS, By.PROPERTIES),
        Right("crm.objects.line_items.read", "Read the lines of deals", LINES),
        Right("crm.schemas.line_items.read", "See which properties lines have", LINES, By.PROPERTIES),
        Right("crm.objects.products.read", "Read products", PRODUCTS, optional=True),
        Right(
            "crm.objects.owners.read", "See who sells to a company, and who sold a deal", "", By.OWNERS, optional=True
        ),
        Right("crm.objects.custom.read", "Read records of entitlements", records, optional=True),
        Right("crm.objects.custom.write", "Write records of entitlements", records, By.WRITING, optional=True),
    )


def needs(line: Line) -> list[Need]:
    """Nothing is changed. Beside what couldn't be made a moment ago stands what HubSpot said to it."""
    found = _Found(line)
    said: Mapping[str, str] = line.parts.known(SAID, dict, at=line.at)
    return [_with(need, said) for need in (*_rights(line, found), *_of_companies(found), *_of_records(found))]


def set_up(line: Line) -> list[Need]:
    """Made what is missing, one by one."""
    found, making = _Found(line), _Making(line)
    if found.company is not None:
        if not found.group:
            making.make(ABOUT_GROUP, line.parts.groups.create, COMPANIES, {"name": GROUP, "label": GROUP_WORDS})
        making.properties("company", COMPANIES, COMPANY_FIELDS, found.company, group=GROUP)
    if found.records is not None:
        _complete(line, found, making)
    elif not found.forbidden:
        making.make(RECORD, line.parts.schemas.create, _object())
    line.parts.forget("records")
    line.parts.forget(f"properties:{COMPANIES}")
    line.parts.keep(SAID, making.said, at=line.at)
    return needs(line)


def _with(need: Need, said: Mapping[str, str]) -> Need:
    if need.about not in said or need.state is NeedState.THERE:
        return need
    return replace(need, by_hand=f"HubSpot said: {said[need.about]} {need.by_hand}")


class _Found:
    """What is there now. None: it may not be seen, or of `records` that there is no such object."""

    def __init__(self, line: Line) -> None:
        self.company, self.group = None, False
        self.records: Mapping[str, Row] | None = None
        self.linked = self.forbidden = False
        self.why = ""
        try:
            self.company = _by_name(line.ask(line.parts.properties.get_all, COMPANIES))
            line.ask(line.parts.groups.get_by_name, COMPANIES, GROUP)
            self.group = True
        except (NotThere, NotAllowed):
            pass
        try:
            self._see_records(line.ask(line.parts.schemas.get_by_id, record_type(line.portal)))
        except NotThere:
            pass
        except NotAllowed as refused:
            self.forbidden, self.why = True, str(refused)

    def _see_records(self, told: Row) -> None:
        self.kind = str(told.get("objectTypeId") or "")
        self.records = {str(one["name"]): one for one in told.get("properties") or []}
        self.linked = any(
            {str(one.get("fromObjectTypeId")), str(one.get("toObjectTypeId"))} == {self.kind, COMPANY_TYPE}
            for one in told.get("associations") or []
        )


class _Making:
    """Makes one thing after another; `said` is what HubSpot said to those that it wouldn't make."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.said: dict[str, str] = {}

    def make(self, about: str, call: Callable[..., Any], *told: Any) -> None:
        try:
            self._line.ask(call, *told)
        except (Declined, NotAllowed) as refused:
            self.said[about] = str(refused)

    def properties(
        self, about: str, kind: str, fields: Sequence[OutField], there: Mapping[str, Row], *, group: str
    ) -> None:
        for field in fields:
            if theirs(field.name) not in there:
                told = defined(field, group=group)
                self.make(f"{about} {theirs(field.name)}", self._line.parts.properties.create, kind, told)


def _complete(line: Line, found: _Found, making: _Making) -> None:
    """An object that is there, and lacks something."""
    kind, there = record_type(line.portal), found.records or {}
    group = next((str(one["groupName"]) for one in there.values() if one.get("groupName")), "")
    making.properties(RECORD, kind, ENTITLEMENT_FIELDS, there, group=group)
    if not found.linked:
        ends = {"fromObjectTypeId": found.kind, "toObjectTypeId": COMPANY_TYPE, "name": RECORD}
        making.make(ABOUT_LINK, line.parts.schemas.create_association, kind, ends)


def _object() -> dict[str, Any]:
    name = theirs("name")
    return {
        "name": RECORD, "labels": {"singular": RECORD_WORDS, "plural": RECORDS_WORDS},
        "primaryDisplayProperty": name, "secondaryDisplayProperties": [theirs("amount"), theirs("signal")],
        "searchableProperties": [name, RECORD_KEY], "requiredProperties": [RECORD_KEY],
        "properties": [defined(field) for field in ENTITLEMENT_FIELDS], "associatedObjects": ["COMPANY"],
    }  # fmt: skip


# What it looks like -------------------------------------------------------------------------------------------------
def _rights(line: Line, found: _Found) -> Iterator[Need]:
    for right in rights_of(line.portal):
        if right.kind == record_type(line.portal) and found.records is None:
            continue  # nothing could be asked of an object that isn't there; the object itself is told below
        by_hand = SCOPES_BY_HAND.format(scope=right.scope)
        yield Need(right.scope, right.words, _allowed(line, right), by_hand, right.optional)


def _allowed(line: Line, right: Right) -> NeedState:
    nobody = {"inputs": [{"id": NOBODY, "properties": {}, "objectWriteTraceId": "0"}]}
    try:
        match right.by:
            case By.READING:
                line.ask(line.parts.basic.get_page, right.kind, limit=1)
            case By.WRITING:
                line.ask(line.parts.batch.update, right.kind, nobody)
            case By.PROPERTIES:
                line.ask(line.parts.properties.get_all, right.kind)
            case By.OWNERS:
                line.ask(line.parts.owners.get_page, limit=1)
    except NotAllowed:
        return NeedState.NOT_ALLOWED
    except Declined:
        pass  # it was understood, and there is no such record
    return NeedState.THERE


def _of_companies(found: _Found) -> Iterator[Need]:
    if found.company is None:
        return  # the right to see them is told above
    where = "Company properties"
    state = NeedState.THERE if found.group else NeedState.MISSING
    by_hand = f"HubSpot, Settings, Properties, “{where}”, Groups, “Create group”: {GROUP_WORDS}."
    yield Need(ABOUT_GROUP, f"Group of company properties “{GROUP_WORDS}”", state, by_hand, optional=True)
    for field in COMPANY_FIELDS:
        yield _property("company", field, found.company, where, f", group “{GROUP_WORDS}”")


def _of_records(found: _Found) -> Iterator[Need]:
    state = NeedState.THERE if found.records is not None else NeedState.MISSING
    by_hand = OBJECT_BY_HAND.format(one=RECORD_WORDS, many=RECORDS_WORDS, name=RECORD)
    if found.forbidden:
        state, by_hand = NeedState.NOT_ALLOWED, f"{found.why} {by_hand}"
    yield Need(RECORD, f"Object “{RECORDS_WORDS}”, one record for each", state, by_hand, optional=True)
    if found.records is None:
        return
    linked = NeedState.THERE if found.linked else NeedState.MISSING
    by_hand = LINK_BY_HAND.format(one=RECORD_WORDS)
    yield Need(ABOUT_LINK, "Association of entitlements with companies", linked, by_hand, optional=True)
    for field in ENTITLEMENT_FIELDS:
        yield replace(_property(RECORD, field, found.records, f"{RECORD_WORDS} properties", ""), optional=True)


def _property(about: str, field: OutField, there: Mapping[str, Row], where: str, group: str) -> Need:
    name, spelled = theirs(field.name), SPELLED[field.sort]
    unique = field.sort is Sort.KEY
    by_hand = PROPERTY_BY_HAND.format(
        where=where, label=field.words, name=name, sort=spelled.words, group=group, unique=UNIQUE if unique else ""
    )
    row = there.get(name)
    state = NeedState.MISSING
    if row is not None:
        fits = row.get("type") == spelled.type and (not unique or bool(row.get("hasUniqueValue")))
        state = NeedState.THERE if fits else NeedState.OTHER
        if not fits:
            by_hand = f"Delete or rename the one that is there, then: {by_hand}"
    return Need(f"{about} {name}", f"{field.words}: {field.help}", state, by_hand)


def _by_name(told: Row) -> Mapping[str, Row]:
    return {str(row["name"]): row for row in told.get("results") or []}
