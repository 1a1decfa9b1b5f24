"""What the end of a trial takes and leaves, in words."""

from datetime import UTC, datetime

import pytest

from entitlements.domain.after_trial import AfterTrial, Kept, Less

END = datetime(2026, 3, 6, 23, tzinfo=UTC)
WEEK_AFTER = datetime(2026, 3, 13, 23, tzinfo=UTC)
ZONE = "Europe/Amsterdam"
USED = "because it was used"


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (AfterTrial("Free v2", END), "Free v2 follows."),
        (AfterTrial(None, END), "No plan follows."),
        (AfterTrial(None, END, lost=("SSO",)), "No plan follows. SSO is no longer included."),
        (AfterTrial("Free v2", END, kept=(Kept("SSO", None, USED),)),
         "Free v2 follows. SSO is kept because it was used."),
        (AfterTrial("Free v2", END, kept=(Kept("SSO", WEEK_AFTER, "for 7 days"), Kept("Seats", WEEK_AFTER, "for 7 days"))),
         "Free v2 follows. SSO and Seats are kept for 7 days, through 13 March 2026 (Amsterdam)."),
        (AfterTrial(None, END, if_used=("A", "B")), "No plan follows. A and B are kept only if used before then."),
        (AfterTrial(None, END, less=(Less("Seats", "10", "2"),)), "No plan follows. Seats is reduced."),
        (AfterTrial(None, END, lost=("A", "B", "C", "D", "E")), "No plan follows. A, B, C, D and E are no longer included."),
        (AfterTrial(None, END, lost=("A", "B", "C", "D", "E", "F")),
         "No plan follows. A, B, C, D and 2 more are no longer included."),
    ],
)  # fmt: skip
def test_it_is_said_in_a_few_sentences(after, words):
    assert after.say(zone=ZONE) == words


def test_what_goes_first_is_told_first():
    kept = (Kept("A", None, USED), Kept("B", WEEK_AFTER, "for 7 days"), Kept("C", END, "for 1 day"))
    assert [name for name, _ in AfterTrial(None, END, kept=kept).lines(zone=ZONE)] == ["C", "B", "A"]


def test_line_by_line_everything_is_told():
    after = AfterTrial(
        "Free v2", END, lost=("SSO",), less=(Less("Seats", "10", "2"),), if_used=("Roles",),
        kept=(Kept("Storage", WEEK_AFTER, "for 7 days"),),
    )  # fmt: skip
    assert after.lines(zone=ZONE) == (
        ("Storage", "kept for 7 days, through 13 March 2026 (Amsterdam)"),
        ("Roles", "kept only if used before then"),
        ("SSO", "no longer included"),
        ("Seats", "10 → 2"),
    )
