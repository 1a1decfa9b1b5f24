"""Issuing licences: what is written, what the key is worth, and what is refused."""

from datetime import UTC, date, datetime

import pytest

from entitlements.actions.accounts import set_standing
from entitlements.actions.licences.activating import activate
from entitlements.actions.licences.issuing import edit_licence, issue, renew_key, token_of, transfer
from entitlements.actions.licences.policies import retire_policy
from entitlements.actions.licences.standing import resume, revoke, suspend
from entitlements.actions.merging import ask_to_merge
from entitlements.domain.facts import Standing
from entitlements.domain.licences.key_text import parse_key
from entitlements.models import Account, LicencePolicy
from entitlements.models.licence import Licence, LicenceActivation
from entitlements.queries.licences import standing_now
from entitlements.queries.licences.known import licence_known
from journal.actions import approvals
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import Approval, AuditEvent
from tests.conftest import actor
from tests.entitlements.licensing import licensed, policy_of
from tests.entitlements.world import AT, DAY, account, catalog, subscribed

pytestmark = pytest.mark.django_db
NOW = {"by": SYSTEM, "at": AT}


@pytest.fixture
def acme() -> Account:
    return account("acme")


@pytest.fixture
def press() -> LicencePolicy:
    return policy_of(None, at=AT - DAY, maintenance_months=12)


def verbs(account: Account) -> list[str]:
    rows = AuditEvent.objects.filter(account_key=account.key, verb__startswith="licence:").order_by("seq")
    return list(rows.values_list("verb", flat=True))


def works(key: str) -> bool:
    parsed = parse_key(key)
    assert parsed is not None
    return licence_known(parsed, now=AT.timestamp()) is not None


def test_a_licence_is_issued_with_a_key_that_is_kept_nowhere(acme: Account, press: LicencePolicy, sales: Actor) -> None:
    done = issue(
        account=acme,
        policy=press,
        name="Graz",
        environment="production",
        through_on=date(2026, 12, 31),
        by=sales,
        at=AT,
    )
    row = Licence.objects.get(pk=done.licence.pk)
    assert row.expires_at == datetime(2026, 12, 31, 23, tzinfo=UTC)  # midnight in Amsterdam
    assert row.maintenance_until == date(2027, 3, 1)
    assert (row.name, row.environment, row.issued_by) == ("Graz", "production", sales.name)
    assert done.key.startswith(f"el_{row.prefix}_")
    assert works(done.key)
    secret = done.key.rpartition("_")[2]
    event = AuditEvent.objects.get(verb="licence:issue", account_key="acme")
    assert secret not in str(event.changes) + event.subject_label + str(row.__dict__)
    assert event.changes["maintenance until"] == [None, "2027-03-01"]


def test_what_cannot_be_issued(acme: Account, press: LicencePolicy, support_agent: Actor) -> None:
    other = subscribed(account("beta"), catalog().team)
    for refused, told in [
        (Invalid, {"through_on": date(2026, 3, 1)}),
        (Invalid, {"expires_at": AT}),
        (Invalid, {"expires_at": AT + DAY, "through_on": date(2026, 4, 1)}),
        (Invalid, {"subscription": other}),
        (Invalid, {"name": "x" * 201}),
        (Stale, {"seen": [7]}),
        (NotAllowed, {"by": support_agent}),
    ]:
        with pytest.raises(refused):
            issue(account=acme, policy=press, **{**NOW, **told})
    retire_policy(policy=press, **NOW)
    with pytest.raises(Refusal, match="retired"):
        issue(account=acme, policy=LicencePolicy.objects.get(), **NOW)
    assert not Licence.objects.exists()


def test_a_new_key_stops_the_old_one_at_once(acme: Account, press: LicencePolicy) -> None:
    first = licensed(acme, press, at=AT)
    activate(licence=first.licence, fingerprint="press-4", **NOW)
    second = renew_key(licence=first.licence, reason="Posted in a forum", **NOW)
    assert second.licence.prefix == first.licence.prefix
    assert (works(first.key), works(second.key)) == (False, True)
    assert LicenceActivation.objects.get().released_at is None
    with pytest.raises(Invalid):
        renew_key(licence=first.licence, reason=" ", **NOW)


def test_it_is_handed_over_and_both_stories_tell_it(acme: Account, press: LicencePolicy) -> None:
    done = licensed(acme, press, at=AT, through_on=date(2026, 12, 31), subscription=subscribed(acme, catalog().team))
    activate(licence=done.licence, fingerprint="press-4", **NOW)
    beta = account("beta", zone="America/New_York")
    row = transfer(licence=done.licence, account=beta, reason="Sold the plant", **NOW)
    assert (row.account, row.subscription) == (beta, None)
    assert row.expires_at == datetime(2027, 1, 1, 5, tzinfo=UTC)
    assert LicenceActivation.objects.get().released_at == AT
    assert works(done.key)
    assert verbs(acme)[-1] == verbs(beta)[-1] == "licence:transfer"
    with pytest.raises(Invalid, match="already"):
        transfer(licence=row, account=beta, reason="Again", **NOW)


def test_it_is_edited_by_who_saw_it_as_it_is(acme: Account, press: LicencePolicy) -> None:
    row = licensed(acme, press, at=AT, name="Graz", expires_at=AT + DAY).licence
    seen = token_of(row)
    told = {"name": "Linz", "environment": "", "maintenance_until": None, "seen": seen, **NOW}
    edited = edit_licence(licence=row, through_on=date(2026, 4, 1), **told)
    assert (edited.name, edited.through_on, edited.maintenance_until) == ("Linz", date(2026, 4, 1), None)
    with pytest.raises(Stale):
        edit_licence(licence=row, through_on=None, **told)
    with pytest.raises(Invalid, match="already"):
        edit_licence(licence=edited, through_on=date(2026, 3, 1), **{**told, "seen": None})
    same = edit_licence(licence=edited, through_on=date(2026, 4, 1), **{**told, "seen": None})
    assert same.expires_at == edited.expires_at
    assert verbs(acme) == ["licence:issue", "licence:edit"]


def test_it_is_suspended_goes_on_and_is_revoked_for_good(acme: Account, press: LicencePolicy, sales: Actor) -> None:
    row = licensed(acme, press, at=AT).licence
    assert suspend(licence=row, reason="Unpaid", **NOW).suspend_reason == "Unpaid"
    assert standing_now(Licence.objects.get(), AT).code == "suspended"
    with pytest.raises(Stale):
        suspend(licence=row, reason="Unpaid", **NOW)
    resume(licence=row, **NOW)
    assert standing_now(Licence.objects.get(), AT).valid
    with pytest.raises(NotAllowed):
        revoke(licence=row, reason="Stolen", by=sales, at=AT)
    revoke(licence=row, reason="Stolen", **NOW)
    assert standing_now(Licence.objects.get(), AT).code == "revoked"
    for act in (suspend, resume, revoke, renew_key):
        with pytest.raises(Refusal, match="revoked for good"):
            act(licence=row, reason="Again", **NOW)
    assert verbs(acme) == ["licence:issue", "licence:suspend", "licence:resume", "licence:revoke"]


def test_it_sleeps_with_its_subscription_and_its_account(acme: Account, press: LicencePolicy) -> None:
    world = catalog()
    trial = subscribed(acme, world.free, at=AT - DAY, ends_at=AT + DAY)
    row = licensed(acme, press, at=AT, subscription=trial).licence
    assert standing_now(row, AT).valid
    assert standing_now(row, AT + DAY).code == "subscription_over"
    set_standing(account=acme, standing=Standing.CLOSED, reason="Left", **NOW)
    assert standing_now(row, AT).code == "account_closed"


def test_a_key_goes_on_working_after_a_merge(acme: Account, press: LicencePolicy) -> None:
    done = licensed(acme, press, at=AT - DAY)
    beta = account("beta")
    asked = ask_to_merge(duplicate=acme, into=beta, reason="The same", by=actor("sales"), at=AT)
    assert isinstance(asked, Approval), "who has licences is merged by a second person"
    approvals.approve(approval=asked, by=actor("finance"), at=AT)
    known = licence_known(parse_key(done.key), now=AT.timestamp())  # type: ignore[arg-type]
    assert known is not None
    assert (known.account.key, standing_now(Licence.objects.get(), AT).valid) == ("beta", True)
    assert activate(licence=done.licence, fingerprint="press-4", **NOW).activation.released_at is None
