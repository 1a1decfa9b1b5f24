"""Which channel and severity words ask for."""

import pytest

from support.domain.case_events import Channel
from support.domain.intake.asking import channel_asked, severity_asked

SEVERITIES = [
    ("urgent", "Urgent", "full or partial outage in production for all users"),
    ("high", "High", "major functionality impacted"),
    ("normal", "Normal", "a component not performing as documented; a general question"),
    ("low", "Low", "information or feature request"),
]


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("Please call me.", Channel.PHONE),
        ("Call me at +31 20 123.", Channel.PHONE),
        ("Could you give us a call tomorrow?", Channel.PHONE),
        ("Can someone call me back?", Channel.PHONE),
        ("Don’t hesitate to call me.", Channel.PHONE),
        ("Why don't you call me?", Channel.PHONE),
        ("Please answer by phone.", Channel.PHONE),
        ("Bitte rufen Sie mich an.", Channel.PHONE),
        ("I can be reached by phone; you can reach me by phone.", Channel.PHONE),
        ("Please reply by e-mail.", Channel.EMAIL),
        ("Please don't call me, e-mail me.", Channel.EMAIL),
        ("Don't call me but email me.", Channel.EMAIL),
        ("Reply not by phone but by e-mail please.", Channel.EMAIL),
        ("Can we talk via chat?", Channel.CHAT),
        ("Can you send a technician?", Channel.IN_PERSON),
        ("Could somebody come by?", Channel.IN_PERSON),
        ("Please don't call me.", None),
        ("No need to call me back.", None),
        ("If you call me I won't answer.", None),
        ("Never call us again.", None),
        ("Instead of calling, rather than call me.", None),
        ("Our customers call us when the API fails.", None),
        ("We set up a second factor by phone.", None),
        ("The API call returns 429.", None),
        ("I called you yesterday.", None),
        ("Users sign in via email.", None),
        ("", None),
    ],
)
def test_the_channel_that_is_asked_for(text: str, channel: Channel | None) -> None:
    assert channel_asked(text) is channel


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Production is down!", "urgent"),
        ("PRODUCTION IS DOWN", "urgent"),
        ("This is urgent.", "urgent"),
        ("We need it ASAP, please.", "urgent"),
        ("Severity: high", "high"),
        ("Please treat it with urgent priority.", "urgent"),
        ("This is a P2 for us.", "high"),
        ("sev 1", "urgent"),
        ("It’s a showstopper.", "high"),
        ("No rush.", "low"),
        ("It isn’t urgent.", "low"),
        ("This is not urgent, production is not down.", "low"),
        ("Whenever you have time.", "low"),
        ("For us it means major functionality impacted.", "high"),
        ("Das ist dringend.", "urgent"),
        ("Production isn’t down.", ""),
        ("What happens if production is down?", ""),
        ("Production is no longer down.", ""),
        ("It’s never been critical.", ""),
        ("We have a high load.", ""),
        ("Can you enable SSO?", ""),
        ("", ""),
    ],
)
def test_the_severity_that_is_asked_for(text: str, key: str) -> None:
    assert severity_asked(text, SEVERITIES) == key


def test_severities_are_those_there_are() -> None:
    assert severity_asked("Production is down!", []) == ""
    assert severity_asked("A showstopper.", [("a", "A", ""), ("b", "B", "")]) == "a"
    assert severity_asked("No rush.", [("a", "A", "")]) == "a"
