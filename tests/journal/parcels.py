"""A table under history that belongs to no app, to try the journal's promises on."""

from django.db import models

from journal.history import History


class Tracked(models.Model):
    history = History(inherit=True, app="parcels")

    class Meta:
        abstract = True
        app_label = "parcels"


class Parcel(Tracked):
    label = models.CharField(max_length=40, unique=True)
    weight = models.PositiveIntegerField(default=1)

    class Meta:
        app_label = "parcels"

    def __str__(self) -> str:
        return f"Parcel {self.label}"
