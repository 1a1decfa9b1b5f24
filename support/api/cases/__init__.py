from ninja import Router

from support.api.cases.intake import router as intake
from support.api.cases.routes import router as cases

router = Router()
router.add_router("", cases)
router.add_router("", intake)

__all__ = ["router"]
