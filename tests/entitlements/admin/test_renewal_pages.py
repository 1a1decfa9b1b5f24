"""The list of what ends, the page of one, and how each is decided; what it leads to stands there before it is done."""

import json
from datetime import date

import pytest
from django.test import Client

from entitlements import ending_sources
from entitlements.actions.renewals.deciding import let_end
from entitlements.actions.renewals.proving import prove_renewals
from entitlements.actions.renewals.sweeping import sweep_renewals
from entitlements.models import Contract, Renewal
from entitlements.queries.renewals.one import token_of
from journal.models import Staff
from tests.conftest import actor
from tests.entitlements.admin.filling import send
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.ending import contract, credits, customer, ending, owner, renewing, task
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(db: None) -> Renewal:
    """Of a subscription that was sold for one term, and ends in 40 days."""
    ending(customer())
    sweep_renewals(at=AT)
    return task()


def listed(desk: Client, **asked: str) -> list[str]:
    return [line["label"] for line in desk.get(url("renewal_changelist"), asked).context["lines"]]


def test_the_list_says_what_ends_when_and_whose_task_it_is(sales_desk: Client, row: Renewal) -> None:
    said = text_of(sales_desk.get(url("renewal_changelist")))
    assert (
        "Subscription to Team Subscription Acme until 11 April 2026 11:00 (Amsterdam) in 40 days To decide Ana" in said
    )
    assert "nobody who looks after" not in said


def test_late_ones_come_first_and_are_said_to_be_late(sales_desk: Client, row: Renewal) -> None:
    ending(customer("late"), on=AT + DAY)
    sweep_renewals(at=AT)
    Renewal.objects.filter(account__key="late").update(ends_at=AT - 2 * DAY)
    shown = sales_desk.get(url("renewal_changelist")).context["lines"]
    assert [(line["late"], line["left"]) for line in shown] == [(True, "2 days ago"), (False, "in 40 days")]
    assert len(listed(sales_desk, state="late")) == 1


def test_it_is_narrowed_by_owner_month_sort_and_state_and_keeps_that_in_the_address(
    sales_desk: Client, row: Renewal
) -> None:
    credits(customer("loner", looked_after=False))
    sweep_renewals(at=AT)
    me = Staff.objects.get(username="sales")
    Renewal.objects.filter(pk=row.pk).update(owner=me)
    assert listed(sales_desk, owner="me") == ["Subscription to Team"]
    assert listed(sales_desk, owner="nobody") == listed(sales_desk, kind="credits")
    assert listed(sales_desk, month="2026-04", kind="subscription") == ["Subscription to Team"]
    assert listed(sales_desk, month="2027-01") == []
    assert listed(sales_desk, state="renewed") == []
    assert listed(sales_desk, state="nonsense", month="2026-99", owner="x") != []


def test_what_lacks_an_owner_stands_on_top(sales_desk: Client) -> None:
    ending(customer(looked_after=False))
    sweep_renewals(at=AT)
    said = text_of(sales_desk.get(url("renewal_changelist")))
    assert "1 end has nobody who looks after it." in said
    assert "Subscription to Team of Acme, until 11 April 2026 11:00 (Amsterdam): the task is nobody’s." in said


def test_the_file_has_the_same_lines(sales_desk: Client, row: Renewal) -> None:
    response = sales_desk.get(url("renewals_csv"), {"kind": "subscription"})
    lines = b"".join(response).decode().splitlines()  # type: ignore[arg-type]
    assert lines[0].startswith("Customer,Key,What ends")
    assert lines[1].startswith("Acme,acme,subscription to Team,Subscription,2026-04-11")
    assert len(lines) == 2


def test_the_page_of_one_says_what_the_customer_has_by_it_and_what_was_done(sales_desk: Client, row: Renewal) -> None:
    said = text_of(sales_desk.get(url("renewal_page", row.pk)))
    assert "What the customer has by it 1 × Team" in said
    assert "The desk Opened the task" in said
    assert "Record as renewed elsewhere Let it end" in said


def test_who_only_reads_sees_no_buttons(support_desk: Client, row: Renewal) -> None:
    assert "Let it end" not in text_of(support_desk.get(url("renewal_page", row.pk)))
    assert support_desk.get(url("renewal_let_end", row.pk)).status_code == 403


def test_letting_it_end_says_what_goes_before_it_is_done(sales_desk: Client, row: Renewal) -> None:
    where = ("renewal_let_end", row.pk)
    said = text_of(send(sales_desk, where, reason="They leave"))
    assert "Ends with it: 1 × Team." in said
    assert "nothing is ended by this" in said
    assert task().state == "open"
    send(sales_desk, where, "confirm", reason="They leave")
    assert (task().state, task().reason) == ("let_end", "They leave")


def test_without_a_reason_it_says_so_beside_the_field(sales_desk: Client, row: Renewal) -> None:
    response = send(sales_desk, ("renewal_let_end", row.pk), reason="")
    assert "Give a reason" in complaints(response)["reason"][0]


def test_what_somebody_else_decided_meanwhile_is_not_decided_again(sales_desk: Client, row: Renewal) -> None:
    opened = sales_desk.get(url("renewal_let_end", row.pk)).context["form"]["seen"].value()
    let_end(renewal=row, reason="Before", by=actor("finance"), at=AT)
    told = {"reason": "They leave", "seen": opened, "step": "confirm"}
    response = sales_desk.post(url("renewal_let_end", row.pk), told)
    assert response.status_code == 422
    assert task().reason == "Before"


def test_recording_it_as_renewed_shows_the_gap(sales_desk: Client, row: Renewal) -> None:
    where = ("renewal_renewed", row.pk)
    said = text_of(send(sales_desk, where, what="Order 7", starts_on="2026-04-30"))
    assert "A gap of 19 days: from 11 April 2026 through 29 April 2026 nothing holds." in said
    send(sales_desk, where, "confirm", what="Order 7", starts_on="2026-04-11")
    assert (task().state, task().successor_starts_at) == ("renewed", row.ends_at)


def test_the_next_contract_is_drafted_after_it_was_shown(sales_desk: Client) -> None:
    contract(customer())
    sweep_renewals(at=AT)
    where = ("renewal_renew", task().pk)
    said = text_of(send(sales_desk, where, starts_on="2026-06-02", reason="They go on"))
    assert "A draft of a new contract, with a number of its own." in said
    assert "Line: 2 × Team" in said
    assert "No gap: what goes on begins at the very moment." in said
    assert Contract.objects.count() == 1
    send(sales_desk, where, "confirm", starts_on="2026-06-02", reason="They go on")
    assert Contract.objects.count() == 2
    page = text_of(sales_desk.get(url("renewal_page", task().pk)))
    assert "Being renewed" in page
    assert "Go on with it" in page


def test_a_task_is_given_to_somebody(sales_desk: Client, row: Renewal) -> None:
    bob = owner("bob")
    send(sales_desk, ("renewal_assign", row.pk), "confirm", owner=str(bob.pk))
    assert task().owner == bob


def test_a_decision_is_taken_back_on_the_screen(sales_desk: Client, row: Renewal) -> None:
    let_end(renewal=row, reason="They leave", by=actor("sales"), at=AT)
    assert sales_desk.get(url("renewal_let_end", row.pk)).status_code == 302
    send(sales_desk, ("renewal_again", row.pk), "confirm", reason="They stay")
    assert task().state == "open"


def test_what_renews_by_itself_says_so_and_offers_nothing_to_decide(sales_desk: Client) -> None:
    renewing(customer())
    sweep_renewals(at=AT)
    said = text_of(sales_desk.get(url("renewal_page", task().pk)))
    assert "Renews by itself" in said
    assert "unless notice is given through 2 May 2026" in said
    assert "Its own terms decide this." in said


def test_several_are_ticked_shown_and_decided(sales_desk: Client) -> None:
    for key in ("one", "two"):
        ending(customer(key))
    sweep_renewals(at=AT)
    ids = [str(pk) for pk in Renewal.objects.values_list("pk", flat=True)]
    asked = sales_desk.post(url("renewal_changelist"), {"chosen": ids, "act": "let_end"})
    assert asked.headers["Location"].endswith(f"?renewals={','.join(ids)}")
    page = sales_desk.get(asked.headers["Location"])
    seen = page.context["form"]["seen"].value()
    assert "1 × Team" in text_of(page)
    sales_desk.post(asked.headers["Location"], {"seen": seen, "reason": "A market is closed"})
    assert set(Renewal.objects.values_list("state", flat=True)) == {"let_end"}


def test_of_several_what_is_refused_is_listed_with_why(sales_desk: Client, row: Renewal) -> None:
    seen = json.dumps({str(row.pk): token_of(row)})
    let_end(renewal=row, reason="Before", by=actor("finance"), at=AT)
    where = f"{url('renewals_assign')}?renewals={row.pk}"
    said = text_of(sales_desk.post(where, {"seen": seen, "owner": "nobody"}))
    assert "1 was left as it was" in said


def test_nothing_ticked_and_a_form_of_somebody_elses_are_refused(sales_desk: Client, row: Renewal) -> None:
    back = sales_desk.post(url("renewal_changelist"), {"act": "assign"}, follow=True)
    assert "Tick what it is about first." in back.content.decode()
    where = f"{url('renewals_let_end')}?renewals={row.pk}"
    response = sales_desk.post(where, {"seen": "[1]", "reason": "So"})
    assert response.status_code == 422


def test_the_sidebar_counts_what_is_mine(sales_desk: Client, row: Renewal) -> None:
    Renewal.objects.update(owner=Staff.objects.get(username="sales"))
    from entitlements.admin.renewals.list_page import waiting

    request = sales_desk.get(url("renewal_changelist")).wsgi_request
    assert waiting(request) == "1"


def test_a_contract_says_when_its_end_is_announced(sales_desk: Client, row: Renewal) -> None:
    agreed = contract(customer("other"))
    page = sales_desk.get(url("contract_announce", agreed.pk))
    told = {"seen": page.context["form"]["seen"].value(), "days": "90, 30 45"}
    sales_desk.post(url("contract_announce", agreed.pk), told)
    agreed.refresh_from_db()
    assert agreed.announced_days == [90, 45, 30]
    said = text_of(sales_desk.get(url("contract_page", agreed.pk)))
    assert "Its end is announced 90, 45, 30 days ahead" in said
    again = sales_desk.post(url("contract_announce", agreed.pk), {**told, "days": "soon"})
    assert "Write numbers of days" in complaints(again)["days"][0]


def test_an_account_that_has_nothing_ahead_says_so_in_its_block(row: Renewal) -> None:
    from django.template.loader import render_to_string

    from entitlements.admin.renewals.block import renewals_block

    shown = render_to_string("entitlements/renewals/_block.html", {"renewals": renewals_block(row.account, AT)})
    assert "Subscription to Team" in shown
    empty = render_to_string("entitlements/renewals/_block.html", {"renewals": renewals_block(customer("x"), AT)})
    assert "Nothing of theirs ends" in empty


def test_the_list_shows_what_was_proved_last_and_reads_no_end_itself(
    sales_desk: Client, row: Renewal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Not proved yet" in text_of(sales_desk.get(url("renewal_changelist")))
    prove_renewals(at=AT)
    monkeypatch.setattr(ending_sources, "_sources", {})
    said = text_of(sales_desk.get(url("renewal_changelist")))
    assert (
        "Proved On 2 March 2026 09:00 (UTC) every end ahead had a renewal, a decision, or a task with an owner." in said
    )


def test_what_the_proof_named_stands_on_the_list(sales_desk: Client) -> None:
    ending(customer())
    prove_renewals(at=AT)
    said = text_of(sales_desk.get(url("renewal_changelist")))
    assert "1 end lacked a renewal, a decision, or a task with an owner." in said
    assert "acme: subscription to Team ends on 11 April 2026 11:00 (Amsterdam): no task was opened." in said


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_what_lasts_through_a_month_is_listed_under_that_month(sales_desk: Client, zone: str) -> None:
    credits(customer(zone=zone), through_on=date(2026, 4, 30))
    sweep_renewals(at=AT)
    assert len(listed(sales_desk, month="2026-04")) == 1
    assert listed(sales_desk, month="2026-05") == []
    assert "April 2026" in text_of(sales_desk.get(url("renewal_changelist")))
