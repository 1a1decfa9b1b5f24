"""Rows of the journal for tests."""

import itertools
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import factory
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from factory.django import DjangoModelFactory

from journal.actions.audit import seal
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor, ActorKind
from journal.models import (
    ApiKey,
    Approval,
    AuditEvent,
    AuditHead,
    AuditSeal,
    Connection,
    ConnectionHealth,
    ConnectionRefusal,
    ConnectionSecret,
    IdempotencyRecord,
    Inbound,
    InboundAttempt,
    Notice,
    Outbound,
    Staff,
    WebhookAttempt,
    WebhookEndpoint,
    WebhookHealth,
    WebhookSecret,
)
from journal.vault import seal as seal_secret
from tests.fakes.console import SIGNING

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def person(name: str = "Ada", *permissions: str) -> Actor:
    """A member of staff as actions see one, with just these permissions and no row of their own."""
    return Actor(kind=ActorKind.STAFF, key=f"staff:{name}", name=name, permissions=frozenset(permissions))


class StaffFactory(DjangoModelFactory):
    class Meta:
        model = Staff
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    first_name = "Ada"
    last_name = factory.Sequence(lambda n: f"Lovelace {n}")
    email = factory.LazyAttribute(lambda staff: f"{staff.username}@example.com")
    is_staff = True
    password = "!"  # nobody signs in with it

    @factory.post_generation
    def permissions(self, create: bool, names: Iterable[str] | None, **_: Any) -> None:
        for name in names or ():
            app, _, codename = name.partition(".")
            self.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))

    @factory.post_generation
    def roles(self, create: bool, names: Iterable[str] | None, **_: Any) -> None:
        for name in names or ():
            self.groups.add(Group.objects.get_or_create(name=name)[0])


class ApiKeyFactory(DjangoModelFactory):
    class Meta:
        model = ApiKey

    name = "Web shop"
    prefix = factory.Sequence(lambda n: f"{n:08x}")
    digest = factory.Sequence(lambda n: f"{n:064x}")
    scopes = ["things:read"]
    created_at = EPOCH
    created_by = "Ada"


class IdempotencyRecordFactory(DjangoModelFactory):
    class Meta:
        model = IdempotencyRecord

    actor_key = "key:1f"
    key = factory.Sequence(lambda n: f"request-{n}")
    method = "POST"
    path = "/api/v1/parcels"
    request_digest = "0" * 64
    status = 201
    body = "{}"
    content_type = "application/json"
    at = EPOCH


class ApprovalFactory(DjangoModelFactory):
    class Meta:
        model = Approval

    kind = "test"
    subject_type = "staff"
    subject_key = "1"
    subject_label = "A thing"
    summary = "Something happens to a thing."
    requested_at = EPOCH
    requested_by_key = "staff:Ada"
    requested_by_name = "Ada"


class OutboundFactory(DjangoModelFactory):
    class Meta:
        model = Outbound

    kind = "email"
    destination = "bob@example.com"
    payload = factory.LazyFunction(lambda: {"subject": "Hello", "body": "A word."})
    once_key = factory.Sequence(lambda n: f"once-{n}")
    due_at = EPOCH
    created_at = EPOCH


class WebhookEndpointFactory(DjangoModelFactory):
    """Active, told of everything, with its health and one secret; set up without a word in the audit."""

    class Meta:
        model = WebhookEndpoint
        skip_postgeneration_save = True

    key = factory.Sequence(lambda n: f"we_{n:024x}")
    url = "https://shop.example/hook"
    state_since = EPOCH
    created_at = EPOCH
    created_by = "Ada"
    health = factory.RelatedFactory("tests.journal.factories.WebhookHealthFactory", "endpoint")
    secret = factory.RelatedFactory("tests.journal.factories.WebhookSecretFactory", "endpoint")


class WebhookHealthFactory(DjangoModelFactory):
    class Meta:
        model = WebhookHealth

    endpoint = factory.SubFactory(WebhookEndpointFactory, health=None)


class WebhookSecretFactory(DjangoModelFactory):
    class Meta:
        model = WebhookSecret

    endpoint = factory.SubFactory(WebhookEndpointFactory, secret=None)
    sealed = factory.LazyFunction(lambda: seal_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    created_at = EPOCH


class WebhookMessageFactory(OutboundFactory):
    """A message to an endpoint: `endpoint=`."""

    class Meta:
        model = Outbound

    class Params:
        endpoint = None

    kind = "webhook"
    destination = factory.LazyAttribute(lambda message: message.endpoint.key)
    payload = factory.LazyFunction(
        lambda: {"type": "thing.made", "timestamp": "2026-01-01T00:00:00Z", "data": {"a": 1}}
    )


class WebhookAttemptFactory(DjangoModelFactory):
    class Meta:
        model = WebhookAttempt

    endpoint = factory.SubFactory(WebhookEndpointFactory)
    outbound = factory.LazyAttribute(lambda attempt: WebhookMessageFactory(endpoint=attempt.endpoint))
    number = 1
    at = EPOCH
    took_ms = 12
    outcome = "ok"
    status = 200


class ConnectionFactory(DjangoModelFactory):
    """With the test vendor Console, active, for trying out, with its health and the secret it signs with."""

    class Meta:
        model = Connection
        skip_postgeneration_save = True

    key = factory.Sequence(lambda n: f"console-test-{n:010x}")
    vendor = "console"
    name = factory.Sequence(lambda n: f"Console {n}")
    mode = "test"
    settings = factory.LazyFunction(dict)
    state_since = EPOCH
    created_at = EPOCH
    created_by = "Ada"
    health = factory.RelatedFactory("tests.journal.factories.ConnectionHealthFactory", "connection")
    secret = factory.RelatedFactory("tests.journal.factories.ConnectionSecretFactory", "connection")

    @classmethod
    def _create(cls, model_class: type[Connection], *args: Any, **told: Any) -> Connection:
        return keep(model_class(*args, **told), deed=begin(by=person(), at=EPOCH))


class ConnectionHealthFactory(DjangoModelFactory):
    class Meta:
        model = ConnectionHealth

    connection = factory.SubFactory(ConnectionFactory, health=None)


class ConnectionSecretFactory(DjangoModelFactory):
    class Meta:
        model = ConnectionSecret

    connection = factory.SubFactory(ConnectionFactory, secret=None)
    purpose = "signing"
    sealed = factory.LazyFunction(lambda: seal_secret(SIGNING))
    created_at = EPOCH


class ConnectionRefusalFactory(DjangoModelFactory):
    class Meta:
        model = ConnectionRefusal

    connection = factory.SubFactory(ConnectionFactory)
    reason = "signature"
    first_at = EPOCH
    last_at = EPOCH


class InboundFactory(DjangoModelFactory):
    class Meta:
        model = Inbound

    connection = factory.SubFactory(ConnectionFactory)
    external_id = factory.Sequence(lambda n: f"evt_{n}")
    type = "thing.made"
    subject = "thing_1"
    body = b'{"id": "evt"}'
    received_at = EPOCH
    due_at = EPOCH


class InboundAttemptFactory(DjangoModelFactory):
    class Meta:
        model = InboundAttempt

    inbound = factory.SubFactory(InboundFactory)
    number = 1
    at = EPOCH
    took_ms = 12
    state = "waiting"
    words = "It broke."


class NoticeFactory(DjangoModelFactory):
    class Meta:
        model = Notice

    once_key = factory.Sequence(lambda n: f"notice-{n}")
    kind = "trial_ending"
    recipient = "bob@example.com"
    subject = "A trial ends"
    body = "It ends on Friday."
    created_at = EPOCH


_numbers = itertools.count(1)


class AuditEventFactory(DjangoModelFactory):
    """Events come from `record` alone: a row made otherwise would break the chain."""

    class Meta:
        model = AuditEvent

    @classmethod
    def _create(cls, model_class: type[AuditEvent], *args: Any, **told: Any) -> AuditEvent:
        by = told.pop("by", None) or person()
        at = told.pop("at", EPOCH)
        subject = told.pop("subject", None) or StaffFactory.build(pk=next(_numbers))
        with transaction.atomic():
            return record(begin(by=by, at=at), told.pop("verb", "thing:change"), subject=subject, **told)


class AuditSealFactory(DjangoModelFactory):
    class Meta:
        model = AuditSeal

    @classmethod
    def _create(cls, model_class: type[AuditSeal], *args: Any, **told: Any) -> AuditSeal | None:
        AuditEventFactory()
        return seal(at=told.get("sealed_at", EPOCH))


class AuditHeadFactory(DjangoModelFactory):
    class Meta:
        model = AuditHead
        django_get_or_create = ("id",)

    id = 1


def tampered(change: Callable[[], Any]) -> None:
    """What someone with the database's own password could do: past the triggers, straight into the table."""
    from django.db import connection

    from journal import triggers

    with triggers.suspended(connection):
        change()
