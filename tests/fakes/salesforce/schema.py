"""What objects and fields are: names of any case, types, and the promises that a field makes."""

from dataclasses import dataclass, field
from typing import Any

TEXTS = frozenset({"string", "textarea", "picklist", "email", "phone", "url"})
NUMBERS = frozenset({"int", "double", "currency", "percent"})


@dataclass(frozen=True)
class Field:
    name: str
    type: str = "string"
    label: str = ""
    length: int = 255
    required: bool = False
    create: bool = True
    update: bool = True
    unique: bool = False
    external: bool = False  # an external id: upserts may name records by it
    cased: bool = False  # its values differ by their case too
    values: tuple[str, ...] = ()  # of a picklist
    restricted: bool = True
    to: str = ""  # the object that a reference names
    parent: str = ""  # the reference's other name, by which paths go on
    children: str = ""  # the name of the list on the other side
    on_delete: str = "clear"  # or "cascade", "refuse"
    default: Any = None
    precision: int = 18
    scale: int = 2

    @property
    def filterable(self) -> bool:
        return not (self.type == "textarea" and self.length > 255)

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def said(self) -> str:
        """What a person reads above it."""
        return self.label or self.name.removesuffix("__c").replace("_", " ")


@dataclass
class SObject:
    name: str
    prefix: str
    label: str = ""
    plural: str = ""
    create: bool = True
    update: bool = True
    delete: bool = True
    tooling: bool = False  # seen only below /tooling
    fields: dict[str, Field] = field(default_factory=dict)
    hidden: dict[str, Field] = field(default_factory=dict)  # made through the API and granted to nobody yet

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    def add(self, *fields: Field) -> "SObject":
        for one in fields:
            self.fields[one.name.lower()] = one
        return self

    def find(self, name: str) -> Field | None:
        return self.fields.get(name.lower())

    def by_parent(self, name: str) -> Field | None:
        """The reference that a path goes on by: `Account` of `AccountId`."""
        return next((one for one in self.fields.values() if one.parent and one.parent.lower() == name.lower()), None)


def fixed(name: str, type: str = "string", **more: Any) -> Field:
    """A field that nobody writes."""
    return Field(name, type, create=False, update=False, **more)


def bare(name: str, prefix: str, label: str = "", plural: str = "", **more: Any) -> SObject:
    """An object with the fields that every one has."""
    label = label or name
    return SObject(name, prefix, label, plural or f"{label}s", **more).add(
        fixed("Id", "id", length=18, label=f"{label} ID"),
        fixed("IsDeleted", "boolean", label="Deleted", default=False),
        fixed("CreatedDate", "datetime", label="Created Date"),
        fixed("CreatedById", "reference", to="User", parent="CreatedBy"),
        fixed("LastModifiedDate", "datetime", label="Last Modified Date"),
        fixed("LastModifiedById", "reference", to="User", parent="LastModifiedBy"),
        fixed("SystemModstamp", "datetime", label="System Modstamp"),
    )


def owned(name: str, prefix: str, label: str = "", plural: str = "") -> SObject:
    return bare(name, prefix, label, plural).add(Field("OwnerId", "reference", to="User", parent="Owner"))
