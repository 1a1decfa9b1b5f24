import pytest

from journal.domain.refusal import Invalid, NotAllowed
from journal.models import AuditEvent
from support.actions.health import set_health
from support.actions.teams import declare_team
from support.domain.case_events import Health
from support.models import AccountHealth, Team
from tests.entitlements.factories import AccountFactory

pytestmark = pytest.mark.django_db


def test_a_team_is_declared_and_renamed(support_agent, at):
    declare_team(key="core", name="Core", email="Core@Desk.example", by=support_agent, at=at)
    for _ in range(2):
        declare_team(key="core", name="Core platform ", email="core@desk.example", by=support_agent, at=at)
    assert list(Team.objects.values_list("name", "email")) == [("Core platform", "core@desk.example")]
    assert AuditEvent.objects.first().changes == {"name": ["Core", "Core platform"]}
    assert AuditEvent.objects.count() == 2


def test_a_team_has_a_key_and_a_real_address(support_agent, at):
    with pytest.raises(Invalid):
        declare_team(key="Core team", name="Core", email="", by=support_agent, at=at)
    with pytest.raises(Invalid):
        declare_team(key="core", name="Core", email="core", by=support_agent, at=at)


def test_health_is_said_with_why_and_said_anew(support_agent, at):
    account = AccountFactory()
    set_health(account=account, level=Health.AT_RISK, reason="Two escalations.", by=support_agent, at=at)
    for _ in range(2):
        set_health(account=account, level=Health.GOOD, reason="Settled.", by=support_agent, at=at)
    assert list(AccountHealth.objects.values_list("level", "reason")) == [("good", "Settled.")]
    assert AuditEvent.objects.count() == 2
    event = AuditEvent.objects.first()
    assert (event.changes, event.account_key, event.reason) == (
        {"health": ["at risk", "good"]},
        account.key,
        "Settled.",
    )


def test_health_without_why_or_of_no_level_is_refused(support_agent, at):
    with pytest.raises(Invalid, match="Say why"):
        set_health(account=AccountFactory(), level=Health.GOOD, reason=" ", by=support_agent, at=at)
    with pytest.raises(Invalid, match="good, at risk or critical"):
        set_health(account=AccountFactory(), level="grim", reason="Hm.", by=support_agent, at=at)


def test_auditors_only_read(auditor, at):
    with pytest.raises(NotAllowed):
        declare_team(key="core", name="Core", email="", by=auditor, at=at)
    with pytest.raises(NotAllowed):
        set_health(account=AccountFactory(), level=Health.GOOD, reason="Fine.", by=auditor, at=at)
