"""Secrets at rest: sealed by the newest key, opened by any, and by no other."""

import pytest

from journal import vault


def test_what_is_sealed_says_nothing_and_opens_again() -> None:
    sealed = vault.seal("whsec_abc")
    assert "abc" not in sealed
    assert vault.unseal(sealed) == "whsec_abc"
    assert vault.seal("whsec_abc") != sealed


def test_a_new_key_seals_and_the_former_one_still_opens(settings: object) -> None:
    settings.DESK_VAULT_KEYS = ["the first"]
    sealed = vault.seal("a secret")
    settings.DESK_VAULT_KEYS = ["the second", "the first"]
    again = vault.resealed(sealed)
    settings.DESK_VAULT_KEYS = ["the second"]
    assert vault.unseal(again) == "a secret"
    with pytest.raises(vault.Unreadable, match="DESK_VAULT_KEYS"):
        vault.unseal(sealed)


@pytest.mark.parametrize("text", ["", "nonsense", "gAAAAA", "é"])
def test_what_was_never_sealed_is_not_opened(text: str) -> None:
    with pytest.raises(vault.Unreadable):
        vault.unseal(text)
