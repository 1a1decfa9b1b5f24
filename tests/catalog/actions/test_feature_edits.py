"""Declaring, editing and removing features from the desk: frozen at first use, moved only where nobody notices."""

from dataclasses import replace
from datetime import datetime

import pytest

from catalog.actions.features import create_feature, declare, edit_feature, remove_feature
from catalog.domain.declarations import FeatureDeclaration
from catalog.domain.rules import FeatureRules
from catalog.domain.values import Aggregation, Combine, ConfigType, FeatureShape, Kind, Reset, TermState
from catalog.models import Dimension, DimensionChoice, Feature, FeatureRevision
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from tests.catalog.factories import (
    BillingLinkFactory,
    DimensionChoiceFactory,
    FeatureFactory,
    FeatureGroupFactory,
    FeatureRevisionFactory,
    PlanTermFactory,
    StorageFactory,
    published_version,
)
from tests.conftest import actor
from tests.entitlements.factories import OverrideFactory

pytestmark = pytest.mark.django_db

SSO = FeatureShape("sso", "Single sign-on", Kind.GATE)
CALLS = FeatureShape("calls", "API calls", Kind.METERED, unit="call", aggregation=Aggregation.SUM)
MONTHLY = FeatureRules(default_reset=Reset.MONTH)


def test_a_feature_is_declared_with_its_rules_from_now_on(finance: Actor, at: datetime) -> None:
    group = FeatureGroupFactory()
    feature = create_feature(shape=CALLS, group=group, note="Each one", rules=MONTHLY, by=finance, at=at)

    assert (feature.shape, feature.group, feature.note) == (CALLS, group, "Each one")
    revision = feature.revisions.get()
    assert (revision.effective_at, revision.default_reset) == (at, "month")
    assert AuditEvent.objects.get().verb == "feature:declare"


def test_without_rules_the_usual_ones_hold(finance: Actor, at: datetime) -> None:
    feature = create_feature(shape=CALLS, group=FeatureGroupFactory(), by=finance, at=at)
    assert feature.revisions.get().default_reset == "billing"


@pytest.mark.parametrize(("shape", "field"), [(replace(SSO, name="Other"), "key"), (replace(SSO, key="other"), "name")])
def test_a_key_or_a_name_is_given_once(shape: FeatureShape, field: str, finance: Actor, at: datetime) -> None:
    FeatureFactory(key="sso", name="SINGLE SIGN-ON")
    with pytest.raises(Invalid) as refused:
        create_feature(shape=shape, group=FeatureGroupFactory(), by=finance, at=at)
    assert refused.value.field == field


def test_a_key_engineers_could_not_use_is_refused(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid, match="small letters"):
        create_feature(shape=replace(SSO, key="Single SignOn"), group=FeatureGroupFactory(), by=finance, at=at)


def test_rules_that_make_no_sense_are_refused_beside_their_part(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        create_feature(shape=SSO, group=FeatureGroupFactory(), rules=MONTHLY, by=finance, at=at)
    assert refused.value.field == "default_reset"


def test_a_length_of_time_in_no_unit_of_time_is_refused(finance: Actor, at: datetime) -> None:
    shape = FeatureShape("wait", "Wait", Kind.CONFIG, unit="moment", config_type=ConfigType.DURATION)
    with pytest.raises(Invalid, match="no unit of time"):
        create_feature(shape=shape, group=FeatureGroupFactory(), by=finance, at=at)


def test_sales_may_not_declare(sales: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        create_feature(shape=SSO, group=FeatureGroupFactory(), by=sales, at=at)


def test_into_a_group_that_is_sold_as_a_whole_only_who_may_publish_declares(at: datetime) -> None:
    group = FeatureGroupFactory()
    published_version(group=group, feature=None)
    finance = actor("finance")
    editor = replace(finance, permissions=finance.permissions - {"catalog.publish_plan"})
    with pytest.raises(NotAllowed):
        create_feature(shape=SSO, group=group, by=editor, at=at)
    assert create_feature(shape=SSO, group=group, by=finance, at=at).group == group


def test_everything_may_change_before_first_use(finance: Actor, at: datetime) -> None:
    feature = FeatureFactory(key="calls", name="Calls")
    edited = edit_feature(feature=feature, shape=CALLS, group=feature.group, by=finance, at=at)
    assert edited.shape == CALLS


def test_rules_are_brought_into_line_with_a_new_shape(finance: Actor, at: datetime) -> None:
    feature = FeatureFactory(key="calls")
    FeatureRevisionFactory(feature=feature)
    edit_feature(feature=feature, shape=CALLS, group=feature.group, by=finance, at=at)
    assert feature.revisions.get().default_reset == "billing"


def test_after_first_use_name_note_and_group_may_change(finance: Actor, at: datetime) -> None:
    feature, elsewhere = FeatureFactory(), FeatureGroupFactory()
    PlanTermFactory(feature=feature)
    renamed = replace(feature.shape, name="Single sign-on")
    edited = edit_feature(feature=feature, shape=renamed, group=elsewhere, note="By SAML", by=finance, at=at)
    assert (edited.name, edited.group, edited.note) == ("Single sign-on", elsewhere, "By SAML")
    assert AuditEvent.objects.get(verb="feature:edit").changes["name"] == [feature.name, "Single sign-on"]


def test_after_first_use_its_shape_stays(finance: Actor, at: datetime) -> None:
    feature = FeatureFactory()
    PlanTermFactory(feature=feature)
    with pytest.raises(Refusal, match="can't change any more"):
        edit_feature(feature=feature, shape=replace(CALLS, key=feature.key), group=feature.group, by=finance, at=at)


def test_a_key_never_changes(finance: Actor, at: datetime) -> None:
    feature = FeatureFactory(key="sso")
    with pytest.raises(Invalid) as refused:
        edit_feature(feature=feature, shape=CALLS, group=feature.group, by=finance, at=at)
    assert refused.value.field == "key"


def test_to_change_nothing_is_refused(finance: Actor, at: datetime) -> None:
    feature = FeatureFactory()
    with pytest.raises(Refusal, match="Nothing would change"):
        edit_feature(feature=feature, shape=feature.shape, group=feature.group, by=finance, at=at)


@pytest.mark.parametrize("out", [True, False])
def test_a_feature_neither_leaves_nor_joins_a_group_that_is_sold(out: bool, finance: Actor, at: datetime) -> None:
    sold, loose = FeatureGroupFactory(), FeatureGroupFactory()
    published_version(group=sold, feature=None)
    feature = FeatureFactory(group=sold if out else loose)
    with pytest.raises(Refusal, match="without a publication") as refused:
        edit_feature(feature=feature, shape=feature.shape, group=loose if out else sold, by=finance, at=at)
    assert refused.value.field == "group"


def test_a_price_page_moves_no_feature_out_of_a_group_that_is_sold_either(finance: Actor, at: datetime) -> None:
    declaration = FeatureDeclaration(SSO, group="Premium")
    feature = declare(declaration=declaration, by=finance, at=at)
    published_version(group=feature.group, feature=None)
    with pytest.raises(Refusal, match="without a publication"):
        declare(declaration=replace(declaration, group="Elsewhere"), by=finance, at=at)


def test_a_price_page_takes_nothing_away_by_rules(finance: Actor, at: datetime) -> None:
    adding = FeatureDeclaration(CALLS, group="API", reset=Reset.MONTH, combine=Combine.ADD)
    feature = declare(declaration=adding, by=finance, at=at)
    published_version(feature=feature, amount=5)
    with pytest.raises(Refusal, match="second person"):
        declare(declaration=replace(adding, combine=Combine.MOST_GENEROUS), by=finance, at=at)


def test_a_declaration_leaves_the_rules_it_does_not_name(finance: Actor, at: datetime) -> None:
    feature = FeatureFactory(key="sso", name="Single sign-on")
    FeatureRevisionFactory(feature=feature, kept_when_suspended=True, fallback_seconds=60, effect="reads")
    again = FeatureDeclaration(SSO, group="X", combine=Combine.MOST_RESTRICTIVE)
    declare(declaration=again, by=finance, at=at)
    newest = feature.revisions.latest("effective_at")
    assert (newest.kept_when_suspended, newest.fallback_seconds, newest.effect) == (True, 60, "reads")


def test_an_unused_feature_is_removed_with_all_that_hangs_on_it(finance: Actor, at: datetime) -> None:
    feature = StorageFactory()
    FeatureRevisionFactory(feature=feature)
    DimensionChoiceFactory(dimension__feature=feature)
    BillingLinkFactory(feature=feature)
    remove_feature(feature=feature, reason="A mistake", by=finance, at=at)

    assert not any(model.objects.exists() for model in (Feature, FeatureRevision, Dimension, DimensionChoice))
    assert Feature.history.filter(history_type="-").count() == 1
    assert FeatureRevision.history.filter(history_type="-").count() == 1
    event = AuditEvent.objects.get(verb="feature:remove")
    assert (event.subject_label, event.reason) == (feature.name, "A mistake")


def test_a_used_feature_stays_and_it_is_said_where_it_is_used(finance: Actor, at: datetime) -> None:
    feature = FeatureFactory()
    term = PlanTermFactory(feature=feature)
    OverrideFactory(feature=feature, mode="deny", state="approved")
    with pytest.raises(Refusal, match=f"Plans: {term.version}") as refused:
        remove_feature(feature=feature, by=finance, at=at)
    assert "Overrides: Override #" in refused.value.message


def test_a_feature_a_published_group_gives_stays(finance: Actor, at: datetime) -> None:
    feature = FeatureFactory()
    gold = published_version(group=feature.group, feature=None, state=TermState.VALUE)
    with pytest.raises(Refusal, match=f"through its group: {gold}"):
        remove_feature(feature=feature, by=finance, at=at)


def test_sales_may_neither_edit_nor_remove(sales: Actor, at: datetime) -> None:
    feature = FeatureFactory()
    with pytest.raises(NotAllowed):
        edit_feature(feature=feature, shape=feature.shape, group=feature.group, by=sales, at=at)
    with pytest.raises(NotAllowed):
        remove_feature(feature=feature, by=sales, at=at)
