"""Who may work here, people and programs."""

from config.navigation.links import group, link

ADMINISTRATION = group(
    "Administration",
    link("Staff", "group", "journal_staff_changelist", "journal.view_staff", "Who works here, and in which role."),
    link(
        "API keys",
        "key",
        "journal_apikey_changelist",
        "journal.view_apikey",
        "Which programs may ask, and what.",
    ),
)
