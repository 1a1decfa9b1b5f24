"""Where the pages about trials stand: below the account's own address, and the one about many customers."""

from entitlements.admin.trials.again_pages import ReactivateTrialPage, UndoExtensionPage
from entitlements.admin.trials.bulk_page import ExtendTrialsPage
from entitlements.admin.trials.pages import ConvertTrialPage, ExtendTrialPage
from journal.admin.pages import Page

ONE = "<str:key>/subscription/<int:number>"

TRIALS: tuple[tuple[str, type[Page], str], ...] = (
    ("trials/", ExtendTrialsPage, "trials_extend"),
    (f"{ONE}/extend/", ExtendTrialPage, "trial_extend"),
    (f"{ONE}/undo-extension/", UndoExtensionPage, "trial_undo"),
    (f"{ONE}/convert/", ConvertTrialPage, "trial_convert"),
    (f"{ONE}/reactivate/", ReactivateTrialPage, "trial_reactivate"),
)
