"""Which words of a ticket are marked: those quoted, where they stand in their request."""

from support.admin.intake.marking import pieces


def marked(text: str, *quotes: tuple[int, str, str]) -> list[tuple[str, int]]:
    found = pieces(text, quotes)
    assert "".join(piece.text for piece in found) == text
    return [(piece.text, piece.number) for piece in found if piece.number]


def test_words_are_marked_in_their_own_request() -> None:
    text = "SSO is fine. Set up SSO please. And backups."
    assert pieces(text, [(1, "Set up SSO please.", "SSO")])[0].text == "SSO is fine. Set up "
    assert marked(text, (1, "Set up SSO", "SSO"), (2, "And backups.", "backups")) == [("SSO", 1), ("backups", 2)]


def test_of_two_that_overlap_the_longer_is_marked() -> None:
    assert marked("single sign-on", (1, "", "sign-on"), (2, "", "single sign-on")) == [("single sign-on", 2)]


def test_what_does_not_occur_is_not_marked() -> None:
    assert marked("hello", (1, "hello", "sso"), (2, "", ""), (3, "gone", " ")) == []
    assert marked("", (1, "", "x")) == []
