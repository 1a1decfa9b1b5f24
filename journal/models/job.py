"""Long work that survives a closed tab and a restart: a row tells how far it is."""

from django.db import models


class Job(models.Model):
    """A piece of long work. Its handler is registered by `kind`; progress counts committed items only."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        DONE = "done", "Done"
        FAILED = "failed", "Done, with failures"
        STOPPED = "stopped", "Stopped"

    kind = models.CharField(max_length=80)
    title = models.CharField(max_length=300)
    payload = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True, help_text="What the handler found or wants to show.")
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    planned = models.BooleanField(default=False, help_text="Whether every item of it is written down.")
    cursor = models.CharField(max_length=200, blank=True, default="", help_text="Where planning got to.")
    error = models.TextField(blank=True, default="", help_text="Why the whole of it stopped, in the reader's words.")
    asked_at = models.DateTimeField("asked")
    asked_by_key = models.CharField(max_length=200)
    asked_by_name = models.CharField("asked by", max_length=300)
    started_at = models.DateTimeField("started", null=True, blank=True)
    finished_at = models.DateTimeField("finished", null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True, help_text="Until then one worker has it.")
    beat_at = models.DateTimeField("last sign of life", null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        default_permissions = ("view",)
        permissions = [("steer_job", "Can pause, resume, stop and retry long work")]
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="journal_job_to_do",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class JobItem(models.Model):
    """One unit of a job's work, committed with what it did."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        SKIPPED = "skipped", "Nothing to do"
        FAILED = "failed", "Failed"

    job = models.ForeignKey(Job, models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=200)
    label = models.CharField(max_length=400)
    payload = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    told = models.TextField(blank=True, default="", help_text="What it did, or why it failed, in words.")
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["job", "position"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["job", "key"], name="journal_jobitem_once"),
        ]
        indexes = [
            models.Index(
                fields=["job", "position"], condition=models.Q(state="waiting"), name="journal_jobitem_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job}: {self.label}"
