"""What this app tells the apps below it: what the database freezes, who decides what, which long work there is."""

from typing import Any

from entitlements.merge_rules import Fate, MergeRule
from entitlements.merge_rules import register as merge
from journal import approvals, jobs, triggers
from journal.approvals import ApprovalHandler

WRITTEN = "OLD.state IN ('in_force', 'dropped')"
SETTLED = "state <> 'draft'"


def register_frozen_rows() -> None:
    """A version that was asked for keeps its content; one that is in force keeps everything."""
    for label in ("support.CalendarVersion", "support.SlaPolicyVersion"):
        triggers.register(triggers.Frozen(label, when=WRITTEN, called="settled"))
    triggers.register(
        triggers.FrozenChild("support.Milestone", parent_label="support.SlaPolicyVersion", fk="version", when=SETTLED)
    )
    triggers.register(
        triggers.FrozenChild("support.TargetRule", parent_label="support.SlaPolicyVersion", fk="version", when=SETTLED)
    )
    triggers.register(
        triggers.FrozenChild(
            "support.SlaTarget",
            parent_label="support.Milestone",
            fk="milestone",
            when="(SELECT v.state FROM support_slapolicyversion v WHERE v.id = version_id) <> 'draft'",
        )
    )
    triggers.register(triggers.Immutable("support.CaseEvent"))
    triggers.register(triggers.Immutable("support.CasePromise"))
    triggers.register(triggers.Immutable("support.CaseAlert"))
    triggers.register(triggers.Immutable("support.AssetMove"))
    triggers.register(triggers.Immutable("support.ClassifierVersion"))


def register_handlers() -> None:
    merge(MergeRule("support.Case.account", Fate.MOVES, "cases", "They go on under the account that stays."))
    moves = (
        ("Location.account", "places where its equipment stands", "They go on under the account that stays."),
        ("Asset.account", "equipment", "It is the account that stays who has it."),
        ("Cover.account", "covers", "They go on under the account that stays, with what they reach."),
        ("TimeEntry.account", "time worked for it", "It goes with the cases."),
        ("Visit.account", "maintenance visits", "They go with the covers."),
        ("WorkItem.account", "work done for it", "It goes with the cases; what is to be billed is billed there."),
    )
    for relation, words, why in moves:
        merge(MergeRule(f"support.{relation}", Fate.MOVES, words, why))
    for relation in ("from_account", "to_account"):
        words, why = "moves of equipment", "They stay as the duplicate’s past."
        merge(MergeRule(f"support.AssetMove.{relation}", Fate.STAYS, words, why))
    why = "They stay with what was known then; what is decided later goes by their cases."
    merge(MergeRule("support.IntakeDecision.account", Fate.STAYS, "tickets that were checked", why))
    merge(
        MergeRule(
            "support.AccountHealth.account",
            Fate.UNLESS_SAME,
            "how it is doing",
            "It moves, unless the account that stays has its own.",
            alike=lambda row: "health",
        )
    )


def register_calendars() -> None:
    """Who decides hours that promises count by; rejected or withdrawn, they are a draft again."""
    from support.actions import calendars

    again = calendars.back_to_draft
    handler = ApprovalHandler(
        calendars.APPROVE, calendars.approve_hours, again, again, review_of_hours, calendars.outdated_hours
    )
    approvals.register(calendars.KIND, handler)


def review_of_hours(approval: Any) -> str:
    """The preview of the hours that were asked for: what they change, and what that does to open cases."""
    from django.urls import reverse

    from support.models import CalendarVersion

    version = CalendarVersion.objects.select_related("calendar").get(pk=int(approval.subject_key))
    return reverse("admin:support_calendar_preview", args=[version.calendar.key])


def register_imports() -> None:
    """Which of this app's records can be brought in a file; the importer is the catalog's."""
    from catalog.actions.import_jobs import register_imports_of
    from support.imports.assets import AssetTable

    register_imports_of(AssetTable)


def register_work() -> None:
    """Recomputing open cases, and counting beforehand what that does."""
    from support.actions.cases import recomputing

    for kind, handler in recomputing.HANDLERS.items():
        jobs.register(kind, handler)


def register_policies() -> None:
    """Who decides changes of what is promised; rejected or withdrawn, they are drafts again."""
    from support.actions import policies

    handler = ApprovalHandler(
        "support.approve_sla",
        approve=policies.approve_policy,
        reject=policies.back_to_draft,
        withdraw=policies.back_to_draft,
        review=review_of_policy,
        outdated=policies.outdated_policy,
    )
    approvals.register(policies.KIND, handler)


def review_of_policy(approval: Any) -> str:
    """The policy's page: what was asked for beside what is in force, and what it would do."""
    from django.urls import reverse

    from support.models import SlaPolicyVersion

    version = SlaPolicyVersion.objects.select_related("policy").get(pk=int(approval.subject_key))
    return reverse("admin:support_policy", args=[version.policy.tier])


def register_covers() -> None:
    """Who decides that a cover gives less; and what contracts show of the covers that hang on their lines."""
    from entitlements import contact_uses, contract_notes
    from support.actions.covers import deciding
    from support.queries.covers.finding import naming_contact
    from support.queries.covers.of_contracts import ending_with_contract, notes_of_contracts

    handler = ApprovalHandler(
        "support.approve_cover",
        approve=deciding.approve_change,
        reject=deciding.turn_down,
        review=review_of_cover,
        outdated=deciding.outdated_change,
    )
    approvals.register("cover_change", handler)
    contact_uses.register(naming_contact)
    contract_notes.register(notes_of_contracts, ending=ending_with_contract)


def review_of_cover(approval: Any) -> str:
    """What the change says otherwise, and what it would do to whom."""
    from django.urls import reverse

    return reverse("admin:support_cover_request", args=[approval.pk])
