from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.domain.case_intake.fields import Unfit
from support.domain.case_intake.mail import Mail, mail_name, parse_date, parse_mail

PLAIN = {
    "from": "Jo Doe <Jo@Acme.example>", "to": "support@desk.example, Ana <ana@desk.example>", "subject": "Export  stops",
    "text": "It stops.\n", "message_id": "<1@acme.example>", "date": "Mon, 2 Mar 2026 10:00:00 +0100",
}  # fmt: skip
# The same message as gateways spell it: fields with hyphens, with capitals and objects, all in an object of headers.
HYPHENS = {
    "sender": "jo@acme.example", "from": "Jo Doe <Jo@Acme.example>", "recipient": "support@desk.example",
    "To": "support@desk.example, Ana <ana@desk.example>", "subject": "Export stops", "body-plain": "It stops.",
    "Message-Id": "<1@acme.example>", "timestamp": 1772442000, "message-headers": [["Precedence", "normal"]],
}  # fmt: skip
CAPITALS = {
    "From": "Jo@Acme.example", "FromFull": {"Email": "Jo@Acme.example", "Name": "Jo Doe"},
    "ToFull": [{"Email": "support@desk.example", "Name": ""}, {"Email": "ana@desk.example", "Name": "Ana"}],
    "OriginalRecipient": "support@desk.example", "Subject": "Export stops", "TextBody": "It stops.",
    "MessageID": "1@acme.example", "Date": "Mon, 2 Mar 2026 10:00:00 +0100 (CET)",
    "Headers": [{"Name": "In-Reply-To", "Value": "<0@desk.example>"}],
}  # fmt: skip
HEADERS = {
    "headers": {
        "from": "Jo Doe <jo@acme.example>", "to": "support@desk.example, ana@desk.example", "subject": "Export stops",
        "message_id": "<1@acme.example>", "date": "2026-03-02T09:00:00Z", "references": "<a@x.example> <b@x.example>",
    },
    "envelope": {"to": "support@desk.example", "from": "jo@acme.example"}, "plain": "It stops.",
}  # fmt: skip


def read(**told: Any) -> Mail:
    return parse_mail({**PLAIN, **told})


@pytest.mark.parametrize("told", [PLAIN, HYPHENS, CAPITALS, HEADERS])
def test_the_common_spellings_are_one_message(told: dict[str, Any]) -> None:
    mail = parse_mail(told)
    assert (mail.message_id, mail.sender, mail.subject) == ("1@acme.example", "jo@acme.example", "Export stops")
    assert (mail.to, mail.text) == (("support@desk.example", "ana@desk.example"), "It stops.")
    assert mail.at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert not mail.is_automatic
    assert not mail.is_returned


def test_what_it_answers_comes_nearest_first() -> None:
    assert parse_mail(CAPITALS).references == ("0@desk.example",)
    assert parse_mail(HEADERS).references == ("b@x.example", "a@x.example")
    both = read(in_reply_to="<b@x.example>", references="<a@x.example>\n\t<b@x.example>")
    assert both.references == ("b@x.example", "a@x.example")


def test_the_reply_alone_is_kept_and_of_it_the_beginning() -> None:
    assert read(stripped_text="Yes.", text="Yes.\n> Is it?").text == "Yes."
    assert len(read(text="x" * 3_000).text) == 1_000
    assert read(subject="").subject == "(no subject)"
    assert len(read(subject="s" * 900).subject) == 300


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"}, {"auto_submitted": "auto-generated; x=1"}, {"Precedence": "auto_reply"},
        {"Precedence": "Bulk"}, {"X-Autoreply": "yes"}, [["Auto-Submitted", "auto-notified"]],
        [{"name": "Auto-Submitted", "value": "auto-replied"}],
    ],
)  # fmt: skip
def test_an_automatic_message_says_so_in_its_headers(headers: Any) -> None:
    assert read(headers=headers).is_automatic


@pytest.mark.parametrize(
    "headers", [{"Auto-Submitted": "no"}, {"Precedence": "normal"}, {}, [], "Auto-Submitted", [[1]]]
)
def test_a_person_wrote_what_says_nothing_of_it(headers: Any) -> None:
    assert not read(headers=headers).is_automatic


@pytest.mark.parametrize(
    "told",
    [
        {"from": "MAILER-DAEMON@mx.example"}, {"from": "Mail System <postmaster@mx.example>"},
        {"headers": {"Return-Path": "<>"}}, {"headers": {"X-Failed-Recipients": "jo@acme.example"}},
        {"headers": {"Content-Type": "multipart/report; report-type=delivery-status"}}, {"from": "MAILER-DAEMON"},
    ],
)  # fmt: skip
def test_what_came_back_undelivered_is_known(told: dict[str, Any]) -> None:
    assert read(**told).is_returned


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"from": ""}, "from", "missing"),
        ({"from": "Jo Doe"}, "from", "no e-mail"),
        ({"message_id": ""}, "message_id", "missing"),
        ({"message_id": None}, "message_id", "missing"),
        ({"date": "the day after"}, "date", "no moment"),
        ({"date": "Mon, 99 Foo 2026 10:00:00 +0100"}, "date", "no moment"),
        ({"date": "2026-03-02T09:00:00"}, "date", "no zone"),
        ({"date": "Mon, 2 Mar 1812 10:00:00 +0100"}, "date", "outside the years"),
        ({"text": "x" * 200_001}, "text", "200,001 characters"),
    ],
)
def test_a_fault_is_told_by_its_field(told: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(Unfit) as unfit:
        read(**told)
    assert words in unfit.value.errors[field]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Unfit) as unfit:
        parse_mail({"date": "never", "text": "x" * 300_000})
    assert set(unfit.value.errors) == {"from", "message_id", "date", "text"}
    with pytest.raises(Unfit):
        parse_mail(["no message"])


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("Mon, 2 Mar 2026 10:00:00 +0100", 9),
        ("2 Mar 2026 09:00:00 -0000", 9),
        ("2026-03-02T11:00:00+02:00", 9),
        ("1772442000", 9),
        ("1772442000.5", 9),
    ],
)
def test_moments_in_the_ways_of_mail(text: str, hour: int) -> None:
    assert parse_date(text).replace(microsecond=0) == datetime(2026, 3, 2, hour, tzinfo=UTC)


def test_a_message_is_named_by_its_id_without_brackets() -> None:
    assert mail_name(" <1@acme.example> ") == "1@acme.example"
    assert mail_name("1@acme.example") == "1@acme.example"
    assert mail_name("") == ""
    assert len(mail_name(f"<{'x' * 400}@acme.example>")) < 200
    assert mail_name(f"<{'x' * 400}>") != mail_name(f"<{'x' * 401}>")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "value", "Email", "to"]), inner)
    ),
    max_leaves=6,
)


@given(told=JSON | st.fixed_dictionaries({name: JSON | st.just(value) for name, value in CAPITALS.items()}))
def test_whatever_comes_is_read_or_refused_in_words(told: Any) -> None:
    mail, errors = attempted(told)
    if mail is None:
        assert errors
        assert all(errors.values())
    else:
        assert mail.message_id
        assert "\x00" not in mail.text + mail.subject + mail.sender


def attempted(told: Any) -> tuple[Mail | None, dict[str, str]]:
    try:
        return parse_mail(told), {}
    except Unfit as unfit:
        return None, unfit.errors
