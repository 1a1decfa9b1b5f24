"""What changed is told in the values that the API answers with."""

from entitlements.api.render import render_entitlement
from entitlements.domain.plain import plain
from tests.spec.tables import resolve, table

OFFERED = """
  source   | feature | mode    | value | from       | until
  plan     | seats   |         | 10    | 2026-01-01 |
  plan     | storage |         | 5     | 2026-01-01 |
  plan     | sso     |         | on    | 2026-01-01 |
  plan     | tier    |         | smart | 2026-01-01 |
  override | calls   | replace | unlimited | 2026-01-01 | 2026-03-01
  override | sso     | deny    |       | 2026-01-10 | 2026-03-01
"""


def test_values_are_those_of_the_api() -> None:
    answers = resolve(table(OFFERED))
    assert {"seats", "storage", "sso", "tier", "calls"} <= answers.keys()
    for resolution in answers.values():
        told = render_entitlement(resolution)
        assert plain(resolution) == {
            "granted": told.granted,
            "value": told.value,
            "unlimited": told.unlimited,
            "text": told.value_text,
        }


def test_what_is_not_known_is_not_granted() -> None:
    assert plain(None) == {"granted": False, "value": None, "unlimited": False, "text": "not included"}
