"""Countries by their two letters."""

import pytest

from catalog.domain.countries import COUNTRIES, NoCountry, country_code, country_codes, say_countries


def test_every_code_is_two_capital_letters_with_a_name_of_its_own() -> None:
    assert len(COUNTRIES) == len(set(COUNTRIES.values())) == 249
    assert all(len(code) == 2 and code.isascii() and code.isupper() for code in COUNTRIES)
    assert all(name == name.strip() and name for name in COUNTRIES.values())


@pytest.mark.parametrize(("text", "code"), [("nl", "NL"), (" GB ", "GB"), ("", ""), ("  ", "")])
def test_a_code_is_read_however_it_is_typed(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize("text", ["XX", "EU", "XK", "N1", "NLD", "Netherlands", "ＮＬ", "ß"])
def test_what_is_no_country_is_refused_in_words(text: str) -> None:
    with pytest.raises(NoCountry, match="is no country code"):
        country_code(text)


@pytest.mark.parametrize(("text", "meant"), [("UK", "GB, United Kingdom"), ("el", "GR, Greece")])
def test_a_usual_slip_is_told_what_was_meant(text: str, meant: str) -> None:
    with pytest.raises(NoCountry, match=f"Did you mean {meant}"):
        country_code(text)


def test_each_country_is_taken_once_in_order() -> None:
    assert country_codes(["nl", "BE", " NL", ""]) == ["BE", "NL"]


def test_countries_are_said_by_name() -> None:
    assert say_countries(["NL", "BE", "DE"]) == "Belgium, Germany, Netherlands"
    assert say_countries(["NL", "BE", "DE"], most=2) == "Belgium, Germany and 1 more"
    assert say_countries(["NL", "BE"], most=2) == "Belgium, Netherlands"
