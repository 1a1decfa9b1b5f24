"""Where the pages about an account's credits stand, below the account's own address."""

from entitlements.admin.credits.pages import CreditGrantPage, CreditPage, CreditsPage, CreditVoidPage
from entitlements.admin.pages import AccountPage

CREDITS: tuple[tuple[str, type[AccountPage], str], ...] = (
    ("credits/", CreditsPage, "account_credits"),
    ("credits/<str:feature>/", CreditPage, "account_credit"),
    ("credits/<str:feature>/grant/", CreditGrantPage, "credit_grant"),
    ("credits/<str:feature>/grants/<int:grant>/void/", CreditVoidPage, "credit_void"),
)
