"""The table of addresses × roles. What stands here is what must hold; a new address needs a line of its own."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

FINANCE, SALES, SUPPORT, AUDITOR, ADMIN = "finance", "sales", "support", "auditor", "administrator"
ANY_STAFF = (FINANCE, SALES, SUPPORT, AUDITOR, ADMIN, "nobody")
NOBODY: tuple[str, ...] = ()
CATALOG = (FINANCE, SALES, AUDITOR)
CUSTOMERS = (FINANCE, SALES, SUPPORT, AUDITOR)
DESK = (SUPPORT, AUDITOR)
OFFICE = (FINANCE, SALES, AUDITOR, ADMIN)


@dataclass(frozen=True)
class Page:
    roles: Collection[str]
    arguments: tuple[str, ...] = ()


def stock(
    model: str, readers: Collection[str], *, adders: Collection[str] = NOBODY, history: bool = False
) -> Iterator[tuple[str, Page]]:
    """Django's own pages of a model: lists and details to read, everything else closed unless said."""
    name = f"admin:{model}"
    yield f"{name}_changelist", Page(readers)
    yield f"{name}_change", Page(readers, (model,))
    yield f"{name}_history", Page(readers, (model,))
    yield f"{name}_add", Page(adders)
    yield f"{name}_delete", Page(NOBODY, (model,))
    if history:
        yield f"{name}_simple_history", Page(readers, (model, f"{model}_version"))  # to read; a POST is refused


PAGES: dict[str, Page] = {
    "admin:index": Page(ANY_STAFF),
    "admin:password_change": Page(ANY_STAFF),
    "admin:password_change_done": Page(ANY_STAFF),
    "admin:jsi18n": Page(ANY_STAFF),
    "admin:search": Page(ANY_STAFF),
    "admin:autocomplete": Page(NOBODY),
    "admin:view_on_site": Page(NOBODY, ("content_type", "nothing")),
    # Finance
    **dict(stock("catalog_feature", CATALOG, history=True)),
    **dict(stock("catalog_market", CATALOG, history=True)),
    **dict(stock("catalog_plan", (*CATALOG, SUPPORT), history=True)),
    **dict(stock("catalog_planversion", (*CATALOG, SUPPORT), history=True)),
    "admin:catalog_sheet": Page((*CATALOG, SUPPORT)),
    "admin:catalog_vague": Page((*CATALOG, SUPPORT)),
    "admin:catalog_plan_new": Page((FINANCE,)),
    "admin:catalog_draft_open": Page((FINANCE,), ("plan",)),
    "admin:catalog_draft_discard": Page((FINANCE,), ("draft",)),
    "admin:catalog_term_edit": Page((FINANCE,), ("draft", "feature")),
    "admin:catalog_terms_of_sale": Page((FINANCE,), ("draft",)),
    "admin:catalog_publish": Page((*CATALOG, SUPPORT), ("draft",)),  # the review; only finance can publish
    # Sales
    **dict(stock("entitlements_account", CUSTOMERS)),
    **dict(stock("entitlements_override", CUSTOMERS)),
    **dict(stock("entitlements_concessionpolicy", (*CUSTOMERS, ADMIN), adders=(FINANCE, ADMIN))),
    **dict(stock("entitlements_entitlementchange", CUSTOMERS)),
    "admin:entitlements_account_open": Page((SALES,)),
    "admin:entitlements_account_page": Page(CUSTOMERS, ("account",)),
    "admin:entitlements_account_explain": Page(CUSTOMERS, ("account", "feature_key")),
    "admin:entitlements_account_override": Page((SALES,), ("account",)),
    "admin:entitlements_account_standing": Page((FINANCE,), ("account", "standing")),
    "admin:entitlements_override_revoke": Page((FINANCE, SALES), ("entitlements_override",)),
    "admin:entitlements_trial_extend": Page((SALES,), ("account", "number")),
    "admin:entitlements_trial_convert": Page((SALES,), ("account", "number")),
    # Support
    **dict(stock("support_businesscalendar", DESK, history=True)),
    **dict(stock("support_holiday", DESK, history=True)),
    **dict(stock("support_severity", DESK, history=True)),
    **dict(stock("support_slapolicy", DESK, history=True)),
    **dict(stock("support_slatarget", DESK, history=True)),
    "admin:support_lookup": Page((SALES, *DESK)),
    # Journal
    **dict(stock("journal_approval", OFFICE)),
    "admin:journal_approval_approve": Page((FINANCE,), ("journal_approval",)),
    "admin:journal_approval_reject": Page((FINANCE,), ("journal_approval",)),
    "admin:journal_approval_withdraw": Page(NOBODY, ("journal_approval",)),
    **dict(stock("journal_auditevent", (FINANCE, AUDITOR, ADMIN))),
    "admin:journal_auditevent_revert": Page((FINANCE,), ("journal_auditevent",)),
    **dict(stock("journal_auditseal", (AUDITOR,))),
    **dict(stock("journal_notice", (AUDITOR, ADMIN))),
    **dict(stock("journal_outbound", (AUDITOR, ADMIN))),
    "admin:journal_outbound_resend": Page((ADMIN,), ("journal_outbound",)),
    "admin:journal_outbound_settle": Page((ADMIN,), ("journal_outbound",)),
    **dict(stock("journal_apikey", (ADMIN,), adders=(ADMIN,))),
    "admin:journal_apikey_revoke": Page((ADMIN,), ("journal_apikey",)),
    **dict(stock("journal_staff", (AUDITOR, ADMIN), adders=(ADMIN,))),
    "admin:journal_staff_deactivate": Page((ADMIN,), ("journal_staff",)),
    "admin:journal_staff_reactivate": Page((ADMIN,), ("journal_staff",)),
    "admin:journal_staff_password": Page((ADMIN,), ("journal_staff",)),
}

API: dict[str, Page] = {
    "api:entitlement": Page(NOBODY, ("account", "feature_key")),
    "api:entitlement_set": Page(NOBODY, ("account",)),
    "api:explanation": Page(NOBODY, ("account", "feature_key")),
    "api:explanation_set": Page(NOBODY, ("account",)),
    "api:coverage": Page(NOBODY),
}

PUBLIC = {
    "home",  # leads to the sign-in
    "healthz",  # whether this process can serve; tells nothing else
    "admin:login",
    "admin:logout",
    "admin:<path:object_id>/",  # Django's redirect of old detail addresses
    "admin:(?P<url>.*)$",  # everything else under /admin/ is 404
    "admin:app_list",
    "api:openapi-json",
    "api:api-root",
}


def arguments() -> dict[str, object]:
    """A world in which every address of the table leads somewhere."""
    from tests.everything import everything

    return everything()
