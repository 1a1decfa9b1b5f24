"""What the benchmarks of the intake share: the demo's catalog, customers of its plans, and a classifier taught by its phrases."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import connection

from catalog.models import Feature, Plan
from desk.demo import sla
from desk.demo.intake_examples import EXAMPLES
from desk.demo.intake_examples import NONE_OF_THESE as ABOUT_NONE
from desk.demo.people import add_staff
from desk.demo.price_page import import_all, publish_all, settle_page
from entitlements.models import Account, Subscription, SubscriptionItem
from entitlements.models.account import IdentifierKind
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from support.domain.intake.settings import TaughtBy
from support.domain.intake.understood import NONE_OF_THESE, Topic
from support.intake.embedded import EmbeddedClassifier
from support.intake.encoder import MiniLM
from support.intake.tfidf import TfidfEncoder
from support.intake.training import examples_of, train
from support.intake.weights import WeightsAltered, WeightsMissing
from support.models import ExamplePhrase
from tests.support.world import findable

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
BEGAN = NOW - timedelta(days=400)
PLANS = ("free", "pro", "team", "enterprise")


def straight_from_models() -> None:
    """Make the tables without the migrations, which take minutes, as tests do."""
    connection.settings_dict["TEST"]["MIGRATE"] = False


def the_catalog() -> None:
    """The demo's price page, settled and published, and what its support promises."""
    staff = add_staff(at=BEGAN)
    finance = staff["finance"].as_actor()
    import_all(by=finance, at=BEGAN)
    settle_page(by=finance, at=BEGAN)
    publish_all(by=finance, at=BEGAN)
    sla.set_up_teams(by=staff["support"].as_actor(), at=BEGAN)


def customer(key: str, plan: str) -> Account:
    """Who holds the plan's first version, and nothing beside."""
    deed = begin(by=SYSTEM, at=BEGAN)
    account = keep(Account(key=key, name=key, zone="Europe/Amsterdam", country="NL", created_at=BEGAN), deed=deed)
    findable(account, IdentifierKind.KEY, key)
    findable(account, IdentifierKind.DOMAIN, f"{key}.example")
    subscription = keep(Subscription(account=account, number=1, starts_at=BEGAN + timedelta(days=1)), deed=deed)
    version = Plan.objects.get(key=plan).versions.filter(state="published").order_by("number")[0]
    item = SubscriptionItem(
        subscription=subscription, plan=version.plan, version=version, starts_at=BEGAN + timedelta(days=1)
    )  # fmt: skip
    keep(item, deed=deed)
    return account


def topics() -> list[Topic]:
    """The catalog's features with the demo's phrases, and none of these: nothing else is taught."""
    known = Feature.objects.values_list("key", "name", "note")
    found = [Topic(key, name, note, examples=EXAMPLES.get(key, ())) for key, name, note in known]
    return [*found, Topic(NONE_OF_THESE, "None of these", examples=ABOUT_NONE)]


def phrases() -> None:
    """The same written down, for whoever teaches from the database."""
    features = {row.key: row for row in Feature.objects.all()}
    deed = begin(by=SYSTEM, at=BEGAN)
    for key, said in [*EXAMPLES.items(), (NONE_OF_THESE, ABOUT_NONE)]:
        for text in said:
            feature = features.get(key)
            row = ExamplePhrase(
                feature=feature, text=text, taught_by=TaughtBy.STAFF, added_at=BEGAN, added_by="The desk"
            )  # fmt: skip
            keep(row, deed=deed)


def classifiers(folder: Path, known: Sequence[Topic]) -> dict[str, EmbeddedClassifier]:
    """The embedded one, where its weights are in the folder, and the fallback."""
    words = TfidfEncoder([text for topic in known for text in examples_of(topic)])
    found = {"tfidf": EmbeddedClassifier(words, train(words, known))}
    try:
        encoder = MiniLM.load(folder)
    except (WeightsMissing, WeightsAltered) as why:
        print(f"without the embedded classifier: {why}")
        return found
    return {"minilm": EmbeddedClassifier(encoder, train(encoder, known)), **found}
