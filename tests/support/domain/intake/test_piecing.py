"""What a request asks for beside what it seems to be about: read piece by piece, never surer than it was."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support.domain.intake.deciding import decide
from support.domain.intake.outcomes import Outcome
from support.domain.intake.piecing import MOST_PIECES, mixed, pieces_of, with_pieces
from support.domain.intake.understood import Candidate, Reading, Understood
from tests.conftest import EXAMPLES
from tests.support.domain.intake.questions import asked, question, read

MANY = settings(max_examples=EXAMPLES * 15)
KEYS = ("sso", "storage", "buckets", "users", "hipaa", "byo", "none")


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=4))
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=len(keys), max_size=len(keys))))
    return read(**{key: (cut - before) / 100 for key, cut, before in zip(keys, cuts, [0, *cuts], strict=False)})


SAID = st.sampled_from(["Can you raise the limit of users?", "It stops.", "We use Chrome and Firefox."])


def outcome(reading: Reading) -> Outcome:
    one = asked()
    return decide(question(Understood(one.request, reading))).outcome


@pytest.mark.parametrize(
    ("said", "pieces"),
    [
        ("Please enable SSO and send us the SOC 2 report.", ["Please enable SSO", "and send us the SOC 2 report."]),
        ("Custom domains\nThe TXT record isn’t found.", ["Custom domains", "The TXT record isn’t found."]),
        ("We need SAML as well as custom claims.", ["We need SAML", "as well as custom claims."]),
        ("Please (a) unpause alpha (b) add static IPv4", ["(a) unpause alpha", "(b) add static IPv4"]),
        ("Wir brauchen das Backup zurück und mehr Speicher.", ["Wir brauchen das Backup zurück", "und mehr Speicher."]),
        ("Raise it to 5,000 users: the launch is on Monday", ["Raise it to 5,000 users:", "the launch is on Monday"]),
        ("Our disk is full.", []),
        ("Our disk is full. Can you?", []),  # what names nothing is no piece, and one alone is the whole
        ("", []),
    ],
)
def test_the_pieces_of_a_request(said: str, pieces: list[str]) -> None:
    assert pieces_of(said) == pieces


def test_of_very_many_the_last_is_all_that_follows() -> None:
    pieces = pieces_of("\n".join(f"thing {number} fails" for number in range(100)))
    assert len(pieces) == MOST_PIECES
    assert pieces[-1].endswith("thing 99 fails")


BESIDE = "Please enable SSO and raise our disk size."


@pytest.mark.parametrize(
    ("whole", "beside", "follows"),
    [
        (read(sso=0.95), read(hipaa=0.9), Outcome.HOLD),  # two things with two outcomes
        (read(hipaa=0.95), read(sso=0.9), Outcome.HOLD),
        (read(sso=0.95), read(byo=0.9), Outcome.HOLD),  # what nothing gives isn’t overlooked
        (read(sso=0.95), read(storage=0.9), Outcome.ACCEPT),  # both are theirs
        (read(sso=0.95), read(hipaa=0.49, sso=0.3), Outcome.ACCEPT),  # not sure enough to speak up
        (read(sso=0.95), read(none=0.9), Outcome.HOLD),  # it asks for something, and nobody knows what
        (read(sso=0.95), read(none=0.6, sso=0.2), Outcome.ACCEPT),  # it may well be about the same
        (read(sso=0.95), read("late"), Outcome.ACCEPT),
        (read(sso=0.55, none=0.4), read(storage=0.98), Outcome.HOLD),  # no surer than the whole was
        (read("late"), read(sso=0.95), Outcome.HOLD),
    ],
)
def test_a_piece_that_speaks_up_has_half_a_say(whole: Reading, beside: Reading, follows: Outcome) -> None:
    assert outcome(mixed(whole, [("Please enable SSO", whole), ("and raise our disk size.", beside)])) is follows


def test_a_piece_that_asks_for_nothing_speaks_up_by_a_name_alone() -> None:
    told = [("Please enable SSO", read(sso=0.9)), ("We tested it with another tool", read(none=0.95))]
    assert mixed(read(sso=0.95), told) == read(sso=0.95)


def test_pieces_are_read_at_once_and_only_where_something_may_follow() -> None:
    seen: list[Sequence[str]] = []

    def reader(texts: Sequence[str]) -> list[Reading]:
        seen.append(texts)
        return [read(hipaa=0.9) for _ in texts]

    texts = [BESIDE, BESIDE, "Our disk is full."]
    found = with_pieces(texts, [read(sso=0.95), read(none=0.9), read(sso=0.95)], read=reader)
    assert seen == [["Please enable SSO", "and raise our disk size."]]
    assert [outcome(one) for one in found] == [Outcome.HOLD, Outcome.HOLD, Outcome.ACCEPT]
    assert with_pieces([], [], read=reader) == []


def test_quotes_stay_with_what_they_are_about() -> None:
    whole = Reading((Candidate("sso", 0.9, "enable SSO"),))
    beside = Reading((Candidate("hipaa", 0.9, "our disk"), Candidate("sso", 0.1, "disk")))
    found = mixed(whole, [("our disk", beside)])
    assert [(one.feature, one.confidence, one.quote) for one in found.candidates] == [
        ("sso", 0.4736, "enable SSO"), ("hipaa", 0.4263, "our disk"),
    ]  # fmt: skip


@MANY
@given(readings(), st.lists(st.tuples(SAID, readings()), max_size=4))
def test_pieces_never_lead_where_neither_the_whole_nor_they_would(
    whole: Reading, pieces: list[tuple[str, Reading]]
) -> None:
    alone = {outcome(one) for one in (whole, *(piece for _, piece in pieces))}
    follows = outcome(mixed(whole, pieces))
    assert follows in {Outcome.HOLD, *alone}
    if len(pieces) == 1:
        assert follows in (Outcome.HOLD, outcome(whole))


@MANY
@given(readings(), st.lists(st.tuples(SAID, readings()), max_size=4))
@example(read(sso=0.1, buckets=0.1), [("Can you raise the limit of users?", read())])  # two as sure as each other
def test_no_feature_is_surer_than_it_was_anywhere(whole: Reading, pieces: list[tuple[str, Reading]]) -> None:
    found = mixed(whole, pieces)
    for one in found.candidates:
        said = [
            each.confidence
            for reading in (whole, *(piece for _, piece in pieces))
            for each in reading.candidates
            if each.feature == one.feature
        ]
        assert one.confidence <= max(said) + 1e-9
    named = [sum(one.confidence for one in reading.candidates if one.feature) for reading in (found, whole)]
    assert named[0] <= named[1] + 1e-9
    assert mixed(whole, [(said, whole) for said, _ in pieces]) == whole
