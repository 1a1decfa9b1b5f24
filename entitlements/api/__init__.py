from entitlements.api.routes import router

__all__ = ["router"]
