"""The properties that every portal has of the start, as far as anybody here asks for them."""

import copy

from tests.fakes.hubspot import kinds
from tests.fakes.hubspot.clock import iso
from tests.fakes.hubspot.state import Row, State

FIELDS = {
    "string": "text", "number": "number", "date": "date", "datetime": "date", "bool": "booleancheckbox",
    "enumeration": "select",
}  # fmt: skip
BILLING = "weekly;biweekly;monthly;quarterly;per_six_months;annually;per_two_years;per_three_years"
STAGES = "subscriber;lead;marketingqualifiedlead;salesqualifiedlead;opportunity;customer;evangelist;other"

# `!` cannot be written, `*` is unique, `:a;b` are the options, `@` takes its options from elsewhere.
COMMON = "hs_object_id number! createdate datetime! hs_merged_object_ids string! hubspot_owner_id enumeration@"
OWN = {
    kinds.CONTACT: f"""lastmodifieddate datetime! firstname string lastname string email string* phone string
        company string jobtitle string lifecyclestage enumeration:{STAGES}""",
    kinds.COMPANY: f"""hs_lastmodifieddate datetime! name string domain string website string phone string
        description string city string country string zip string industry string numberofemployees number
        annualrevenue number lifecyclestage enumeration:{STAGES}""",
    kinds.DEAL: """hs_lastmodifieddate datetime! dealname string amount number closedate datetime dealstage enumeration@
        pipeline enumeration@ dealtype enumeration:newbusiness;existingbusiness description string
        deal_currency_code string hs_is_closed bool! hs_is_closed_won bool! hs_is_closed_lost bool!
        hs_deal_stage_probability number!""",
    kinds.PRODUCT: f"""hs_lastmodifieddate datetime! name string description string price number hs_sku string
        hs_recurring_billing_period string recurringbillingfrequency enumeration:{BILLING}""",
    kinds.LINE: f"""hs_lastmodifieddate datetime! name string description string hs_product_id number hs_sku string
        quantity number price number amount number! discount number hs_discount_percentage number
        hs_line_item_currency_code string recurringbillingfrequency enumeration:{BILLING}
        hs_recurring_billing_period string hs_recurring_billing_start_date date
        hs_recurring_billing_end_date date! hs_term_in_months number!""",
}  # fmt: skip
CUSTOM = "hs_lastmodifieddate datetime!"

DEAL_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"), ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"), ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"), ("closedwon", "Closed Won", "1.0"), ("closedlost", "Closed Lost", "0.0"),
)  # fmt: skip


def furnished(state: State) -> None:
    """A portal as it is on its first day."""
    for kind in kinds.STANDARD:
        state.kinds[kind.id] = copy.copy(kind)
        prepared(state, kind.id, OWN[kind.id])
    stages = [
        _stage(state, key, label, place, probability) for place, (key, label, probability) in enumerate(DEAL_STAGES)
    ]
    at = iso(state.clock.now())
    state.pipelines[kinds.DEAL]["default"] = {
        "id": "default", "label": "Sales Pipeline", "displayOrder": 0, "archived": False, "createdAt": at,
        "updatedAt": at, "stages": stages,
    }  # fmt: skip


def prepared(state: State, kind: str, own: str = CUSTOM) -> None:
    """The first properties and the group of one kind."""
    group = f"{state.kinds[kind].singular.replace('_', '')}information"
    label = f"{state.kinds[kind].singular.replace('_', ' ').capitalize()} information"
    state.groups[kind][group] = {"name": group, "label": label, "displayOrder": 0, "archived": False}
    words = f"{COMMON} {own}".split()
    for name, said in zip(words[::2], words[1::2], strict=True):
        state.properties[kind][name] = _defined(name, said, group, iso(state.clock.now()))


def _defined(name: str, said: str, group: str, at: str) -> Row:
    spec, _, options = said.partition(":")
    plain = spec.rstrip("!*@")
    listed = [
        {"label": one.replace("_", " ").capitalize(), "value": one, "displayOrder": place, "hidden": False}
        for place, one in enumerate(options.split(";") if options else [])
    ]
    return {
        "name": name, "label": name.removeprefix("hs_").replace("_", " ").capitalize(), "type": plain,
        "fieldType": FIELDS[plain], "description": "", "groupName": group, "options": listed, "displayOrder": -1,
        "calculated": "!" in spec, "externalOptions": "@" in spec, "hasUniqueValue": "*" in spec, "hidden": False,
        "hubspotDefined": True, "formField": False, "archived": False, "createdAt": at, "updatedAt": at,
        "modificationMetadata": {
            "archivable": False, "readOnlyDefinition": True, "readOnlyOptions": True, "readOnlyValue": "!" in spec,
        },
    }  # fmt: skip


def _stage(state: State, key: str, label: str, place: int, probability: str) -> Row:
    closed = probability in ("1.0", "0.0")
    at = iso(state.clock.now())
    return {
        "id": key, "label": label, "displayOrder": place, "archived": False, "createdAt": at, "updatedAt": at,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        "metadata": {"isClosed": "true" if closed else "false", "probability": probability},
    }  # fmt: skip
