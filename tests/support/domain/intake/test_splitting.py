"""What a ticket asks for: own words, one request after the other."""

import pytest

from support.domain.intake.splitting import requests_of, split
from support.domain.intake.tickets import MOST_REQUESTS, MOST_TEXT, Attachment, Request, Ticket

SSO, LIMIT = "How do I enable SSO for our admins?", "Can you raise our API request limit?"


def texts(text: str, subject: str = "") -> list[str]:
    return [request.text for request in requests_of(Ticket(subject, text))]


@pytest.mark.parametrize(
    "text",
    [
        SSO,
        f"Hi,\n\n{SSO}",
        f"Hi team, {SSO}",
        f"Hello!\n{SSO}",
        f"Dear Sir or Madam,\n\n{SSO}",
        f"Good morning Ann,\n{SSO}",
        f"Sehr geehrte Damen und Herren,\n\n{SSO}",
        f"Bonjour,\n\n{SSO}",
        f"{SSO}\n\nKind regards,\nAnn Smith\nHead of IT\n+31 20 123 45 67",
        f"{SSO}\nThanks!\nBob",
        f"{SSO}\n\nThanks in advance.\n\nBest,\nBob",
        f"{SSO}\n\nMit freundlichen Grüßen\nMax Muster\nMuster GmbH",
        f"{SSO}\n\nCordialement,\nMarie",
        f"{SSO}\n\nBest regards, Ann Smith",
        f"{SSO}\n-- \nAnn Smith\nDo you know our new product? Can you try it?",
        f"{SSO}\n\nSent from my iPhone",
        f"{SSO}\n\nGet Outlook for iOS",
        f"{SSO}\n\nVon meinem iPhone gesendet",
        f"{SSO}\n\nCONFIDENTIALITY NOTICE: This email is confidential.\nIs it for you? Can you destroy it?",
        f"{SSO} This message is intended for Acme alone. Can you destroy it?",
        f"[EXTERNAL] This email originated from outside of the organization.\n\n{SSO}",
        f"{SSO}\n\n> Can you tell us which region?\n> How large is it?",
        f"> Can you tell us which region?\n\n{SSO}",
        f"{SSO}\n\nOn Tue, 3 Mar 2026 at 10:11, Support <s@x.example> wrote:\n\n> Which region is it?",
        f"{SSO}\n\nOn Tue, 3 Mar 2026 at 10:11, A Very Long Name of Support\n<support@x.example> wrote:\nWhich region is it?",
        f"{SSO}\n\nAm 03.03.2026 um 10:11 schrieb Support <s@x.example>:\nKönnen Sie die Region nennen?",
        f"{SSO}\n\nLe mar. 3 mars 2026 à 10:11, Support <s@x.example> a écrit :\nQuelle région ?",
        f"{SSO}\n\nEl mar, 3 mar 2026 a las 10:11, Soporte (<s@x.example>) escribió:\n¿Qué región es?",
        f"{SSO}\n\nOp di 3 mrt 2026 om 10:11 schreef Support <s@x.example>:\nWelke regio?",
        f"{SSO}\n\n-----Original Message-----\nFrom: Support\nSent: Tuesday\nTo: Ann\nSubject: x\n\nWhich region is it?",
        f"{SSO}\n\n________________________________\nFrom: Support <s@x>\nSent: Tuesday\nTo: Ann\nSubject: x\n\nWhich region?",
        f"{SSO}\n\nVon: Support\nGesendet: Dienstag\nAn: Ann\nBetreff: x\n\nWelche Region ist es?",
        f"{SSO}\n\nDe : Support\nEnvoyé : mardi\nÀ : Ann\nObjet : x\n\nQuelle région ?",
        f"{SSO}\r\n\r\nKind regards,\r\nAnn",
        f"I hope you are well.\n\n{SSO}\n\nLooking forward to hearing from you.",
        f"{SSO} Please let me know.",
        f"{SSO} Let us know what information you need.",
    ],
)
def test_only_the_customer_s_own_words_ask(text: str) -> None:
    assert texts(text) == [SSO]


REPORT = "Can you send us the SOC 2 report?"


@pytest.mark.parametrize(
    "mark", ["> ", ">>", "\u200b> ", "\ufeff> ", "\u00a0> ", "\u200f\u202a> ", "| ", "＞ ", "&gt; ", "» ", "\t>\t"]
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\u2028"])
def test_a_quote_is_known_by_any_mark_and_any_line_end(mark: str, line_end: str) -> None:
    assert texts(f"{SSO}{line_end}{line_end}{mark}{REPORT}") == [SSO]


@pytest.mark.parametrize(
    "marked",
    [
        "\u202bבתאריך יום ג׳, 3 במרץ 2026 ב-10:11 מאת \u202aSupport\u202c\u200f <\u202as@x.example\u202c\u200f>:\u202c",
        "في الثلاثاء، 3 مارس 2026 في 10:11 كتب Support <s@x.example>:",
        "2026년 3월 3일 (화) 오전 10:11, Support <s@x.example>님이 작성:",
        "2026年3月3日(火) 10:11 Support <s@x.example>:",
        "ti 3. maalisk. 2026 klo 10.11 Support (s@x.example) kirjoitti:",
        "Support <s@x.example> wrote:",
        "Support [mailto:s@x.example] wrote:",
        "Kimden: Support <s@x.example>\nGönderildi: Salı 10:11\nKime: Ann\nKonu: RE: x",
        "보낸 사람: Support\n보낸 날짜: 화요일 10:11\n받는 사람: Ann\n제목: RE: x",
        "Feladó: Support <s@x.example>\nElküldve: kedd 10:11\nCímzett: Ann\nTárgy: RE: x",
        "From: Support <s@x.example>\nDate: Tuesday",
        "##- Please type your reply above this line -##",
    ],
)
def test_what_was_said_before_is_known_in_any_language(marked: str) -> None:
    assert texts(f"{SSO}\n\n{marked}\n\n{REPORT}") == [SSO]


@pytest.mark.parametrize(
    "own",
    [
        "| feature | fails |\n| SSO login | yes |",
        "»SSO login« fails for us.",
        "##- Please type your reply above this line -##\n\nOur SSO login fails.",
        "SSO login fails for these people:\nann@x.example and bo@x.example",
        "From: the SSO settings page we can’t save it.",
    ],
)
def test_what_only_looks_like_a_quote_is_read(own: str) -> None:
    assert "SSO" in " ".join(texts(own))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{SSO} {LIMIT}", [SSO, LIMIT]),
        (f"{SSO}\n\n{LIMIT}", [SSO, LIMIT]),
        (f"{SSO}\n{LIMIT}", [SSO, LIMIT]),
        (f"1. {SSO}\n2. {LIMIT}", [SSO, LIMIT]),
        (f"- {SSO}\n- {LIMIT}", [SSO, LIMIT]),
        (f"• {SSO}\n• {LIMIT}", [SSO, LIMIT]),
        (f"1) {SSO} 2) {LIMIT}", [SSO, LIMIT]),
        (f"{SSO} Also, the custom domain fails.", [SSO, "Also, the custom domain fails."]),
        (f"{SSO} Is it possible to get HIPAA? Our legal team needs it.", [SSO, "Is it possible to get HIPAA? Our legal team needs it."]),
        ("SSO fails for us. Also the backup restore stops.", ["SSO fails for us.", "Also the backup restore stops."]),
        ("SSO fails for us. Second, the backup restore stops.", ["SSO fails for us.", "Second, the backup restore stops."]),
        ("enable sso please, and also can you raise the api limit", ["enable sso please,", "and also can you raise the api limit"]),
        (f"{SSO}\n\nThanks,\nAnn\n\nPS: {LIMIT}", [SSO, f"PS: {LIMIT}"]),
        (f"{SSO}\n\nThanks,\n\n{LIMIT}\n", [SSO, LIMIT]),
        (f"> Which plan?\n{SSO}\n> Anything else?\n{LIMIT}", [SSO, LIMIT]),
        ("Könnt ihr SSO aktivieren? Außerdem brauchen wir mehr Speicher.", ["Könnt ihr SSO aktivieren?", "Außerdem brauchen wir mehr Speicher."]),
        ("Issues:\n- SSO login fails\n- backup restore stops", ["Issues:\n- SSO login fails", "backup restore stops"]),
        # What begins as courtesy does is a request all the same where it names what it asks for.
        (f"Can you help us set up single sign-on? {LIMIT}", ["Can you help us set up single sign-on?", LIMIT]),
        ("Please help with our HIPAA project. " + LIMIT, ["Please help with our HIPAA project.", LIMIT]),
        ("Let me know how to invite a colleague. " + LIMIT, ["Let me know how to invite a colleague.", LIMIT]),
        ("Thanks, and please unpause our staging project.", ["and please unpause our staging project."]),
        (f"{SSO} Please note that backups fail since Monday.", [SSO, "Please note that backups fail since Monday."]),
        # "This morning" and "it would be great" refer to nothing, nor does what is named before "it".
        (f"{SSO} Can we get this morning’s backup?", [SSO, "Can we get this morning’s backup?"]),
        (f"{SSO} It would be great to have custom domains.", [SSO, "It would be great to have custom domains."]),
        (f"{SSO} Also we need the HIPAA add-on, can you enable it?", [SSO, "Also we need the HIPAA add-on, can you enable it?"]),
        ("Change Ana from developer to admin. Remove Tim from the organisation.", ["Change Ana from developer to admin.", "Remove Tim from the organisation."]),
        ("The branch gets no migrations.\n\nAnd one more thing: our project sleeps.", ["The branch gets no migrations.", "And one more thing: our project sleeps."]),
        (f"{SSO} While we’re at it, could payloads be allowed up to 2 MB?", [SSO, "While we’re at it, could payloads be allowed up to 2 MB?"]),
    ],
)  # fmt: skip
def test_different_things_are_different_requests(text: str, found: list[str]) -> None:
    assert texts(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "How do I enable SSO? Is it part of our plan?",
        "Our SSO is broken for everybody. Can you mend it?",
        "Our SSO is broken for everybody. It began on Monday. Can you mend it soon?",
        "SSO fails. I did:\n1. Open the page\n2. Click on sign in\n3. Wait\nWhy does it stop?",
        "We use SSO with Okta\nand nobody can sign in\nsince this morning.",
        "SSO fails in Chrome and also in Firefox.",
        "See https://x.example/?a=b&c=d? for the log of SSO.",
        "We have SSO, e.g. for admins, i.e. five people.",
        "How do I enable SSO? Can you tell us whether it is part of our plan?",
        "SSO fails. First I changed the certificate, then I waited an hour.",
    ],
)
def test_what_belongs_together_stays_together(text: str) -> None:
    assert texts(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "FYI\n-- \nJoe\n\n---------- Forwarded message ---------\nFrom: Max <m@x>\nDate: Tue\nSubject: q\nTo: Joe\n\nHi Joe,\n{}\n",
        "Please see below.\n\nBegin forwarded message:\n\n> From: Max <m@x>\n> Date: Tue\n> Subject: q\n>\n> {}\n",
        "-------- Weitergeleitete Nachricht --------\nBetreff: q\nDatum: Di\nVon: Max\nAn: Joe\n\n{}",
    ],
)
def test_what_is_forwarded_is_asked(text: str) -> None:
    assert texts(text.format(SSO)) == [SSO]


def test_a_subject_tells_that_a_mail_is_forwarded() -> None:
    mail = f"FYI\n\nFrom: Max\nSent: Tuesday\nTo: Joe\nSubject: q\n\n{SSO}\n\nFrom: Joe\nSent: Monday\nTo: Max\nSubject: q\n\n{LIMIT}"
    assert texts(mail, "FW: q") == [SSO]
    assert texts(f"{LIMIT}\n\nFrom: Max\nSent: Tuesday\nTo: Joe\nSubject: q\n\n{SSO}", "RE: q") == [LIMIT]


def test_a_reply_that_only_quotes_asks_by_its_subject() -> None:
    reply = "\n\nOn Tue, 3 Mar 2026 at 10:11, Support <s@x.example> wrote:\nWhich region is it?"
    assert requests_of(Ticket("Re: Custom domains", reply)) == (Request("Custom domains", "subject"),)


@pytest.mark.parametrize(
    "quoted", ["On 3 March our admin wrote: it fails.", "From: the settings page we can’t save SSO."]
)
def test_a_sentence_that_sounds_like_a_marker_cuts_nothing(quoted: str) -> None:
    assert SSO in " ".join(texts(f"Our SSO is broken.\n{quoted}\n{SSO}"))


@pytest.mark.parametrize(
    ("subject", "text", "found"),
    [
        ("Custom domains", "", (Request("Custom domains", "subject"),)),
        ("Re: [#123] Fwd: Custom domains", "Thanks!", (Request("Custom domains", "subject"),)),
        ("SSO", "It is broken since Monday.", (Request("It is broken since Monday.", "text", "SSO"),)),
        ("Re: SSO", "It is broken.", (Request("It is broken.", "text", "SSO"),)),
        ("Re: SSO", LIMIT, (Request(LIMIT),)),  # a reply whose text says enough
        ("Question", SSO, (Request(SSO),)),
        ("SSO", SSO, (Request(SSO),)),
        ("(no subject)", SSO, (Request(SSO),)),
        ("", "", ()),
        ("Question", "Hello,\n\nThanks!", ()),
        ("Hi", "See attached.", ()),
    ],
)
def test_the_subject_goes_with_the_first_request(subject: str, text: str, found: tuple[Request, ...]) -> None:
    assert requests_of(Ticket(subject, text)) == found


def test_what_a_classifier_reads_is_heading_and_text() -> None:
    assert Request("It fails.", heading="SSO").said == "SSO\nIt fails."
    assert Request("It fails.").said == "It fails."


@pytest.mark.parametrize(
    ("attachment", "found"),
    [
        (Attachment("letter.txt", f"Dear team,\n\n{LIMIT}\n\nRegards,\nAnn"), [("letter.txt", LIMIT)]),
        (Attachment("text", LIMIT), [("file text", LIMIT)]),
        (Attachment("log.txt", "2026-03-03 ERROR sso failed\n2026-03-03 ERROR sso failed again"), []),
        (Attachment("terms.pdf", f"{LIMIT}\n" + "The parties agree on many things.\n" * 100), []),
        (Attachment("huge.txt", "x" * 1_000_000 + LIMIT), []),
        (Attachment("a.png", LIMIT, "a picture"), []),
        (Attachment("ps.txt", "Can you do it?"), []),
    ],
)
def test_an_attachment_asks_only_where_it_reads_as_a_letter(
    attachment: Attachment, found: list[tuple[str, str]]
) -> None:
    first, *rest = requests_of(Ticket("", SSO, (attachment,)))
    assert first.text == SSO
    assert [(request.where, request.text) for request in rest] == found


def test_more_requests_than_are_read_are_too_long() -> None:
    names = ["SSO", "backups", "storage", "bandwidth", "branching", "users", "domains", "roles"]
    listed = [f"- Can we have more {name}?" for name in names]
    assert len(names) == MOST_REQUESTS
    assert not split(Ticket("", "\n".join(listed))).too_long
    more = split(Ticket("", "\n".join([*listed, "- Can we have more seats?"])))
    assert more.too_long
    assert len(more.requests) == MOST_REQUESTS


def test_more_text_than_is_read_is_too_long_but_quotes_don_t_count() -> None:
    quoted = "> Which region is it?\n" * 2_000
    assert not split(Ticket("", f"{SSO}\n\n{quoted}")).too_long
    assert split(Ticket("", f"{SSO}\n\n{quoted * 3}")).too_long  # so much of it isn’t even looked at
    assert split(Ticket("", f"{SSO}\n" + "SSO fails here. " * 1_300)).too_long
    assert split(Ticket("s" * (MOST_TEXT + 1), "")).too_long


@pytest.mark.parametrize(("text", "too_long"), [("Please see attached.", True), ("", True), (SSO, False)])
def test_what_is_asked_for_in_a_long_file_alone_isn_t_read_by_itself(text: str, too_long: bool) -> None:
    document = Attachment("requirements.docx", "The system shall offer many things.\n" * 100)
    found = split(Ticket("Single sign-on", text, (document,)))
    assert (len(found.requests), found.too_long) == (1, too_long)
    assert not split(Ticket("Single sign-on", text, (Attachment("a.png", document.text, "a picture"),))).too_long
