"""Which open cases may be owed a better tier than they have, read off the rows. Nothing here writes.

Something that could cover was changed, put on file, signed or began since the case was promised something last: the
account's tier, a cover of the account or of one above it, a warranty of the device, or prepaid help. Those are few,
whatever the number of cases, and a run that was missed is made up for by the next.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from entitlements.domain.facts import Facts
from entitlements.models import Account, CreditGrant, EntitlementChange
from entitlements.models.contract import ContractState
from entitlements.queries.check import memory
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_facts
from entitlements.snapshots.account import FURTHEST_ANCESTOR
from support.domain.case_events import OPEN_STATES
from support.models import Case, CasePromise, Cover, SlaPolicyVersion, Warranty
from support.queries.cases.promising import about_case
from support.queries.covering import covering
from support.snapshots.policies import SUPPORT_TIER, policies_at


def cases_to_look_at(at: datetime) -> QuerySet[Case]:
    """Open cases for which something that could cover has changed, or was heard to have, since their last promise."""
    last = CasePromise.objects.filter(case=OuterRef("pk")).order_by("-starts_at", "-pk")
    rows = Case.objects.filter(state__in=OPEN_STATES, account__isnull=False)
    rows = rows.annotate(promised_from=Subquery(last.values("starts_at")[:1]))
    rows = rows.annotate(promised_at=Subquery(last.values("recorded_at")[:1]))
    return rows.filter(_tier_changed(at) | _covered_anew(at) | _under_warranty(at) | _prepaid_anew(at))


def _tier_changed(at: datetime) -> Q:
    changes = EntitlementChange.objects.filter(
        Q(effective_at__gt=OuterRef("promised_from")) | Q(recorded_at__gte=OuterRef("promised_at")),
        account=OuterRef("account"),
        feature_key=SUPPORT_TIER,
        effective_at__lte=at,
    )
    # In two halves, for each of which the changes have an index.
    return Q(Exists(changes.filter(audit_id__isnull=True))) | Q(Exists(changes.filter(audit_id__isnull=False)))


def _covered_anew(at: datetime) -> Q:
    """A cover was put on file, began, or had its contract signed; also one of an account above."""
    whose, above = Q(account=OuterRef("account")), "account"
    for _ in range(FURTHEST_ANCESTOR):
        above += "__parent"
        whose |= Q(children=True, account=OuterRef(above))
    signed = Q(contract__versions__state=ContractState.SIGNED) & (
        Q(contract__versions__signed_at__gte=OuterRef("promised_at"))
        | Q(contract__versions__effective_at__gt=OuterRef("promised_from"), contract__versions__effective_at__lte=at)
    )
    covers = Cover.objects.exclude(tier="").filter(whose, starts_at__lte=at)
    return Q(Exists(covers.filter(_since("starts_at", "recorded_at")))) | Q(Exists(covers.filter(signed)))


def _under_warranty(at: datetime) -> Q:
    rows = Warranty.objects.exclude(tier="").filter(asset=OuterRef("asset"), starts_at__lte=at)
    return Q(Exists(rows.filter(_since("starts_at", "recorded_at"))))


def _prepaid_anew(at: datetime) -> Q:
    """Prepaid help was bought: what covers only while some of it is left may do so again."""
    rows = CreditGrant.objects.filter(
        account=OuterRef("account"), feature__support_allowance__isnull=False, effective_at__lte=at
    )
    return Q(Exists(rows.filter(_since("effective_at", "granted_at"))))


def _since(begins: str, recorded: str) -> Q:
    return Q(**{f"{begins}__gt": OuterRef("promised_from")}) | Q(**{f"{recorded}__gte": OuterRef("promised_at")})


class TiersNow:
    """The tier that each case would be served by now; what many cases share is read once."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.catalog: CatalogSnapshot = memory.catalog()
        self.policies: Mapping[str, SlaPolicyVersion] = policies_at(at)
        self._facts: dict[int, Facts] = {}
        self._known: dict[tuple[object, ...], str] = {}

    def of(self, case: Case) -> str:
        """Empty: none that promises anything."""
        account = case.account
        assert account is not None
        about = about_case(case)
        asset = None if about.asset is None else about.asset.pk
        asked = (account.pk, asset, about.product, about.contact, about.channel, about.chosen, about.counted)
        if asked not in self._known:
            if account.pk not in self._facts:
                self._facts[account.pk] = self._facts_of(account)
            facts = self._facts[account.pk]
            found = covering(
                account, at=self.at, about=about, facts=facts, billed=True, catalog=self.catalog, policies=self.policies
            )
            winner = found.choice.promising
            self._known[asked] = "" if winner is None else winner.tier or ""
        return self._known[asked]

    def _facts_of(self, account: Account) -> Facts:
        return snapshot_facts(account.pk, reader=Reader(), catalog=self.catalog, billing=True)
