"""That something which feeds an answer was changed: what lets processes forget what they hold in memory."""

from django.db import models

EVERYBODY = 0  # instead of an account: so many were changed at once that all are meant


class FactsChange(models.Model):
    """Written by the database itself (`entitlements/fact_triggers.py`), so that no writer can forget it.

    `account_id` is the account whose answers may change, NULL the catalog and so everybody's; it is no foreign key,
    because what it tells may be that the account is gone. On PostgreSQL numbers are given before they are committed, so
    that reading on from the last number would miss some: `transaction_id` tells which transactions were still open.
    """

    account_id = models.BigIntegerField(null=True)
    transaction_id = models.BigIntegerField(null=True, db_index=True)
    written_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("pk",)
        default_permissions = ()

    def __str__(self) -> str:
        whose = "the catalog" if self.account_id is None else f"account {self.account_id or 'of everybody'}"
        return f"{whose} changed at {self.written_at:%Y-%m-%d %H:%M:%S} UTC"
