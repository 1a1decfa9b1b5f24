"""What a person asks for at a record of a CRM: that somebody goes to look, or that what a CRM lacks is made there."""

from datetime import datetime

from django.db import transaction

from desk.actions.crm.flows import PERMISSION as SET_UP
from desk.actions.crm.linking import PERMISSION
from desk.actions.crm.marking import make_due
from desk.actions.crm.written import try_again
from desk.models import CrmCompany, CrmDeal
from desk.queries.crm.setups import setup_of
from journal.actions.deeds import begin, record
from journal.domain.actor import Actor
from journal.models import Connection


@transaction.atomic
def ask_for_look(*, row: CrmCompany | CrmDeal, by: Actor, at: datetime) -> None:
    """Asked for a look at a record as it stands there now; where nobody can look just now, it is looked at later."""
    by.require(PERMISSION)
    type(row).objects.filter(pk=row.pk).update(due_at=at, tries=0)
    record(begin(by=by, at=at), f"crm_{_noun(row)}:look_again", subject=row)


@transaction.atomic
def ask_for_write(*, company: CrmCompany, by: Actor, at: datetime) -> None:
    """Asked to have a company written again, also what the CRM had refused; it is written within moments."""
    by.require(PERMISSION)
    try_again(CrmCompany.objects.filter(pk=company.pk), at=at)
    record(begin(by=by, at=at), "crm_company:write_again", subject=company)


@transaction.atomic
def note_made(*, connection: Connection, made: int, lacking: int, by: Actor, at: datetime) -> None:
    """Had what was missing made in a CRM; whatever had no place there is written now."""
    by.require(SET_UP)
    make_due(CrmCompany.objects.filter(connection=connection, account__isnull=False), at=at)
    changes = {"made": [None, made], "lacking": [None, lacking]}
    record(begin(by=by, at=at), "crm_setup:make", subject=setup_of(connection), changes=changes, label=connection.name)


def _noun(row: CrmCompany | CrmDeal) -> str:
    return "deal" if isinstance(row, CrmDeal) else "company"
