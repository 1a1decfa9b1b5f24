"""HubSpot's counterpart: a portal on this machine, asked only through the official client.

`with hubspot_counterpart(seed=7) as fake:` for tests; `python -m tests.fakes.hubspot` for a person, with pages to sell on.
"""

from tests.fakes.hubspot.counterpart import Counterpart as Counterpart
from tests.fakes.hubspot.counterpart import hubspot_counterpart as hubspot_counterpart
from tests.fakes.hubspot.state import Settings as Settings
