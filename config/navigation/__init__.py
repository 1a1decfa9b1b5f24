"""The sidebar: by the job to be done, not by table. Each group stands in a module of its own."""

from config.navigation.administration import ADMINISTRATION
from config.navigation.audit import AUDIT
from config.navigation.finance import FINANCE
from config.navigation.links import Group
from config.navigation.sales import SALES
from config.navigation.support import SUPPORT

NAVIGATION: list[Group] = [FINANCE, SALES, SUPPORT, AUDIT, ADMINISTRATION]
