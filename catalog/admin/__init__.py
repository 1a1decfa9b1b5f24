from catalog.admin.billing_links import BillingLinkAdmin
from catalog.admin.bundles import BundleAdmin
from catalog.admin.features import FeatureAdmin
from catalog.admin.groups import FeatureGroupAdmin
from catalog.admin.imports.models import ImportRunAdmin
from catalog.admin.markets import MarketAdmin
from catalog.admin.models import PlanAdmin, PlanVersionAdmin
from catalog.admin.promo_codes import PromoCodeAdmin

__all__ = [
    "BillingLinkAdmin",
    "BundleAdmin",
    "FeatureAdmin",
    "FeatureGroupAdmin",
    "ImportRunAdmin",
    "MarketAdmin",
    "PlanAdmin",
    "PlanVersionAdmin",
    "PromoCodeAdmin",
]
