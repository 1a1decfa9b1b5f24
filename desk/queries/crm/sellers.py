"""Who sells, of our own people, as a CRM names them: by e-mail address."""

from dataclasses import replace

from desk.domain.crm.told import Deal
from journal.domain.actor import Actor, ActorKind
from journal.models import Staff


def seller(email: str) -> Staff | None:
    """The only member of staff at work who has the address."""
    rows = list(Staff.objects.filter(email__iexact=email.strip(), is_active=True)[:2]) if email.strip() else []
    return rows[0] if len(rows) == 1 else None


def for_seller(deal: Deal, *, by: Actor) -> Actor:
    """The CRM's connection, asking for whoever sold the deal, so that nobody approves their own; itself where no member of
    staff here is known by the address."""
    found = seller(deal.owner)
    if found is None:
        return by
    return replace(by, asks_for=Actor(kind=ActorKind.STAFF, key=f"staff:{found.pk}", name=found.name()))
