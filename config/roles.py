"""Who may do what: the one table of roles. Least privilege; actions check it, screens only mirror it.

A role sees what its job needs and does what its job is. Nobody but the administrator manages staff and keys, and the
administrator alone can't publish, grant or approve: those stay with the people whose job they are.
"""

from collections.abc import Mapping
from typing import Any

from django.apps import apps

from config.view_permissions import (
    ACCOUNT_VIEW,
    APPROVAL_VIEW,
    AUDIT_VIEW,
    CATALOG_VIEW,
    CONNECTION_VIEW,
    COVER_VIEW,
    CRM_VIEW,
    FINDING_VIEW,
    JOB_VIEW,
    SUPPORT_VIEW,
)

ROLES: Mapping[str, frozenset[str]] = {
    "finance": CATALOG_VIEW
    | ACCOUNT_VIEW
    | COVER_VIEW
    | APPROVAL_VIEW
    | AUDIT_VIEW
    | CONNECTION_VIEW
    | FINDING_VIEW
    | CRM_VIEW
    | {
        "desk.change_deal_mapping",
        "desk.link_companies",
        "desk.set_up_crm",
        "entitlements.settle_billing_finding",
        "entitlements.decide_renewal",
        "support.approve_cover",
        "support.bill_work",
        "support.edit_allowance",
        "support.edit_product",
        "support.exempt_case",
        "support.write_cover",
        "catalog.add_plan",
        "catalog.approve_publication",
        "catalog.change_billinglink",
        "catalog.change_feature",
        "catalog.change_planversion",
        "catalog.change_bundle",
        "catalog.change_promocode",
        "catalog.change_market",
        "catalog.publish_plan",
        "catalog.import_catalog",
        "journal.view_job",
        "journal.steer_job",
        "entitlements.approve_concession",
        "entitlements.add_cohort",
        "entitlements.import_accounts",
        "entitlements.merge_accounts",
        "entitlements.write_contract",
        "entitlements.grant_credits",
        "entitlements.hold_version",
        "entitlements.void_credits",
        "entitlements.issue_licence",
        "entitlements.manage_activation",
        "entitlements.revoke_licence",
        "entitlements.set_licence_policy",
        "entitlements.suspend_licence",
        "entitlements.revoke_override",
        "entitlements.revoke_redemption",
        "entitlements.record_payment",
        "entitlements.set_policy",
        "entitlements.set_reminders",
        "entitlements.set_standing",
        "entitlements.reset_usage",
        "entitlements.set_subject_limit",
    },
    "sales": CATALOG_VIEW
    | ACCOUNT_VIEW
    | COVER_VIEW
    | APPROVAL_VIEW
    | FINDING_VIEW
    | CRM_VIEW
    | {
        "desk.link_companies",
        "entitlements.decide_renewal",
        "support.edit_asset",
        "support.write_cover",
        "entitlements.add_cohort",
        "entitlements.import_accounts",
        "entitlements.merge_accounts",
        "entitlements.open_account",
        "entitlements.write_contract",
        "entitlements.start_subscription",
        "entitlements.extend_trial",
        "entitlements.convert_trial",
        "entitlements.record_payment",
        "entitlements.grant_credits",
        "entitlements.assign_seat",
        "entitlements.issue_licence",
        "entitlements.manage_activation",
        "entitlements.suspend_licence",
        "entitlements.grant_override",
        "entitlements.revoke_override",
        "entitlements.redeem_code",
        "entitlements.revoke_redemption",
        "entitlements.set_spend_cap",
        "entitlements.set_subject_limit",
    },
    "support": ACCOUNT_VIEW
    | SUPPORT_VIEW
    | APPROVAL_VIEW
    | JOB_VIEW
    | FINDING_VIEW
    | CRM_VIEW
    | {
        "support.approve_cover",
        "support.approve_sla",
        "support.edit_asset",
        "support.edit_product",
        "support.edit_sla",
        "support.enter_time",
        "support.exempt_case",
        "support.record_work",
        "support.handle_case",
        "support.recompute_cases",
        "catalog.view_importrun",
        "support.edit_intake",
        "support.review_intake",
        "support.teach_intake",
        "catalog.view_plan",
        "catalog.view_planversion",
        "entitlements.assign_seat",
        "entitlements.manage_activation",
        "entitlements.suspend_licence",
        "journal.view_webhookendpoint",
        "journal.replay_webhook",
        "entitlements.reset_usage",
        "entitlements.set_subject_limit",
    },
    "auditor": CATALOG_VIEW
    | ACCOUNT_VIEW
    | SUPPORT_VIEW
    | APPROVAL_VIEW
    | AUDIT_VIEW
    | JOB_VIEW
    | CONNECTION_VIEW
    | FINDING_VIEW
    | CRM_VIEW
    | {
        "journal.verify_audit",
        "journal.view_auditseal",
        "journal.view_outbound",
        "journal.view_notice",
        "journal.view_staff",
        "journal.view_webhookendpoint",
        "entitlements.view_signingkey",
    },
    "administrator": APPROVAL_VIEW
    | AUDIT_VIEW
    | CONNECTION_VIEW
    | FINDING_VIEW
    | CRM_VIEW
    | {
        "desk.set_up_crm",
        "journal.manage_connections",
        "journal.replay_inbound",
        "journal.manage_staff",
        "journal.view_staff",
        "journal.issue_api_key",
        "journal.view_apikey",
        "journal.view_outbound",
        "journal.view_notice",
        "journal.resend_outbound",
        "journal.view_webhookendpoint",
        "journal.manage_webhooks",
        "journal.replay_webhook",
        "journal.view_job",
        "journal.steer_job",
        "entitlements.set_policy",
        "entitlements.view_concessionpolicy",
        "entitlements.view_reasoncode",
        "entitlements.view_signingkey",
        "entitlements.rotate_signing_key",
    },
}


class UnknownPermission(LookupError):
    """The table names a permission that no model declares."""


def install(**_: Any) -> None:
    """Bring the groups into line with the table, after every migration."""
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in permission_model.objects.values_list("pk", "content_type__app_label", "codename")
    }
    for role, names in ROLES.items():
        if unknown := names - known.keys():
            raise UnknownPermission(f"{role}: {', '.join(sorted(unknown))}")
        group, _created = group_model.objects.get_or_create(name=role)
        group.permissions.set([known[name] for name in names])
