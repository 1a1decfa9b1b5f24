"""Where the pages about checked tickets stand, below their list."""

from journal.admin.pages import Page
from support.admin.intake.check_page import CheckPage
from support.admin.intake.decision_page import DecisionPage
from support.admin.intake.review_page import ReviewPage

INTAKE: tuple[tuple[str, type[Page], str], ...] = (
    ("check/", CheckPage, "check_ticket"),
    ("review/", ReviewPage, "intake_review"),
    ("<int:decision>/", DecisionPage, "intake_decision"),
)
