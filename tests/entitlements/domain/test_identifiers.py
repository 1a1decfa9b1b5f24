"""Reading a domain as people write it."""

import pytest

from entitlements.domain.identifiers import NoDomain, read_domain


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("acme.example", "acme.example"),
        (" @Acme.Example ", "acme.example"),
        ("mail.acme-bv.example.", "mail.acme-bv.example"),
        ("münchen.example", "münchen.example"),
    ],
)
def test_a_domain_is_read_as_people_write_it(typed: str, read: str) -> None:
    assert read_domain(typed) == read


@pytest.mark.parametrize(
    "typed",
    ["", "acme", "ana@acme.example", "https://acme.example", "acme example.nl", "-acme.example", "acme-.example"],
)
def test_what_is_no_domain_is_refused(typed: str) -> None:
    with pytest.raises(NoDomain, match="domain alone"):
        read_domain(typed)
