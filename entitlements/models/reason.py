"""Why customers are given something special: a short list that staff keep, so that it can be counted."""

from django.db import models

from catalog.models.columns import key_column
from journal.history import History


class ReasonCode(models.Model):
    """One reason to choose from; policy may differ by it. A retired one can't be chosen any more."""

    key = key_column(what="reason")
    name = models.CharField(max_length=120, unique=True)
    note = models.TextField(blank=True, help_text="When to choose it.")
    retired_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
