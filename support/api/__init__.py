from support.api.routes import router

__all__ = ["router"]
