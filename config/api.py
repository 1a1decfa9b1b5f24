"""The API: every app's routes under one OpenAPI document."""

from ninja import NinjaAPI

from entitlements.api import router as entitlements
from entitlements.api.licence_document import declare_licences
from entitlements.api.runtime.document import declare_runtime
from journal.api.door import open_door
from journal.api.problems import install
from journal.api.routes import router as keys
from journal.api.webhooks import router as webhooks
from support.api import router as support

api = NinjaAPI(
    title="Entitlement Desk",
    version="1",
    description="May this account do this now, why, and is it covered? Errors are RFC 9457 problem documents.",
    docs_url=None,  # its page loads scripts from a CDN; the document itself is served
    urls_namespace="api",
)
install(api)
open_door(api)
declare_runtime(api)
declare_licences(api)
api.add_router("", keys)
api.add_router("", webhooks)
api.add_router("", entitlements)
api.add_router("", support)
