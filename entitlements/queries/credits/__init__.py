from entitlements.queries.credits.balances import CreditBalanceView, GrantLeft, balance_of, left_of
from entitlements.queries.credits.holding import credit_features
from entitlements.queries.credits.ledger import LedgerLine, LedgerPage, ledger_of

__all__ = [
    "CreditBalanceView",
    "GrantLeft",
    "LedgerLine",
    "LedgerPage",
    "balance_of",
    "credit_features",
    "ledger_of",
    "left_of",
]
