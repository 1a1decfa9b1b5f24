"""The page of a policy: what it promises as one table and in sentences, who gets it, and every version of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.queries.instants import say_instant
from support.admin.policies.grid import grid_of
from support.admin.policies.pages import PolicyPage, policy_url
from support.domain.policy_difference import Difference, difference
from support.domain.policy_words import say_milestone, say_rule
from support.models import SlaPolicyVersion, VersionState
from support.queries.policies import draft_of, pending_request
from support.queries.policy_history import VersionStory, plans_giving, tier_choices, versions_of

COLOURS = {
    VersionState.DRAFT: ("Draft", "blue"),
    VersionState.ASKED: ("Waits for a second person", "amber"),
    VersionState.IN_FORCE: ("Was in force", ""),
    VersionState.DROPPED: ("Dropped", ""),
}


class ShowPage(PolicyPage):
    template_name = "support/policies/show.html"

    @property
    def title(self) -> str:  # type: ignore[override]  # told by the policy, not by the page
        return f"What {self.policy} promises"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = self._shown()
        draft = draft_of(shown)
        stories = versions_of(self.policy)
        return {
            **super().get_context_data(**kwargs),
            "shown": shown,
            "shown_words": "" if shown is None else self._standing(shown),
            "grid": grid_of(draft, severities=self.severities, calendars=self.calendar_names),
            "sentences": [say_milestone(milestone, known=self.known) for milestone in draft.milestones],
            "rules": [say_rule(rule, draft=draft, known=self.known) for rule in draft.rules],
            "choice": tier_choices().get(self.policy.tier, ""),
            "plans": plans_giving(self.policy.tier),
            "versions": [self._version(story) for story in stories],
            "waits": self.open_version is not None and self.open_version.state == VersionState.ASKED,
            "request_url": self._request_url(),
            "urls": {page: policy_url(self.policy, page) for page in ("edit", "preview")},
            "try_url": f"{reverse('admin:support_policy_try')}?tier={self.policy.tier}",
            **self._compared(stories),
        }

    def _shown(self) -> SlaPolicyVersion | None:
        """The version asked for, else the one in force, else the draft."""
        asked = self.request.GET.get("version", "")
        if asked.isdecimal() and len(asked) < 9:
            return get_object_or_404(self.policy.versions, number=int(asked))
        return self.in_force or self.open_version

    def _standing(self, version: SlaPolicyVersion) -> tuple[str, str]:
        if self.in_force is not None and version.pk == self.in_force.pk:
            return ("In force", "green")
        return COLOURS[VersionState(version.state)]

    def _request_url(self) -> str:
        request = pending_request(self.open_version) if self.open_version is not None else None
        return reverse("admin:journal_approval_change", args=[request.pk]) if request is not None else ""

    def _version(self, story: VersionStory) -> dict[str, Any]:
        version = story.version
        words, colour = self._standing(version)
        older = [one.number for one in self.policy.versions.all() if one.number < version.number]
        return {
            "version": version,
            "words": words,
            "colour": colour,
            "now": self.in_force is not None and version.pk == self.in_force.pk,
            "lines": list(self._story(story)),
            "url": f"{policy_url(self.policy)}?version={version.number}",
            "compare": f"{policy_url(self.policy)}?from={max(older)}&to={version.number}#compared" if older else "",
            "restore": self._restore_url(version),
        }

    def _restore_url(self, version: SlaPolicyVersion) -> str:
        old = version.state in {VersionState.IN_FORCE, VersionState.DROPPED}
        current = self.in_force is not None and version.pk == self.in_force.pk
        return (
            reverse("admin:support_policy_restore", args=[self.policy.tier, version.number])
            if old and not current
            else ""
        )

    def _story(self, story: VersionStory) -> Iterator[str]:
        version = story.version
        by = f" by {story.written_by}" if story.written_by else ""
        yield f"Written {say_instant(version.written_at, zone=self.zone)}{by}."
        if version.in_force_from is not None:
            by = f", put in force by {story.in_force_by}" if story.in_force_by else ""
            until = f" until {say_instant(story.in_force_until, zone=self.zone)}" if story.in_force_until else ""
            yield f"In force from {say_instant(version.in_force_from, zone=self.zone)}{until}{by}."

    def _compared(self, stories: list[VersionStory]) -> Mapping[str, Any]:
        """Two versions beside each other, where the address asks for it."""
        by_number = {str(story.version.number): story.version for story in stories}
        before, after = (by_number.get(self.request.GET.get(name, "")) for name in ("from", "to"))
        numbers = sorted(by_number, key=int)
        chosen = {
            "numbers": numbers,
            "from": str(before.number) if before else (numbers[-2] if len(numbers) > 1 else ""),
            "to": str(after.number) if after else (numbers[-1] if numbers else ""),
        }
        if before is None or after is None:
            return {"compare": chosen}
        found = difference(draft_of(before), draft_of(after), known=self.known)
        return {"compare": chosen, "compared": difference_lines(found)}


def difference_lines(found: tuple[Difference, ...]) -> list[dict[str, Any]]:
    """Those that lower something first: they are what a reader must not miss."""
    lines = [{"words": one.words, "lowers": one.lowers} for one in found]
    return sorted(lines, key=lambda line: not line["lowers"])
