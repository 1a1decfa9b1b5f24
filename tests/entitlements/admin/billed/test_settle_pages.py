"""Taking what the billing says, and keeping what the desk has: said before it is done, and done by whoever may."""

import pytest
from django.test import Client

from entitlements.domain.billed.findings import FindingKind
from entitlements.models import BillingFinding
from journal.models import Approval, AuditEvent
from tests.entitlements.admin.billed.finds import again, found, page, send
from tests.entitlements.admin.reading import complaints, text_of
from tests.entitlements.world import AT, account
from tests.fakes.billing_console import AWAY, Asked
from tests.journal.admin.pages import told

pytestmark = pytest.mark.django_db


def test_taking_theirs_shows_what_will_change_and_then_asks_for_it(finance_desk: Client, system: Asked) -> None:
    row = found(account=account("acme"), billing_id="sub_7")
    said = text_of(finance_desk.get(page(row, "take")))
    assert "Team 7 × Team, by the month 5 × Team, by the month" in said
    assert "Acme has that from then on" in said
    assert system.done == []
    response = send(finance_desk, row, "take")
    assert (response.headers["Location"], told(response)) == (page(row), ["Started."])
    assert system.done == [("take theirs", "sub_7")]


def test_while_the_billing_is_away_it_says_so_and_nothing_changes(finance_desk: Client, system: Asked) -> None:
    row, system.away = found(), True
    response = send(finance_desk, row, "take")
    assert (response.status_code, complaints(response)) == (422, {"": [AWAY]})
    assert again(row).state == "open"


def test_what_changed_since_it_was_opened_is_shown_first(finance_desk: Client, system: Asked) -> None:
    row = found()
    opened = finance_desk.get(page(row, "take")).context["form"]["seen"].value()
    BillingFinding.objects.filter(pk=row.pk).update(words="Something else")
    response = finance_desk.post(page(row, "take"), {"seen": opened})
    assert "Someone else changed this" in complaints(response)[""][0]
    assert "Something else" in text_of(response)
    assert system.done == []
    assert send(finance_desk, again(row), "take").status_code == 302


def test_what_was_settled_meanwhile_leads_back_with_a_word(finance_desk: Client, system: Asked) -> None:
    row = found(state="mended", settled_at=AT, settled_by="Ana")
    for response in (finance_desk.get(page(row, "take")), send(finance_desk, row, "take")):
        assert response.headers["Location"] == page(row)
        assert "Somebody settled this" in told(response)[-1]
    assert system.done == []


def test_only_a_difference_is_taken(finance_desk: Client, system: Asked) -> None:
    row = found(FindingKind.REFUSED)
    assert told(send(finance_desk, row, "take")) == ["That is not how this one is settled."]
    assert system.done == []


def test_of_a_feature_theirs_cant_be_taken(finance_desk: Client, system: Asked) -> None:
    row = found(about="feature:sso", billing_id="cus_1")
    assert complaints(send(finance_desk, row, "take")) == {"": [row.to_do]}
    assert system.done == []


def test_what_was_kept_can_be_taken_after_all(finance_desk: Client, system: Asked) -> None:
    send(finance_desk, found(billing_id="sub_7", state="kept", settled_at=AT, settled_by="Ana"), "take")
    assert system.done == [("take theirs", "sub_7")]


def test_keeping_ours_asks_a_second_person_and_says_so(finance_desk: Client) -> None:
    row = found()
    assert "it is found again" in text_of(finance_desk.get(page(row, "keep")))
    response = send(finance_desk, row, "keep", reason="They pay by invoice")
    assert told(response) == ["A second person is asked. Until they have said yes, it stays open."]
    assert (Approval.objects.get().reason, again(row).state) == ("They pay by invoice", "open")


def test_keeping_ours_twice_is_refused_and_taking_theirs_warns(finance_desk: Client) -> None:
    row = found()
    send(finance_desk, row, "keep", reason="They pay by invoice")
    assert "waits for a second person" in complaints(send(finance_desk, row, "keep", reason="Again"))[""][0]
    assert "has asked to keep ours" in text_of(finance_desk.get(page(row, "take")))


def test_keeping_wants_a_reason_beside_the_field(finance_desk: Client) -> None:
    response = send(finance_desk, found(), "keep", reason=" ")
    assert "Give a reason" in complaints(response)["reason"][0]


def test_what_isnt_a_difference_is_left_by_one_person(finance_desk: Client) -> None:
    row = found(FindingKind.NOT_SOLD)
    assert told(send(finance_desk, row, "keep", reason="Sold by hand")) == ["It is kept as it is."]
    assert (again(row).state, again(row).reason) == ("kept", "Sold by hand")
    assert AuditEvent.objects.latest("seq").verb == "billing_finding:keep"


def test_a_price_that_gives_nothing_cant_be_left(finance_desk: Client) -> None:
    row = found(FindingKind.UNLINKED)
    assert told(finance_desk.get(page(row, "keep"))) == ["That is not how this one is settled."]


@pytest.mark.parametrize("name", ["take", "keep", "look", "link", "whose", "push", "look_all"])
def test_who_only_reads_is_turned_away_before_anything_else(support_desk: Client, system: Asked, name: str) -> None:
    row = found()
    assert support_desk.get(page(row, name)).status_code == 403
    assert send(support_desk, row, name, reason="Why not").status_code == 403
    assert (system.done, again(row).state) == ([], "open")


FEATURE = {"about": "feature:sso", "billing_id": "", "evidence": {"theirs": {"feature": "feat_1", "lookup_key": "sso"}}}


def test_a_feature_that_stands_for_nothing_is_left_as_it_is_for_a_reason(finance_desk: Client) -> None:
    row = found(FindingKind.UNLINKED, **FEATURE)
    assert "or leave it as it is" in (said := text_of(finance_desk.get(page(row))))
    assert "Leave it as it is" in said
    send(finance_desk, row, "keep", reason="Of another product")
    assert (again(row).state, again(row).reason) == ("kept", "Of another product")


def test_a_price_that_is_paid_for_is_not_left_and_a_feature_is_no_price(finance_desk: Client) -> None:
    price, feature = found(FindingKind.UNLINKED), found(FindingKind.UNLINKED, **FEATURE)
    for row, name in ((price, "keep"), (feature, "link")):
        response = send(finance_desk, row, name, reason="x", slot="x")
        assert told(response)[-1] == "That is not how this one is settled."
        assert again(row).state == "open"
