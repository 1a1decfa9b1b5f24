"""Where the pages about equipment and its locations stand, below their lists."""

from journal.admin.pages import Page
from support.admin.assets.change_pages import BackPage, MovePage, RelocatePage, ReplacePage, RetirePage
from support.admin.assets.register_pages import EditPage, LocationPage, RegisterPage
from support.admin.assets.show_page import ShowPage
from support.admin.assets.warranty_pages import AddWarrantyPage, VoidWarrantyPage

LOCATIONS: tuple[tuple[str, type[Page], str], ...] = (("of/<str:key>/new/", LocationPage, "support_location_new"),)
ASSETS: tuple[tuple[str, type[Page], str], ...] = (
    ("of/<str:key>/new/", RegisterPage, "support_asset_new"),
    ("<int:asset>/page/", ShowPage, "support_asset_page"),
    ("<int:asset>/edit/", EditPage, "support_asset_edit"),
    ("<int:asset>/relocate/", RelocatePage, "support_asset_relocate"),
    ("<int:asset>/move/", MovePage, "support_asset_move"),
    ("<int:asset>/replace/", ReplacePage, "support_asset_replace"),
    ("<int:asset>/retire/", RetirePage, "support_asset_retire"),
    ("<int:asset>/back/", BackPage, "support_asset_back"),
    ("<int:asset>/warranties/new/", AddWarrantyPage, "support_asset_warranty"),
    ("<int:asset>/warranties/<int:warranty>/end/", VoidWarrantyPage, "support_asset_void"),
)
