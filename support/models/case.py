"""Cases: the record that a ticket of the help desk is promised something, and by when."""

from django.db import models
from django.db.models import Q

from catalog.models.columns import choice_column, one_of
from entitlements.models import Account
from journal.history import History
from support.domain.case_events import AlertKind, CaseState, Channel, ClockState, EventKind, Health, Opener
from support.domain.milestones import MilestoneKind
from support.domain.targets import TargetUnit
from support.models.calendar import CalendarVersion
from support.models.sla import Severity, SlaPolicyVersion, Team


class Case(models.Model):
    """One ticket of a help desk. State, severity, team and assignee are what its events come to.

    A case keeps the tier it opened under; a better one may apply later, a lesser one never.
    """

    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="cases", help_text="Empty: nobody knows yet whose."
    )
    subject = models.CharField(max_length=300)
    requester = models.EmailField("asked by", blank=True)
    opener = choice_column(Opener, default=Opener.CUSTOMER)
    channel = choice_column(Channel)
    severity = models.ForeignKey(Severity, models.PROTECT, related_name="cases")
    state = choice_column(CaseState, default=CaseState.OPEN)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="cases")
    assignee = models.EmailField(blank=True)
    tier = models.CharField(max_length=64, blank=True, help_text="The support tier it is served by; empty: none.")
    product = models.ForeignKey(
        "support.Product", models.PROTECT, null=True, blank=True, related_name="cases", help_text="What it is about."
    )
    asset = models.ForeignKey(
        "support.Asset",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        help_text="The device it is about.",
    )
    chosen_cover = models.CharField(
        max_length=40,
        blank=True,
        help_text="The cover somebody chose for it: cover:12, warranty:7, tier; empty: the rule.",
    )
    uncounted_at = models.DateTimeField(null=True, blank=True, help_text="Since when it counts on no allowance.")
    uncounted_by = models.CharField(max_length=200, blank=True)
    uncounted_reason = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=40, help_text="The help desk it came from; desk: opened here.")
    external_id = models.CharField("number in the help desk", max_length=200, blank=True)
    url = models.URLField("address in the help desk", max_length=500, blank=True)
    opened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it was last closed or cancelled.")

    history = History()

    class Meta:
        ordering = ("-opened_at", "-pk")
        permissions = [
            ("handle_case", "Can open cases and note what happens to them"),
            ("recompute_cases", "Can recompute the clocks of open cases"),
        ]
        indexes = [
            models.Index(fields=["state", "team"], name="support_case_state_team"),
            models.Index(fields=["account", "opened_at"], name="support_case_account"),
            models.Index(fields=["external_id"], condition=~Q(external_id=""), name="support_case_external"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="support_case_once"
            ),
            one_of("support_case_opener", "opener", Opener),
            one_of("support_case_channel", "channel", Channel),
            one_of("support_case_state", "state", CaseState),
            models.CheckConstraint(
                condition=Q(uncounted_at__isnull=True, uncounted_by="", uncounted_reason="")
                | (Q(uncounted_at__isnull=False) & ~Q(uncounted_by="") & ~Q(uncounted_reason="")),
                name="support_case_uncounted_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.subject}"

    @property
    def number(self) -> str:
        return f"C-{self.pk}"


class CaseEvent(models.Model):
    """Something that happened to a case at `at`, whenever it was heard of. Append-only: the clocks are read from these.

    `to` is the new state, severity (key), team (key) or the milestone meant; `name` names the event at its source, once.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="events")
    kind = choice_column(EventKind)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    to = models.CharField(max_length=320, blank=True)
    actor_name = models.CharField("by", max_length=200, blank=True)
    note = models.TextField(blank=True)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("case", "at", "pk")
        indexes = [
            models.Index(fields=["case", "at"], name="support_caseevent_in_order"),
            models.Index(fields=["name"], name="support_caseevent_name"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "name"], condition=~Q(name=""), name="support_caseevent_once"),
            one_of("support_caseevent_kind", "kind", EventKind),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.kind} {self.to}".rstrip()


class CasePromise(models.Model):
    """What a case is promised from an instant on: which version of which policy, by which hours. Append-only.

    `calendars` are ids of calendar versions by the calendar's key; public holidays count as they were known at
    `holidays_known_at`. `lifts` are the target rules that held: {"milestone", "percent", "why"}.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="promises")
    starts_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    policy_version = models.ForeignKey(
        SlaPolicyVersion, models.PROTECT, null=True, blank=True, related_name="promises", help_text="Empty: none."
    )
    calendars = models.JSONField(default=dict, blank=True)
    holidays_known_at = models.DateTimeField()
    zone = models.CharField(max_length=64)
    country = models.CharField(max_length=2, blank=True)
    lifts = models.JSONField(default=list, blank=True)
    why = models.TextField(blank=True)
    covered_by = models.CharField(
        max_length=40, blank=True, help_text="What decided it: tier, cover:12, warranty:7, balance:3; empty: nothing."
    )
    cover_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("case", "starts_at", "pk")

    def __str__(self) -> str:
        return f"{self.case}: {self.policy_version or 'nothing'} from {self.starts_at:%Y-%m-%d %H:%M}"


class Clock(models.Model):
    """One run of a milestone on a case, as its events and promises make it; written anew with each of them.

    `due_at` is empty while it is paused; `next_at` is the next instant at which somebody is to be told something.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks")
    milestone = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    kind = choice_column(MilestoneKind)
    run = models.PositiveIntegerField(default=1, help_text="1 for the first, 2 for the next one of its milestone.")
    state = choice_column(ClockState)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    paused_since = models.DateTimeField(null=True, blank=True)
    met_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(
        null=True, blank=True, help_text="When it came to be late; later changes keep it."
    )
    next_at = models.DateTimeField(null=True, blank=True)
    amount = models.PositiveIntegerField()
    unit = choice_column(TargetUnit)
    promise = models.ForeignKey(CasePromise, models.PROTECT, related_name="clocks")
    calendar_version = models.ForeignKey(
        CalendarVersion, models.PROTECT, null=True, blank=True, related_name="clocks", help_text="Empty: 24/7."
    )

    class Meta:
        ordering = ("case", "started_at", "pk")
        indexes = [
            models.Index(fields=["state", "due_at"], name="support_clock_due"),
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="support_clock_next"),
            models.Index(fields=["breached_at"], condition=Q(breached_at__isnull=False), name="support_clock_breached"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "milestone", "run"], name="support_clock_once"),
            one_of("support_clock_state", "state", ClockState),
            one_of("support_clock_kind", "kind", MilestoneKind),
            one_of("support_clock_unit", "unit", TargetUnit),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | Q(due_at__gte=models.F("started_at")),
                name="support_clock_due_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(state="paused") | Q(due_at__isnull=True), name="support_clock_paused_has_no_due"
            ),
        ]

    def __str__(self) -> str:
        again = f" ({self.run})" if self.run > 1 else ""
        return f"{self.case}: {self.name}{again}"


class CaseAlert(models.Model):
    """A warning, a breach or an escalation of a clock: told once, at `told_at`, of its instant `at`. Append-only."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="alerts")
    clock = models.ForeignKey(Clock, models.CASCADE, related_name="alerts")
    kind = choice_column(AlertKind)
    step = models.CharField(max_length=60, blank=True, help_text="Which step; empty for the breach itself.")
    at = models.DateTimeField()
    told_at = models.DateTimeField()
    told_to = models.JSONField(default=list, blank=True)
    words = models.TextField(blank=True)
    once_key = models.CharField(max_length=190, unique=True)

    class Meta:
        ordering = ("case", "at", "pk")
        constraints = [one_of("support_casealert_kind", "kind", AlertKind)]

    def __str__(self) -> str:
        return f"{self.clock}: {self.kind} {self.at:%Y-%m-%d %H:%M}"


class AccountHealth(models.Model):
    """How an account is doing, as its manager sees it: a signal by which targets may move."""

    account = models.OneToOneField(Account, models.PROTECT, related_name="health")
    level = choice_column(Health)
    reason = models.TextField()
    recorded_at = models.DateTimeField()

    history = History()

    class Meta:
        verbose_name_plural = "account health"
        constraints = [one_of("support_accounthealth_level", "level", Health)]

    def __str__(self) -> str:
        return f"{self.account}: {self.level}"
