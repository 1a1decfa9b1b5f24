"""Who belongs to whom: associations with their types, both ways, and the one company that is a deal's primary one."""

from tests.fakes.hubspot import events, kinds
from tests.fakes.hubspot.errors import invalid
from tests.fakes.hubspot.state import Record, Row, State

PRIMARY = {1: 2, 2: 1, 5: 6, 6: 5}
# From, to, the type without a label both ways, and the labelled ones: number, its inverse, label.
DEFINED = (
    (kinds.CONTACT, kinds.COMPANY, 279, 280, ((1, 2, "Primary"),)),
    (kinds.DEAL, kinds.COMPANY, 341, 342, ((5, 6, "Primary"),)),
    (kinds.DEAL, kinds.CONTACT, 3, 4, ()),
    (kinds.DEAL, kinds.LINE, 19, 20, ()),
    (kinds.COMPANY, kinds.COMPANY, 450, 450, ()),
)


def furnished(state: State) -> None:
    for one, other, there, back, labelled in DEFINED:
        define(state, one, other, there, back, None)
        for number, inverse, label in labelled:
            define(state, one, other, number, inverse, label)


def define(
    state: State, one: str, other: str, there: int, back: int, label: str | None, *, category: str = "HUBSPOT_DEFINED",
    inverse_label: str | None = None, name: str = "",
) -> None:  # fmt: skip
    """A type of association, and its inverse where that is another one."""
    row = {"typeId": there, "category": category, "label": label, "_inverse": back, "_name": name}
    state.labels[one, other].append(row)
    if there != back:
        inverse = {
            "typeId": back,
            "category": category,
            "label": inverse_label or label,
            "_inverse": there,
            "_name": name,
        }
        state.labels[other, one].append(inverse)


def type_of(state: State, one: str, other: str, number: int) -> Row:
    for row in state.labels[one, other]:
        if row["typeId"] == number:
            return row
    raise invalid(f"{number} is not a valid association type between {one} and {other}")


def plain_type(state: State, one: str, other: str) -> Row:
    """The type that says no more than that they belong together."""
    for row in state.labels[one, other]:
        if row["label"] is None:
            return row
    raise invalid(f"No association between {one} and {other} is defined")


def name_of(state: State, one: str, other: str, number: int) -> str:
    row = type_of(state, one, other, number)
    name = f"{kinds.known(state, one).singular}_to_{kinds.known(state, other).singular}"
    twin = any(also["label"] for also in state.labels[one, other])
    if row["label"] is None:
        return f"{name}_unlabeled" if twin else name
    return name if row["category"] == "HUBSPOT_DEFINED" else row["_name"] or name


def of(state: State, row: Record, other: str) -> list[tuple[str, list[int]]]:
    """The records of the other kind that are still there, the earliest associated first."""
    held = state.links[row.kind, other]
    return [(to, types) for (key, to), types in held.items() if key == row.id and state.find(other, to)]


def linked(state: State, one: Record, other: Record, numbers: list[int]) -> list[int]:
    """Adds types between two records; the plain one is always among them."""
    plain = plain_type(state, one.kind, other.kind)
    wanted = [plain["typeId"], *[number for number in numbers if number != plain["typeId"]]]
    fresh = (one.id, other.id) not in state.links[one.kind, other.kind]
    if fresh and _first_company(state, one, other):
        wanted += [row["typeId"] for row in state.labels[one.kind, other.kind] if row["typeId"] in PRIMARY]
    primary = False
    for number in dict.fromkeys(wanted):
        row = type_of(state, one.kind, other.kind, number)
        if number in PRIMARY:
            primary = True
            _dethrone(state, one, other)
        _put(state, one, other, number)
        _put(state, other, one, row["_inverse"])
    _told(state, one, other, removed=False, primary=primary)
    return state.links[one.kind, other.kind][one.id, other.id]


def _first_company(state: State, one: Record, other: Record) -> bool:
    if not state.settings.first_company_is_primary or kinds.COMPANY not in (one.kind, other.kind):
        return False
    owner, company = (other, one) if one.kind == kinds.COMPANY else (one, other)
    if owner.kind == kinds.COMPANY:
        return False
    return not any(set(types) & set(PRIMARY) for _, types in of(state, owner, company.kind))


def _dethrone(state: State, one: Record, other: Record) -> None:
    """A deal or contact has one primary company: the one that was loses the label, not the association."""
    owner, company = (other, one) if one.kind == kinds.COMPANY else (one, other)
    for key, types in of(state, owner, company.kind):
        if key == company.id:
            continue
        back = state.links[company.kind, owner.kind][key, owner.id]
        for number in set(types) & set(PRIMARY):
            types.remove(number)
            back.remove(PRIMARY[number])


def _put(state: State, one: Record, other: Record, number: int) -> None:
    types = state.links[one.kind, other.kind].setdefault((one.id, other.id), [])
    if number not in types:
        types.append(number)


def unlinked(state: State, one: Record, other: Record) -> None:
    """All types between the two go; nothing happens where there was none."""
    types = state.links[one.kind, other.kind].pop((one.id, other.id), None)
    state.links[other.kind, one.kind].pop((other.id, one.id), None)
    if types is not None:
        _told(state, one, other, removed=True, primary=bool(set(types) & set(PRIMARY)))


def unlabelled(state: State, one: Record, other: Record, numbers: list[int]) -> None:
    types = state.links[one.kind, other.kind].get((one.id, other.id), [])
    back = state.links[other.kind, one.kind].get((other.id, one.id), [])
    for number in numbers:
        row = type_of(state, one.kind, other.kind, number)
        if number in types:
            types.remove(number)
            back.remove(row["_inverse"])
    if not types:
        unlinked(state, one, other)


def _told(state: State, one: Record, other: Record, *, removed: bool, primary: bool) -> None:
    from tests.fakes.hubspot.records import touched

    for here, there in ((one, other), (other, one)):
        name = f"{kinds.known(state, here.kind).singular}_to_{kinds.known(state, there.kind).singular}".upper()
        events.told(
            state, "associationChange", here, associationType=name, fromObjectId=int(here.id), toObjectId=int(there.id),
            associationRemoved=removed, isPrimaryAssociation=primary,
        )  # fmt: skip
        if state.settings.links_touch:
            touched(state, here)
