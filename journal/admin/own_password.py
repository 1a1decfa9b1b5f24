"""One's own password, changed through the action like everything else."""

from django.utils.timezone import now
from unfold.forms import AdminOwnPasswordChangeForm

from journal.actions.staff import change_own_password
from journal.models import Staff


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    user: Staff

    def save(self, commit: bool = True) -> Staff:
        return change_own_password(
            staff=self.user, password=self.cleaned_data["new_password1"], by=self.user.as_actor(), at=now()
        )
