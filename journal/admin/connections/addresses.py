"""Where the pages about connections stand, below their list."""

from journal.admin.connections.edit_pages import EditPage, EndSecretPage, RenewPage, SetUpPage
from journal.admin.connections.standing_pages import PausePage, ResumePage, TurnOffPage
from journal.admin.pages import Page

CONNECTIONS: tuple[tuple[str, type[Page], str], ...] = (
    ("set-up/", SetUpPage, "set_up"),
    ("<int:connection>/edit/", EditPage, "edit"),
    ("<int:connection>/secrets/<slug:purpose>/renew/", RenewPage, "renew_secret"),
    ("<int:connection>/secrets/<int:secret>/end/", EndSecretPage, "end_secret"),
    ("<int:connection>/pause/", PausePage, "pause"),
    ("<int:connection>/resume/", ResumePage, "resume"),
    ("<int:connection>/turn-off/", TurnOffPage, "turn_off"),
)
