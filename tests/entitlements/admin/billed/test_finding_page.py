"""The page of one finding: both sides, what can be done about its kind, who was asked, and what was done."""

import pytest
from django.test import Client

from entitlements.actions.billed.findings import keep_ours
from entitlements.domain.billed.findings import FindingKind
from entitlements.models import BillingFinding
from tests.conftest import actor
from tests.entitlements.admin.billed.finds import found, page
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.world import AT, account

pytestmark = pytest.mark.django_db
K = FindingKind


def buttons(desk: Client, row: BillingFinding) -> list[str]:
    return [act.words for act in desk.get(page(row)).context["acts"]]


@pytest.mark.parametrize(
    ("kind", "offered"),
    [
        (K.UNLINKED, ["Say what it stands for", "Look again"]),
        (K.DOUBTFUL, ["Say whose it is", "Look again"]),
        (K.NOT_SOLD, ["Leave it as it is", "Look again"]),
        (K.REFUSED, ["Leave it as it is", "Look again"]),
        (K.DRIFT, ["Take theirs", "Keep ours", "Look again"]),
    ],
)
def test_each_kind_offers_what_settles_it(finance_desk: Client, kind: K, offered: list[str]) -> None:
    row = found(kind)
    assert buttons(finance_desk, row) == offered
    assert row.to_do.split(".")[0] in text_of(finance_desk.get(page(row)))


def test_what_the_billing_took_not_is_pushed_again_unless_it_was_about_one(finance_desk: Client) -> None:
    assert buttons(finance_desk, found(K.PUSH, billing_id="")) == ["Push again", "Leave it as it is"]
    assert buttons(finance_desk, found(K.PUSH, about="set_trial_end")) == ["Leave it as it is"]


def test_a_difference_stands_side_by_side_with_its_age(finance_desk: Client) -> None:
    said = text_of(finance_desk.get(page(found(account=account("acme"), billing_id="sub_7"))))
    assert "Team 7 × Team, by the month 5 × Team, by the month" in said
    for words in ("Acme", "sub_7", "3 days ago", "To look at"):
        assert words in said


def test_of_a_feature_both_sides_are_shown_and_theirs_cant_be_taken_for_it(finance_desk: Client) -> None:
    row = found(about="feature:sso", billing_id="cus_1", evidence={"theirs": "Has it", "ours": "Hasn’t it"})
    assert "Has it Hasn’t it" in text_of(finance_desk.get(page(row)))
    assert buttons(finance_desk, row) == ["Keep ours", "Look again"]


def test_all_that_wait_for_the_same_are_counted_and_looked_at_together(finance_desk: Client) -> None:
    row = found(K.UNLINKED)
    found(K.UNLINKED, connection=row.connection)
    found(K.UNLINKED, connection=row.connection, about="price_2")
    assert "Look again at all 2" in buttons(finance_desk, row)
    assert "2 wait for the same" in text_of(finance_desk.get(page(row)))


def test_who_was_asked_to_say_yes_stands_there_with_the_way_to_the_request(finance_desk: Client, sign_in) -> None:
    row = found()
    keep_ours(finding=row, reason="They pay by invoice", by=actor("finance"), at=AT)
    response = finance_desk.get(page(row))
    said = text_of(response)
    assert "has asked to keep what the desk has; a second person has to say yes. Asked: Finance." in said
    assert "They pay by invoice" in said
    assert "/journal/approval/" in response.content.decode()


def test_what_was_kept_says_by_whom_and_why_and_can_be_taken_after_all(finance_desk: Client) -> None:
    kept = {"state": "kept", "settled_at": AT, "settled_by": "Ana", "reason": "They pay by invoice"}
    row = found(**kept)
    said = text_of(finance_desk.get(page(row)))
    assert "Kept as it is" in said
    assert "by Ana" in said
    assert "They pay by invoice" in said
    assert buttons(finance_desk, row) == ["Take theirs after all"]
    assert buttons(finance_desk, found(K.NOT_SOLD, **kept)) == []


def test_it_leads_to_the_billings_own_page_of_it(finance_desk: Client) -> None:
    assert "https://console.example/test/sub_7" in finance_desk.get(page(found(billing_id="sub_7"))).content.decode()


def test_words_of_another_system_are_never_taken_for_marks(finance_desk: Client) -> None:
    mark = "<img src=x onerror=alert(1)>"
    line = {"about": mark, "theirs": mark, "ours": mark, "step": "x"}
    for row in (
        found(words=mark, billing_id=mark, evidence={"lines": [line]}),
        found(K.DOUBTFUL, evidence={"theirs": {"id": mark, "name": mark, "email": mark, "own_id": mark}, "ours": []}),
        found(K.UNLINKED, about=mark, evidence={"theirs": {"price": mark, "product": mark}}),
    ):
        assert mark not in finance_desk.get(page(row)).content.decode()


def test_who_only_reads_sees_who_settles_it(support_desk: Client) -> None:
    row = found()
    assert "Finance settles this." in text_of(support_desk.get(page(row)))
    assert buttons(support_desk, row) == []


def test_one_that_isnt_there_is_not_found_and_not_told_apart_by_a_stranger(finance_desk: Client, sign_in) -> None:
    assert finance_desk.get(url("billingfinding_change", 0)).status_code == 404
    assert finance_desk.get(url("billingfinding_take", 0)).status_code == 404
    stranger = sign_in("nobody")
    assert {stranger.get(url("billingfinding_change", pk)).status_code for pk in (0, found().pk)} == {403}


def test_nothing_is_written_by_posting_to_it(finance_desk: Client) -> None:
    assert finance_desk.post(page(found())).status_code == 403
