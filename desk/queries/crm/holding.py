"""Whether anything here hangs on a record of a CRM, so that nobody is locked out because it could not be seen for once."""

from datetime import datetime

from django.db.models import Q

from desk.domain.crm.told import Company, Deal
from desk.models import CrmCompany, CrmDeal
from journal.models import Connection


def holds(connection: Connection, told: Company | Deal, *, at: datetime) -> bool:
    """A company that is linked; a deal whose contract, or whose longer trial, goes on or is still to come."""
    if isinstance(told, Company):
        rows = CrmCompany.objects.filter(connection=connection, external_id=told.id, account__isnull=False, gone=False)
        return rows.exists()
    contract = Q(contract__isnull=False) & (Q(contract__ends_at=None) | Q(contract__ends_at__gt=at))
    trial = Q(trial__isnull=False) & (Q(trial__ends_at=None) | Q(trial__ends_at__gt=at))
    return CrmDeal.objects.filter(contract | trial, connection=connection, external_id=told.id).exists()
