"""What the journal's pages call an account, of which they know only the key."""

from collections.abc import Collection

from django.urls import reverse

from entitlements.models import Account
from journal.account_names import Named


def called(keys: Collection[str]) -> dict[str, Named]:
    """Those of the keys that are an account's, each with its name, its page, and where it went in a merge."""
    rows = Account.objects.filter(key__in=keys).select_related("merged_into")
    return {
        row.key: Named(
            key=row.key,
            name=row.name,
            url=reverse("admin:desk_account", args=[row.key]),
            permission="entitlements.view_account",
            went_to=row.merged_into.key if row.merged_into else "",
        )
        for row in rows
    }
