from datetime import timedelta

import pytest

from entitlements.actions.accounts import edit_account, open_account, set_standing
from entitlements.actions.contacts import add_contact
from entitlements.actions.locking import MergedAway
from entitlements.actions.merging import CannotMerge, ask_to_merge
from entitlements.actions.spend_caps import set_cap
from entitlements.actions.subscriptions import start
from entitlements.domain.facts import Mode, Standing
from entitlements.models import CohortMember, Contact, EntitlementChange, SpendCap, Subscription
from entitlements.models.account import AccountKind
from entitlements.queries.accounts import account_by_key, find_accounts
from entitlements.queries.merging import merge_token, preview_merge
from entitlements.queries.story.timeline import timeline
from journal.actions import approvals
from journal.actions.deeds import begin, keep_many
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import Approval, AuditEvent
from tests.catalog.factories import FeatureRevisionFactory
from tests.conftest import actor
from tests.entitlements.factories import (
    BilledFeatureFactory,
    CohortFactory,
    LoanFactory,
    OverrideFactory,
    overridden,
)
from tests.entitlements.world import AT, DAY, GB, account, catalog, subscribed, value

LATER = AT + DAY


@pytest.fixture
def world(db):
    return catalog()


@pytest.fixture
def acme(world):
    return account("acme", domains=["acme.example"])


@pytest.fixture
def beta(world):
    return account("beta", name="Beta", external_ids=[("stripe", "cus_Beta")])


def merged(duplicate, into, *, at=AT):
    """As finance asks and somebody else of finance approves."""
    told = ask_to_merge(duplicate=duplicate, into=into, reason="One customer", by=actor("sales"), at=at)
    if isinstance(told, Approval):
        approvals.approve(approval=told, by=actor("finance"), at=at)
    duplicate.refresh_from_db()
    into.refresh_from_db()


def test_what_never_held_anything_is_merged_at_once(acme, beta, sales):
    ask_to_merge(duplicate=beta, into=acme, reason="Signed up twice", by=sales, at=AT)
    beta.refresh_from_db()
    assert (beta.merged_into, beta.merged_at) == (acme, AT)
    assert [event.account_key for event in AuditEvent.objects.filter(verb="account:merge")] == ["beta", "acme"]


def test_what_held_something_needs_a_second_person(world, acme, beta, sales):
    subscribed(beta, world.team)
    request = ask_to_merge(duplicate=beta, into=acme, reason="One customer", by=sales, at=AT)
    assert request.summary.startswith("Merge Beta (beta) into Acme (acme), which stays.")
    assert value(acme, "storage", AT) is None
    approvals.approve(approval=request, by=actor("finance"), at=AT)
    assert value(acme, "storage", AT) == 100 * GB


def test_nobody_approves_the_merge_they_asked_for(world, acme, beta, finance):
    subscribed(beta, world.team)
    request = ask_to_merge(duplicate=beta, into=acme, reason="One customer", by=finance, at=AT)
    with pytest.raises(NotAllowed, match="someone else has to approve"):
        approvals.approve(approval=request, by=finance, at=AT)


def test_subscriptions_go_on_under_numbers_of_their_own(world, acme, beta):
    own, other = subscribed(acme, world.free), subscribed(beta, world.team)
    merged(beta, acme)
    other.refresh_from_db()
    assert [(one.pk, one.number) for one in acme.subscriptions.order_by("number")] == [(own.pk, 1), (other.pk, 2)]
    assert value(acme, "storage", AT) == 100 * GB


def test_what_was_believed_before_stays_as_it_was(world, acme, beta):
    subscribed(acme, world.free)
    subscribed(beta, world.team)
    merged(beta, acme, at=LATER)
    assert value(acme, "storage", AT, known_at=AT) == 1 * GB
    assert value(beta, "storage", AT, known_at=AT) == 100 * GB
    assert value(acme, "storage", AT) == 100 * GB
    assert value(beta, "storage", LATER) is None


def test_what_the_billing_says_of_the_duplicate_goes_on_for_the_account_that_stays(world, acme, beta):
    FeatureRevisionFactory(feature=world.sso, given_by="billing")
    said = BilledFeatureFactory(account=beta, feature=world.sso)
    assert (value(acme, "sso", AT), value(beta, "sso", AT)) == (None, True)
    gained = preview_merge(duplicate=beta, into=acme, at=AT).changes
    assert [effect.feature for effect in gained] == ["sso"]
    merged(beta, acme, at=LATER)
    said.refresh_from_db()
    assert (said.account, said.ends_at) == (acme, None)
    assert (value(acme, "sso", LATER), value(beta, "sso", LATER)) == (True, None)
    assert value(beta, "sso", AT, known_at=AT) is True
    assert value(acme, "sso", AT, known_at=AT) is None


def test_what_both_were_promised_adds_up(world, acme, beta):
    subscribed(acme, world.team)
    for one in (acme, beta):
        overridden(one, world.storage, Mode.ADD, 5 * GB, at=AT - DAY)
    merged(beta, acme)
    assert value(acme, "storage", AT) == 110 * GB


def test_contacts_that_are_there_already_are_not_doubled(acme, beta):
    for one, email in ((acme, "ann@acme.example"), (beta, "Ann@acme.example"), (beta, "bob@acme.example")):
        add_contact(account=one, name=email[:3].title(), email=email, by=SYSTEM, at=AT)
    merged(beta, acme)
    assert [contact.email for contact in acme.contacts.all()] == ["ann@acme.example", "bob@acme.example"]
    assert Contact.objects.filter(account=beta).count() == 1


def test_the_account_that_stays_is_found_by_all_that_the_duplicate_was(acme, beta):
    merged(beta, acme)
    for spoken in ("beta", "stripe:cus_Beta", "cus_beta", "acme"):
        assert account_by_key(spoken) == acme
    assert find_accounts(text="Beta") == [acme]
    edit_account(account=acme, name="Acme Group", by=SYSTEM, at=LATER)
    assert find_accounts(text="Beta") == [acme]


def test_the_own_cap_holds_where_both_have_one(acme, beta):
    for one, amount in ((acme, 10), (beta, 20)):
        set_cap(account=one, feature=None, amount_micros=amount * 10**6, currency="USD", by=SYSTEM, at=AT)
    merged(beta, acme)
    assert SpendCap.objects.get(account=acme).amount_micros == 10 * 10**6


def test_cohorts_are_joined_once(acme, beta):
    both, one = CohortFactory(), CohortFactory()
    rows = [CohortMember(cohort=cohort, account=it) for cohort, it in ((both, acme), (both, beta), (one, beta))]
    keep_many(rows, deed=begin(by=SYSTEM, at=AT - DAY))
    merged(beta, acme)
    assert sorted(member.cohort_id for member in acme.cohorts.all()) == [both.pk, one.pk]


def test_what_one_loan_lent_to_both_is_lent_once(world, acme, beta):
    subscribed(acme, world.team)
    loan = LoanFactory(account=None, cohort=CohortFactory(), feature=world.sso)
    parts = [OverrideFactory(account=one, feature=world.sso, loan=loan, requested_at=AT - DAY) for one in (acme, beta)]
    merged(beta, acme)
    parts[1].refresh_from_db()
    assert list(acme.overrides.all()) == [parts[0]]
    assert (parts[1].account, parts[1].revoked_at) == (beta, AT)


def test_children_belong_to_the_account_that_stays(acme, beta):
    child = account("child", parent=beta)
    merged(beta, acme)
    child.refresh_from_db()
    assert child.parent == acme


def test_accounts_merged_before_lead_on(acme, beta):
    first = account("first")
    merged(first, beta)
    merged(beta, acme, at=LATER)
    assert account_by_key("first") == acme


def test_the_story_is_whole_and_says_whose_it_was(world, acme, beta):
    subscribed(beta, world.team)
    merged(beta, acme)
    told = {(moment.words, moment.of) for moment in timeline(account=acme).moments}
    assert ("Open account: Beta", "Beta") in told
    assert ("Open account: Acme", "") in told
    assert ("Merge account: Acme", "") in told


def test_each_reader_is_told_what_is_answered_from_now_on(world, acme, beta):
    subscribed(beta, world.free)
    subscribed(acme, world.team)
    merged(beta, acme)
    told = EntitlementChange.objects.filter(effective_at=AT, cause="Beta was merged into Acme")
    assert not told.filter(account=acme).exists()
    seats = told.get(account=beta, feature_key="seats")
    assert (seats.before[:1], seats.after[:2]) == ("2", "10")


def test_a_suspended_duplicate_needs_a_second_person(acme, beta, sales):
    set_standing(account=beta, standing=Standing.SUSPENDED, reason="Unpaid", by=SYSTEM, at=AT - DAY)
    assert isinstance(ask_to_merge(duplicate=beta, into=acme, reason="One", by=sales, at=AT), Approval)


def test_an_account_that_was_merged_is_changed_no_more(world, acme, beta):
    merged(beta, acme)
    with pytest.raises(MergedAway, match=r"Beta was merged into Acme \(acme\) on 2 March 2026"):
        start(account=beta, plan=world.team, by=SYSTEM, at=LATER)
    with pytest.raises(MergedAway):
        edit_account(account=beta, name="Gamma", by=SYSTEM, at=LATER)
    with pytest.raises(MergedAway):
        set_standing(account=beta, standing=Standing.CLOSED, reason="?", by=SYSTEM, at=LATER)
    with pytest.raises(Invalid, match="was merged into Acme"):
        open_account(key="child", name="Child", zone="UTC", parent=beta, by=SYSTEM, at=LATER)
    assert Subscription.objects.count() == 0


@pytest.mark.parametrize(
    ("duplicate", "into", "why"),
    [
        ("acme", "acme", "the same account"),
        ("child", "acme", "Child belongs to Acme. Edit Child first"),
        ("acme", "child", "Child belongs to Acme. Edit Child first"),
        ("beta", "closed", "Closed is closed and has nothing. Reopen it first"),
        ("beta", "ours", "Ours is internal and Beta is not"),
        ("partner", "acme", "Partner sells to other accounts, and Acme is no partner"),
        ("partner", "sold", "Sold is sold to by Partner"),
        ("partner", "third", "Third is sold to by Second, and Partner sells to that"),
        ("gone", "beta", "Gone was merged into Acme already"),
        ("beta", "gone", "Gone was merged into Acme already"),
    ],
)
def test_what_can_not_be_merged_is_refused_with_what_to_do(acme, beta, sales, duplicate, into, why):
    partner = account("partner", kind=AccountKind.PARTNER)
    known = {one.key: one for one in (acme, beta, partner)}
    for key, more in (
        ("child", {"parent": acme}),
        ("ours", {"kind": AccountKind.INTERNAL}),
        ("gone", {}),
        ("closed", {}),
    ):
        known[key] = account(key, **more)
    known["sold"] = account("sold", reseller=partner)
    second = account("second", kind=AccountKind.PARTNER, reseller=partner)
    known["third"] = account("third", kind=AccountKind.PARTNER, reseller=second)
    merged(known["gone"], acme, at=AT - DAY)
    set_standing(account=known["closed"], standing=Standing.CLOSED, reason="Left", by=SYSTEM, at=AT - DAY)
    with pytest.raises(CannotMerge, match=why):
        ask_to_merge(duplicate=known[duplicate], into=known[into], reason="One", by=sales, at=AT)


def test_what_waits_on_the_duplicate_is_decided_first(world, acme, beta, sales):
    subscribed(beta, world.team)
    request = ask_to_merge(duplicate=beta, into=acme, reason="One", by=sales, at=AT)
    with pytest.raises(CannotMerge, match="asked already for Beta to be merged"):
        ask_to_merge(duplicate=beta, into=acme, reason="One", by=sales, at=AT)
    with pytest.raises(CannotMerge, match="still waits for approval"):
        ask_to_merge(duplicate=acme, into=account("gamma"), reason="One", by=sales, at=AT)
    approvals.withdraw(approval=request, by=sales, at=AT)
    assert isinstance(ask_to_merge(duplicate=beta, into=acme, reason="One", by=sales, at=AT), Approval)


def test_what_changed_since_the_page_was_shown_is_looked_at_first(world, acme, beta, sales):
    seen = merge_token(duplicate=beta, into=acme)
    subscribed(beta, world.team)
    with pytest.raises(Stale, match="Look again"):
        ask_to_merge(duplicate=beta, into=acme, reason="One", by=sales, at=AT, seen=seen)


def test_it_needs_a_reason_and_the_permission(acme, beta, sales, support_agent):
    with pytest.raises(Invalid, match="how you know") as refused:
        ask_to_merge(duplicate=beta, into=acme, reason=" ", by=sales, at=AT)
    assert refused.value.field == "reason"
    with pytest.raises(NotAllowed):
        ask_to_merge(duplicate=beta, into=acme, reason="One", by=support_agent, at=AT)


def test_a_day_that_was_said_keeps_its_instant(world, acme):
    far = account("far", zone="America/New_York")
    trial = subscribed(far, world.team, trial_days=30)
    ends = trial.phases.get().ends_at
    merged(far, acme)
    assert trial.phases.get().ends_at == ends
    assert value(acme, "seats", ends - timedelta(seconds=1)) == 10
