"""Whatever is written: requests stand in it word for word, and reading it takes steps in proportion to its length."""

import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.domain.intake.asking import channel_asked, severity_asked
from support.domain.intake.splitting import requests_of, split
from support.domain.intake.tickets import MOST_REQUESTS, Attachment, Ticket
from tests.conftest import EXAMPLES

MANY = settings(max_examples=EXAMPLES * 40)
PIECES = st.sampled_from([
    "Hi Ann,", "How do I enable SSO?", "Also, can you raise the limit?", "> quoted text", ">> deeper", "-- ", "Kind regards,",
    "Ann", "1. one thing", "- another thing", "", " ", "On 3 March 2026 at 10:11, Ann <a@b> wrote:", "From: a", "Sent: b",
    "To: c", "Subject: d", "---------- Forwarded message ---------", "-----Original Message-----", "Thanks!", "PS: more?",
    "Sent from my iPhone", "This email is confidential and may be read. Really?", "We use it; also can we have logs?", "İstanbul İ?",
    "日本語で質問できますか？", "e.g. this", "...", "?!", "\r", "\t", "Issues:", "\ud800", "\u2028", "it fails",
])  # fmt: skip
TEXTS = st.one_of(
    st.lists(PIECES, max_size=25).map("\n".join), st.lists(PIECES, max_size=12).map(" ".join), st.text(max_size=300)
)


@MANY
@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=2))
def test_every_request_stands_word_for_word_in_its_place(subject: str, text: str, attached: list[str]) -> None:
    files = tuple(Attachment(f"{number}.txt", said) for number, said in enumerate(attached))
    found = split(Ticket(subject, text, files))
    places = {"subject": subject, "text": text, **{file.name: file.text for file in files}}
    assert len(found.requests) <= MOST_REQUESTS
    for request in found.requests:
        assert request.text.strip()
        assert request.text in places[request.where]
        assert request.heading in subject
    assert len({id(request) for request in found.requests if request.heading}) <= 1


@MANY
@given(TEXTS)
def test_requests_stand_in_the_order_of_the_text_and_don_t_overlap(text: str) -> None:
    at = 0
    for request in requests_of(Ticket("", text)):
        at = text.index(request.text, at) + len(request.text)


@MANY
@given(TEXTS, TEXTS)
def test_what_is_quoted_beneath_changes_nothing(text: str, quoted: str) -> None:
    beneath = "\n".join(f"> {line}" for line in quoted.splitlines())
    own = f"How do I enable SSO?\n\n{beneath}"
    assert [request.text for request in requests_of(Ticket("", own))] == ["How do I enable SSO?"]


@MANY
@given(TEXTS)
def test_what_is_asked_for_beside_never_fails(text: str) -> None:
    channel_asked(text)
    assert severity_asked(text, [("urgent", "Urgent", text), ("low", "Low", "")]) in ("", "urgent", "low")


def steps(text: str) -> int:
    """Lines of code that are run for it: a count, no time."""
    counted = 0

    def count(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal counted
        counted += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        split(Ticket("", text))
    finally:
        sys.settrace(before)
    return counted


@pytest.mark.parametrize(
    "piece",
    [
        "a", ".", "?", "!?", " ", "\n", ">", "> \n", ">a\n", "- a\n", "1. ", "1. a?\n", "a. ", "a b ", "A\n", "A\n\n", "-- ", "--\n",
        "Thanks\n", "Thanks\n\n", "Thanks\n\nCan we?\n\n", "On 1 wrote\n", "On 3:1 a wrote:\n", "From: a\n", "From: a\nTo: b\nSent: c\n",
        "; also ", "; can we ", ", and also can we have it", "disclaimer: ", "disclaimer: a\n\n", "a? disclaimer: ", "Hi,", "Hi,\n",
        "---------- Forwarded message\n", "-----Original Message-----\n", "İ. ", "’", "can you ", "。", "Issues:\n- a\n", "\r\n",
    ],
)  # fmt: skip
def test_no_text_takes_more_steps_than_its_length_bears(piece: str) -> None:
    short, long = (steps((piece * 1_500)[:size]) for size in (1_500, 3_000))
    assert long <= 2.3 * short + 2_000
