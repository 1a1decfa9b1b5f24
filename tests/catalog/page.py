"""The real price page, as tests import it; and small pages of one's own."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from catalog.actions.price_page import Imported, import_page
from catalog.domain.declarations import FeatureDeclaration, read_declarations
from catalog.domain.matrix import read_matrix
from catalog.domain.plan_list import read_plans
from journal.domain.actor import SYSTEM, Actor

REAL = Path(__file__).resolve().parents[2] / "catalog" / "data" / "supabase"


def import_real_page(*, at: datetime, by: Actor = SYSTEM) -> Imported:
    texts = {name: (REAL / name).read_bytes() for name in ("plan_matrix.csv", "features.csv", "plans.csv")}
    return import_text(
        matrix=texts["plan_matrix.csv"],
        declarations=read_declarations(texts["features.csv"]),
        plans=texts["plans.csv"],
        by=by,
        at=at,
    )


def import_text(
    *, matrix: bytes, declarations: Sequence[FeatureDeclaration], plans: bytes, at: datetime, by: Actor = SYSTEM
) -> Imported:
    listed = read_plans(plans)
    read = read_matrix(matrix, declarations=declarations, known_plans=[plan.name for plan in listed])
    return import_page(matrix=read, plans=listed, by=by, at=at)


FEATURES = b"""key,name,group,kind,unit,aggregation,config_type,better,choices,reset,combine,sold_as_add_on,note
storage,Storage,Data,metered,GB,average,,,,billing,,,
sso,SSO,Security,gate,,,,,,,,,
"""
PLANS = b"plan,price_per_month_usd,audience\nFree,0,everybody\nPro,25,production\n"


def small_matrix(
    *, free_storage: str = "1 GB", pro_storage: str = "8 GB; then $0.1 per GB", pro_sso: str = "yes"
) -> bytes:
    return (
        "group,feature,usage_based,Free,Pro,note\n"
        f"Data,Storage,yes,{free_storage},{pro_storage},\n"
        f"Security,SSO,no,no,{pro_sso},\n"
    ).encode()


def import_small_page(*, at: datetime, plans: bytes = PLANS, by: Actor = SYSTEM, **cells: str) -> Imported:
    return import_text(
        matrix=small_matrix(**cells), declarations=read_declarations(FEATURES), plans=plans, by=by, at=at
    )
