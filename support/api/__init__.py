from support.api.calendars import router as calendars
from support.api.cases import router as cases
from support.api.routes import router

router.add_router("", calendars)
router.add_router("", cases)

__all__ = ["router"]
