from support.api.assets import router as assets
from support.api.calendars import router as calendars
from support.api.case_counts import router as case_counts
from support.api.cases import router as cases
from support.api.covers import router as covers
from support.api.intake import router as intake
from support.api.routes import router
from support.api.time_entries import router as time_entries
from support.api.work import router as work

router.add_router("", assets)
router.add_router("", calendars)
router.add_router("", case_counts)
router.add_router("", intake)  # before cases, whose addresses would take its own for a case's number
router.add_router("", cases)
router.add_router("", covers)
router.add_router("", time_entries)
router.add_router("", work)

__all__ = ["router"]
