"""What follows from what is written: won and closed from the stage, amounts from the lines, names from their parts."""

from typing import Any

from tests.fakes.salesforce import permissions
from tests.fakes.salesforce.errors import Refused, Wrong
from tests.fakes.salesforce.schema import SObject
from tests.fakes.salesforce.state import Row, State
from tests.fakes.salesforce.values import bad_choice


def derived(state: State, sobject: SObject, row: Row, before: Row | None) -> Row:
    """The row with all that follows from it."""
    match sobject.name:
        case "Contact" | "User":
            return row | {"Name": " ".join(part for part in (row["FirstName"], row["LastName"]) if part)}
        case "Opportunity":
            return _opportunity(state, sobject, row, before)
        case "PricebookEntry":
            product = state.find("Product2", row["Product2Id"]) or {}
            return row | {"Name": product.get("Name"), "ProductCode": product.get("ProductCode")}
        case "OpportunityLineItem":
            return _line(state, row, before)
        case "FieldPermissions":
            return permissions.checked(state, row)
        case name if name.endswith("__c") and row["Name"] is None:
            return row | {"Name": row["Id"]}
    return row


def _opportunity(state: State, sobject: SObject, row: Row, before: Row | None) -> Row:
    stage = next((one for one in state.rows("OpportunityStage") if one["MasterLabel"] == row["StageName"]), None)
    if stage is None:
        if row["StageName"] is None:
            return row
        raise bad_choice(sobject.fields["stagename"], row["StageName"])
    row = row | {"IsClosed": stage["IsClosed"], "IsWon": stage["IsWon"]}
    moved = before is None or before["StageName"] != row["StageName"]
    if moved and (row["Probability"] is None or (before and before["Probability"] == row["Probability"])):
        row["Probability"] = stage["DefaultProbability"]
    if before and before["HasOpportunityLineItem"]:
        row["Amount"] = before["Amount"]  # an amount of lines is theirs: what is written is passed over
    return row


def _line(state: State, row: Row, before: Row | None) -> Row:
    entry, deal = state.find("PricebookEntry", row["PricebookEntryId"]), state.find("Opportunity", row["OpportunityId"])
    if entry is None or deal is None:
        return row  # the check of references says it
    if deal["Pricebook2Id"] not in (None, entry["Pricebook2Id"]):
        message = "field integrity exception: PricebookEntryId (pricebook entry is in a different pricebook than the one assigned to the opportunity)"
        raise Refused(Wrong("FIELD_INTEGRITY_EXCEPTION", message, ("PricebookEntryId",)))
    if before is None and not entry["IsActive"]:
        message = "field integrity exception: PricebookEntryId (pricebook entry is inactive)"
        raise Refused(Wrong("FIELD_INTEGRITY_EXCEPTION", message, ("PricebookEntryId",)))
    whole = row["Quantity"] is not None and row["UnitPrice"] is not None
    return row | {
        "Product2Id": entry["Product2Id"],
        "ProductCode": entry["ProductCode"],
        "Name": f"{deal['Name']} {entry['Name']}",
        "ListPrice": entry["UnitPrice"],
        "TotalPrice": round(row["Quantity"] * row["UnitPrice"], 2) if whole else None,
    }


def lines_of(state: State, deal: str) -> list[Row]:
    return [row for row in state.rows("OpportunityLineItem") if row["OpportunityId"] == deal]


def summed(state: State, deal: Row) -> dict[str, Any]:
    """What a deal's lines say of it."""
    lines = lines_of(state, deal["Id"])
    if not lines:
        return {"HasOpportunityLineItem": False, "TotalOpportunityQuantity": None}
    entry = state.find("PricebookEntry", lines[0]["PricebookEntryId"]) or {}
    return {
        "HasOpportunityLineItem": True,
        "TotalOpportunityQuantity": sum(row["Quantity"] for row in lines),
        "Amount": round(sum(row["TotalPrice"] for row in lines), 2),
        "Pricebook2Id": deal["Pricebook2Id"] or entry.get("Pricebook2Id"),
    }


def renamed(state: State, product: Row) -> None:
    """A product's new name and code show on entries and lines at once; their stamps stay: nobody wrote them."""
    new = {"ProductCode": product["ProductCode"]}
    for row in state.rows("PricebookEntry"):
        if row["Product2Id"] == product["Id"]:
            state.tables["PricebookEntry"][row["Id"]] = row | new | {"Name": product["Name"]}
    for row in state.rows("OpportunityLineItem"):
        if row["Product2Id"] == product["Id"]:
            state.tables["OpportunityLineItem"][row["Id"]] = row | new
