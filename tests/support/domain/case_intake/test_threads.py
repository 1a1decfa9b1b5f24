import pytest

from support.domain.case_events import EventKind, Opener
from support.domain.case_intake.mail import parse_mail
from support.domain.case_intake.threads import Known, Meaning, Verdict, meaning_of, number_in
from tests.support.domain.desks import table

OURS = frozenset({"ana@desk.example", "support@desk.example"})
SUPPLIER = "jim@supplier.example"


def meaning(sender: str, to: str, *, how: str = "", **known: object) -> Meaning:
    headers = {"auto": {"Auto-Submitted": "auto-replied"}, "bounce": {"Return-Path": "<>"}}.get(how, {})
    mail = parse_mail({"from": sender, "to": to, "message_id": "<m@x>", "subject": "Re: it", "headers": headers})
    return meaning_of(mail, Known(ours=OURS, strangers=frozenset({SUPPLIER}), **known))


# who writes to whom, and how; what it answers, what its subject names, whether the sender is of that customer
MESSAGES = """
  from | to         | how    | answers | named | belongs | verdict     | what
  jo   | us         |        |         |       |         | opens       | customer
  jo   | us         |        | 7       |       |         | noted       | customer_message
  jo   | us         |        | 7       | 8     | yes     | noted       | customer_message
  jo   | us         |        |         | 7     | yes     | noted       | customer_message
  jo   | us         |        |         | 7     |         | opens       | customer
  ana  | jo         |        | 7       |       |         | noted       | public_reply
  ana  | jo, us     |        |         | 7     |         | noted       | public_reply
  ana  | sup        |        | 7       |       |         | noted       | internal_note
  ana  | sup, us    |        |         | 7     |         | noted       | internal_note
  ana  | sup, jo    |        | 7       |       |         | noted       | public_reply
  ana  | sup        |        |         |       |         | opens       | agent
  ana  | us         |        | 7       |       |         | noted       | internal_note
  ana  |            |        | 7       |       |         | noted       | internal_note
  ana  | jo         |        |         |       |         | opens       | agent
  jo   | us         | auto   | 7       |       |         | noted       | automatic_reply
  ana  | jo         | auto   | 7       |       |         | noted       | automatic_reply
  jo   | us         | auto   |         |       |         | passed_over |
  jo   | us         | auto   |         | 7     |         | passed_over |
  jo   | us         | bounce | 7       |       |         | passed_over |
"""
ADDRESSES = {"jo": "jo@acme.example", "ana": "ana@desk.example", "us": "support@desk.example", "sup": SUPPLIER, "": ""}


@pytest.mark.parametrize("row", table(MESSAGES), ids=" ".join)
def test_what_a_message_means(row: list[str]) -> None:
    sender, to, how, answers, named, belongs, verdict, what = row
    found = meaning(
        ADDRESSES[sender],
        ", ".join(ADDRESSES[each.strip()] for each in to.split(",")),
        how=how,
        answered=int(answers) if answers else None,
        named=int(named) if named else None,
        belongs=bool(belongs),
    )
    said = found.opener if found.verdict is Verdict.OPENS else (found.kind or "")
    assert (found.verdict, said) == (verdict, what)
    assert found.case == (7 if verdict == "noted" else None)
    assert found.why


def test_who_asks_is_the_customer_whoever_wrote_first() -> None:
    assert meaning("jo@acme.example", "support@desk.example").requester == "jo@acme.example"
    by_staff = meaning("ana@desk.example", "support@desk.example, jo@acme.example")
    assert (by_staff.opener, by_staff.requester) == (Opener.AGENT, "jo@acme.example")
    assert meaning("ana@desk.example", "support@desk.example").requester == ""


def test_an_automatic_message_answers_nobody() -> None:
    found = meaning("ana@desk.example", "jo@acme.example", how="auto", answered=7)
    assert found.kind is EventKind.AUTOMATIC_REPLY


def test_it_says_who_isnt_the_customer() -> None:
    found = meaning("ana@desk.example", SUPPLIER, answered=7)
    assert found.why == f"Our staff wrote to {SUPPLIER}, who isn’t the customer."
    assert meaning("ana@desk.example", f"{SUPPLIER}, jo@acme.example", answered=7).why.endswith("jo@acme.example.")


@pytest.mark.parametrize(
    ("subject", "number"),
    [("Re: Export stops [C-1234]", 1234), ("[c-7] AW: x", 7), ("C-1234", None), ("[C-]", None), ("", None)],
)
def test_the_number_in_a_subject(subject: str, number: int | None) -> None:
    assert number_in(subject) == number
