"""Where the pages that sell something to an account stand, below the account's own address."""

from entitlements.admin.pages import AccountFormPage
from entitlements.admin.selling.add_on_pages import AddOnSellPage, ItemEndPage, QuantityPage
from entitlements.admin.selling.bundle_pages import BundleEndPage, BundleSellPage, SwapPage
from entitlements.admin.selling.code_pages import RedeemPage
from entitlements.admin.selling.spend_caps import CapLiftPage, CapPage

SELLING: tuple[tuple[str, type[AccountFormPage], str], ...] = (
    ("subscription/<int:number>/add-on/", AddOnSellPage, "add_on_sell"),
    ("subscription/<int:number>/bundle/", BundleSellPage, "bundle_sell"),
    ("item/<int:item>/quantity/", QuantityPage, "item_quantity"),
    ("item/<int:item>/end/", ItemEndPage, "item_end"),
    ("item/<int:item>/swap/", SwapPage, "bundle_swap"),
    ("bundle/<int:sold>/end/", BundleEndPage, "bundle_end"),
    ("code/", RedeemPage, "code_redeem"),
    ("cap/", CapPage, "spend_cap_set"),
    ("cap/<int:cap>/lift/", CapLiftPage, "spend_cap_lift"),
)
