"""A new org: itself, its users, its stages, its standard price book. No record goes round the rules but these."""

from tests.fakes.salesforce import permissions
from tests.fakes.salesforce.access import Access, key_pair
from tests.fakes.salesforce.standard import STAGES
from tests.fakes.salesforce.state import Row, State

INTEGRATION = "integration@demo.example"
ADMINISTRATOR = "admin@demo.example"


def access(seed: int) -> Access:
    return Access(f"3MVG9counterpart{seed}", f"secret-of-the-app-{seed}", key_pair()[1])


def founded(state: State) -> None:
    for one in permissions.objects():
        state.schema[one.name.lower()] = one
    org = _put(state, "Organization", {
        "Name": state.settings.name, "IsSandbox": state.settings.sandbox, "InstanceName": "DEU1",
        "OrganizationType": "Enterprise Edition",
    })  # fmt: skip
    for first, last, name in (("Iris", "Integration", INTEGRATION), ("Ada", "Admin", ADMINISTRATOR)):
        user = _put(state, "User", {
            "Username": name, "FirstName": first, "LastName": last, "Name": f"{first} {last}", "Email": name,
            "IsActive": True,
        })  # fmt: skip
        state.access.approved.add(name)
        state.access.passwords[name] = (f"password-of-{first.lower()}", f"token{state.seed}")
        state.access.run_as = state.access.run_as or user["Id"]
    for row in (org, *state.rows("User")):
        state.tables["Organization" if row is org else "User"][row["Id"]] = row | _by(state)
    for place, words in enumerate(STAGES, start=1):
        stage_made(state, *words, place)
    _put(state, "Pricebook2", {"Name": "Standard Price Book", "IsActive": True, "IsStandard": True} | _by(state))


def stage_made(state: State, label: str, closed: bool, won: bool, probability: float, place: int) -> Row:
    return _put(state, "OpportunityStage", {
        "MasterLabel": label, "ApiName": label, "IsActive": True, "IsClosed": closed, "IsWon": won,
        "DefaultProbability": float(probability), "SortOrder": place,
    } | _by(state))  # fmt: skip


def _by(state: State) -> Row:
    return {"CreatedById": state.access.run_as, "LastModifiedById": state.access.run_as}


def _put(state: State, name: str, values: Row) -> Row:
    sobject, now = state.schema[name.lower()], state.clock.now()
    row: Row = {one.name: one.default for one in sobject.fields.values()}
    row |= {"Id": state.ids(sobject.prefix), "CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}
    return state.put(sobject, row | values)
