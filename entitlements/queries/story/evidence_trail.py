"""The trail of one account: what was done, changed, approved, told; with the links of the audit's chain."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import OuterRef, Subquery

from entitlements.models import Account, AnswerGiven, EntitlementChange
from entitlements.queries.merged import merged_into
from entitlements.queries.story.answers_given import words_of
from entitlements.queries.story.evidence import Inquiry, Table
from journal.actions.deeds import sealed_fields
from journal.models import Approval, AuditEvent, AuditSeal, Notice

MOST_ACTS = 50_000


def acts_of(inquiry: Inquiry) -> list[AuditEvent]:
    """Every act on the account that had been recorded when the pack was drawn up, in the order of the audit."""
    acts = AuditEvent.objects.filter(account_key__in=_keys(inquiry), seq__lte=inquiry.upto)
    return list(acts.order_by("seq")[:MOST_ACTS])


def _merged(inquiry: Inquiry) -> list[Account]:
    """Those merged into the account before the pack was drawn up: their past is its past."""
    return [one for one in merged_into(inquiry.account) if one.merged_at is not None and one.merged_at <= inquiry.at]


def _keys(inquiry: Inquiry) -> list[str]:
    return [inquiry.account.key, *(one.key for one in _merged(inquiry))]


def _whose(inquiry: Inquiry) -> dict[int, str]:
    """By the id of the account, what is said behind that which was told of it."""
    return {inquiry.account.pk: "", **{one.pk: f", of {one}" for one in _merged(inquiry)}}


def trail_tables(inquiry: Inquiry, acts: Sequence[AuditEvent]) -> Iterator[Table]:
    yield _changes(inquiry, {str(act.pk): act for act in acts})
    yield _acts(inquiry, acts)
    yield _approvals(inquiry)
    yield _notices(inquiry)
    yield _answers(inquiry)


def _changes(inquiry: Inquiry, acts: dict[str, AuditEvent]) -> Table:
    of = _whose(inquiry)
    rows = EntitlementChange.objects.filter(
        account__in=of,
        effective_at__gte=inquiry.window.start,
        effective_at__lt=inquiry.window.end,
        recorded_at__lte=inquiry.at,
    ).order_by("effective_at", "pk")
    return Table(
        "changes",
        "What changed for the customer",
        "Each change once, at the instant it took effect: by an act, or by time itself.",
        ("When", "Feature", "Name", "Before", "After", "Cause", "Act", "By"),
        tuple(
            (
                inquiry.say(row.effective_at),
                row.feature_key,
                row.feature_name,
                row.before,
                row.after,
                f"{row.cause}{of[row.account_id]}",
                f"#{acts[str(row.audit_id)].seq}" if str(row.audit_id) in acts else "",
                acts[str(row.audit_id)].actor_name if str(row.audit_id) in acts else "",
            )
            for row in rows
        ),
    )


def _acts(inquiry: Inquiry, acts: Sequence[AuditEvent]) -> Table:
    return Table(
        "acts",
        "Everything done on the account",
        "The whole audit of the account up to the moment of the pack, also before and after the period.",
        (
            "Number",
            "When",
            "Who",
            "Sort of actor",
            "What was done",
            "To what",
            "Why",
            "What it changed",
            "In the period",
        ),
        tuple(
            (
                str(act.seq),
                inquiry.say(act.at),
                act.actor_name,
                act.get_actor_kind_display(),
                act.verb_in_words(),
                act.subject_label,
                act.reason,
                "; ".join(
                    f"{name}: {_shown(before)} → {_shown(after)}" for name, (before, after) in act.changes.items()
                ),
                "yes" if inquiry.window.contains(act.at) else "before" if _before(inquiry, act) else "after",
            )
            for act in acts
        ),
    )


def _before(inquiry: Inquiry, act: AuditEvent) -> bool:
    return inquiry.window.start is not None and act.at < inquiry.window.start


def _shown(value: Any) -> str:
    return (
        "nothing" if value in (None, "") else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    )


def _approvals(inquiry: Inquiry) -> Table:
    rows = Approval.objects.filter(account_key__in=_keys(inquiry), requested_at__lte=inquiry.at)
    return Table(
        "approvals",
        "What needed a second person",
        "Every request about the account, and who decided it.",
        ("Asked", "By", "About", "What would happen", "Why", "Decision", "Decided", "By whom", "Note"),
        tuple(
            (
                inquiry.say(row.requested_at),
                row.asked_by,
                row.subject_label,
                row.summary,
                row.reason,
                row.get_state_display(),
                inquiry.say(row.decided_at),
                row.decided_by_name,
                row.note,
            )
            for row in rows.order_by("requested_at", "pk")
        ),
    )


def _notices(inquiry: Inquiry) -> Table:
    rows = Notice.objects.filter(
        account_key__in=_keys(inquiry), created_at__gte=inquiry.window.start, created_at__lte=inquiry.at
    ).filter(created_at__lt=inquiry.window.end)
    return Table(
        "notices",
        "Who was told what",
        "Every notice in the period, word for word.",
        ("When", "To", "Subject", "Text"),
        tuple(
            (inquiry.say(row.created_at), row.recipient, row.subject, row.body)
            for row in rows.order_by("created_at", "pk")
        ),
    )


def _answers(inquiry: Inquiry) -> Table:
    of = _whose(inquiry)
    rows = AnswerGiven.objects.filter(
        account__in=of, told_at__gte=inquiry.window.start, told_at__lt=inquiry.window.end
    ).filter(told_at__lte=inquiry.at)
    lines = []
    last: dict[tuple[str, str], Any] = {}
    for row in rows.order_by("told_at", "pk").iterator(chunk_size=500):
        told = f"{row.told}{of[row.account_id]}"
        for feature, answer in sorted(row.answers.items()):
            if last.get((told, feature)) != answer:
                in_full = json.dumps(answer, ensure_ascii=False, sort_keys=True)
                lines.append((inquiry.say(row.told_at), told, feature, words_of(answer), in_full))
            last[told, feature] = answer
    return Table(
        "answers_given",
        "What programs were told",
        "One line where a program was told something other than before; it went by that until its next line.",
        ("Since", "Program", "Feature", "Answer", "In full"),
        tuple(lines),
    )


def chain_of(inquiry: Inquiry, acts: Sequence[AuditEvent]) -> dict[str, Any]:
    """The acts as their digests cover them, and the seals that vouch for them: to be checked without the desk."""
    covering = AuditSeal.objects.filter(seq_to__gte=OuterRef("seq"), sealed_at__lte=inquiry.at).order_by("seq_to")
    numbers = (
        AuditEvent.objects.filter(account_key__in=_keys(inquiry), seq__lte=inquiry.upto)
        .order_by()
        .annotate(seal=Subquery(covering.values("seq_to")[:1]))
        .values_list("seal", flat=True)
        .distinct()
    )
    seals = AuditSeal.objects.filter(seq_to__in=[number for number in numbers if number is not None])
    return {
        "account": inquiry.account.key,
        "upto": inquiry.upto,
        "events": [
            {**sealed_fields(act), "previous_digest": act.previous_digest, "digest": act.digest} for act in acts
        ],
        "seals": [
            {
                "seq_to": seal.seq_to,
                "count": seal.count,
                "digest": seal.digest,
                "sealed_at": seal.sealed_at.isoformat(),
                "previous_signature": seal.previous_signature,
                "signature": seal.signature,
            }
            for seal in seals.order_by("seq_to")
        ],
    }
