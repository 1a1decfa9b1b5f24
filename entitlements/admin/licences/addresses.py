"""Where the pages about licences stand, below their list."""

from entitlements.admin.licences.activation_pages import ActivatePage, FilePage, MovePage, ReleasePage
from entitlements.admin.licences.hand_pages import EditPage, IssuePage, RenewKeyPage, TransferPage
from entitlements.admin.licences.standing_pages import ResumePage, RevokePage, SuspendPage
from entitlements.admin.licences.try_page import TryPage
from journal.admin.pages import Page

LICENCES: tuple[tuple[str, type[Page], str], ...] = (
    ("issue/", IssuePage, "issue"),
    ("try/", TryPage, "try"),
    ("<int:licence>/edit/", EditPage, "edit"),
    ("<int:licence>/renew-key/", RenewKeyPage, "renew_key"),
    ("<int:licence>/transfer/", TransferPage, "transfer"),
    ("<int:licence>/suspend/", SuspendPage, "suspend"),
    ("<int:licence>/resume/", ResumePage, "resume"),
    ("<int:licence>/revoke/", RevokePage, "revoke"),
    ("<int:licence>/activate/", ActivatePage, "activate"),
    ("<int:licence>/places/<int:activation>/release/", ReleasePage, "release"),
    ("<int:licence>/places/<int:activation>/move/", MovePage, "move"),
    ("<int:licence>/file/", FilePage, "file"),
)
