"""A usage limit whose use is told apart by AI model, and the seats that may multiply it."""

from catalog.domain.values import Aggregation, Kind
from catalog.models import Feature
from tests.catalog.factories import DimensionChoiceFactory, DimensionFactory, FeatureFactory


def api_calls(**more: object) -> Feature:
    """API calls, of which some fall to the large model and some to the small one."""
    calls = FeatureFactory(
        key="calls", name="API calls", kind=Kind.METERED, unit="call", aggregation=Aggregation.SUM, **more
    )
    model = DimensionFactory(feature=calls, key="model", name="Model")
    for position, (key, name) in enumerate((("large", "Large model"), ("small", "Small model"))):
        DimensionChoiceFactory(dimension=model, key=key, name=name, position=position)
    return calls
