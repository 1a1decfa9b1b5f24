"""The page of one finding: what both sides say, what can be done about it, who was asked, and what was decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from catalog.actions.billing_links import EDIT as EDIT_LINKS
from catalog.admin.billing_links import VIEW as VIEW_LINKS
from catalog.admin.billing_links import billing_url
from catalog.models.billing import Mode as LinkMode
from entitlements.admin.billed.look_pages import LOOKED
from entitlements.admin.billed.pages import FindingPage
from entitlements.admin.billed.settle_pages import KEEP, LEAVE
from entitlements.admin.billed.words import SETTLE, finding_url
from entitlements.domain.billed.findings import ABOUT_FEATURE, FindingKind, FindingState, may_be_kept
from entitlements.queries.billed.findings import keeping_asked, waiting_alike
from entitlements.queries.billed.listing import asked_second, decided_about, names_of_deciders
from journal.admin.base import version_of
from journal.models import Approval

MOST_NAMED = 4
DONE = {
    "billing_finding:open": "Found",
    "billing_finding:mend": "Mended",
    "billing_finding:keep": "Kept as it is",
    "billing_finding:settle": "Gone with what it was about",
    "billing_finding:look_again": "Looked again",
}


@dataclass(frozen=True, slots=True)
class Act:
    """A button: it leads to a page that asks, or is pressed at once where nothing is lost by it."""

    words: str
    url: str
    main: bool = False
    at_once: bool = False


class FindingShownPage(FindingPage):
    template_name = "entitlements/billed/finding.html"

    @property
    def title(self) -> str:  # type: ignore[override]
        return self.finding.title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.finding
        alike = waiting_alike(row).count() if row.about and self.is_open else 0
        return {
            **super().get_context_data(**kwargs),
            "token": version_of(row),
            "acts": list(self._acts(alike)) if self.request.user.has_perm(SETTLE) else [],
            "alike": alike,
            "theirs": row.evidence.get("theirs") if self.kind is FindingKind.DOUBTFUL else None,
            "links": self._links(),
            "approval": self._approval(),
            "history": [
                {"event": event, "what": DONE.get(event.verb) or event.verb_in_words()} for event in decided_about(row)
            ],
            "versions": finding_url(row, "history"),
            "back": self.get_list(),
        }

    def get_list(self) -> str:
        return reverse("admin:entitlements_billingfinding_changelist")

    def _acts(self, alike: int) -> Iterator[Act]:
        row, kind = self.finding, self.kind
        of_feature = row.about.startswith(ABOUT_FEATURE)
        if not self.is_open:
            if row.state == FindingState.KEPT and kind is FindingKind.DRIFT and not of_feature:
                yield Act("Take theirs after all", finding_url(row, "take"))
            return
        if kind is FindingKind.UNLINKED and not of_feature and self.request.user.has_perm(EDIT_LINKS):
            yield Act("Say what it stands for", finding_url(row, "link"), main=True)
        if kind is FindingKind.DOUBTFUL:
            yield Act("Say whose it is", finding_url(row, "whose"), main=True)
        if kind is FindingKind.DRIFT and not of_feature:
            yield Act("Take theirs", finding_url(row, "take"), main=True)
        if kind is FindingKind.PUSH and not row.billing_id:
            yield Act("Push again", finding_url(row, "push"), main=True, at_once=True)
        if may_be_kept(kind, row.about) and keeping_asked(row) is None:
            yield Act(KEEP if kind is FindingKind.DRIFT else LEAVE, finding_url(row, "keep"))
        if kind in LOOKED and (row.billing_id or of_feature):
            yield Act("Look again", finding_url(row, "look"), at_once=True)
        if alike > 1 and kind in {FindingKind.UNLINKED, FindingKind.DOUBTFUL}:
            yield Act(f"Look again at all {alike}", finding_url(row, "look_all"))

    def _links(self) -> str:
        """Where what things are called at the billing is entered, for a price or a feature without a link."""
        if self.kind is not FindingKind.UNLINKED or not self.request.user.has_perm(VIEW_LINKS):
            return ""
        return billing_url(LinkMode(self.finding.mode))

    def _approval(self) -> dict[str, Any] | None:
        """Who was asked to say yes, and what became of it."""
        row = asked_second(self.finding)
        if row is None:
            return None
        waits = row.state == Approval.State.PENDING
        names = names_of_deciders(row) if waits else []
        more = f" or {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        return {
            "row": row,
            "state": row.get_state_display(),
            "waits": waits,
            "asked": ", ".join(names[:MOST_NAMED]) + more,
            "url": reverse("admin:journal_approval_change", args=[row.pk])
            if self.request.user.has_perm("journal.view_approval")
            else "",
        }
