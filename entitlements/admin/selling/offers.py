"""What a customer could upgrade to: each plan and add-on on sale in its market, with what it would gain and lose."""

from typing import Any

from catalog.models import Feature
from entitlements.admin.pages import AccountPage
from entitlements.domain.facts import Standing
from entitlements.queries.selling.offers import Offer, Offers, offers, to_get

NOT_OPEN = {
    Standing.SUSPENDED: "The account is suspended, so nothing is offered to it. Reopen it first.",
    Standing.CLOSED: "The account is closed, so nothing is offered to it.",
}


class OffersPage(AccountPage):
    template_name = "entitlements/offers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        key = self.request.GET.get("feature", "")
        feature = self.feature(key) if key else None
        found = self._found(feature)
        return {
            **super().get_context_data(**kwargs),
            "title": f"What {self.account} could upgrade to",
            "feature": feature,
            "features": Feature.objects.select_related("group"),
            "not_open": NOT_OPEN.get(found.standing, ""),
            "parts": [
                ("Plans", [_line(offer, feature) for offer in _upgrades_first(found) if offer.is_plan]),
                ("Add-ons", [_line(offer, feature) for offer in found.offers if not offer.is_plan]),
            ],
            "nothing": not found.offers,
        }

    def _found(self, feature: Feature | None) -> Offers:
        if feature is None:
            return offers(account=self.account, at=self.at)
        return to_get(account=self.account, feature=feature, at=self.at)


def _upgrades_first(found: Offers) -> list[Offer]:
    """What takes away more than it gives comes last; otherwise the order of the plan sheet."""
    return sorted(found.offers, key=lambda one: len(one.upgrade.losses) > len(one.upgrade.gains))


def _line(offer: Offer, feature: Feature | None) -> dict[str, Any]:
    bought = offer.upgrade
    return {
        "name": bought.version.plan_name,
        "number": bought.version.number,
        "price": ", ".join(offer.prices) or "No price yet",
        "instead_of": bought.instead_of,
        "held": bought.held,
        "is_plan": offer.is_plan,
        "effects": [
            ("Gains", "is-gain", bought.gains),
            ("Loses", "is-loss", bought.losses),
            ("Other", "", bought.others),
        ],
        "same": not bought.effects,
    }
