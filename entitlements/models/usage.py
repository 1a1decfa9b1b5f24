"""What was used: events, the counters that sum them up, holds, and limits of single subjects.

Events are their own audit: written once, never changed. A counter is what its events come to in one period; it is kept
so that a check costs one row, and can be worked out again from the events at any time. None of these rows is under
history: they are many, and what they say is told by the events. Amounts are in the feature's smallest unit.
"""

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from catalog.models import Feature
from catalog.models.columns import choice_column, one_of
from entitlements.domain.usage.operations import Act
from entitlements.models.account import Account
from journal.history import History

LONGEST_NAME = 200
OUTDATED = -1  # so many events: the counter is to be worked out again, for use has landed on another over the same time


class UsageEvent(models.Model):
    """One thing that was used, once: `(source, event_id)` names it for good. `answer` is what its sender was told."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="usage_events")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="+")
    source = models.CharField(max_length=LONGEST_NAME)
    event_id = models.CharField(max_length=LONGEST_NAME)
    act = choice_column(Act)
    quantity = models.BigIntegerField(help_text="As it was told.")
    amount = models.BigIntegerField(help_text="As it counts, by the weight of its choice.")
    subject = models.CharField(max_length=LONGEST_NAME, blank=True)
    choice = models.CharField(max_length=LONGEST_NAME, blank=True)
    value = models.CharField(max_length=LONGEST_NAME, blank=True, help_text="What is told apart, of distinct things.")
    at = models.DateTimeField(help_text="When it happened.")
    recorded_at = models.DateTimeField(help_text="When the desk heard of it.")
    digest = models.CharField(max_length=64)
    answer = models.JSONField()
    told_by = models.CharField(max_length=LONGEST_NAME)

    class Meta:
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["account", "feature", "at"], name="entitlements_usage_by_time"),
            models.Index(
                fields=["account", "feature", "value", "at"],
                condition=~Q(value=""),
                name="entitlements_usage_by_value",
            ),
            models.Index(
                fields=["account", "feature", "subject", "at"],
                condition=~Q(subject=""),
                name="entitlements_usage_by_subject",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "event_id"], name="entitlements_usageevent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.feature} by {self.account} at {self.at:%Y-%m-%d %H:%M:%S} UTC"


class UsageCounter(models.Model):
    """What the events of one period come to, for an account or one of its subjects, of all or of one choice.

    `since` is later than the start where staff have reset it: only what happened from then on counts.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="usage_counters")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=LONGEST_NAME, blank=True)
    choice = models.CharField(max_length=LONGEST_NAME, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    since = models.DateTimeField()
    used = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    events = models.BigIntegerField(default=0)
    latest_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("account", "feature", "-starts_at", "subject", "choice")
        default_permissions = ("view",)
        permissions = [("reset_usage", "Can reset what a customer has used")]
        indexes = [models.Index(fields=["updated_at"], name="entitlements_counter_updated")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "feature", "starts_at", "subject", "choice"], name="entitlements_usagecounter_one"
            ),
            models.CheckConstraint(condition=Q(held__gte=0), name="entitlements_usagecounter_holds_something"),
            models.CheckConstraint(
                condition=Q(since__gte=F("starts_at")), name="entitlements_usagecounter_since_in_period"
            ),
        ]

    def __str__(self) -> str:
        whose = f"{self.account} ({self.subject})" if self.subject else str(self.account)
        what = f"{self.feature}, {self.choice}" if self.choice else str(self.feature)
        return f"{self.used} of {what} by {whose} from {self.starts_at:%Y-%m-%d %H:%M}"


class UsageDay(models.Model):
    """What came in for one day (UTC), for charts and forecasts. `level` is what the counter said after the last of it,
    which is what a day was of a feature whose use is no sum."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="usage_days")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="+")
    on = models.DateField()
    amount = models.BigIntegerField(default=0)
    level = models.BigIntegerField(default=0)
    events = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("account", "feature", "-on")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["account", "feature", "on"], name="entitlements_usageday_one"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.feature} by {self.account} on {self.on}"


class ReservationState(StrEnum):
    HELD = "held"
    COMMITTED = "committed"
    RELEASED = "released"
    EXPIRED = "expired"


class Reservation(models.Model):
    """An estimate held until an instant. `holds` names the counters it stands on, each with its amount.

    It counts in the period it was made in, also where it is committed after that.
    """

    key = models.CharField(max_length=40, unique=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="reservations")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="+")
    source = models.CharField(max_length=LONGEST_NAME)
    event_id = models.CharField(max_length=LONGEST_NAME)
    quantity = models.BigIntegerField()
    amount = models.BigIntegerField()
    subject = models.CharField(max_length=LONGEST_NAME, blank=True)
    choice = models.CharField(max_length=LONGEST_NAME, blank=True)
    value = models.CharField(max_length=LONGEST_NAME, blank=True)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = choice_column(ReservationState, default=ReservationState.HELD)
    settled_at = models.DateTimeField(null=True, blank=True)
    holds = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    answer = models.JSONField()
    settled_digest = models.CharField(max_length=64, blank=True)
    settled_answer = models.JSONField(null=True, blank=True)
    told_by = models.CharField(max_length=LONGEST_NAME)

    class Meta:
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        indexes = [
            models.Index(
                fields=["account", "expires_at"], condition=Q(state="held"), name="entitlements_reservation_held"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "event_id"], name="entitlements_reservation_once"),
            models.CheckConstraint(
                condition=Q(state="held", settled_at__isnull=True) | ~Q(state="held") & Q(settled_at__isnull=False),
                name="entitlements_reservation_settled_at",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("at")), name="entitlements_reservation_expires_after_start"
            ),
            one_of("entitlements_reservation_state", "state", ReservationState),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.feature} held for {self.account} ({self.key})"


class SubjectLimit(models.Model):
    """A user's, agent's, device's or task's own limit under the account's: in each period, or in all."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="subject_limits")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=LONGEST_NAME, help_text="As products name it, such as agent:researcher.")
    amount = models.BigIntegerField(help_text="In the feature's smallest unit.")
    in_all = models.BooleanField(default=False, help_text="A budget for a task: it doesn't start again.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    history = History()

    class Meta:
        ordering = ("account", "feature", "subject")
        permissions = [("set_subject_limit", "Can set limits of a customer's users and agents")]
        constraints = [
            models.UniqueConstraint(fields=["account", "feature", "subject"], name="entitlements_subjectlimit_one"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="entitlements_subjectlimit_not_negative"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="entitlements_subjectlimit_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.feature} for {self.subject} of {self.account}"


class UsageReset(models.Model):
    """Staff let use start again at nothing before the period's end, and why. Append-only."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="usage_resets")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=LONGEST_NAME, blank=True)
    choice = models.CharField(max_length=LONGEST_NAME, blank=True)
    starts_at = models.DateTimeField(help_text="The period's start.")
    at = models.DateTimeField()
    used = models.BigIntegerField(help_text="What had been used until then.")
    reason = models.TextField()
    reset_by = models.CharField(max_length=LONGEST_NAME)

    class Meta:
        ordering = ("-at", "-pk")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.feature} of {self.account} reset at {self.at:%Y-%m-%d %H:%M} UTC"


class ThresholdCrossing(models.Model):
    """A threshold was reached, told once: again only after a reset by staff (`since`) or for another limit."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="threshold_crossings")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=LONGEST_NAME, blank=True)
    starts_at = models.DateTimeField(help_text="The period's start.")
    since = models.DateTimeField()
    percent = models.PositiveIntegerField()
    used = models.BigIntegerField()
    limit_amount = models.BigIntegerField()
    crossed_at = models.DateTimeField()
    told = models.CharField(max_length=24, help_text="Who is told, by the feature's rule.")
    told_at = models.DateTimeField(null=True, blank=True, help_text="When they were told; until then it is due.")

    class Meta:
        ordering = ("-crossed_at", "-pk")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["crossed_at"], condition=Q(told_at__isnull=True), name="entitlements_crossing_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "feature", "subject", "starts_at", "since", "percent", "limit_amount"],
                name="entitlements_thresholdcrossing_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent} % of {self.feature} reached by {self.account} at {self.crossed_at:%Y-%m-%d %H:%M} UTC"


class UsageForecast(models.Model):
    """When a limit will be reached at this pace, as it looked when it was made; scored when the period is over."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="usage_forecasts")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(help_text="The period's start.")
    ends_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    used = models.BigIntegerField()
    limit_amount = models.BigIntegerField()
    hits_on = models.DateField(null=True, blank=True)
    low_on = models.DateField(null=True, blank=True)
    high_on = models.DateField(null=True, blank=True)
    probability_thousandths = models.PositiveIntegerField()
    expected = models.BigIntegerField(help_text="Use at the end of the period, as expected.")
    basis = models.CharField(max_length=24)
    told_at = models.DateTimeField(null=True, blank=True)
    came_true = models.BooleanField(null=True, blank=True)
    scored_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at", "-pk")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["account", "feature", "starts_at"], name="entitlements_usageforecast_one_per_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feature} of {self.account}, looked ahead at {self.made_at:%Y-%m-%d %H:%M} UTC"
