"""What the page of a contract says of the deal that it came of: here, and in the CRM."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from desk.admin.crm.words import VIEW_DEAL, page_there, record_url
from desk.models import CrmDeal
from entitlements.contract_notes import Note, Place
from journal.admin.connections.pages import vendor_words


def notes_of_deals(lines: Mapping[int, Collection[int]], *, at: datetime) -> Mapping[Place, tuple[Note, ...]]:
    """One read for any number of contracts."""
    found: dict[Place, list[Note]] = defaultdict(list)
    for deal in CrmDeal.objects.filter(contract__in=lines).select_related("connection").order_by("pk"):
        assert deal.contract_id is not None  # it was found by it
        found[deal.contract_id, 0] += _notes(deal)
    return {place: tuple(notes) for place, notes in found.items()}


def _notes(deal: CrmDeal) -> list[Note]:
    vendor = vendor_words(deal.connection)
    notes = [Note(f"It came of a deal in {vendor}", record_url(deal), str(deal), permission=VIEW_DEAL)]
    if there := page_there(deal.connection, deal):
        notes.append(Note("", there, f"Open it in {vendor}", permission=VIEW_DEAL))
    return notes
