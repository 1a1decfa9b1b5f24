from ninja import Router

from support.api.intake.resume import router as resuming
from support.api.intake.routes import router as tickets
from support.api.intake.validating import router as validating

router = Router()
router.add_router("", validating)
router.add_router("", tickets)
router.add_router("", resuming)

__all__ = ["router"]
