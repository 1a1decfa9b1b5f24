"""The kinds of records: their ids, the names by which addresses call them, and what is shown when nothing is asked for."""

from dataclasses import dataclass, field

from tests.fakes.hubspot.errors import Refused, invalid
from tests.fakes.hubspot.state import State

CONTACT, COMPANY, DEAL, PRODUCT, LINE = "0-1", "0-2", "0-3", "0-7", "0-8"


@dataclass
class Kind:
    id: str
    singular: str
    plural: str
    shown: tuple[str, ...]  # properties of an answer that asks for none
    named: str  # the property that a person knows the record by
    words: tuple[str, ...] = ()  # properties that `query` looks into
    required: tuple[str, ...] = ()
    qualified: str = ""  # `p1234_subscription` of a custom object
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def custom(self) -> bool:
        return self.id.startswith("2-")

    @property
    def stamp(self) -> str:
        return "lastmodifieddate" if self.id == CONTACT else "hs_lastmodifieddate"

    @property
    def scope(self) -> str:
        return "custom" if self.custom else self.plural


STANDARD = (
    Kind(CONTACT, "contact", "contacts", ("firstname", "lastname", "email"), "email", ("firstname", "lastname", "email")),
    Kind(COMPANY, "company", "companies", ("name", "domain"), "name", ("name", "domain", "phone", "website")),
    Kind(DEAL, "deal", "deals", ("dealname", "amount", "closedate", "dealstage", "pipeline"), "dealname", ("dealname",)),
    Kind(PRODUCT, "product", "products", ("name", "description", "price"), "name", ("name", "description", "hs_sku")),
    Kind(LINE, "line_item", "line_items", ("quantity", "price"), "name", ("name", "description", "hs_sku")),
)  # fmt: skip


def kind_of(state: State, said: str) -> Kind:
    """The kind that an address names: by id, in singular or plural, or by its full name."""
    for one in state.kinds.values():
        if said in (one.id, one.singular, one.plural, one.qualified) or said.lower() in (one.singular, one.plural):
            return one
    raise invalid(f"Unable to infer object type from: {said}")


def known(state: State, kind: str) -> Kind:
    return state.kinds[kind]


def scope_of(state: State, said: str, deed: str) -> str:
    try:
        return f"crm.objects.{kind_of(state, said).scope}.{deed}"
    except Refused:
        return ""
