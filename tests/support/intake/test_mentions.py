"""Names in a request: found as whole words, weighed as evidence, never certain."""

from hypothesis import given
from hypothesis import strategies as st

from support.domain.intake.understood import NONE_OF_THESE
from support.intake.mentions import MOST, Mention, mentions, weighed
from tests.support.intake.fake import FILES, SSO, TOPICS, topic

PROVIDER = topic("own_storage", name="Own storage provider")


def test_a_name_or_an_alias_is_found_as_the_customer_wrote_it() -> None:
    found = mentions("Our sso is down; single  sign_on too. STORAGE?", TOPICS)
    assert {key: one.words for key, one in found.items()} == {"sso": "sso", "storage": "STORAGE"}
    assert not mentions("glasso, storages and backupsx", TOPICS)


def test_the_longer_name_wins() -> None:
    assert set(mentions("can we use our own storage provider", [FILES, PROVIDER])) == {"own_storage"}
    assert set(mentions("storage, or an own storage provider", [FILES, PROVIDER])) == {"storage", "own_storage"}


def test_a_name_is_text_and_no_pattern() -> None:
    odd = topic("odd", name="C++ (2.0) [a-z]*")
    assert set(mentions("does C++ (2.0) [a-z]* run", [odd])) == {"odd"}
    assert not mentions("anything", [topic("x", name=" ")])
    assert len(mentions("SSO " * 5_000, [SSO])) == 1


shares = st.lists(st.floats(0, 1), min_size=1, max_size=6).map(
    lambda some: {f"f{place}": share / max(sum(some), 1) for place, share in enumerate(some)}
)


@given(before=shares, named=st.sets(st.sampled_from(["f0", "f1", "f2", "new"])))
def test_evidence_moves_shares_and_never_makes_more_of_them(before: dict[str, float], named: set[str]) -> None:
    mentioned = {key: Mention(key, key, 0, 2) for key in named}
    after = weighed(before, mentioned, of=["f0", "f1", "f2", "new"])
    assert sum(after.values()) <= 1 + 1e-9
    assert all(0 <= share <= 1 for share in after.values())
    for key in named & set(before):
        assert len(named) > 1 or after[key] >= min(before[key], MOST) - 1e-9


def test_a_name_alone_is_not_enough_to_act_on() -> None:
    named = {"sso": Mention("sso", "SSO", 0, 3)}
    assert weighed({"sso": 0.05, NONE_OF_THESE: 0.9}, named, of=["sso"])["sso"] < 0.2
    assert weighed({"sso": 0.6, "storage": 0.1}, named, of=["sso"])["sso"] > 0.8
    assert weighed({NONE_OF_THESE: 0.5}, named, of=["sso"])["sso"] < 0.2  # nobody taught it yet
    assert weighed({"sso": 0.97}, named, of=["sso"])["sso"] <= MOST
