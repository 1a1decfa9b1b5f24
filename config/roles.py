"""Who may do what: the one table of roles. Least privilege; actions check it, screens only mirror it.

A role sees what its job needs and does what its job is. Nobody but the administrator manages staff and keys, and the
administrator alone can't publish, grant or approve: those stay with the people whose job they are.
"""

from collections.abc import Mapping
from typing import Any

from django.apps import apps

CATALOG_VIEW = frozenset(
    f"catalog.view_{model}"
    for model in (
        "feature",
        "featuregroup",
        "featurerevision",
        "market",
        "marketwindow",
        "plan",
        "planprice",
        "planterm",
        "planversion",
        "priceline",
        "rollout",
    )
)
ACCOUNT_VIEW = frozenset(
    f"entitlements.view_{model}"
    for model in (
        "account",
        "accountstanding",
        "concessionpolicy",
        "contact",
        "entitlementchange",
        "identifier",
        "override",
        "subscription",
        "subscriptionitem",
        "subscriptionphase",
    )
)
SUPPORT_VIEW = frozenset(
    f"support.view_{model}"
    for model in ("businesscalendar", "calendarwindow", "holiday", "severity", "slapolicy", "slatarget")
) | {"support.look_up_cover"}
AUDIT_VIEW = frozenset({"journal.view_auditevent"})
APPROVAL_VIEW = frozenset({"journal.view_approval"})

ROLES: Mapping[str, frozenset[str]] = {
    "finance": CATALOG_VIEW
    | ACCOUNT_VIEW
    | APPROVAL_VIEW
    | AUDIT_VIEW
    | {
        "catalog.add_plan",
        "catalog.change_feature",
        "catalog.change_planversion",
        "catalog.change_market",
        "catalog.publish_plan",
        "catalog.import_catalog",
        "entitlements.approve_concession",
        "entitlements.revoke_override",
        "entitlements.set_policy",
        "entitlements.set_standing",
    },
    "sales": CATALOG_VIEW
    | ACCOUNT_VIEW
    | APPROVAL_VIEW
    | {
        "entitlements.open_account",
        "entitlements.start_subscription",
        "entitlements.extend_trial",
        "entitlements.convert_trial",
        "entitlements.grant_override",
        "entitlements.revoke_override",
        "support.look_up_cover",
    },
    "support": ACCOUNT_VIEW | SUPPORT_VIEW | {"support.edit_sla", "catalog.view_plan", "catalog.view_planversion"},
    "auditor": CATALOG_VIEW
    | ACCOUNT_VIEW
    | SUPPORT_VIEW
    | APPROVAL_VIEW
    | AUDIT_VIEW
    | {
        "journal.verify_audit",
        "journal.view_auditseal",
        "journal.view_outbound",
        "journal.view_notice",
        "journal.view_staff",
    },
    "administrator": APPROVAL_VIEW
    | AUDIT_VIEW
    | {
        "journal.manage_staff",
        "journal.view_staff",
        "journal.issue_api_key",
        "journal.view_apikey",
        "journal.view_outbound",
        "journal.view_notice",
        "journal.resend_outbound",
        "entitlements.set_policy",
        "entitlements.view_concessionpolicy",
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
