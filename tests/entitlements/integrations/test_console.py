"""Who has no system connected reads in the log what it would be told, with the rules of a change."""

import logging
from uuid import UUID

import pytest

from entitlements.integrations.billing.console import send
from journal.models import Outbound


def logged(caplog: pytest.LogCaptureFixture, **told: str) -> str:
    caplog.set_level(logging.INFO, "entitlements.billing")
    send(Outbound(destination="biller", payload={"subscription": "b7", **told}, message_id=UUID(int=7)))
    return caplog.text


def test_a_change_is_told_with_its_timing_and_how_it_is_settled(caplog: pytest.LogCaptureFixture) -> None:
    told = {
        "do": "note_change",
        "subject": "To Free, as of 1 April 2026",
        "timing": "at_renewal",
        "proration": "credit",
    }
    words = logged(caplog, **told)
    assert "biller would be told to note change of b7: To Free, as of 1 April 2026" in words
    assert "timing at_renewal, proration credit" in words


def test_a_trial_is_told_with_its_end(caplog: pytest.LogCaptureFixture) -> None:
    words = logged(caplog, do="set_trial_end", subject="The trial ends", trial_end="2026-04-01T00:00:00+00:00")
    assert "set trial end of b7: 2026-04-01T00:00:00+00:00" in words
