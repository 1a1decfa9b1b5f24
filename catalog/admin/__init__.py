from catalog.admin.models import FeatureAdmin, MarketAdmin, PlanAdmin, PlanVersionAdmin

__all__ = ["FeatureAdmin", "MarketAdmin", "PlanAdmin", "PlanVersionAdmin"]
