"""How a connected CRM is synchronised, as a form shows it."""

import json
from hashlib import blake2b

from desk.domain.crm.linking import USUAL
from desk.models import CrmSetup
from journal.models import Connection


def setup_of(connection: Connection) -> CrmSetup:
    """What was chosen for a connection; as it usually is, and not kept yet, where nobody chose."""
    usual = CrmSetup(connection=connection, link_rules=[rule.value for rule in USUAL])
    return CrmSetup.objects.filter(connection=connection).select_related("connection").first() or usual


def setup_token(setup: CrmSetup) -> str:
    """Changes whenever what a person saw of it did, so that nobody writes over another's choice unseen."""
    said = [setup.link_rules, setup.opens_accounts, sorted(setup.masters.items())]
    return blake2b(json.dumps(said).encode(), digest_size=8).hexdigest()
