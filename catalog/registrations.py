"""What this app gives to the journal: who decides its requests."""

from journal import approvals
from journal.approvals import ApprovalHandler

APPROVES = "catalog.approve_publication"


def register_handlers() -> None:
    """Called once from AppConfig.ready(), when every model is there."""
    from catalog.actions.import_jobs import register_import_jobs
    from catalog.actions.rules import approve_rules
    from catalog.actions.withdrawals import carry_out

    approvals.register("feature_rules", ApprovalHandler(APPROVES, approve=approve_rules))
    approvals.register("market_withdrawal", ApprovalHandler(APPROVES, approve=carry_out))
    register_import_jobs()
