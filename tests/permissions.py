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
    "admin:catalog_feature_new": Page((FINANCE,)),
    "admin:catalog_feature_edit": Page((FINANCE,), ("feature",)),
    "admin:catalog_feature_remove": Page((FINANCE,), ("catalog_feature",)),
    "admin:catalog_feature_rules": Page((FINANCE,), ("feature",)),
    "admin:catalog_feature_rules_strike": Page((FINANCE,), ("feature", "revision")),
    "admin:catalog_dimension_add": Page((FINANCE,), ("feature",)),
    "admin:catalog_dimension_edit": Page((FINANCE,), ("feature", "dimension")),
    "admin:catalog_dimension_remove": Page((FINANCE,), ("feature", "dimension")),
    "admin:catalog_packages": Page((*CATALOG, SUPPORT)),
    "admin:catalog_package_new": Page((FINANCE,)),
    **dict(stock("catalog_billinglink", CATALOG, history=True)),
    "admin:catalog_billing": Page(CATALOG),
    "admin:catalog_billing_csv": Page(CATALOG),
    **dict(stock("catalog_featuregroup", CATALOG, adders=(FINANCE,), history=True)),
    "admin:catalog_featuregroup_delete": Page((FINANCE,), ("catalog_featuregroup",)),
    "admin:catalog_order": Page((FINANCE,), ("catalog_featuregroup",)),
    **dict(stock("catalog_market", CATALOG, history=True)),
    **dict(stock("catalog_plan", (*CATALOG, SUPPORT), history=True)),
    **dict(stock("catalog_planversion", (*CATALOG, SUPPORT), history=True)),
    "admin:catalog_market_new": Page((FINANCE,)),
    "admin:catalog_market_page": Page(CATALOG, ("catalog_market",)),
    "admin:catalog_market_edit": Page((FINANCE,), ("catalog_market",)),
    "admin:catalog_launch": Page((FINANCE,)),
    "admin:catalog_launches": Page(CATALOG),
    "admin:catalog_availability": Page(CATALOG, ("limited_thing",)),
    "admin:catalog_window_withdraw": Page((FINANCE,), ("market_window",)),
    **dict(stock("catalog_importrun", CATALOG)),
    "admin:catalog_import_new": Page((FINANCE,)),
    "admin:catalog_import": Page(CATALOG, ("catalog_importrun",)),
    "admin:catalog_import_columns": Page((FINANCE,), ("catalog_importrun",)),
    "admin:catalog_import_step": Page((FINANCE,), ("catalog_importrun", "import_step")),
    "admin:catalog_import_file": Page(CATALOG, ("catalog_importrun", "file_form")),
    "admin:catalog_import_template": Page(CATALOG, ("import_kind", "file_form")),
    "admin:catalog_exports": Page(CATALOG),
    "admin:catalog_export_file": Page(CATALOG, ("import_kind", "file_form")),
    "admin:catalog_compare": Page((*CATALOG, SUPPORT)),
    "admin:catalog_sheet": Page((*CATALOG, SUPPORT)),
    "admin:catalog_sheet_write": Page((FINANCE,)),
    "admin:catalog_sheet_read": Page((*CATALOG, SUPPORT)),
    "admin:catalog_sheet_columns": Page((*CATALOG, SUPPORT)),
    "admin:catalog_sheet_draft": Page((FINANCE,)),
    "admin:catalog_sheet_order": Page((FINANCE,)),
    "admin:catalog_offer": Page((*CATALOG, SUPPORT)),
    "admin:catalog_vague": Page((*CATALOG, SUPPORT)),
    "admin:catalog_plan_new": Page((FINANCE,)),
    "admin:catalog_draft_open": Page((FINANCE,), ("plan",)),
    "admin:catalog_draft_discard": Page((FINANCE,), ("draft",)),
    "admin:catalog_term_edit": Page((FINANCE,), ("draft", "feature")),
    "admin:catalog_group_edit": Page((FINANCE,), ("draft", "catalog_featuregroup")),
    "admin:catalog_terms_of_sale": Page((FINANCE,), ("draft",)),
    "admin:catalog_publish": Page((*CATALOG, SUPPORT), ("draft",)),  # the review; only finance can publish
    "admin:catalog_retire": Page((FINANCE,), ("catalog_planversion",)),
    "admin:catalog_call_off": Page((FINANCE,), ("rollout",)),
    "admin:entitlements_grandfathering_plans": Page(CUSTOMERS),
    "admin:entitlements_grandfathering": Page(CUSTOMERS, ("catalog_plan",)),
    "admin:entitlements_version_holders": Page(CUSTOMERS, ("catalog_planversion",)),
    "admin:entitlements_version_holders_csv": Page(CUSTOMERS, ("catalog_planversion",)),
    "admin:entitlements_version_hold": Page((FINANCE,), ("account", "held_item")),
    "admin:entitlements_version_release": Page((FINANCE,), ("account", "held_item")),
    **dict(stock("entitlements_cohort", CUSTOMERS, history=True)),
    **dict(stock("entitlements_billingperiod", CUSTOMERS, history=True)),
    **dict(stock("catalog_rollout", CATALOG, history=True)),
    "admin:entitlements_cohort_make": Page((FINANCE,)),
    "admin:entitlements_publish": Page((*CATALOG, SUPPORT), ("draft",)),  # to read; only finance can publish
    "admin:entitlements_publish_who": Page((*CATALOG, SUPPORT), ("draft",)),
    "admin:entitlements_publish_check": Page((*CATALOG, SUPPORT), ("draft",)),
    "admin:entitlements_publish_accounts": Page((*CATALOG, SUPPORT), ("draft",)),
    "admin:entitlements_publish_csv": Page((*CATALOG, SUPPORT), ("draft",)),
    "admin:entitlements_publish_count": Page((FINANCE,), ("draft",)),
    "admin:entitlements_publish_compare": Page((FINANCE,), ("draft",)),
    "admin:entitlements_publish_above": Page((FINANCE,), ("draft",)),
    "admin:entitlements_publish_done": Page((*CATALOG, SUPPORT), ("draft",)),
    "admin:entitlements_rollout": Page((*CATALOG, SUPPORT), ("catalog_planversion",)),
    **dict(stock("catalog_bundle", CATALOG, history=True)),
    "admin:catalog_bundle_new": Page((FINANCE,)),
    "admin:catalog_bundle_edit": Page((FINANCE,), ("catalog_bundle",)),
    "admin:catalog_bundle_end": Page((FINANCE,), ("catalog_bundle",)),
    **dict(stock("catalog_promocode", CATALOG, history=True)),
    "admin:catalog_promocode_new": Page((FINANCE,)),
    "admin:catalog_promocode_campaign": Page((FINANCE,)),
    "admin:catalog_promocode_csv": Page(CATALOG),
    "admin:catalog_promocode_edit": Page((FINANCE,), ("catalog_promocode",)),
    "admin:catalog_promocode_stop": Page((FINANCE,), ("catalog_promocode",)),
    # Sales
    **dict(stock("entitlements_redemption", CUSTOMERS, history=True)),
    "admin:entitlements_redemption_revoke": Page((FINANCE, SALES), ("entitlements_redemption",)),
    "admin:entitlements_add_on_sell": Page((SALES,), ("account", "number")),
    "admin:entitlements_bundle_sell": Page((SALES,), ("account", "number")),
    "admin:entitlements_item_quantity": Page((SALES,), ("account", "extra_item")),
    "admin:entitlements_item_end": Page((SALES,), ("account", "extra_item")),
    "admin:entitlements_bundle_swap": Page((SALES,), ("account", "bundle_part")),
    "admin:entitlements_bundle_end": Page((SALES,), ("account", "sold_bundle")),
    "admin:entitlements_code_redeem": Page((SALES,), ("account",)),
    "admin:entitlements_spend_cap_set": Page((SALES,), ("account",)),
    "admin:entitlements_spend_cap_lift": Page((SALES,), ("account", "spend_cap")),
    **dict(stock("entitlements_account", CUSTOMERS)),
    **dict(stock("entitlements_override", CUSTOMERS)),
    **dict(stock("entitlements_concessionpolicy", (*CUSTOMERS, ADMIN), adders=(FINANCE, ADMIN))),
    **dict(stock("entitlements_entitlementchange", CUSTOMERS)),
    **dict(stock("entitlements_reminder", CUSTOMERS, adders=(FINANCE,), history=True)),
    "admin:entitlements_reminder_delete": Page((FINANCE,), ("entitlements_reminder",)),
    "admin:entitlements_reminders_ahead": Page(CUSTOMERS),
    "admin:entitlements_account_open": Page((SALES,)),
    "admin:desk_account": Page(CUSTOMERS, ("account",)),
    "admin:desk_account_entitlements": Page(CUSTOMERS, ("account",)),
    "admin:desk_account_subscriptions": Page(CUSTOMERS, ("account",)),
    "admin:desk_account_overrides": Page(CUSTOMERS, ("account",)),
    "admin:desk_account_timeline": Page(CUSTOMERS, ("account",)),
    "admin:desk_account_contacts": Page(CUSTOMERS, ("account",)),
    "admin:desk_account_family": Page(CUSTOMERS, ("account",)),
    "admin:desk_account_keys": Page(CUSTOMERS, ("account",)),
    "admin:desk_account_audit": Page((FINANCE, AUDITOR), ("account",)),  # the administrator sees no customers
    "admin:entitlements_account_page": Page(CUSTOMERS, ("account",)),
    "admin:entitlements_account_offers": Page(CUSTOMERS, ("account",)),
    "admin:entitlements_compare": Page(CUSTOMERS),
    "admin:entitlements_account_explain": Page(CUSTOMERS, ("account", "feature_key")),
    "admin:entitlements_account_past": Page(CUSTOMERS, ("account",)),
    "admin:entitlements_account_pack": Page((FINANCE, AUDITOR), ("account",)),
    "admin:entitlements_account_pack_made": Page((FINANCE, AUDITOR), ("account", "dispute_pack")),
    "admin:entitlements_account_pack_file": Page((FINANCE, AUDITOR), ("account", "dispute_pack")),
    "admin:entitlements_account_override": Page((SALES,), ("account",)),
    "admin:entitlements_account_standing": Page((FINANCE,), ("account", "standing")),
    "admin:entitlements_override_revoke": Page((FINANCE, SALES), ("entitlements_override",)),
    "admin:entitlements_trial_extend": Page((SALES,), ("account", "number")),
    "admin:entitlements_trial_convert": Page((SALES,), ("account", "number")),
    "admin:entitlements_trial_undo": Page((SALES,), ("account", "number")),
    "admin:entitlements_trial_reactivate": Page((SALES,), ("account", "number")),
    "admin:entitlements_trials_extend": Page((SALES,)),
    "admin:entitlements_subscription_start": Page((SALES,), ("living",)),
    "admin:entitlements_subscription_change": Page((SALES,), ("living", "paused_number")),
    "admin:entitlements_subscription_pause": Page((SALES,), ("living", "active_number")),
    "admin:entitlements_subscription_resume": Page((SALES,), ("living", "paused_number")),
    "admin:entitlements_payment_failed": Page((FINANCE, SALES), ("living", "active_number")),
    "admin:entitlements_payment_came": Page((FINANCE, SALES), ("living", "unpaid_number")),
    "admin:entitlements_subscription_cancel": Page((SALES,), ("living", "active_number")),
    "admin:entitlements_subscription_keep": Page((SALES,), ("living", "leaving_number")),
    "admin:entitlements_change_move": Page((SALES,), ("living", "planned_change")),
    "admin:entitlements_change_cancel": Page((SALES,), ("living", "planned_change")),
    "admin:entitlements_account_edit": Page((SALES,), ("living",)),
    "admin:entitlements_contact_add": Page((SALES,), ("living",)),
    "admin:entitlements_contact_edit": Page((SALES,), ("living", "contact")),
    "admin:entitlements_contact_remove": Page((SALES,), ("living", "contact")),
    "admin:entitlements_identifier_add": Page((SALES,), ("living",)),
    "admin:entitlements_identifier_remove": Page((SALES,), ("living", "identifier")),
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
    **dict(stock("journal_job", (FINANCE, AUDITOR, ADMIN))),
    "admin:journal_job_pause": Page((FINANCE, ADMIN), ("journal_job",)),
    "admin:journal_job_resume": Page((FINANCE, ADMIN), ("journal_job",)),
    "admin:journal_job_stop": Page((FINANCE, ADMIN), ("journal_job",)),
    "admin:journal_job_retry": Page((FINANCE, ADMIN), ("journal_job",)),
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
    "api:offer_set": Page(NOBODY, ("account",)),
    "api:past": Page(NOBODY, ("account",)),
    "api:coverage": Page(NOBODY),
    "api:redemptions": Page(NOBODY, ("account",)),
    "api:spend_caps": Page(NOBODY, ("account",)),
    "api:trial_uses": Page(NOBODY, ("account",)),
    "api:subscriptions": Page(NOBODY, ("account",)),
    "api:subscription_change": Page(NOBODY, ("account", "number")),
    "api:subscription_cancel": Page(NOBODY, ("account", "number")),
    "api:subscription_keep": Page(NOBODY, ("account", "number")),
    "api:subscription_pause": Page(NOBODY, ("account", "number")),
    "api:subscription_resume": Page(NOBODY, ("account", "number")),
    "api:payment_failed": Page(NOBODY, ("account", "number")),
    "api:payment_came": Page(NOBODY, ("account", "number")),
    "api:trial_extend": Page(NOBODY, ("account", "number")),
    "api:trial_convert": Page(NOBODY, ("account", "number")),
    "api:planned_change": Page(NOBODY, ("account", "number", "nothing")),
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
