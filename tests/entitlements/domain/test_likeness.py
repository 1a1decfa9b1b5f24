import pytest

from entitlements.domain.likeness import plain_name


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("ACME, B.V.", "acme"),
        ("Acme bv", "acme"),
        ("The Acme Company", "acme"),
        ("Müller GmbH & Co. KG", "muller"),
        ("Société Générale S.A.", "societe generale"),
        ("AS", "as"),
        ("株式会社", "株式会社"),
        ("", ""),
    ],
)
def test_what_a_firm_is_called_but_for_its_legal_form(name, plain):
    assert plain_name(name) == plain
