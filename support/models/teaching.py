"""That the classifier is to be taught: asked for by people and by the night, done by a worker, one at a time."""

from django.db import models
from django.db.models import Q

from support.models.intake import ClassifierVersion


class Teaching(models.Model):
    """One row: what was asked for last, who is at it, and how the last one went.

    It is open while `ended_for` isn't `asked_at`. Whoever is at it, for `begun_for`, holds it until `lease_until`, and goes on
    holding it while it lives; after that the next worker takes it up. `attempts` were begun, of which none has ended.
    """

    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=200)
    begun_at = models.DateTimeField(null=True, blank=True)
    begun_for = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_for = models.DateTimeField(null=True, blank=True, help_text="The asking that was answered last.")
    failed = models.CharField(
        max_length=500, blank=True, help_text="Why the last one came to nothing; empty: it didn’t."
    )
    version = models.ForeignKey(ClassifierVersion, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="support_teaching_one")]

    def __str__(self) -> str:
        return "The teaching of the classifier"

    @property
    def is_open(self) -> bool:
        return self.ended_for != self.asked_at
