from desk.models.crm_company import CrmCompany
from desk.models.crm_deal import CrmDeal
from desk.models.crm_finding import CrmFinding
from desk.models.crm_flow import CrmFlow
from desk.models.crm_setup import CrmCalls, CrmSetup
from desk.models.deal_mapping import DealMapping, DealRule, MappingState

__all__ = [
    "CrmCalls",
    "CrmCompany",
    "CrmDeal",
    "CrmFinding",
    "CrmFlow",
    "CrmSetup",
    "DealMapping",
    "DealRule",
    "MappingState",
]
