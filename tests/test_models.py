"""What is true of every table, so that a new one can't forget it."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection, models
from django.db.models.signals import pre_save

from journal import triggers

APPS = ("journal", "catalog", "entitlements", "support", "desk")

WITHOUT_A_SCREEN = {
    "entitlements.BilledFeature": "shown on the account's page, as the reason for what it has",
    "entitlements.FeaturesTold": "shown as the features of its account, and where they differ among the findings",
    "entitlements.BilledSubscription": "shown side by side with what we hold, on the account's page",
    "support.AssetMove": "shown on the page of its asset",
    "support.CaseCount": "shown on the page of its case",
    "support.Warranty": "shown on the page of its asset",
    "journal.AuditHead": "the chain's end; shown by the seals",
    "journal.ConnectionHealth": "shown on the page of its connection",
    "journal.ConnectionRefusal": "shown on the page of its connection",
    "journal.ConnectionSecret": "no page shows it; its age is on the page of its connection",
    "journal.InboundAttempt": "shown on the page of its arrival",
    "journal.IdempotencyRecord": "an answer kept for a day, given again to the program that asks the same again",
    "journal.JobItem": "shown on the page of its job",
    "journal.WebhookAttempt": "shown on the page of its endpoint",
    "journal.WebhookHealth": "shown on the page of its endpoint",
    "journal.WebhookSecret": "shown once, when it is made",
    "entitlements.LicenceActivation": "shown on the page of its licence",
    "entitlements.LicenceFile": "shown on the page of its licence",
    "entitlements.LicenceHeartbeat": "shown on the page of its licence",
    "entitlements.LicenceMonth": "shown on the page of its licence",
    "entitlements.Release": "shown on the page of its policy",
    "entitlements.Seat": "shown on the page of the account's seats",
    "entitlements.SeatActivity": "shown on the page of the account's seats",
    "entitlements.FactsChange": "tells processes what to forget; nothing that anybody decides by",
    "entitlements.SweepFailure": "an account the sweep stumbled over; said in the log, gone once it works",
    "entitlements.SweepMark": "how far the sweep has come; shown by the health of the clock",
    "catalog.Dimension": "shown on the feature's page",
    "catalog.DimensionChoice": "shown on the feature's page",
    "catalog.FeatureRevision": "shown on the feature's page",
    "catalog.ImportRow": "shown on the page of its import",
    "catalog.MarketWindow": "shown on the market's page",
    "catalog.PlanPrice": "shown on the version's page",
    "catalog.PlanTerm": "the cells of the plan sheet",
    "catalog.SubLimit": "shown in the cells of the plan sheet",
    "catalog.PriceLine": "shown in the cells of the plan sheet",
    "entitlements.AccountStanding": "shown on the account's page",
    "entitlements.CohortMember": "shown on the cohort's page",
    "entitlements.Contact": "shown on the account's page",
    "desk.CrmCalls": "shown on the page of its CRM",
    "desk.CrmSetup": "shown on the page that says how a CRM is synchronised",
    "desk.DealRule": "shown on the page of its mapping",
    "entitlements.ContractLine": "shown on the contract's page",
    "entitlements.ContractVersion": "shown on the contract's page",
    "entitlements.CreditBalance": "shown on the page of the account's credits",
    "entitlements.CreditEntry": "shown on the page of the account's credits",
    "entitlements.CreditGrant": "shown on the page of the account's credits",
    "entitlements.AccessCount": "summed up on the page of enforcement points",
    "entitlements.Reservation": "shown on the page of the account's reservations",
    "entitlements.SubjectLimit": "shown on the page of the account's users and agents",
    "entitlements.ThresholdCrossing": "shown on the page of the account's use",
    "entitlements.UsageCounter": "shown on the page of the account's counters",
    "entitlements.UsageDay": "drawn on the page of the account's use",
    "entitlements.UsageEvent": "shown on the page of its counter",
    "entitlements.UsageForecast": "drawn on the page of the account's use",
    "entitlements.UsageReset": "shown on the page of its counter",
    "entitlements.Identifier": "what the search box looks in",
    "catalog.BundleOption": "shown on the bundle's page",
    "entitlements.SoldBundle": "shown on the account's page",
    "entitlements.SpendCap": "shown on the account's page",
    "entitlements.Subscription": "shown on the account's page",
    "entitlements.SubscriptionItem": "shown on the account's page",
    "entitlements.SubscriptionChange": "shown on the account's page",
    "entitlements.AnswerGiven": "shown on the account's page",
    "entitlements.TrialUse": "shown on the account's page",
    "entitlements.SubscriptionPhase": "shown on the account's page",
    "support.AccountHealth": "shown on the account's page and on its cases",
    "support.CalendarVersion": "shown on the calendar's page",
    "support.CaseAlert": "shown on the case's page",
    "support.CaseEvent": "shown on the case's page",
    "support.CasePromise": "shown on the case's page",
    "support.CoverScope": "shown on the cover's page",
    "support.Clock": "shown on the case's page and on the board",
    "support.ClassifierVersion": "shown on the page of what it is taught",
    "support.ExamplePhrase": "shown on the page of what the classifier is taught",
    "support.Milestone": "shown on the policy's page",
    "support.Teaching": "shown on the page of what the classifier is taught",
    "support.SlaPolicyVersion": "shown on the policy's page",
    "support.SlaTarget": "shown on the policy's page",
    "support.TargetRule": "shown on the policy's page",
}

WITHOUT_HISTORY = {
    "catalog.ImportRow": "a row of a file on its way in, and what came of it",
    "catalog.ImportRun": "a file on its way in, and what came of it",
    "desk.CrmCalls": "told anew with each answer",
    "desk.CrmCompany": "what a CRM told last; whose it is, and what came of it, is in the audit",
    "desk.CrmDeal": "what a CRM told last; what it made has versions, and what came of it is in the audit",
    "desk.CrmFlow": "how far a flow has come; who switched it is in the audit",
    "journal": "its rows are their own history: append-only, or the state of a delivery",
    "entitlements.AnswerGiven": "append-only report",
    "entitlements.BilledSubscription": "what a system told last; its messages are kept, and what came of them is in the audit",
    "entitlements.FeaturesTold": "what a system told last; what it gave has versions, and what came of it is in the audit",
    "entitlements.CreditBalance": "how far a ledger has been worked out; the ledger is its history",
    "entitlements.CreditEntry": "append-only ledger",
    "entitlements.EntitlementChange": "append-only report",
    "entitlements.LicenceFile": "append-only; in the audit too",
    "entitlements.LicenceHeartbeat": "when something was last heard of",
    "entitlements.LicenceMonth": "a count",
    "entitlements.SeatActivity": "when somebody was last there",
    "entitlements.SigningKey": "made once and retired once; in the audit",
    "entitlements.AccessCount": "statistics",
    "entitlements.DecisionTrace": "append-only, and cleared away after 90 days",
    "entitlements.Reservation": "settled once; what it came to is an event",
    "entitlements.ThresholdCrossing": "written once, and marked as told",
    "entitlements.UsageCounter": "what its events come to",
    "entitlements.UsageDay": "what its events come to",
    "entitlements.UsageEvent": "append-only; its own audit",
    "entitlements.UsageForecast": "what was told, scored once",
    "entitlements.UsageReset": "append-only; in the audit too",
    "entitlements.FactsChange": "written by the database, pruned after a day",
    "entitlements.SweepFailure": "what a job still has to do",
    "entitlements.SweepMark": "how far a job has come",
    "support.AssetMove": "append-only; in the audit too",
    "support.CalendarVersion": "a version, frozen once it was put in force; in the audit",
    "support.CaseAlert": "append-only",
    "support.CaseCount": "given back at most once; told by usage events and the customer's ledger",
    "support.CaseEvent": "append-only; the case's own history",
    "support.CasePromise": "append-only; the case's own history",
    "support.ClassifierVersion": "append-only; in the audit too",
    "support.Clock": "what the case's events come to",
    "support.IntakeDecision": "decided once and settled once; in the audit",
    "support.Milestone": "part of a version, frozen once it was put in force",
    "support.SlaPolicyVersion": "a version, frozen once it was put in force; in the audit",
    "support.SlaTarget": "part of a version, frozen once it was put in force",
    "support.TargetRule": "part of a version, frozen once it was put in force",
    "support.Teaching": "what a job still has to do; who asked is in the audit",
}


def own_models() -> Iterator[type[models.Model]]:
    for app in APPS:
        for model in apps.get_app_config(app).get_models():
            if not model.__name__.startswith("Historical"):
                yield model


EVERY = pytest.mark.parametrize("model", list(own_models()), ids=lambda model: model._meta.label)


@EVERY
def test_it_has_a_screen_or_a_reason(model: type[models.Model]) -> None:
    assert admin.site.is_registered(model) or model._meta.label in WITHOUT_A_SCREEN


@EVERY
def test_it_has_its_own_words(model: type[models.Model]) -> None:
    assert model.__str__ is not models.Model.__str__


@EVERY
def test_its_constraints_and_indexes_bear_its_name(model: type[models.Model]) -> None:
    prefix = f"{model._meta.app_label}_"
    for thing in (*model._meta.constraints, *model._meta.indexes):
        assert thing.name.startswith(prefix), thing.name


@EVERY
def test_what_feeds_an_answer_is_under_history(model: type[models.Model]) -> None:
    excused = model._meta.label in WITHOUT_HISTORY or model._meta.app_label in WITHOUT_HISTORY
    assert excused or hasattr(model, "history")


@EVERY
def test_history_refuses_a_save_without_a_deed(model: type[models.Model]) -> None:
    if hasattr(model, "history"):
        guarded = list(pre_save._live_receivers(model)[0])
        assert any(getattr(receiver, "__name__", "") == "refuse_without_deed" for receiver in guarded)


@pytest.mark.django_db
def test_the_triggers_that_should_stand_do() -> None:
    assert triggers.installed(connection) == triggers.expected(connection)
    assert triggers.expected(connection)


@EVERY
def test_a_foreign_key_never_points_upward(model: type[models.Model]) -> None:
    order = list(APPS)
    for field in model._meta.get_fields():
        if isinstance(field, models.ForeignKey) and field.related_model._meta.app_label in order:
            assert order.index(field.related_model._meta.app_label) <= order.index(model._meta.app_label)
