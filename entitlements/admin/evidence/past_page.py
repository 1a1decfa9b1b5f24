"""The past, three ways: what was true at a moment, what we believed then, and what programs had been told."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from catalog.queries.instants import say_instant
from entitlements.actions.dispute_packs import PERMISSION
from entitlements.admin.evidence.explain_page import explain_url
from entitlements.admin.moments import AskedMoment, asked_moment
from entitlements.admin.pages import AccountPage
from entitlements.queries.story.three_answers import Cause, ThreeAnswers, three_answers


class PastPage(AccountPage):
    template_name = "entitlements/past.html"
    title = "The past, three ways"

    @cached_property
    def moment(self) -> AskedMoment:
        asked = self.request.GET.copy()
        asked.pop("known_at", None)
        return asked_moment(asked, zone=self.account.zone, now=self.at)

    @property
    def to_come(self) -> bool:
        return self.moment.at > self.at

    @property
    def wanted(self) -> str:
        return self.request.GET.get("feature", "").strip()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = () if self.to_come else self._found()
        shared = _shared_cause(found)
        lines = [self._line(line, shared=shared) for line in found]
        return {
            **super().get_context_data(**kwargs),
            "moment": self.moment,
            "to_come": self.to_come,
            "pick_at": self.moment.picked("at"),
            "when": say_instant(self.moment.at, zone=self.zone),
            "wanted": self.wanted,
            "only": lines[0]["line"].name if self.wanted and lines else "",
            "put_right": "" if shared is None else self._put_right(shared),
            "different": [line for line in lines if line["line"].differs],
            "same": [line for line in lines if not line["line"].differs],
            "asked": any(line["line"].answered for line in lines),
            "may_pack": self.request.user.has_perm(PERMISSION),
        }

    def _found(self) -> tuple[ThreeAnswers, ...]:
        return three_answers(account=self.account, at=self.moment.at, feature=self.wanted or None)

    def _line(self, line: ThreeAnswers, *, shared: Cause | None) -> dict[str, Any]:
        return {
            "line": line,
            "answered": [(given, say_instant(given.told_at, zone=self.zone)) for given in line.answered],
            "reasons": self._reasons(line, shared=shared),
            "why": explain_url(self.account, line.feature, at="" if self.moment.now else self.moment.at.isoformat()),
        }

    def _reasons(self, line: ThreeAnswers, *, shared: Cause | None) -> list[str]:
        """Why the three differ, as far as it can be told; what holds for all of them is said once, above."""
        reasons = [self._put_right(line.cause)] if line.cause not in {None, shared} else []
        if line.put_right_later and line.cause is None:
            reasons.append("It was put right after this moment, by no single act the desk can name.")
        return reasons + [
            f"{given.told} had not asked again since the answer changed, so it still went by “{given.words}”."
            for given in line.told_otherwise
        ]

    def _put_right(self, cause: Cause | None) -> str:
        assert cause is not None
        because = f" (“{cause.reason}”)" if cause.reason else ""
        when = say_instant(cause.at, zone=self.zone)
        return f"Known as it is today only since {when}: {cause.words}, by {cause.who}{because}."


def _shared_cause(lines: Iterable[ThreeAnswers]) -> Cause | None:
    """The one act that put right all that was put right later; None where there were several, or none."""
    causes = {line.cause for line in lines if line.put_right_later}
    return causes.pop() if len(causes) == 1 else None
