"""Where the pages about webhooks stand, below their list."""

from journal.admin.pages import Page
from journal.admin.webhooks.edit_pages import EditPage, RenewPage, SetUpPage
from journal.admin.webhooks.message_pages import MessagePage, MessageReplayPage, MessagesPage, ReplaySincePage
from journal.admin.webhooks.standing_pages import PausePage, RemovePage, ResumePage, TestPage

WEBHOOKS: tuple[tuple[str, type[Page], str], ...] = (
    ("set-up/", SetUpPage, "set_up"),
    ("<int:endpoint>/edit/", EditPage, "edit"),
    ("<int:endpoint>/secret/", RenewPage, "renew_secret"),
    ("<int:endpoint>/pause/", PausePage, "pause"),
    ("<int:endpoint>/resume/", ResumePage, "resume"),
    ("<int:endpoint>/remove/", RemovePage, "remove"),
    ("<int:endpoint>/test/", TestPage, "test"),
    ("<int:endpoint>/replay/", ReplaySincePage, "replay"),
    ("<int:endpoint>/messages/", MessagesPage, "messages"),
    ("<int:endpoint>/messages/<str:message>/", MessagePage, "message"),
    ("<int:endpoint>/messages/<str:message>/replay/", MessageReplayPage, "message_replay"),
)
