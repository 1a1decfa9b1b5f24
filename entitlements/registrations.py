"""What this app gives to the journal: who decides its requests, and what undoes its acts."""

from datetime import datetime
from typing import Any

from journal import approvals, jobs, reverts
from journal.approvals import ApprovalHandler
from journal.domain.actor import Actor
from journal.domain.refusal import NotFound, Refusal
from journal.reverts import Inverse


def register_handlers() -> None:
    """Called once from AppConfig.ready(), when every model is there."""
    from entitlements.actions import trial_reactivation
    from entitlements.actions.override_decisions import approve_request, reject_request, withdraw_request
    from entitlements.actions.trials import approve_extension
    from entitlements.queries.concessions import outdated_override
    from entitlements.queries.life.trials import outdated_extension
    from entitlements.queries.story.moments import register_moments

    decides = "entitlements.approve_concession"
    asked = ApprovalHandler(decides, approve_request, reject_request, withdraw_request, outdated=outdated_override)
    approvals.register("override", asked)
    extension = ApprovalHandler(decides, approve=approve_extension, outdated=outdated_extension)
    approvals.register("trial_extension", extension)
    again = ApprovalHandler(decides, approve=trial_reactivation.approve_reactivation)
    approvals.register(trial_reactivation.KIND, again)
    register_merging()
    register_imports()
    register_billing()
    register_holders()
    register_publications()
    register_loans()
    register_contracts()
    register_moments()
    register_use()
    register_endings()
    revoke = Inverse("Revoke this override", permission="entitlements.revoke_override", act=revoke_granted)
    for verb in ("override:grant", "override:approve", "override:edit", "override:renew"):
        reverts.register(verb, revoke)
    reopen = Inverse("Reopen this account", permission="entitlements.set_standing", act=reopen_account)
    for verb in ("account:suspend", "account:close"):
        reverts.register(verb, reopen)


def register_imports() -> None:
    """Which of this app's records can be brought in a file; the importer is the catalog's."""
    from catalog.actions.import_jobs import register_imports_of
    from entitlements.imports.accounts import AccountTable

    register_imports_of(AccountTable)


def register_merging() -> None:
    """What becomes of everything that points to an account when it is merged, and who decides that it is."""
    from entitlements import merge_rules
    from entitlements.actions.merging import approve_merge
    from entitlements.queries.merge_cautions import KIND
    from entitlements.queries.merging import outdated_merge

    merge_rules.register_own()
    decides = "entitlements.approve_concession"
    handler = ApprovalHandler(decides, approve=approve_merge, review=review_of_merge, outdated=outdated_merge)
    approvals.register(KIND, handler)
    approvals.register_account_page(page_of_account)


def page_of_account(key: str) -> str:
    from django.urls import reverse

    return reverse("admin:desk_account", args=[key])


def review_of_merge(approval: Any) -> str:
    """The two side by side, as they stand now."""
    from django.urls import reverse

    from entitlements.queries.merging import parties

    duplicate, into = parties(approval)
    return f"{reverse('admin:entitlements_account_merge', args=[into.key])}?other={duplicate.key}"


def register_billing() -> None:
    """Who bills, and by what means it is told; until one is connected, what it would be told is logged."""
    from entitlements.actions.billed.findings import PERMISSION, approve_keeping
    from entitlements.actions.billing import BILLING
    from entitlements.integrations.billing import console
    from entitlements.integrations.stripe import registration, sender
    from entitlements.queries.billed.findings import KEEPING, outdated_keeping
    from journal import connection_panels, senders
    from journal.connection_panels import Panel

    registration.register()
    senders.register(BILLING, sender.or_else(console.send))
    keeping = ApprovalHandler(
        PERMISSION, approve=approve_keeping, review=review_of_keeping, outdated=outdated_keeping
    )  # fmt: skip
    approvals.register(KEEPING, keeping)
    connection_panels.register("billing", Panel("entitlements/billed/_compared.html", compared_with_billing))


def review_of_keeping(approval: Any) -> str:
    """The finding's page, with both sides side by side."""
    from django.urls import reverse

    return reverse("admin:entitlements_billingfinding_change", args=[approval.subject_key])


def compared_with_billing(connection: Any, user: Any, at: datetime) -> Any:
    """What the page of a connection says of how what it bills compares with the desk."""
    from entitlements.admin.billed.comparing import compared_panel

    return compared_panel(connection, user, at)


def register_use() -> None:
    """How much customers have in use: what their counters say."""
    from entitlements import in_use
    from entitlements.queries.usage.in_use import counted_in_use

    in_use.register(counted_in_use)


def register_holders() -> None:
    """What publishing and retiring ask about customers."""
    from catalog import holders
    from entitlements.queries.billed.features import named_by_billing
    from entitlements.queries.clock.market_accounts import accounts_by_market
    from entitlements.queries.publishing.grandfathering import frozen_cohort_name, holders_by_version, running_trials

    holders.register(
        holders.Holders(holders_by_version, running_trials, frozen_cohort_name, accounts_by_market, named_by_billing)
    )


def register_loans() -> None:
    """Who decides loans beyond policy, and the long work of large ones."""
    from entitlements.actions import loan_work, loans

    decided = ApprovalHandler(
        loan_work.DECIDES,
        approve=loans.approve_loan,
        reject=loans.reject_loan,
        withdraw=loans.withdraw_loan,
        review=review_of_loan,
    )
    approvals.register(loans.KIND, decided)
    for kind, handler in loan_work.HANDLERS.items():
        jobs.register(kind, handler)


def register_contracts() -> None:
    """Who decides contracts beyond policy; rejected or withdrawn, they are drafts again."""
    from entitlements.actions import contract_signing

    decides, again = "entitlements.approve_concession", contract_signing.back_to_draft
    outdated = contract_signing.outdated_signing
    handler = ApprovalHandler(decides, contract_signing.approve_signing, again, again, outdated=outdated)
    approvals.register(contract_signing.KIND, handler)


def register_endings() -> None:
    """What of this app ends and is renewed or let go, and how what goes on is made."""
    from entitlements import ending_sources
    from entitlements.actions.renewals import making
    from entitlements.ending_sources import Renewing, Source
    from entitlements.models.reminder import EndOf
    from entitlements.queries.renewals import contract_ends as contracts
    from entitlements.queries.renewals import other_ends as others

    next_contract = Renewing(
        "Draft the next contract", "Drafts a contract from the day after, with the same terms and lines.",
        "entitlements.write_contract", making.offer_contract, making.renew_contract,
    )  # fmt: skip
    more_maintenance = Renewing(
        "Extend the maintenance", "Lets the licence cover later versions too.",
        "entitlements.issue_licence", making.offer_maintenance, making.renew_maintenance,
    )  # fmt: skip
    next_credits = Renewing(
        "Grant the next credits", "Grants the same amount again, from the day after.",
        "entitlements.grant_credits", making.offer_grant, making.renew_grant,
    )  # fmt: skip
    for source in (
        Source(
            EndOf.CONTRACT, contracts.contract_ends, contracts.contract_gives, contracts.contract_page, next_contract,
            contracts.contracts_stand, contracts.contracts_begin,
        ),
        Source(EndOf.SUBSCRIPTION, others.subscription_ends, others.subscription_gives, others.subscription_page),
        Source(
            EndOf.MAINTENANCE, others.maintenance_ends, others.maintenance_gives, others.licence_page, more_maintenance
        ),
        Source(
            EndOf.CREDITS, others.credit_ends, others.grant_gives, others.grant_page, next_credits, others.grants_stand
        ),
    ):  # fmt: skip
        ending_sources.register(source)


def review_of_loan(approval: Any) -> str:
    """The loan's page: who would take part, who wouldn't and why, and what it gives."""
    from django.urls import reverse

    return reverse("admin:entitlements_loan_change", args=[approval.subject_key])


def register_publications() -> None:
    """Who decides publications that take something away, and the long work that counts and tells what they do."""
    from catalog.actions.second_person import APPROVE
    from catalog.queries.requests import outdated
    from entitlements.actions import counting, rollout_changes
    from entitlements.actions.publications import approve_publication
    from entitlements.queries.publishing.publications import COUNTING, KIND

    handler = ApprovalHandler(APPROVE, approve=approve_publication, review=review_of, outdated=outdated)
    approvals.register(KIND, handler)
    jobs.register(COUNTING, counting.HANDLER)
    jobs.register(rollout_changes.KIND, rollout_changes.HANDLER)


def review_of(approval: Any) -> str:
    """The last step of publishing, with what was asked for already chosen."""
    from django.urls import reverse

    from catalog.domain.rollouts import parse_publication
    from entitlements.admin.publishing.forms import as_query

    address = reverse("admin:entitlements_publish_check", args=[approval.subject_key])
    return f"{address}?{as_query(parse_publication(approval.payload))}"


def revoke_granted(*, event: Any, by: Actor, at: datetime) -> Any:
    """Revoke the override that an audit event put in force."""
    from entitlements.actions.overrides import revoke
    from entitlements.models import Override

    override = Override.objects.filter(pk=int(event.subject_key)).first()
    if override is None:
        raise NotFound("This override is no longer there.")
    return revoke(override=override, reason=f"Reverted what {event.actor_name} did", by=by, at=at)


def reopen_account(*, event: Any, by: Actor, at: datetime) -> Any:
    """Reopen the account that an audit event suspended or closed."""
    from entitlements.actions.accounts import set_standing
    from entitlements.domain.facts import Standing
    from entitlements.models import Account
    from entitlements.queries.holdings import standings

    account = Account.objects.filter(key=event.account_key).first()
    if account is None:
        raise NotFound("This account is no longer there.")
    if standings(account_ids=[account.pk], at=at)[account.pk] is Standing.OPEN:
        raise Refusal(f"{account} is open already.")
    reason = f"Reverted what {event.actor_name} did"
    return set_standing(account=account, standing=Standing.OPEN, reason=reason, by=by, at=at)
