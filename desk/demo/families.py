"""Customers that belong together, and what a program of ours asked about some of them over the weeks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from catalog.actions.rules import set_rules
from catalog.domain.rules import rules_of
from catalog.domain.values import ParentRule
from catalog.models import Feature
from desk.demo.customers import Customer, Fate
from desk.demo.purchases import holding
from entitlements.actions.accounts import edit_account
from entitlements.actions.answers_given import remember_answer
from entitlements.actions.trial_uses import note_use
from entitlements.api.render import render_entitlement, render_told
from entitlements.models import Account
from entitlements.queries.entitlements import entitlements_of
from journal.actions.api_keys import issue
from journal.domain.actor import Actor
from journal.models import ApiKey

DAY = timedelta(days=1)
PASSED_ON = ("support_tier", "soc2")
PROGRAM = "Product backend"
USED = "vanity_urls"
CHANGED = {Fate.GRACE, Fate.UNPAID, Fate.TRIAL, Fate.TRIAL_LAPSED}


def let_children_inherit(*, by: Actor, at: datetime) -> None:
    """A child account has the support of its parent, and its report on security."""
    for key in PASSED_ON:
        feature = Feature.objects.get(key=key)
        rules = replace(rules_of(feature.revisions.latest("effective_at")), parent_rule=ParentRule.INHERIT)
        set_rules(
            feature=feature, rules=rules, effective_at=at, by=by, at=at, reason="Groups buy support for all they own."
        )


def found_family(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """A customer of Team owns two others: one bought nothing but Free and gets its support, one has Team itself."""
    teams, small = holding(customers, "team"), holding(customers, "free", fate=Fate.FREE)
    if len(teams) < 4 or len(small) < 3:
        return
    for child in (small[2], teams[3]):
        edit_account(account=child, parent=teams[2], by=by, at=at, reason="Bought by the group in spring.")


def asked_about(customers: Sequence[Customer]) -> list[Account]:
    """Whom the program asks about: each sort of life that changed lately, a parent and its children."""
    firsts = {fate: c.key for c in reversed(customers) if (fate := c.fate) in CHANGED}
    family = [account.key for account in holding(customers, "team")[2:4]]
    return list(Account.objects.filter(key__in=[*firsts.values(), *family]))


def issue_key(*, by: Actor, at: datetime) -> None:
    """The backend of the product may read what customers have, and says what they use in a trial."""
    issue(name=PROGRAM, scopes=["entitlements:read", "usage:write"], expires_at=None, by=by, at=at)


def ask(customers: Sequence[Customer], *, at: datetime) -> None:
    """The program asks what some customers have; what it is told is kept where it differs from the last time."""
    by = ApiKey.objects.get(name=PROGRAM).as_actor()
    for account in asked_about(customers):
        answers = entitlements_of(account=account, at=at)
        told = {key: render_told(render_entitlement(answer)) for key, answer in answers.items()}
        remember_answer(account=account, answers=told, by=by, at=at)


def try_out(customers: Sequence[Customer], *, at: datetime) -> None:
    """One customer uses in its trial what stays afterwards only if it was used."""
    by = ApiKey.objects.get(name=PROGRAM).as_actor()
    for account in holding(customers, "pro", fate=Fate.TRIAL)[:1]:
        note_use(subscription=account.subscriptions.get(), feature=Feature.objects.get(key=USED), by=by, at=at)
