"""“Counted on” of a case's page: what it took and gave back, and the form that leaves it uncounted."""

import pytest
from django.urls import reverse
from django.utils import timezone

from support.models import Case
from tests.conftest import actor
from tests.support.admin.allowances.test_pages import signed_in
from tests.support.casework import holder
from tests.support.counting_world import a_case as opened
from tests.support.counting_world import held, incidents, left, promised, sold, supported
from tests.support.factories import AllowanceFactory

pytestmark = pytest.mark.django_db


def a_case(account, **told):
    """Opened now, by the clock that the pages go by."""
    return opened(account, at=timezone.now(), **told)


def shown(client, case: Case) -> str:
    return client.get(reverse("admin:support_case", args=[case.pk])).content.decode()


def say(client, case: Case, act: str, reason: str, **more):
    told = {"act": act, "count-reason": reason}
    return client.post(reverse("admin:support_case_count", args=[case.pk]), told, **more)


def test_what_it_took_stands_on_its_page():
    acme, _ = supported(10)
    page = shown(signed_in("support"), a_case(acme))
    assert "Counted on" in page
    assert "One taken" in page
    assert "Don’t count this one" in page


def test_where_nobody_has_prepaid_help_there_is_no_block():
    promised()
    page = shown(signed_in("support"), a_case(holder("acme")))
    assert "Counted on" not in page


def test_why_nothing_was_counted():
    promised()
    AllowanceFactory()
    client = signed_in("support")
    assert "Nobody knows yet whose case it is." in shown(client, a_case(None))
    assert "Nothing covers it, so nothing is counted." in shown(client, a_case(holder("bare", "community")))


def test_left_uncounted_with_a_reason_and_counted_after_all():
    acme, pack = supported(10)
    case = a_case(acme, by=actor("support", "Ann"))
    client = signed_in("support")
    page = say(client, case, "exempt", "Our release broke it", follow=True).content.decode()
    assert "isn’t counted" in page
    assert "Our release broke it" in page
    assert left(acme, pack) == 10
    page = say(client, case, "count", "Theirs after all", follow=True).content.decode()
    assert "counts after all" in page
    assert (left(acme, pack), len(held(case))) == (9, 1)


def test_without_a_reason_the_page_comes_again_with_the_form_open():
    acme, pack = supported(10)
    case = a_case(acme)
    refused = say(signed_in("support"), case, "exempt", "  ")
    assert refused.status_code == 422
    assert "Say why: the customer’s ledger tells it." in refused.content.decode()
    assert "<details open>" in refused.content.decode()
    assert left(acme, pack) == 9


def test_what_the_action_refuses_stands_in_the_form():
    acme, pack = supported(1)
    case = a_case(acme)
    client = signed_in("support")
    say(client, case, "exempt", "Our fault")
    a_case(acme)
    refused = say(client, case, "count", "Theirs after all")
    assert refused.status_code == 422
    assert "Nothing is left of Incidents" in refused.content.decode()
    assert "Theirs after all" in refused.content.decode()
    assert left(acme, pack, at=timezone.now()) == 0


def test_who_may_only_look_has_no_form():
    acme, _ = supported(10)
    case = a_case(acme)
    client = signed_in("auditor")
    assert "Don’t count this one" not in shown(client, case)
    assert say(client, case, "exempt", "Why not").status_code == 403


def test_several_packs_are_told_apart():
    acme, pack = supported(1)
    more = incidents("more_incidents")
    sold(acme, more, 1)
    page = shown(signed_in("support"), a_case(acme))
    assert str(pack) in page or str(more) in page
