"""What programs were told: the third of the three questions about the past (DESIGN.md §4)."""

from django.db import models

from entitlements.models.account import Account


class AnswerGiven(models.Model):
    """The answers an API key was given about an account, written when they differ from those it was given last.

    It answered so from `told_at` on until the next row of the same key and account. Append-only; it never answers.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="answers_given")
    told = models.CharField(max_length=200, help_text="The API key that asked, by its name.")
    told_at = models.DateTimeField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the answers.")
    answers = models.JSONField(help_text="Feature by feature, as it was told.")

    class Meta:
        ordering = ("-told_at", "-pk")
        indexes = [models.Index(fields=["account", "told", "told_at"], name="entitlements_answer_by_key")]

    def __str__(self) -> str:
        return f"{self.told} told about {self.account} at {self.told_at:%Y-%m-%d %H:%M:%S} UTC"
