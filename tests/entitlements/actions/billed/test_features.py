"""What the billing says a customer has is what the account has, whole or not at all, and once."""

import pytest

from entitlements.actions.billed.features import follow_features, follow_features_again
from entitlements.actions.billed.findings import settle
from entitlements.domain.billed.findings import FindingState
from entitlements.domain.billed.told import BilledCustomer
from entitlements.models import BilledFeature, BillingFinding, EntitlementChange, FeaturesTold, Identifier
from journal.actions.deeds import begin, keep, remove
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import NotAllowed
from journal.models import AuditEvent, Connection
from tests.catalog.factories import FeatureFactory
from tests.entitlements.billed_features import acme, asked, by_billing, customer_of, had, look, told
from tests.entitlements.billing import BY, verbs
from tests.entitlements.domain.billed.told import NOW, day
from tests.entitlements.world import account, answer
from tests.journal.factories import ConnectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def there() -> Connection:
    return ConnectionFactory()


def test_given_and_taken(there: Connection) -> None:
    by_billing("audit")
    mine = acme()
    assert look(there, told("audit")).words == "Given: Audit"
    assert answer(mine, "audit", NOW).granted
    assert look(there, told(), at=day(1)).words == "Taken: Audit"
    assert not answer(mine, "audit", day(1)).granted
    assert answer(mine, "audit", day(0.5)).granted, "what was true then stays true"


def test_all_of_it_is_one_deed_told_once(there: Connection) -> None:
    by_billing("audit"), by_billing("export")
    mine = acme()
    so_far = len(verbs())
    look(there, told("audit", "export"))
    assert verbs()[so_far:] == ["account:follow_features"]
    event = AuditEvent.objects.get(verb="account:follow_features")
    assert (event.account_key, event.changes) == (
        mine.key,
        {"Audit": [None, "given by the billing"], "Export": [None, "given by the billing"]},
    )
    changes = EntitlementChange.objects.filter(account=mine)
    assert {(row.feature_key, row.cause, row.audit_id) for row in changes} == {
        ("audit", "The billing says so", event.pk), ("export", "The billing says so", event.pk)
    }  # fmt: skip


def test_seen_again_nothing_is_written(there: Connection) -> None:
    by_billing("audit")
    acme()
    look(there, told("audit", "theirs"))
    before = (len(verbs()), BilledFeature.history.count(), BillingFinding.history.count())
    assert look(there, told("audit", "theirs"), at=day(0.5)).words == "Nothing differed"
    assert before == (len(verbs()), BilledFeature.history.count(), BillingFinding.history.count())


def test_an_older_look_that_comes_late_is_passed_over(there: Connection) -> None:
    by_billing("audit")
    acme()
    older, newer = asked(there), asked(there)
    look(there, told(), ticket=newer)
    assert not look(there, told("audit"), ticket=older, at=day(1)).applied
    assert had() == []


def test_the_same_ticket_counts_once(there: Connection) -> None:
    acme()
    ticket = asked(there)
    assert [look(there, told(), ticket=ticket).applied for _ in range(2)] == [True, False]


def test_given_taken_and_given_again_keeps_its_past(there: Connection) -> None:
    by_billing("audit")
    mine = acme()
    for number, said in enumerate([told("audit"), told(), told("audit")]):
        look(there, said, at=day(number))
    assert [answer(mine, "audit", day(number)).granted for number in range(3)] == [True, False, True]
    assert BilledFeature.objects.count() == 2


def test_a_look_whose_clock_is_behind_ends_it_where_it_began(there: Connection) -> None:
    by_billing("audit")
    acme()
    look(there, told("audit"), at=day(1))
    look(there, told(), at=NOW)
    row = BilledFeature.objects.get()
    assert row.ends_at == row.starts_at == day(1)


def test_who_has_it_under_another_name_goes_on_having_it(there: Connection) -> None:
    feature = by_billing("audit")
    mine = acme()
    look(there, told("audit"))
    row = BilledFeature.objects.get(feature=feature)
    row.billing_id = "ent_former"
    keep(row, deed=begin(by=BY, at=NOW))
    look(there, told("audit"), at=day(1))
    row.refresh_from_db()
    assert (row.billing_id, row.ends_at, row.account) == ("ent_audit", None, mine)


def test_only_who_may_sell_follows(there: Connection) -> None:
    nobody = Actor(kind=ActorKind.CONNECTION, key="connection:other", name="Other")
    with pytest.raises(NotAllowed):
        follow_features(connection=there, told=told(), ticket=asked(there), by=nobody, at=NOW)


def test_an_unknown_customer_gets_nothing_and_is_a_doubt_only_for_something(there: Connection) -> None:
    FeatureFactory(key="sso")
    look(there, told("sso"))
    assert not BillingFinding.objects.exists()
    by_billing("audit")
    who = BilledCustomer("console", "cus_1", "Acme", "bea@acme.example", "NL")
    followed = look(there, told("audit"), who=who)
    row = BillingFinding.objects.get()
    assert (row.kind, row.billing_id, row.about) == ("doubtful", "cus_1", "cus_1")
    assert BilledCustomer(**row.evidence["theirs"]) == who
    assert followed.findings == ("Acme has features at the billing, and nobody knows whose account it is.",)
    look(there, told(), at=day(1))
    assert BillingFinding.objects.get().state == "mended"


def test_a_customer_that_is_another_accounts_now_has_it_there(there: Connection) -> None:
    by_billing("audit")
    first = acme()
    look(there, told("audit"))
    remove(Identifier.objects.get(account=first, system="console"), deed=begin(by=BY, at=NOW))
    second = customer_of(account("beta"))
    look(there, told("audit"), at=day(1))
    assert (answer(first, "audit", day(1)).granted, answer(second, "audit", day(1)).granted) == (False, True)
    assert BilledFeature.objects.filter(ends_at=None).get().account == second


def test_two_connections_stand_apart(there: Connection) -> None:
    by_billing("audit")
    mine = acme()
    other = ConnectionFactory()
    look(there, told("audit"))
    look(other, told("audit"))
    look(there, told(), at=day(1))
    assert answer(mine, "audit", day(1)).granted
    look(other, told(), at=day(2))
    assert not answer(mine, "audit", day(2)).granted


def test_two_customers_of_one_account_stand_apart(there: Connection) -> None:
    by_billing("audit")
    mine = customer_of(acme(), "cus_2")
    look(there, told("audit"))
    look(there, told("audit", customer="cus_2"))
    look(there, told(), at=day(1))
    assert answer(mine, "audit", day(1)).granted


def test_what_was_told_last_is_kept_and_followed_again(there: Connection) -> None:
    acme()
    look(there, told("audit"))
    assert FeaturesTold.objects.get().told == [
        {"billing_id": "ent_audit", "feature": "feat_audit", "lookup_key": "audit"}
    ]
    by_billing("audit")
    followed = follow_features_again(connection=there, customer="cus_1", by=BY, at=day(1))
    assert (followed.words, had()) == ("Given: Audit", ["audit"])


def test_a_stranger_is_noted_once_whoever_has_it_and_mended_when_it_is_known(there: Connection) -> None:
    acme(), acme("cus_2", "beta")
    look(there, told("theirs"))
    look(there, told("theirs", customer="cus_2"))
    look(there, told())
    row = BillingFinding.objects.get()
    assert (row.about, row.billing_id, row.account, row.state) == ("feature:theirs", "", None, "open")
    by_billing("theirs")
    look(there, told())
    assert BillingFinding.objects.get().state == "mended"


def test_what_was_kept_is_not_noted_again_until_both_have_agreed(there: Connection) -> None:
    FeatureFactory(key="sso", name="Single sign-on")
    acme()
    look(there, told("sso"))
    row = BillingFinding.objects.get()
    settle(row, FindingState.KEPT, reason="Agreed by phone", deed=begin(by=BY, at=NOW))
    look(there, told("sso"), at=day(1))
    assert [one.state for one in BillingFinding.objects.order_by("pk")] == ["kept"]
    look(there, told(), at=day(2))
    look(there, told("sso"), at=day(3))
    assert [one.state for one in BillingFinding.objects.order_by("pk")] == ["gone", "open"]
