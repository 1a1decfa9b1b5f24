"""Salesforce's counterpart: an org on this machine, asked only through simple-salesforce.

`with salesforce_counterpart(seed=7) as fake:` for tests; `python -m tests.fakes.salesforce` for a person, with pages.
"""

from tests.fakes.salesforce.counterpart import Counterpart as Counterpart
from tests.fakes.salesforce.counterpart import salesforce_counterpart as salesforce_counterpart
from tests.fakes.salesforce.state import Settings as Settings
