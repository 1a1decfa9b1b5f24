"""Where the pages about a subscription's life and an account's own data stand, below the account's own address."""

from entitlements.admin.life.change_pages import ChangePlanPage
from entitlements.admin.life.leaving_pages import CancelPage, KeepPage
from entitlements.admin.life.planned_pages import ChangeCallOffPage, ChangeMovePage
from entitlements.admin.life.start_page import StartPage
from entitlements.admin.life.state_pages import PausePage, PaymentCamePage, PaymentFailedPage, ResumePage
from entitlements.admin.pages import AccountFormPage
from entitlements.admin.people.contact_pages import (
    ContactAddPage,
    ContactEditPage,
    ContactRemovePage,
    IdentifierAddPage,
    IdentifierRemovePage,
)
from entitlements.admin.people.edit_pages import AccountEditPage

LIFE: tuple[tuple[str, type[AccountFormPage], str], ...] = (
    ("subscription/start/", StartPage, "subscription_start"),
    ("subscription/<int:number>/change/", ChangePlanPage, "subscription_change"),
    ("subscription/<int:number>/pause/", PausePage, "subscription_pause"),
    ("subscription/<int:number>/resume/", ResumePage, "subscription_resume"),
    ("subscription/<int:number>/payment-failed/", PaymentFailedPage, "payment_failed"),
    ("subscription/<int:number>/payment/", PaymentCamePage, "payment_came"),
    ("subscription/<int:number>/cancel/", CancelPage, "subscription_cancel"),
    ("subscription/<int:number>/keep/", KeepPage, "subscription_keep"),
    ("change/<int:change>/move/", ChangeMovePage, "change_move"),
    ("change/<int:change>/cancel/", ChangeCallOffPage, "change_cancel"),
    ("edit/", AccountEditPage, "account_edit"),
    ("contact/add/", ContactAddPage, "contact_add"),
    ("contact/<int:contact>/edit/", ContactEditPage, "contact_edit"),
    ("contact/<int:contact>/remove/", ContactRemovePage, "contact_remove"),
    ("identifier/add/", IdentifierAddPage, "identifier_add"),
    ("identifier/<int:identifier>/remove/", IdentifierRemovePage, "identifier_remove"),
)
