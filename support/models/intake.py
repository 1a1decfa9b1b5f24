"""Intake: how tickets are checked at the door, what that is taught by, and every decision with what it was made from."""

from collections.abc import Collection

from django.db import models
from django.db.models import Q

from catalog.models import Feature
from catalog.models.columns import choice_column, one_of
from entitlements.models import Account
from journal.history import History
from support.domain.case_events import Channel
from support.domain.intake.outcomes import Outcome, Plays, Reason
from support.domain.intake.settings import Acting, Provider, ReadBy, Stage, TaughtBy
from support.models.case import Case
from support.models.sla import Severity, Team


class IntakeSettings(models.Model):
    """How sure one has to be, who reads, what a ticket costs: one row, whose every version is kept.

    `*_percent`: how sure for that action. `most_error_percent`: of what is decided by itself at most so much may be
    wrong, by the upper bound of staff's labels; it may only raise what is wanted. `checked`: the channels whose tickets
    are checked when they come. Costs are in millionths of the currency.
    """

    checked = models.JSONField(default=list, blank=True, help_text="Channels whose tickets are checked as they come.")
    read_by = choice_column(ReadBy, default=ReadBy.EMBEDDED)
    acting = choice_column(Acting, default=Acting.WHEN_TAUGHT)
    accept_percent = models.PositiveSmallIntegerField(default=80)
    redirect_percent = models.PositiveSmallIntegerField(default=90)
    suggest_percent = models.PositiveSmallIntegerField(default=90)
    most_error_percent = models.PositiveSmallIntegerField(default=5)
    labels_wanted = models.PositiveIntegerField(default=100, help_text="Labelled tickets before it acts by itself.")
    sampled_percent = models.PositiveSmallIntegerField(default=5, help_text="Of its own decisions, shown to staff.")
    cost_micros = models.PositiveBigIntegerField("cost of a ticket", default=19_000_000)
    cost_currency = models.CharField(max_length=3, default="USD")
    text_days = models.PositiveSmallIntegerField(default=90, help_text="How long the words of a ticket are kept.")
    provider = choice_column(Provider, blank=True)
    provider_url = models.URLField("address", max_length=500, blank=True)
    provider_model = models.CharField("model", max_length=120, blank=True)
    provider_key = models.TextField(blank=True, help_text="Sealed.")
    answer_within_ms = models.PositiveIntegerField(default=4_000, help_text="Of a model over HTTP; later is a hold.")
    outside_within_minutes = models.PositiveIntegerField(default=60, help_text="How long an outside validator has.")

    history = History(excluded_fields=["provider_key"])

    class Meta:
        verbose_name = "intake settings"
        verbose_name_plural = "intake settings"
        default_permissions = ("view",)
        permissions = [("edit_intake", "Can set how tickets are checked at the door")]
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="support_intake_settings_one"),
            models.CheckConstraint(
                condition=Q(
                    accept_percent__range=(50, 100),
                    redirect_percent__range=(50, 100),
                    suggest_percent__range=(50, 100),
                    most_error_percent__range=(1, 50),
                    sampled_percent__range=(1, 100),
                ),
                name="support_intake_settings_percents",
            ),
            one_of("support_intake_read_by", "read_by", ReadBy),
            one_of("support_intake_acting", "acting", Acting),
            one_of("support_intake_provider", "provider", Provider, blank=True),
        ]

    def __str__(self) -> str:
        return "How tickets are checked"

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """The address of a model is for `set_intake` to judge: in one's own network it may be a name without a dot."""
        super().clean_fields({*(exclude or ()), "provider_url"})


class HelpArticle(models.Model):
    """Self-service for a feature: where it is answered without anybody's help."""

    feature = models.ForeignKey(Feature, models.PROTECT, related_name="help_articles")
    title = models.CharField(max_length=200)
    url = models.URLField("address", max_length=500)
    plays = choice_column(Plays, default=Plays.INSTEAD)
    retired_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ("feature__name", "pk")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["feature"], condition=Q(retired_at__isnull=True), name="support_article_one_in_use"
            ),
            one_of("support_article_plays", "plays", Plays),
        ]

    def __str__(self) -> str:
        return self.title


class Route(models.Model):
    """Where an accepted ticket goes: the most specific of those that fit; among equals the first in order.

    What is empty fits any. `to_manager`: to the account's named manager, where it has one.
    """

    tier = models.CharField(max_length=64, blank=True, help_text="A choice of support_tier; empty: any.")
    feature = models.ForeignKey(Feature, models.PROTECT, null=True, blank=True, related_name="support_routes")
    channel = choice_column(Channel, blank=True)
    team = models.ForeignKey(Team, models.PROTECT, related_name="routes")
    to_manager = models.BooleanField("to the named manager", default=False)
    position = models.PositiveIntegerField(default=0)

    history = History()

    class Meta:
        ordering = ("position", "pk")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["tier", "channel", "feature"], condition=Q(feature__isnull=False), name="support_route_once"
            ),
            models.UniqueConstraint(
                fields=["tier", "channel"], condition=Q(feature__isnull=True), name="support_route_any_once"
            ),
            one_of("support_route_channel", "channel", Channel, blank=True),
        ]

    def __str__(self) -> str:
        parts = (self.tier, self.feature and self.feature.name, self.channel)
        return f"{', '.join(str(part) for part in parts if part) or 'everything else'} → {self.team}"


class ExamplePhrase(models.Model):
    """How customers ask about a feature; without one: about none of these. Taken back, never changed."""

    feature = models.ForeignKey(Feature, models.PROTECT, null=True, blank=True, related_name="example_phrases")
    text = models.CharField(max_length=500)
    taught_by = choice_column(TaughtBy, default=TaughtBy.STAFF)
    decision = models.ForeignKey(
        "support.IntakeDecision", models.SET_NULL, null=True, blank=True, related_name="taught"
    )
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=200)
    retired_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ("feature__name", "pk")
        default_permissions = ("view",)
        permissions = [("teach_intake", "Can add and take back example phrases and articles")]
        constraints = [one_of("support_example_taught_by", "taught_by", TaughtBy)]

    def __str__(self) -> str:
        return self.text


class ClassifierVersion(models.Model):
    """A classifier as it was taught: what it is made of, and how sure it has to be by what staff said. Append-only.

    `learnt`: what it reads by, as arrays in a file of their own; `thresholds`: per outcome from 0 to 1, or null: never
    by itself. `evidence`: per outcome how many labelled decisions were right of how many, with the bound of error.
    """

    number = models.PositiveIntegerField(unique=True)
    kind = models.CharField(max_length=20)
    weights_digest = models.CharField(max_length=64, blank=True)
    examples_digest = models.CharField(max_length=64)
    taught_at = models.DateTimeField()
    examples = models.PositiveIntegerField()
    labels = models.PositiveIntegerField(default=0)
    topics = models.JSONField(default=list)
    thresholds = models.JSONField(default=dict)
    evidence = models.JSONField(default=dict)
    learnt = models.BinaryField()

    class Meta:
        ordering = ("-number",)
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class IntakeDecision(models.Model):
    """What was decided of a ticket, by what; and what a person, or an outside validator, decided after.

    Its words (subject, text, attachments, quotes) are let go once they have been kept long enough; `text_digest` stays.
    `readings` are what was understood, `engine` what the engine said, `wanted` how sure one had to be: by these it can be
    made again. `customer_words` are those of whoever decided last.
    """

    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="intake_decisions")
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="intake_decisions")
    at = models.DateTimeField()
    asked_by = models.CharField("told by", max_length=200, blank=True)
    requester = models.EmailField("asked by", blank=True)
    channel = choice_column(Channel)
    source = models.CharField(max_length=40, blank=True)
    external_id = models.CharField("number in the help desk", max_length=200, blank=True)
    given_feature = models.ForeignKey(Feature, models.PROTECT, null=True, blank=True, related_name="intake_decisions")
    given_severity = models.ForeignKey(Severity, models.PROTECT, null=True, blank=True, related_name="intake_decisions")
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    attachments = models.JSONField(default=list, blank=True, help_text="[name, text, why it can’t be read].")
    text_digest = models.CharField(max_length=64)
    forgotten_at = models.DateTimeField(null=True, blank=True, help_text="When its words were let go.")
    stage = choice_column(Stage)
    outcome = choice_column(Outcome)
    reason = choice_column(Reason)
    words = models.TextField()
    customer_words = models.TextField(blank=True)
    parts = models.JSONField(default=list)
    readings = models.JSONField(default=list)
    engine = models.JSONField(default=dict)
    wanted = models.JSONField(default=dict)
    read_by = models.CharField(max_length=20, blank=True)
    version = models.ForeignKey(ClassifierVersion, models.PROTECT, null=True, blank=True, related_name="decisions")
    maker = models.CharField(max_length=200, blank=True, help_text="Version of who read it, as it calls itself.")
    took_us = models.PositiveIntegerField(default=0, help_text="Microseconds, the classifier apart.")
    read_us = models.PositiveIntegerField(default=0, help_text="Microseconds of the classifier.")
    sampled = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=200, blank=True)
    settled_outcome = choice_column(Outcome, blank=True)
    settled_note = models.CharField(max_length=500, blank=True)
    labels = models.JSONField(null=True, blank=True, help_text="What each request is about, as a person said.")
    resume_digest = models.CharField(max_length=64, blank=True)
    resume_until = models.DateTimeField(null=True, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        permissions = [("review_intake", "Can decide tickets that were held, and open blocked ones")]
        indexes = [
            models.Index(fields=["stage", "at"], name="support_intake_stage"),
            models.Index(fields=["account", "at"], name="support_intake_account"),
            models.Index(fields=["at"], name="support_intake_at"),
            models.Index(fields=["sampled", "at"], condition=Q(sampled=True), name="support_intake_sampled"),
            models.Index(fields=["resume_until"], condition=Q(stage="waiting"), name="support_intake_waiting"),
            models.Index(fields=["external_id"], condition=~Q(external_id=""), name="support_intake_external"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["resume_digest"], condition=~Q(resume_digest=""), name="support_intake_resume_once"
            ),
            # Two programs may tell of one ticket at the same moment, each under an account of its own.
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(stage="asked") & ~Q(external_id=""),
                name="support_intake_ticket_once",
            ),
            one_of("support_intake_channel", "channel", Channel),
            one_of("support_intake_stage_known", "stage", Stage),
            one_of("support_intake_outcome", "outcome", Outcome),
            one_of("support_intake_reason", "reason", Reason),
            one_of("support_intake_settled_outcome", "settled_outcome", Outcome, blank=True),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by="", settled_outcome="")
                | (Q(settled_at__isnull=False) & ~Q(settled_by="") & ~Q(settled_outcome="")),
                name="support_intake_settled_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(stage="waiting") | (~Q(resume_digest="") & Q(resume_until__isnull=False)),
                name="support_intake_waits_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.outcome}"

    @property
    def number(self) -> str:
        return f"T-{self.pk}"
