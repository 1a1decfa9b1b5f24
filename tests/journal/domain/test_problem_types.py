import pytest

from journal.domain.problem_types import Words, parse_problem_types

DOCUMENT = """# Problems
## One group
### `first` · 409
**When.** It is so.
**Mend.** Send `x` again.

## Another
### `second` · 422
**When.** Now.
**Mend.** Then.
"""


def test_each_kind_is_read_with_its_group_and_its_two_sentences():
    first, second = parse_problem_types(DOCUMENT)
    assert (first.code, first.status, first.group) == ("first", 409, "One group")
    assert first.when == (Words("It is so.", False),)
    assert first.mend == (Words("Send ", False), Words("x", True), Words(" again.", False))
    assert (second.code, second.group) == ("second", "Another")


@pytest.mark.parametrize(
    "wrong",
    [
        DOCUMENT.replace("**Mend.** Then.\n", ""),
        DOCUMENT.replace("**When.** Now.\n", ""),
        DOCUMENT.replace(" · 422", ""),
        DOCUMENT.replace("second", "first"),
    ],
)
def test_a_kind_that_lacks_something_is_a_mistake(wrong):
    with pytest.raises(ValueError, match=r"lacks|twice"):
        list(parse_problem_types(wrong))
