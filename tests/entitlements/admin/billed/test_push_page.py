"""Telling the billing anew what it didn't take."""

import pytest
from django.test import Client

from entitlements.domain.billed.findings import FindingKind
from tests.entitlements.admin.billed.finds import found, page, send
from tests.entitlements.admin.reading import complaints, text_of
from tests.fakes.billing_console import AWAY, Asked
from tests.journal.admin.pages import told

pytestmark = pytest.mark.django_db


def test_it_is_pushed_again_at_one_press(finance_desk: Client, system: Asked) -> None:
    row = found(FindingKind.PUSH, billing_id="")
    assert "which features there are" in text_of(finance_desk.get(page(row, "push")))
    assert told(send(finance_desk, row, "push")) == ["Started."]
    assert system.done == [("push again", "feature sso")]


def test_while_it_is_away_it_says_so(finance_desk: Client, system: Asked) -> None:
    system.away = True
    assert complaints(send(finance_desk, found(FindingKind.PUSH, billing_id=""), "push")) == {"": [AWAY]}


def test_what_was_told_of_one_subscription_stands_among_the_deliveries(finance_desk: Client, system: Asked) -> None:
    response = send(finance_desk, found(FindingKind.PUSH), "push")
    assert "among the deliveries" in complaints(response)[""][0]
    assert system.done == []
