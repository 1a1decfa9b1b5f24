from desk.admin.crm.finding_models import CrmFindingAdmin
from desk.admin.crm.flow_models import CrmFlowAdmin
from desk.admin.crm.mapping_models import DealMappingAdmin
from desk.admin.crm.record_models import CrmCompanyAdmin, CrmDealAdmin

__all__ = ["CrmCompanyAdmin", "CrmDealAdmin", "CrmFindingAdmin", "CrmFlowAdmin", "DealMappingAdmin"]
