"""The rows of the journal."""

from journal.models.api_key import ApiKey
from journal.models.approval import Approval
from journal.models.audit import AuditEvent, AuditHead, AuditSeal
from journal.models.connection import Connection, ConnectionHealth, ConnectionRefusal, ConnectionSecret
from journal.models.idempotency import IdempotencyRecord
from journal.models.inbound import Inbound, InboundAttempt
from journal.models.job import Job, JobItem
from journal.models.outbound import Notice, Outbound
from journal.models.staff import Staff
from journal.models.webhook import WebhookAttempt, WebhookEndpoint, WebhookHealth, WebhookSecret

__all__ = [
    "ApiKey",
    "Approval",
    "AuditEvent",
    "AuditHead",
    "AuditSeal",
    "Connection",
    "ConnectionHealth",
    "ConnectionRefusal",
    "ConnectionSecret",
    "IdempotencyRecord",
    "Inbound",
    "InboundAttempt",
    "Job",
    "JobItem",
    "Notice",
    "Outbound",
    "Staff",
    "WebhookAttempt",
    "WebhookEndpoint",
    "WebhookHealth",
    "WebhookSecret",
]
