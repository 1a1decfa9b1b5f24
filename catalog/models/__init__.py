from catalog.models.billing import BillingLink
from catalog.models.feature import Dimension, DimensionChoice, Feature, FeatureGroup, FeatureRevision
from catalog.models.import_run import ImportRow, ImportRun
from catalog.models.market import Market, MarketWindow
from catalog.models.offer import Bundle, BundleOption, PromoCode
from catalog.models.plan import Plan, PlanPrice, PlanVersion
from catalog.models.rollout import Rollout
from catalog.models.term import PlanTerm, PriceLine, SubLimit

__all__ = [
    "BillingLink",
    "Bundle",
    "BundleOption",
    "Dimension",
    "DimensionChoice",
    "Feature",
    "FeatureGroup",
    "FeatureRevision",
    "ImportRow",
    "ImportRun",
    "Market",
    "MarketWindow",
    "Plan",
    "PlanPrice",
    "PlanTerm",
    "PlanVersion",
    "PriceLine",
    "PromoCode",
    "Rollout",
    "SubLimit",
]
