"""What this app puts on an account's page itself; later sources put theirs beside it, by position."""

from desk.admin.account import audit, cautions, coverage, crm_line, family, head, tabs, timeline
from desk.admin.crm.contract_note import notes_of_deals
from desk.admin.crm.entry_page import crm_panel
from desk.slots import Tab, register_header, register_tab, register_warning
from entitlements import contract_notes
from entitlements.admin.licences.pages import VIEW as VIEW_LICENCES
from entitlements.merge_rules import Fate, MergeRule
from entitlements.merge_rules import register as merge
from journal import connection_panels
from journal.connection_panels import Panel
from support.admin.cases.pages import VIEW as VIEW_CASES
from support.admin.covers.pages import VIEW as VIEW_COVERS


def register_account_page() -> None:
    """Called once from AppConfig.ready(), when every model is there."""
    at = "desk/account/"
    register_tab(Tab("overview", "Overview", f"{at}overview.html", tabs.overview, 10, dated=True))
    register_tab(Tab("entitlements", "Entitlements", f"{at}entitlements.html", tabs.entitlements, 20, dated=True))
    register_tab(Tab("usage", "Usage", f"{at}usage.html", tabs.usage, 25))
    sees_seats = "entitlements.view_seat"
    register_tab(Tab("seats", "Seats", f"{at}seats.html", tabs.seats, 27, permission=sees_seats))
    register_tab(Tab("subscriptions", "Subscriptions", f"{at}subscriptions.html", tabs.subscriptions, 30, dated=True))
    register_tab(Tab("contracts", "Contracts", f"{at}contracts.html", tabs.contracts, 40, dated=True))
    register_tab(Tab("licences", "Licences", f"{at}licences.html", tabs.licences, 45, permission=VIEW_LICENCES))
    register_tab(Tab("cases", "Cases", f"{at}cases.html", tabs.cases, 47, permission=VIEW_CASES))
    register_tab(Tab("coverage", "Coverage", f"{at}coverage.html", coverage.coverage, 46, permission=VIEW_COVERS))
    register_tab(Tab("overrides", "Overrides", f"{at}overrides.html", tabs.overrides, 50, dated=True))
    register_tab(Tab("timeline", "Timeline", f"{at}timeline.html", timeline.story, 60))
    register_tab(Tab("contacts", "Contacts", f"{at}contacts.html", tabs.contacts, 70))
    register_tab(Tab("family", "Family", f"{at}family.html", family.family, 80))
    register_tab(Tab("keys", "API keys", f"{at}keys.html", tabs.keys, 90))
    sees_audit = "journal.view_auditevent"
    register_tab(Tab("audit", "Audit", f"{at}audit.html", audit.deeds, 100, permission=sees_audit))
    register_header(head.cover_line)
    register_header(crm_line.crm_line)
    for source in cautions.ALL:
        register_warning(source)


def register_connection_page() -> None:
    """What the page of a connection with a CRM says beside the connection itself."""
    connection_panels.register("crm", Panel("desk/crm/_panel.html", crm_panel))


def register_contract_notes() -> None:
    """What the page of a contract says of the deal that it came of."""
    contract_notes.register(notes_of_deals)


def register_merging() -> None:
    """What becomes of what a CRM told of an account when it is merged into another."""
    again = "They are the account that stays from now on, which is written to them at the next look."
    merge(MergeRule("desk.CrmCompany.account", Fate.STAYS, "companies in a CRM", again))
    made = "What they made moves with its contracts and trials, and follows them there."
    merge(MergeRule("desk.CrmDeal.account", Fate.STAYS, "deals in a CRM", made))
    settles = "Whoever settles it finds it at the account that stays."
    merge(MergeRule("desk.CrmFinding.account", Fate.MOVES, "what a CRM and the desk don’t agree about", settles))
