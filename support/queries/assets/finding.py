"""A serial number that somebody read out → the equipment that has it."""

from django.db.models import F

from support.domain.serials import serial_key
from support.models import Asset


def asset_by_serial(text: str) -> list[Asset]:
    """Everything with this serial number, in use before retired; several where two makers count alike."""
    key = serial_key(text)
    if not key:
        return []
    found = Asset.objects.filter(serial_key=key).select_related("account", "product", "location")
    return list(found.order_by(F("retired_at").asc(nulls_first=True), "pk"))
