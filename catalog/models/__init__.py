from catalog.models.feature import Feature, FeatureGroup, FeatureRevision
from catalog.models.market import Market, MarketWindow
from catalog.models.plan import Plan, PlanPrice, PlanVersion
from catalog.models.rollout import Rollout
from catalog.models.term import PlanTerm, PriceLine

__all__ = [
    "Feature",
    "FeatureGroup",
    "FeatureRevision",
    "Market",
    "MarketWindow",
    "Plan",
    "PlanPrice",
    "PlanTerm",
    "PlanVersion",
    "PriceLine",
    "Rollout",
]
