"""The review queue on screen: what stands in it, what is decided in place, and where the reader goes on."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from entitlements.admin.review.queue_page import due
from entitlements.domain.facts import Mode
from entitlements.models import Override
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.models import Notice, Staff
from tests.entitlements.admin.conftest import Customer, SignIn
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.factories import OverrideFactory
from tests.entitlements.world import AT, DAY, GB, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(acme: Customer) -> list[Override]:
    """Of Acme's storage: + 20 GB through 5 March, + 20 GB through 7 March, and a floor the plan gives by now."""
    common = {"account": acme.account, "feature": acme.catalog.storage, "starts_at": AT - 9 * DAY, "typed_unit": "GB"}
    adds = {**common, "mode": Mode.ADD, "amount": 20 * GB}
    return [
        OverrideFactory(**adds, ends_at=AT + 3 * DAY, reason="Migration"),
        OverrideFactory(**adds, ends_at=AT + 5 * DAY),
        OverrideFactory(**common, mode=Mode.AT_LEAST, amount=50 * GB),
    ]


def posted(desk: Client, override: Override, act: str, query: str = "", **given: Any) -> HttpResponse:
    """Open the queue, fill in the form of one line, and press its button."""
    shown = desk.get(url("review") + query)
    row = next(row for row in shown.context["rows"] if row["row"] == override)
    form = {field.name: field.value() for field in row["forms"][act]}
    sent = {name: "" if told is None else told for name, told in {**form, **given}.items()}
    return desk.post(url("review") + query, {**sent, "act": act, "override": override.pk})


def looked_after(override: Override, person: Staff) -> None:
    override.account.owner = person
    keep(override.account, deed=begin(by=SYSTEM, at=AT))


def shown(response: HttpResponse) -> list[int]:
    return [row["row"].pk for row in response.context["rows"]]


def test_each_line_says_why_and_what_the_customer_has(sales_desk: Client, three: list[Override]) -> None:
    response = sales_desk.get(url("review"))
    assert shown(response) == [override.pk for override in three]
    said = text_of(response)
    assert "Acme: Storage + 20 GB" in said
    assert "Ends within 14 days" in said
    assert "140 GB, without it 120 GB" in said
    assert "Why Migration" in said
    assert "Sal Sales, approved by Finn Finance" in said
    assert "140 GB either way" in said


def test_without_any_all_is_well(sales_desk: Client, acme: Customer) -> None:
    said = text_of(sales_desk.get(url("review")))
    assert "All is well: no override needs a look." in said
    assert "Show these" in said
    assert "Nothing here needs a look" in text_of(sales_desk.get(url("review"), {"section": "ended"}))


def test_one_section_stands_in_the_address(sales_desk: Client, three: list[Override]) -> None:
    response = sales_desk.get(url("review"), {"section": "safe"})
    assert shown(response) == [three[2].pk]
    counts = {part["key"]: part["count"] for part in response.context["parts"]}
    assert (counts[""], counts["ending"], counts["safe"], counts["left"]) == (3, 2, 1, 0)


def test_only_mine(sales_desk: Client, three: list[Override]) -> None:
    assert shown(sales_desk.get(url("review"), {"owner": "mine"})) == []
    looked_after(three[0], Staff.objects.get(username="sales"))
    assert len(shown(sales_desk.get(url("review"), {"owner": "mine"}))) == 3


@pytest.mark.parametrize("query", ["?page=x&section=nonsense", "?page=99", "?owner=nobody&feature=%00"])
def test_an_address_that_makes_no_sense_shows_what_it_can(
    sales_desk: Client, three: list[Override], query: str
) -> None:
    assert len(shown(sales_desk.get(url("review") + query))) == 3


def test_removed_in_place_the_next_line_follows(sales_desk: Client, acme: Customer, three: list[Override]) -> None:
    response = posted(sales_desk, three[0], "remove", "?feature=storage", reason="Not needed")
    assert response.url == f"{url('review')}?feature=storage#override-{three[1].pk}"
    assert value(acme.account, "storage", AT) == 120 * GB
    assert "the override is revoked" in text_of(sales_desk.get(url("review")))


def test_kept_until_a_day_it_leaves_the_queue(sales_desk: Client, three: list[Override]) -> None:
    opened = sales_desk.get(url("review")).context["rows"][2]["forms"]["keep"]
    assert opened["review_on"].value() == "2026-05-31"
    response = posted(sales_desk, three[2], "keep", reason="They may downgrade")
    assert response.url == f"{url('review')}#override-{three[1].pk}"  # it was the last
    assert "kept until 31 May 2026" in text_of(sales_desk.get(url("review")))
    assert len(shown(sales_desk.get(url("review")))) == 2


def test_what_has_ended_is_laid_to_rest_or_extended(sales_desk: Client, acme: Customer) -> None:
    over = OverrideFactory(account=acme.account, starts_at=AT - 9 * DAY, ends_at=AT - DAY)
    row = sales_desk.get(url("review")).context["rows"][0]
    assert "review_on" not in row["forms"]["keep"].fields
    assert "Let it rest" in text_of(sales_desk.get(url("review")))
    assert posted(sales_desk, over, "keep", reason="As agreed").url == url("review")
    assert shown(sales_desk.get(url("review"))) == []


def test_extending_leads_away_and_back_to_the_next_line(sales_desk: Client, three: list[Override]) -> None:
    extend = sales_desk.get(url("review"), {"section": "ending"}).context["rows"][0]["extend"]
    assert extend.startswith(f"{url('override_renew', three[0].pk)}?next=")
    page = sales_desk.get(extend)
    assert page.context["back"] == f"{url('review')}?section=ending#override-{three[1].pk}"


def test_nobody_is_led_to_another_site(sales_desk: Client, three: list[Override]) -> None:
    page = sales_desk.get(url("override_renew", three[0].pk), {"next": "https://evil.example/"})
    assert page.context["back"].startswith("/admin/")


def test_the_owner_is_asked_and_the_line_stays(sales_desk: Client, three: list[Override]) -> None:
    looked_after(three[0], Staff.objects.create_user("ann", email="ann@desk.example", first_name="Ann"))
    assert posted(sales_desk, three[0], "ask").status_code == 302
    assert Notice.objects.get().recipient == "ann@desk.example"
    assert len(shown(sales_desk.get(url("review")))) == 3


@pytest.mark.parametrize(
    ("act", "field", "given"),
    [
        ("remove", "reason", {"reason": ""}),
        ("keep", "review_on", {"review_on": "2026-03-02", "reason": "Talks"}),
        ("keep", "review_on", {"review_on": "", "reason": "Talks"}),
        ("ask", "note", {"note": ""}),
    ],
)
def test_a_fault_stands_beside_its_field(
    sales_desk: Client, three: list[Override], act: str, field: str, given: dict[str, str]
) -> None:
    response = posted(sales_desk, three[0], act, **given)
    assert response.status_code == 422
    assert field in complaints(response)
    assert response.context["rows"][0]["tried"] == act


def test_what_changed_meanwhile_is_not_removed(sales_desk: Client, three: list[Override]) -> None:
    response = posted(sales_desk, three[0], "remove", reason="Not needed", seen="another")
    assert response.status_code == 422
    assert not Override.objects.filter(revoked_at__isnull=False).exists()


def test_what_is_gone_says_so(sales_desk: Client, acme: Customer) -> None:
    response = sales_desk.post(url("review"), {"act": "remove", "override": "7", "reason": "x"}, follow=True)
    assert "somebody else has decided about it" in text_of(response)


def test_several_safe_ones_are_removed_after_a_look_at_all(sales_desk: Client, three: list[Override]) -> None:
    chosen = {"act": "choose", "chosen": [three[2].pk]}
    response = sales_desk.post(url("review") + "?section=safe", chosen)
    assert response.url == f"{url('overrides_revoke')}?overrides={three[2].pk}"
    response = sales_desk.post(url("review") + "?section=safe", {"act": "choose"}, follow=True)
    assert "Tick the overrides" in text_of(response)


@pytest.mark.parametrize("role", ["support", "auditor"])
def test_who_may_only_look_finds_no_buttons(sign_in: SignIn, three: list[Override], role: str) -> None:
    desk = sign_in(role)
    assert "review-acts" not in desk.get(url("review")).content.decode()
    response = posted(desk, three[0], "remove", reason="Not needed")
    assert response.status_code == 422
    assert "may not" in complaints(response)[""][0]


def test_beside_the_link_stands_how_many_are_due(sales_desk: Client, sign_in: SignIn, three: list[Override]) -> None:
    assert due(sales_desk.get(url("review")).wsgi_request) == "2"
    assert due(sign_in("auditor").get(url("review")).wsgi_request) == ""
