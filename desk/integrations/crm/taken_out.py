"""Records of entitlements that somebody removed at the CRM: asked about once a day when their company is looked at, and
written again. Nothing of those that stand is touched."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from desk.actions.crm.written import note_standing
from desk.domain.crm.sent import read_sent
from desk.integrations.crm.port import Crm
from desk.models import CrmCompany
from journal.models import Connection

ASKED_EVERY = timedelta(hours=20)  # less than a round of each night


def ask_what_stands(crm: Crm, connection: Connection, ids: Collection[str], *, at: datetime) -> int:
    """Of these companies, by their ids there; how many records are written again. Later, LoginRefused, Declined where the
    CRM can't be asked: then it is asked the next time."""
    written = _to_ask(connection, ids, at=at)
    there = crm.standing({id: keys for (_, id), keys in written.items()}) if written else None
    return 0 if there is None else note_standing({pk: keys for (pk, _), keys in written.items()}, there, at=at)


def _to_ask(connection: Connection, ids: Collection[str], *, at: datetime) -> Mapping[tuple[int, str], Collection[str]]:
    """The keys of what was written to each, by its row and its id there, and is known to say what it should."""
    rows = CrmCompany.objects.filter(
        connection=connection, external_id__in=list(ids), account__isnull=False, gone=False
    )
    told = rows.exclude(written={}).values_list("pk", "external_id", "written")
    sent = {(pk, id): read_sent(written) for pk, id, written in told}
    return {
        which: sorted(one.entitlements_known)
        for which, one in sent.items()
        if one.entitlements_known and not one.was_asked(since=at - ASKED_EVERY)
    }
