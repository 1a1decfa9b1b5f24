import pytest

from journal.domain.delivery import DeliveryState
from journal.models import Outbound
from tests.journal.admin.pages import text, told, url
from tests.journal.factories import EPOCH, NoticeFactory, OutboundFactory

VIEW, RESEND = "journal.view_outbound", "journal.resend_outbound"


def test_what_needs_someone_comes_first(signed_in):
    OutboundFactory(state=DeliveryState.DEAD)
    OutboundFactory(state=DeliveryState.SENT, sent_at=EPOCH)
    OutboundFactory(state=DeliveryState.DOUBTFUL)
    OutboundFactory()
    page = signed_in(VIEW).get(url("outbound_changelist"))
    states = [row.state for row in page.context["cl"].result_list]
    assert states == ["doubtful", "dead", "pending", "sent"]
    assert "Perhaps sent" in text(page)


@pytest.mark.parametrize(("name", "state"), [("resend", "pending"), ("settle", "sent")])
def test_a_doubtful_message_is_sent_again_or_settled_after_a_question(signed_in, name, state):
    row, page = OutboundFactory(state=DeliveryState.DOUBTFUL), signed_in(VIEW, RESEND)
    assert "bob@example.com" in text(page.get(url(f"outbound_{name}", row.pk)))
    assert page.post(url(f"outbound_{name}", row.pk)).status_code == 302
    assert Outbound.objects.get().state == state


def test_several_are_sent_again_at_once_and_what_cannot_be_is_told(signed_in):
    rows = [OutboundFactory(state=state, sent_at=None) for state in (DeliveryState.DEAD, DeliveryState.PENDING)]
    asked = {"action": "send_again", "_selected_action": [row.pk for row in rows]}
    response = signed_in(VIEW, RESEND).post(url("outbound_changelist"), asked)
    words = told(response)
    assert words[-1] == "Done for 1."
    assert "no longer waits for a person" in words[0]


def test_only_who_may_sends_again(signed_in):
    row, page = OutboundFactory(state=DeliveryState.DEAD), signed_in(VIEW)
    assert url("outbound_resend", row.pk) not in text(page.get(url("outbound_change", row.pk)))
    for name in ("resend", "settle"):
        assert page.post(url(f"outbound_{name}", row.pk)).status_code == 403
    page.post(url("outbound_changelist"), {"action": "send_again", "_selected_action": [row.pk]})
    assert Outbound.objects.get().state == DeliveryState.DEAD


def test_the_words_of_a_message_are_shown(signed_in):
    row = OutboundFactory()
    assert "A word." in text(signed_in(VIEW).get(url("outbound_change", row.pk)))


@pytest.mark.parametrize(
    ("sealed", "state", "says"),
    [("gAAA", "pending", "is kept sealed until"), (None, "sent", "was taken out once the message had been sent")],
)
def test_a_secret_is_shown_as_dots_and_said_to_be_there(signed_in, sealed, state, says):
    sent_at = EPOCH if state == "sent" else None
    payload = {"subject": "Your key", "body": "Key: {secret}.", "sealed": sealed}
    row = OutboundFactory(payload=payload, state=state, sent_at=sent_at)
    page = text(signed_in(VIEW, RESEND).get(url("outbound_change", row.pk)))
    assert "Key: •••." in page
    assert says in page
    assert "gAAA" not in page


def test_what_people_were_told_is_shown_and_never_edited(signed_in):
    notice, page = NoticeFactory(), signed_in("journal.view_notice")
    assert "A trial ends" in text(page.get(url("notice_changelist")))
    assert "It ends on Friday." in text(page.get(url("notice_change", notice.pk)))
    assert page.post(url("notice_change", notice.pk), {"body": "x"}).status_code == 403
