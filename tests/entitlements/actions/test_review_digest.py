"""The weekly digest: each owner hears of their customers, finance of all, once a week, and nobody of nothing."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from entitlements.actions.review_digest import tell_digests
from entitlements.models import Override
from entitlements.tasks import digest
from journal.models import Notice, Outbound, Staff
from tests.entitlements.factories import OverrideFactory
from tests.entitlements.world import AT, DAY, account

pytestmark = pytest.mark.django_db


def person(name: str, role: str = "sales", **columns: object) -> Staff:
    made = Staff.objects.create_user(name, email=f"{name}@desk.example", first_name=name.title(), **columns)
    made.groups.set(Group.objects.filter(name=role))
    return made


def ending(key: str, owner: Staff | None, *, days: int = 3) -> Override:
    return OverrideFactory(account=account(key, owner=owner), starts_at=AT - DAY, ends_at=AT + days * DAY)


@pytest.fixture
def ann(db: None) -> Staff:
    return person("ann")


def told() -> dict[str, Notice]:
    return {notice.recipient: notice for notice in Notice.objects.all()}


def test_an_owner_hears_of_their_customers_only(ann: Staff) -> None:
    first, other = ending("acme", ann), ending("other", person("bob"))
    assert tell_digests(at=AT) == 2
    notice = told()["ann@desk.example"]
    assert notice.subject == "Your customers: 1 override needs a look"
    assert f"- Acme: {first.feature}" in notice.body
    assert str(other.feature) not in notice.body
    assert "/override/review/?section=ending&owner=mine" in notice.body


def test_finance_hears_how_many_there_are_at_all_customers(ann: Staff) -> None:
    person("fin", "finance")
    ending("acme", ann)
    ending("nobody_s", None)
    tell_digests(at=AT)
    notice = told()["fin@desk.example"]
    assert notice.subject == "2 overrides need a look"
    assert "Ends within 14 days: 2" in notice.body
    assert "Acme:" not in notice.body
    assert "/override/review/?section=ending\n" in notice.body


def test_where_nothing_is_to_be_done_nobody_is_written_to(ann: Staff) -> None:
    person("fin", "finance")
    ending("acme", ann, days=60)
    assert tell_digests(at=AT) == 0
    assert not Outbound.objects.exists()


def test_once_a_week_however_often_it_ticks(ann: Staff, django_assert_max_num_queries: object) -> None:
    ending("acme", ann)
    assert tell_digests(at=AT) == 1
    with django_assert_max_num_queries(4):  # type: ignore[operator]  # the queue isn't even read
        assert tell_digests(at=AT + timedelta(hours=5)) == 0
    assert tell_digests(at=AT + 7 * DAY - timedelta(hours=10)) == 0  # a Sunday
    assert tell_digests(at=AT + 7 * DAY) == 1


def test_who_left_or_has_no_address_is_passed_over(ann: Staff) -> None:
    ending("acme", person("gone", is_active=False))
    Staff.objects.filter(pk=ann.pk).update(email="")
    ending("other", ann)
    assert tell_digests(at=AT) == 0


def test_of_many_only_the_first_are_named(ann: Staff) -> None:
    for number in range(12):
        ending(f"a{number}", ann)
    tell_digests(at=AT)
    body = Notice.objects.get().body
    assert body.count("\n- A") == 10
    assert "- and 2 more" in body


def test_the_clock_calls_it(db: None) -> None:
    assert digest() == 0
