"""What has to be there before the desk can write to Salesforce, and whether it is.

A field that was made and is granted to nobody is described to nobody, so that what a describe leaves out is looked for
among the organisation's own definitions before it is called missing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from desk.domain.crm.outgoing import COMPANY_FIELDS, ENTITLEMENT_FIELDS, OutField, Sort
from desk.integrations.crm.port import Declined, Need, NeedState
from desk.integrations.salesforce.client import Answer, Line
from desk.integrations.salesforce.names import (
    ACCOUNT,
    LINE,
    NOUNS,
    OF_COMPANY,
    OF_RECORD,
    OPPORTUNITY,
    PERMISSIONS_WORDS,
    PRODUCT,
    RECORD,
    RECORD_COMPANY,
    RECORD_NAME,
    RECORD_WORDS,
    RECORDS_WORDS,
    SPELLED,
    listed,
    selected,
    size_words,
)

READ = (ACCOUNT, OPPORTUNITY, LINE, PRODUCT)
FIELDS = "Setup, Object Manager, {}, Fields & Relationships, New"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One field that should be there. `field` None: the one that says which account an entitlement is of."""

    kind: str
    name: str
    field: OutField | None

    @property
    def full(self) -> str:
        return f"{self.kind}.{self.name}"

    @property
    def described(self) -> str:
        return SPELLED[self.field.sort].described if self.field else "reference"

    @property
    def is_granted(self) -> bool:
        """What every record must have is seen by whoever sees the record, and can't be granted."""
        return self.field is not None

    @property
    def words(self) -> str:
        return f"{NOUNS.get(self.kind, RECORDS_WORDS).capitalize()}: {self.field.words if self.field else 'Account'}"

    @property
    def by_hand(self) -> str:
        label = RECORD_WORDS if self.kind == RECORD else ACCOUNT
        where = FIELDS.format(label)
        name = self.name.removesuffix("__c")
        if self.field is None:
            return (
                f"{where}: Master-Detail Relationship to Account, field name {name}, child relationship name Entitlements, "
                "“Allow reparenting”, and under sharing “Read Only: … at least Read access to the Master record”."
            )
        size = size_words(self.field)
        return (
            f"{where}: {SPELLED[self.field.sort].words}{', ' + size if size else ''}, label “{self.field.words}”, field "
            f"name {name}; editable for the permission set “{PERMISSIONS_WORDS}”, to be read by whoever should see it."
        )


OF_ACCOUNTS = tuple(Wanted(ACCOUNT, OF_COMPANY[one.name], one) for one in COMPANY_FIELDS)
OF_RECORDS = (
    Wanted(RECORD, RECORD_COMPANY, None),
    *(Wanted(RECORD, OF_RECORD[one.name], one) for one in ENTITLEMENT_FIELDS if OF_RECORD[one.name] != RECORD_NAME),
)


def needs(line: Line) -> list[Need]:
    """In the order in which they are made."""
    defined = definitions(line)
    found = [_of_object(line)]
    found += [_of_field(line, one, defined) for one in (*OF_RECORDS, *OF_ACCOUNTS)]
    return [*found, *_rights(line)]


def definitions(line: Line) -> frozenset[str]:
    """Our fields that were made, in full, whoever may see them; none where the user may not ask for that."""
    try:
        objects = list(
            line.query(
                selected(["Id"], "CustomObject", where=f"DeveloperName = '{RECORD.removesuffix('__c')}'"), tooling=True
            )
        )
        holders = {ACCOUNT: ACCOUNT, RECORD: RECORD} | {str(one["Id"]): RECORD for one in objects}
        where = f"TableEnumOrId IN {listed(holders)}"
        told = list(line.query(selected(["DeveloperName", "TableEnumOrId"], "CustomField", where=where), tooling=True))
    except Declined:
        return frozenset()
    return frozenset(
        f"{holders.get(one['TableEnumOrId'], one['TableEnumOrId'])}.{one['DeveloperName']}__c" for one in told
    )


def _of_object(line: Line) -> Need:
    found = line.fields(RECORD)
    return Need(
        RECORD,
        f"The object “{RECORD_WORDS}”, one record for each entitlement",
        NeedState.MISSING if found is None else NeedState.THERE,
        f"Setup, Object Manager, Create, Custom Object: label “{RECORD_WORDS}”, plural “{RECORDS_WORDS}”, object name "
        f"{RECORD.removesuffix('__c')}, record name “Entitlement” of type Text. Let the permission set “{PERMISSIONS_WORDS}” "
        "read, create, edit and delete its records.",
    )


def _of_field(line: Line, wanted: Wanted, defined: frozenset[str]) -> Need:
    there: Mapping[str, Answer] = line.fields(wanted.kind) or {}
    is_key = wanted.field is None or wanted.field.sort is Sort.KEY
    return Need(
        wanted.full, wanted.words, _state(there.get(wanted.name), wanted, defined), wanted.by_hand, optional=not is_key
    )


def _state(found: Answer | None, wanted: Wanted, defined: frozenset[str]) -> NeedState:
    if found is None:
        return NeedState.NOT_ALLOWED if wanted.full in defined else NeedState.MISSING
    is_key = wanted.field is not None and wanted.field.sort is Sort.KEY
    if found["type"] != wanted.described or (is_key and not (found["externalId"] and found["unique"])):
        return NeedState.OTHER
    return NeedState.THERE if found["updateable"] or found["createable"] else NeedState.NOT_ALLOWED


def _rights(line: Line) -> Iterator[Need]:
    """What is read."""
    for kind in READ:
        yield Need(
            kind,
            f"The right to read {NOUNS[kind]}",
            NeedState.NOT_ALLOWED if line.fields(kind) is None else NeedState.THERE,
            f"Setup, Permission Sets, “{PERMISSIONS_WORDS}”, Object Settings, {NOUNS[kind].capitalize()}: Read and View All"
            + (", and Edit" if kind == ACCOUNT else "")
            + "; then assign it to the desk’s user.",
            optional=kind == PRODUCT,
        )
