"""Each table but the sheet: new rows are made, changed rows changed, and what is wrong is told beside its row."""

import pytest

from catalog.models import (
    BillingLink,
    Bundle,
    Dimension,
    Feature,
    FeatureGroup,
    MarketWindow,
    Plan,
    PlanPrice,
    PromoCode,
)
from catalog.models.import_run import Stage
from tests.catalog.factories import (
    AddOnFactory,
    FeatureFactory,
    FeatureGroupFactory,
    FeatureRevisionFactory,
    MarketFactory,
    PlanFactory,
    SeatsFactory,
    StorageFactory,
    published_version,
)
from tests.catalog.imports.bringing import MINUTE, brought, outcomes, staged, text_of, undone, verdicts, wrong
from tests.conftest import AT

pytestmark = pytest.mark.django_db
FEATURES = "key,name,group,kind,unit,aggregation,config_type,better,choices,reset,combine,sold_as_add_on,note\n"


def test_groups_are_made_before_what_stands_in_them() -> None:
    brought("groups", "Key,Name,In group\nstorage,Storage,data\ndata,Data,\n")
    assert FeatureGroup.objects.get(key="storage").parent.key == "data"


def test_a_group_can_not_stand_in_itself() -> None:
    brought("groups", "Key,Name,In group\ndata,Data,\nstorage,Storage,data\n")
    run = staged("groups", "Key,Name,In group\ndata,Data,storage\n", at=AT + 9 * MINUTE)
    assert "stands in Data itself" in wrong(run)[0]


def test_features_of_every_kind_are_declared() -> None:
    FeatureGroupFactory(key="data", name="Data")
    rows = (
        "storage,Storage,data,Usage limit,GB,sum,,,,month,,,\n"
        "seats,Seats,data,capacity,seat,,,,,,,,\n"
        "sso,SSO,data,Feature gate,,,,,,,,yes,\n"
        'tier,Tier,data,Configuration,,,ranked,,"basic|Basic < smart|Smart CDN",,,,Two of them\n'
    )
    run = brought("features", FEATURES + rows)
    assert run.stage == Stage.APPLIED, run.summary
    assert Feature.objects.get(key="storage").revisions.get().default_reset == "month"
    assert Feature.objects.get(key="tier").choices == [["basic", "Basic"], ["smart", "Smart CDN"]]
    assert Feature.objects.get(key="sso").sold_as_add_on
    assert verdicts(staged("features", FEATURES + rows, at=AT + 9 * MINUTE)) == ["same"] * 4


def test_a_feature_in_use_keeps_its_shape() -> None:
    storage = StorageFactory(key="storage", name="Storage", group=FeatureGroupFactory(key="data"))
    published_version(feature=storage, amount=10**9)
    run = staged("features", "key,unit\nstorage,MB\n")
    assert "so its" in wrong(run)[0]
    assert "can't change any more" in wrong(run)[0]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("x,X,data,Boolean,,,,,,,,,\n", "Kind: “Boolean” is not one of: Feature gate"),
        ("x,X,data,Usage limit,GB,,,,,,,,\n", "says how use is added up"),
        ("x,X,data,Feature gate,,,,,,month,,,\n", "is not used up, so it never starts again"),
        ("x,X,nowhere,Feature gate,,,,,,,,,\n", "Group: there is no group with the key nowhere."),
        ("x,X,data,Feature gate,,,,,,,,perhaps,\n", "Sold as add-on: “perhaps” is neither yes nor no."),
        ("x,X,data,Configuration,,,ranked,,a|A < a|B,,,,\n", "Choices: "),
    ],
)
def test_a_feature_that_makes_no_sense_is_wrong(row: str, told: str) -> None:
    FeatureGroupFactory(key="data")
    run = staged("features", FEATURES + row)
    assert told in wrong(run)[0]


def test_an_unused_feature_is_taken_away_again_and_a_used_one_kept() -> None:
    FeatureGroupFactory(key="data")
    run = brought("features", FEATURES + "sso,SSO,data,Feature gate,,,,,,,,,\nmfa,MFA,data,Feature gate,,,,,,,,,\n")
    published_version(feature=Feature.objects.get(key="sso"), at=AT + 2 * MINUTE)
    run = undone(run, at=AT + 9 * MINUTE)
    assert outcomes(run) == ["kept", "undone"]
    assert list(Feature.objects.values_list("key", flat=True)) == ["sso"]


def test_rules_can_be_set_for_a_day_to_come_and_never_for_one_that_has_passed() -> None:
    feature = StorageFactory(key="storage")
    brought("features", "key,reset\nstorage,month\n")
    head, *_, rule = text_of("rules").splitlines()
    later, past = (
        rule.replace(rule.split(",")[1], day).replace("own", "inherit") for day in ("2027-01-01", "2025-01-01")
    )
    run = staged("rules", "\n".join([head, later, past]), at=AT + 9 * MINUTE)
    assert verdicts(run) == ["new", "error"], wrong(run)
    assert "Rules can't change the past" in wrong(run)[0]
    brought("rules", "\n".join([head, later]), at=AT + 9 * MINUTE)
    assert feature.revisions.latest("effective_at").parent_rule == "inherit"


def test_a_rule_for_changes_below_use_is_read_in_one_word() -> None:
    feature = StorageFactory(key="storage")
    brought("features", "key,reset\nstorage,month\n")
    head, *_, rule = text_of("rules").splitlines()
    refused = rule.replace(rule.split(",")[1], "2027-01-01").replace(",allow", ",refuse")
    brought("rules", f"{head}\n{refused}", at=AT + 9 * MINUTE)
    assert feature.revisions.latest("effective_at").below_use == "refuse"


def test_who_decides_who_has_it_is_read_in_one_word_and_only_of_what_is_on_or_off() -> None:
    gate, seats = FeatureFactory(key="sso"), SeatsFactory(key="seats")
    for feature in (gate, seats):
        FeatureRevisionFactory(feature=feature)
    head, *rules = text_of("rules").splitlines()
    billed = [rule.replace(rule.split(",")[1], "2027-01-01").replace(",plans", ",billing") for rule in rules]
    run = staged("rules", "\n".join([head, *billed]), at=AT + 9 * MINUTE)
    assert sorted(verdicts(run)) == ["error", "new"]
    assert "the plans have to say how much of it there is" in wrong(run)[0]
    brought("rules", "\n".join([head, *(rule for rule in billed if rule.startswith("sso"))]), at=AT + 9 * MINUTE)
    assert gate.revisions.latest("effective_at").given_by == "billing"


def test_a_file_from_before_the_billing_could_give_anything_says_the_plans_do() -> None:
    FeatureRevisionFactory(feature=FeatureFactory(key="sso"), kept_when_suspended=True)
    head, rule = (line.rpartition(",")[0] for line in text_of("rules").splitlines())
    later = rule.replace(rule.split(",")[1], "2027-01-01").replace(",yes", ",no")
    brought("rules", f"{head}\n{later}", at=AT + 9 * MINUTE)
    newest = Feature.objects.get(key="sso").revisions.latest("effective_at")
    assert (newest.given_by, newest.kept_when_suspended) == ("plans", False)


def test_who_loses_a_seat_is_read_in_one_word() -> None:
    feature = SeatsFactory(key="seats")
    FeatureRevisionFactory(feature=feature)
    head, *_, rule = text_of("rules").splitlines()
    squeezed = rule.replace(rule.split(",")[1], "2027-01-01").replace(",keep", ",longest_unused")
    brought("rules", f"{head}\n{squeezed}", at=AT + 9 * MINUTE)
    assert feature.revisions.latest("effective_at").squeeze == "longest_unused"


def test_dimensions_have_choices_with_their_weights() -> None:
    StorageFactory(key="tokens")
    brought("dimensions", 'Feature,Key,Name,Choices\ntokens,model,Model,"small | Small\nlarge | Large = 5"\n')
    weights = dict(Dimension.objects.get().choices.values_list("key", "weight_thousandths"))
    assert weights == {"small": 1000, "large": 5000}


def test_plans_are_named_renamed_and_given_a_trial_in_a_draft() -> None:
    published_version(plan=PlanFactory(key="free", name="Free"))
    brought("plans", "Key,Name,Kind,Trial days,After the trial\nfree,Free for all,plan,,\npro,Pro,plan,14,free\n")
    assert Plan.objects.get(key="free").name == "Free for all"
    draft = Plan.objects.get(key="pro").versions.get()
    assert (draft.state, draft.trial_days, draft.after_trial.key) == ("draft", 14, "free")


def test_grace_and_access_after_leaving_are_written_in_a_draft() -> None:
    brought("plans", 'Key,Name,Kind,"Grace, days","Access after leaving, days"\npro,Pro,plan,0,30\n')
    draft = Plan.objects.get(key="pro").versions.get()
    assert (draft.state, draft.grace_days, draft.wind_down_days) == ("draft", 0, 30)
    assert "pro,Pro,plan,,,,,0,30," in text_of("plans")


def test_a_plan_never_becomes_an_add_on() -> None:
    PlanFactory(key="free", name="Free")
    assert "can't change any more" in wrong(staged("plans", "Key,Kind\nfree,add-on\n"))[0]


def test_a_plan_includes_a_published_version_of_a_lower_one() -> None:
    published_version(plan=PlanFactory(key="free"))
    PlanFactory(key="pro", name="Pro")
    brought("plans", "Key,Includes\npro,free v1\n")
    assert str(Plan.objects.get(key="pro").versions.get().includes.plan.key) == "free"
    assert "no free v9" in wrong(staged("plans", "Key,Includes\npro,free v9\n", at=AT + 9 * MINUTE))[0]


def test_prices_go_into_a_draft_and_back() -> None:
    version = published_version(plan=PlanFactory(key="pro"))
    run = brought("prices", "Plan,Interval,Currency,Amount\npro,month,USD,25.50\npro,year,usd,contact\n")
    draft = version.plan.versions.get(state="draft")
    assert dict(draft.prices.values_list("interval", "amount_micros")) == {"month": 25_500_000, "year": None}
    assert not version.prices.exists()
    undone(run, at=AT + 9 * MINUTE)
    assert not PlanPrice.objects.exists()


def test_a_window_is_set_once_however_often_it_is_imported() -> None:
    MarketFactory(key="eu")
    AddOnFactory(key="ipv4")
    text = "Market,Plan,Use,From,Until\neu,ipv4,sold,2027-01-01,2027-06-01\n"
    brought("windows", text)
    assert verdicts(staged("windows", text, at=AT + 9 * MINUTE)) == ["same"]
    assert MarketWindow.objects.get().starts_at.isoformat() == "2027-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("eu,ipv4,sold,2020-01-01,", "That moment has passed"),
        ("eu,ipv4,sold,,", "Say from when"),
        ("eu,ipv4,sold,2027-06-01,2027-01-01", "It has to end after it starts"),
        ("eu,,sold,2027-06-01,", "one of the two"),
        ("eu,ipv4,given,2027-06-01,", "Use: “given” is not one of: sold, provided."),
        ("eu,ipv4,sold,31 June,", "From: “31 June” is no date"),
        ("eu,ipv4,sold,2027-06-31,", "is no day that exists"),
    ],
)
def test_a_window_that_makes_no_sense_is_wrong(row: str, told: str) -> None:
    MarketFactory(key="eu")
    AddOnFactory(key="ipv4")
    assert told in wrong(staged("windows", f"Market,Plan,Use,From,Until\n{row}\n"))[0]


def test_bundles_are_put_together() -> None:
    for key in ("ipv4", "drain"):
        published_version(plan=AddOnFactory(key=key), feature=FeatureFactory())
    brought("bundles", 'Key,Name,Choose,Add-ons\nany_one,Any one,1,"ipv4, drain"\n')
    assert [option.add_on.key for option in Bundle.objects.get().options.all()] == ["ipv4", "drain"]
    told = wrong(staged("bundles", "Key,Choose\nany_one,9\n", at=AT + 9 * MINUTE))
    assert told == ["A customer can't choose 9 of 2 add-ons. Offer more, or let them choose fewer."]


CODES = "Code,Name,Gives,Plan,Quantity,Feature,How,Value,Days,Per customer\n"


def test_codes_give_a_trial_an_add_on_or_an_override() -> None:
    published_version(plan=PlanFactory(key="pro"), feature=FeatureFactory())
    published_version(plan=AddOnFactory(key="ipv4"), feature=FeatureFactory())
    StorageFactory(key="storage", name="Storage")
    rows = "try-pro,Try,trial,pro,,,,,30,1\nip 4,IP,add-on,ipv4,2,,,,30,1\nmore,More,override,,,storage,add,20 gb,30,\n"
    assert wrong(staged("codes", CODES + rows)) == []
    run = brought("codes", CODES + rows)
    assert run.stage == Stage.APPLIED, run.summary
    assert sorted(PromoCode.objects.values_list("code", flat=True)) == ["IP-4", "MORE", "TRY-PRO"]
    assert PromoCode.objects.get(code="MORE").amount == 20 * 10**9
    assert verdicts(staged("codes", CODES + rows, at=AT + 9 * MINUTE)) == ["same"] * 3


def test_a_stopped_code_stays_stopped() -> None:
    published_version(plan=PlanFactory(key="pro"), feature=FeatureFactory())
    run = undone(brought("codes", CODES + "TRY,Try,trial,pro,,,,,30,1\n"))
    assert PromoCode.objects.get().stopped_at is not None
    assert outcomes(run) == ["undone"]
    assert (
        "stopped and can't be taken up again" in wrong(staged("codes", "Code,Stopped\nTRY,no\n", at=AT + 9 * MINUTE))[0]
    )


def test_links_name_plans_prices_and_features_in_the_billing_system() -> None:
    PlanFactory(key="pro")
    FeatureFactory(key="sso")
    head = "Mode,Plan,Paid by the,Currency,Feature,Id,Lookup key\n"
    run = brought("links", head + "live,pro,,,,prod_1,\nlive,pro,month,USD,,price_1,pro_monthly\nlive,,,,sso,feat_1,\n")
    assert sorted(BillingLink.objects.values_list("external_id", flat=True)) == ["feat_1", "price_1", "prod_1"]
    undone(run)
    assert not BillingLink.objects.exists()
    assert "stands for something else" in wrong(staged("links", head + "test,pro,,,,x,\ntest,,,,sso,x,\n"))[0]
