"""What the feature form asks, in finance's words: each kind with a sentence and an example."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.domain.units import BINARY_BYTES, DECIMAL_BYTES, TIMES
from catalog.domain.values import Aggregation, Better, ConfigType, Kind, Reset

KINDS = {
    Kind.GATE: ("A customer has it or doesn’t.", "single sign-on"),
    Kind.METERED: ("Use is added up, and starts again after a while; also a rate.", "API calls a month"),
    Kind.CAPACITY: ("How many or how much a customer holds at one time.", "seats, devices, storage"),
    Kind.CONFIG: ("A setting the plan decides: one or several choices, a length of time, a size, words.", "retention"),
    Kind.CREDIT: ("A balance bought ahead and used up.", "support hours"),
}
AGGREGATIONS = {
    Aggregation.SUM: "All use is added up",
    Aggregation.DISTINCT: "Different ones are counted, each once: monthly users",
    Aggregation.PEAK: "The highest moment counts",
    Aggregation.AVERAGE: "The average over the time counts",
    Aggregation.LATEST: "What stands there last counts",
}
RESETS = {
    Reset.SECOND: "Every second: a rate",
    Reset.MINUTE: "Every minute: a rate",
    Reset.HOUR: "Every hour",
    Reset.DAY: "Every day",
    Reset.WEEK: "Every week",
    Reset.MONTH: "Every calendar month",
    Reset.YEAR: "Every calendar year",
    Reset.BILLING: "With the customer’s own billing period",
    Reset.NEVER: "Never: so much in all",
}
CONFIG_TYPES = {
    ConfigType.RANKED: "One choice from a list, from worst to best",
    ConfigType.SET: "Several choices from a list",
    ConfigType.DURATION: "A length of time",
    ConfigType.SIZE: "An amount of data",
    ConfigType.TEXT: "Words",
}
BETTERS = {Better.MORE: "More is better", Better.LESS: "Less is better"}
COUNTS, BYTES, TIME = "counts", "bytes", "time"
MEASURES = {COUNTS: "Things, counted one by one", BYTES: "Data", TIME: "Time"}
BYTE_UNITS = {unit.key: unit.key for unit in (*DECIMAL_BYTES, *BINARY_BYTES)}
TIME_UNITS = {unit.key: f"{unit.key}s" for unit in TIMES}


def kind_choices() -> list[tuple[str, SafeString]]:
    return [
        (kind.value, format_html("<strong>{}</strong>: {} For example {}.", kind.words, sentence, example))
        for kind, (sentence, example) in KINDS.items()
    ]
