from entitlements.api.accounts import router as accounts
from entitlements.api.contracts import router as contracts
from entitlements.api.credits import router as credits
from entitlements.api.licence_steering import router as licence_steering
from entitlements.api.licences import router as licences
from entitlements.api.lifecycle import router as lifecycle
from entitlements.api.loans import router as loans
from entitlements.api.offers import router as offers
from entitlements.api.overrides import router as overrides
from entitlements.api.past import router as past
from entitlements.api.renewals import router as renewals
from entitlements.api.routes import router
from entitlements.api.runtime_routes import router as runtime
from entitlements.api.seats import router as seats
from entitlements.api.selling import router as selling
from entitlements.api.subject_limits import router as subject_limits
from entitlements.api.trial_uses import router as trial_uses
from entitlements.api.usage_reads import router as usage_reads

router.add_router("", accounts)
router.add_router("", contracts)
router.add_router("", credits)
router.add_router("", licences)
router.add_router("", licence_steering)
router.add_router("", lifecycle)
router.add_router("", loans)
router.add_router("", offers)
router.add_router("", overrides)
router.add_router("", past)
router.add_router("", renewals)
router.add_router("", runtime)
router.add_router("", seats)
router.add_router("", selling)
router.add_router("", subject_limits)
router.add_router("", trial_uses)
router.add_router("", usage_reads)

__all__ = ["router"]
