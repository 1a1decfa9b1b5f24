"""The demo's examples speak of the demo's catalog."""

from catalog.domain.declarations import read_declarations
from desk.demo.allowances import HOURS, INCIDENTS
from desk.demo.intake_examples import EXAMPLES, NONE_OF_THESE
from desk.demo.licences import AGENTS
from desk.demo.price_page import PAGE
from desk.demo.selling import ADDRESSES, AI, PREMIUM


def test_every_feature_on_the_price_page_has_examples_and_no_phrase_speaks_for_two() -> None:
    declared = read_declarations((PAGE / "features.csv").read_bytes())
    added = {shape.key for shape in (AI, ADDRESSES, AGENTS, HOURS, INCIDENTS, *PREMIUM)}
    assert {one.shape.key for one in declared} | added <= set(EXAMPLES)
    said = [phrase for phrases in EXAMPLES.values() for phrase in phrases] + list(NONE_OF_THESE)
    assert len({phrase.lower() for phrase in said}) == len(said)
    assert min(len(phrases) for phrases in EXAMPLES.values()) >= 8
    assert len(NONE_OF_THESE) >= 25
