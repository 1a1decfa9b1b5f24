"""What one version of a mapping says otherwise than the one before, rule by rule."""

from desk.domain.crm.mapping_words import Part, Sentence
from desk.queries.crm.mapping_versions import Worded, difference

TERMS = ((Part("It lasts 12 months."),),)


def version(*rules: str, terms: tuple[Sentence, ...] = TERMS) -> Worded:
    """ "a=Each A" is the rule of the key a."""
    said = (rule.split("=") for rule in rules)
    return Worded({key: (Part(words),) for key, words in said}, terms)


def told(before: Worded | None, after: Worded) -> list[tuple[str, str, bool]]:
    return [(one.key, one.sort, one.moved) for one in difference(before, after).rules]


def test_rules_are_the_same_changed_added_and_gone() -> None:
    before, after = version("a=A", "b=B", "c=C"), version("a=A", "b=Other", "d=D")
    assert told(before, after) == [("a", "same", False), ("b", "changed", False), ("d", "added", False),
                                   ("c", "removed", False)]  # fmt: skip


def test_a_rule_that_another_one_left_or_joined_has_not_moved() -> None:
    assert told(version("a=A", "b=B", "c=C"), version("x=X", "b=B", "c=C"))[1:3] == [
        ("b", "same", False),
        ("c", "same", False),
    ]


def test_rules_that_changed_places_have_moved() -> None:
    assert told(version("a=A", "b=B", "c=C"), version("b=B", "a=A", "c=C")) == [
        ("b", "same", True),
        ("a", "same", True),
        ("c", "same", False),
    ]


def test_of_a_first_version_everything_is_new() -> None:
    assert told(None, version("a=A")) == [("a", "added", False)]
    assert difference(None, version("a=A")).terms == ("", "It lasts 12 months.")


def test_terms_are_told_where_they_differ() -> None:
    other = version("a=A", terms=((Part("It lasts 24 months."),),))
    assert difference(version("a=A"), version("a=A")).terms is None
    assert not difference(version("a=A"), version("a=A"))
    assert difference(version("a=A"), other).terms == ("It lasts 12 months.", "It lasts 24 months.")
