"""The API: every app's routes under one OpenAPI document."""

from ninja import NinjaAPI

from entitlements.api import router as entitlements
from journal.api.problems import install
from support.api import router as support

api = NinjaAPI(
    title="Entitlement Desk",
    version="1",
    description="May this account do this now, why, and is it covered? Errors are RFC 9457 problem documents.",
    docs_url=None,  # its page loads scripts from a CDN; the document itself is served
    urls_namespace="api",
)
install(api)
api.add_router("", entitlements)
api.add_router("", support)
