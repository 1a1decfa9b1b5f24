"""§4 step 5 and 6, one case a row: what plans, add-ons and overrides make of a feature."""

import pytest

from catalog.domain.values import Value
from entitlements.domain.explain import replay
from entitlements.domain.facts import Facts
from tests.spec.tables import SHAPES, reasons, resolve, rows, table, value

CASES = """
  feature | rule             | plans        | lent | add-ons          | overrides                       | answer
  # one plan, several plans
  seats   |                  |              |      |                  |                                 | none
  seats   |                  | 10           |      |                  |                                 | 10
  seats   |                  | 0            |      |                  |                                 | 0
  seats   |                  | unlimited    |      |                  |                                 | unlimited
  seats   |                  | 10, 25       |      |                  |                                 | 25
  seats   |                  | 25, 10       |      |                  |                                 | 25
  seats   |                  | 10, unlimited|      |                  |                                 | unlimited
  seats   |                  | 10, no       |      |                  |                                 | 10
  seats   | most_generous    | 0, no        |      |                  |                                 | 0
  seats   | add              | 10, 25       |      |                  |                                 | 35
  seats   | add              | 10, unlimited|      |                  |                                 | unlimited
  seats   | add              | 10, no       |      |                  |                                 | 10
  seats   | most_restrictive | 10, 25       |      |                  |                                 | 10
  seats   | most_restrictive | 10, unlimited|      |                  |                                 | 10
  seats   | most_restrictive | 10, no       |      |                  |                                 | 10
  sso     |                  | on, no       |      |                  |                                 | on
  sso     | most_restrictive | on, no       |      |                  |                                 | on
  sso     | add              | on, on       |      |                  |                                 | on
  sso     |                  | off          |      |                  |                                 | none
  delay   |                  | 60, 30       |      |                  |                                 | 30
  delay   |                  | 60, unlimited|      |                  |                                 | 60
  delay   | most_restrictive | 60, 30       |      |                  |                                 | 60
  delay   | add              | 60, 30       |      |                  |                                 | 90
  tier    |                  | bronze, gold |      |                  |                                 | gold
  tier    | most_restrictive | bronze, gold |      |                  |                                 | bronze
  tier    | add              | bronze, gold |      |                  |                                 | gold
  roles   |                  | owner, dev   |      |                  |                                 | owner+dev
  roles   | add              | owner, dev   |      |                  |                                 | owner+dev
  roles   | most_restrictive | owner+dev, dev|     |                  |                                 | dev
  roles   | most_restrictive | owner, dev   |      |                  |                                 | nobody
  motto   |                  | first, second|      |                  |                                 | second
  # what the plan leaves open is not included
  seats   |                  | custom       |      |                  |                                 | none
  seats   |                  | sold         |      |                  |                                 | none
  seats   |                  | vague        |      |                  |                                 | none
  seats   |                  | custom       |      |                  | replace 7                       | 7
  # a lent plan is always most generous
  seats   | most_restrictive | 10, 25       | 20   |                  |                                 | 20
  seats   | most_restrictive | 10, 25       | 5    |                  |                                 | 10
  seats   | add              | 10, 25       | 30   |                  |                                 | 35
  seats   | add              | 10, 25       | 40   |                  |                                 | 40
  seats   |                  |              | 5    |                  |                                 | 5
  seats   |                  | 10           | 5    |                  |                                 | 10
  roles   | most_restrictive | owner, dev   | guest|                  |                                 | guest
  tier    | most_restrictive | silver, gold | gold |                  |                                 | gold
  # add-ons: the best that replaces stands for the base, the others add
  seats   |                  | 10           |      | +5               |                                 | 15
  seats   |                  | 10           |      | +5, +6           |                                 | 21
  seats   |                  |              |      | +5, +6           |                                 | 11
  seats   |                  | 10           |      | +unlimited       |                                 | unlimited
  seats   |                  | unlimited    |      | +5               |                                 | unlimited
  seats   |                  | 10           |      | =50              |                                 | 50
  seats   |                  | 100          |      | =50              |                                 | 50
  seats   |                  | 10           |      | =50, =70         |                                 | 70
  seats   |                  | 10           |      | =50, +5          |                                 | 55
  seats   |                  |              |      | =50              |                                 | 50
  seats   | most_restrictive | 10, 20       |      | +5               |                                 | 15
  seats   |                  | 10           |      | =custom          |                                 | 10
  seats   |                  | 10           |      | +no              |                                 | 10
  delay   |                  | 60           |      | =20, =30         |                                 | 20
  sso     |                  | no           |      | +on              |                                 | on
  sso     |                  | on           |      | +on              |                                 | on
  tier    |                  | silver       |      | +gold            |                                 | gold
  tier    |                  | gold         |      | +silver          |                                 | gold
  tier    |                  | gold         |      | =silver          |                                 | silver
  roles   |                  | owner        |      | +dev             |                                 | owner+dev
  roles   |                  | owner        |      | =dev, +guest     |                                 | dev+guest
  motto   |                  | plain        |      | +fancy           |                                 | fancy
  # overrides: replace, add, at_least, at_most, deny, in that order
  seats   |                  | 10           |      |                  | replace 25                      | 25
  seats   |                  | 10           |      |                  | replace 5                       | 5
  seats   |                  | 10           |      |                  | replace unlimited               | unlimited
  seats   |                  |              |      |                  | replace 25                      | 25
  seats   |                  | 10           |      |                  | add 5                           | 15
  seats   |                  | 10           |      |                  | add 5, add 7                    | 22
  seats   |                  | unlimited    |      |                  | add 5                           | unlimited
  seats   |                  | 10           |      |                  | add unlimited                   | unlimited
  seats   |                  |              |      |                  | add 5                           | 5
  seats   |                  | 10           |      |                  | at_least 25                     | 25
  seats   |                  | 30           |      |                  | at_least 25                     | 30
  seats   |                  | unlimited    |      |                  | at_least 25                     | unlimited
  seats   |                  | 10           |      |                  | at_least unlimited              | unlimited
  seats   |                  |              |      |                  | at_least 25                     | 25
  seats   |                  | 10           |      |                  | at_least 25, at_least 20        | 25
  seats   |                  | 30           |      |                  | at_most 25                      | 25
  seats   |                  | 10           |      |                  | at_most 25                      | 10
  seats   |                  | unlimited    |      |                  | at_most 25                      | 25
  seats   |                  |              |      |                  | at_most 25                      | none
  seats   |                  | 30           |      |                  | at_most 25, at_most 20          | 20
  seats   |                  | 10           |      |                  | deny                            | 0
  seats   |                  |              |      |                  | deny                            | 0
  seats   |                  | unlimited    |      |                  | deny                            | 0
  seats   |                  | 10           |      |                  | add 5, replace 20               | 25
  seats   |                  | 10           |      |                  | at_least 40, add 5, replace 20  | 40
  seats   |                  | 10           |      |                  | at_most 15, at_least 40         | 15
  seats   |                  | 10           |      |                  | deny, replace 20, at_least 40   | 0
  seats   |                  |              |      |                  | at_most 3, add 5                | 3
  seats   |                  | 10           |      | +5, =20          | add 1                           | 26
  delay   |                  | 60           |      |                  | at_most 30                      | 30
  delay   |                  | 60           |      |                  | at_least 90                     | 90
  delay   |                  | 60           |      |                  | deny                            | 0
  sso     |                  | no           |      |                  | replace on                      | on
  sso     |                  | on           |      |                  | replace off                     | off
  sso     |                  | on           |      |                  | deny                            | off
  sso     |                  |              |      |                  | deny                            | off
  tier    |                  | bronze       |      |                  | replace gold                    | gold
  tier    |                  | bronze       |      |                  | at_least silver                 | silver
  tier    |                  | gold         |      |                  | at_least silver                 | gold
  tier    |                  | gold         |      |                  | at_most silver                  | silver
  tier    |                  |              |      |                  | at_least silver                 | silver
  tier    |                  |              |      |                  | at_most silver                  | none
  tier    |                  | gold         |      |                  | deny                            | none
  roles   |                  | owner        |      |                  | replace dev                     | dev
  roles   |                  | owner        |      |                  | add dev                         | owner+dev
  roles   |                  |              |      |                  | add dev                         | dev
  roles   |                  | owner        |      |                  | deny                            | nobody
  motto   |                  | plain        |      |                  | replace fancy                   | fancy
  motto   |                  | plain        |      |                  | deny                            | none
  # what doesn't suit the kind of feature changes nothing
  sso     |                  | no           |      |                  | add on                          | none
  tier    |                  | silver       |      |                  | add gold                        | silver
  roles   |                  | owner        |      |                  | at_most dev                     | owner
  motto   |                  | plain        |      |                  | at_least fancy                  | plain
  seats   |                  | 10           |      |                  | add                             | 10
"""


def listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def facts_of(case: dict[str, str]) -> Facts:
    """Plans start a day after one another, so that "second" is the newer."""
    feature = case["feature"]
    lines = ["source | feature | mode | value | from"]
    if case["rule"]:
        lines.append(f"rule | {feature} | {case['rule']} | |")
    for n, said in enumerate(listed(case["plans"])):
        lines.append(f"plan P{n} | {feature} | | {said} | 2026-01-0{n + 1}")
    for n, said in enumerate(listed(case["lent"])):
        lines.append(f"lent L{n} | {feature} | | {said} | 2026-01-05")
    for n, said in enumerate(listed(case["add-ons"])):
        mode = "replaces" if said[0] == "=" else "adds"
        lines.append(f"add-on A{n} | {feature} | {mode} | {said[1:]} | 2026-01-0{n + 1}")
    for n, said in enumerate(listed(case["overrides"])):
        mode, _, amount = said.partition(" ")
        lines.append(f"override {n} | {feature} | {mode} | {amount} | 2026-01-0{n + 1}")
    return table("\n".join(lines))


def named(case: dict[str, str]) -> str:
    return " ".join(f"{k}={v}" for k, v in case.items() if v)


@pytest.mark.parametrize("case", rows(CASES), ids=named)
def test_the_value_is_what_the_rules_say(case: dict[str, str]) -> None:
    expected: Value | None = value(case["answer"], case["feature"])
    resolution = resolve(facts_of(case))[case["feature"]]
    assert resolution.value == expected
    assert type(resolution.value) is type(expected)
    assert replay(resolution.because, shape=SHAPES[case["feature"]]) == expected
    refused = "deny" in listed(case["overrides"])
    assert resolution.granted == (expected is not None and expected is not False and not refused)


def told(**case: str) -> list[str]:
    blank = dict.fromkeys(("rule", "plans", "lent", "add-ons", "overrides"), "")
    return reasons(
        facts_of(blank | {"feature": "seats"} | {k.replace("_", "-"): v for k, v in case.items()}), case["feature"]
    )


def test_of_equals_the_latest_to_start_speaks() -> None:
    assert told(feature="seats", plans="10, 10") == ["P1 v1: the base", "(P0 v1: P1 v1 gives the same)"]
    assert told(feature="delay", plans="30, 60") == ["P0 v1: the base", "(P1 v1: P0 v1 is better)"]
    assert told(feature="motto", plans="a, b") == ["P1 v1: the base", "(P0 v1: P1 v1 is the newer)"]


def test_what_only_equals_the_base_does_not_count() -> None:
    assert told(feature="tier", plans="gold", add_ons="+gold") == [
        "P0 v1: the base",
        "(A0 v1: no better than the base)",
    ]
    assert told(feature="seats", rule="add", plans="10, 20", lent="30") == [
        "P1 v1: the base",
        "P0 v1: adds to the base",
        "(L0 v1: the plans together give no less)",
    ]


def test_the_least_counts_where_the_rule_says_so() -> None:
    assert told(feature="seats", rule="most_restrictive", plans="10, 20") == [
        "P0 v1: the base",
        "(P1 v1: P0 v1 gives less, and the least counts)",
    ]


def test_a_replacing_add_on_silences_the_base() -> None:
    assert told(feature="seats", plans="10", add_ons="=20, =30, +5") == [
        "(P0 v1: replaced by A1 v1)",
        "A1 v1: stands for the base",
        "A2 v1: adds to the base",
        "(A0 v1: A1 v1 gives more)",
    ]


def test_of_several_floors_or_caps_one_counts() -> None:
    assert told(feature="seats", plans="10", overrides="at_least 20, at_least 30, at_most 25, at_most 28") == [
        "P0 v1: the base",
        "Override #1: raises it",
        "(Override #0: override #1 asks for no less)",
        "Override #2: lowers it",
        "(Override #3: override #2 allows no more)",
    ]


def test_a_denial_silences_everything() -> None:
    assert told(feature="seats", plans="10", overrides="replace 20, add 5, deny, deny") == [
        "(P0 v1: replaced by override #0)",
        "(Override #0: denied by override #3)",
        "(Override #1: denied by override #3)",
        "Override #3: denies it",
        "(Override #2: denied by override #3)",
    ]
