"""Validations in the OpenAPI document, made of the Structs that read and write them."""

from typing import Any

import msgspec
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from entitlements.api.licence_schemas import ValidateAnswer, ValidateRequest
from entitlements.api.runtime.document import TEMPLATE


def declare_licences(api: NinjaAPI) -> None:
    """Put the Structs among the document's components."""
    plain_schema = api.get_openapi_schema
    _, components = msgspec.json.schema_components((ValidateRequest, ValidateAnswer), ref_template=TEMPLATE)

    def get_openapi_schema(*args: Any, **kwargs: Any) -> OpenAPISchema:
        schema = plain_schema(*args, **kwargs)
        schema.setdefault("components", {}).setdefault("schemas", {}).update(components)
        return schema

    api.get_openapi_schema = get_openapi_schema  # type: ignore[method-assign]  # Ninja has no hook for it
