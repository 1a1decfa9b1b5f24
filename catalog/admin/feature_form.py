"""The form for a feature: what it is, how it is counted or chosen; once it is used, only what may still change."""

from typing import Any

from django import forms

from catalog.admin.feature_words import (
    AGGREGATIONS,
    BETTERS,
    BYTE_UNITS,
    BYTES,
    CONFIG_TYPES,
    COUNTS,
    MEASURES,
    RESETS,
    TIME,
    TIME_UNITS,
    kind_choices,
)
from catalog.domain.choice_lines import UnreadableLine, read_choice_lines, write_choice_lines
from catalog.domain.units import Family, default_scale, unit_of
from catalog.domain.values import Aggregation, Better, Choice, ConfigType, FeatureShape, InvalidFeature, Kind, Reset
from catalog.models import Feature, FeatureGroup
from catalog.models.columns import KEY_RULE

LISTS = {ConfigType.RANKED, ConfigType.SET}
ABOUT = ("name", "key", "group", "note", "sold_as_add_on")
COUNTED = ("measure", "noun", "byte_unit", "time_unit")
# What stands together, and for which kinds it means something.
PARTS = (
    ("What it is", "", ("name", "key", "group", "note", "kind")),
    ("How it is counted", "metered capacity credit", COUNTED),
    ("How use adds up", "metered", ("aggregation",)),
    ("When it starts again", "metered credit", ("reset",)),
    ("What the setting is", "config", ("config_type", "choices", "better", "setting_byte_unit", "setting_time_unit")),
    ("How it is sold", "", ("sold_as_add_on",)),
)


def _choices(words: dict[Any, str]) -> list[tuple[str, str]]:
    return [(str(key), said) for key, said in words.items()]


class FeatureForm(forms.Form):
    """`shape` is what was described, once the form is valid."""

    version_token = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label="Name", max_length=200, help_text="As customers know it, for example API calls.")
    key = forms.CharField(
        label="Key",
        max_length=64,
        validators=[KEY_RULE],
        help_text="How engineers call it, for example api_calls. It never changes.",
    )
    group = forms.ModelChoiceField(label="Group", queryset=FeatureGroup.objects.all(), empty_label="Choose a group")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    kind = forms.ChoiceField(label="What kind of feature it is", choices=kind_choices, widget=forms.RadioSelect)
    measure = forms.ChoiceField(
        label="What is counted", choices=_choices(MEASURES), widget=forms.RadioSelect, required=False, initial=COUNTS
    )
    noun = forms.CharField(
        label="What one of them is called", required=False, max_length=40, help_text="For example call, seat, branch."
    )
    byte_unit = forms.ChoiceField(label="Unit of data", choices=_choices(BYTE_UNITS), required=False, initial="GB")
    time_unit = forms.ChoiceField(label="Unit of time", choices=_choices(TIME_UNITS), required=False, initial="hour")
    aggregation = forms.ChoiceField(
        label="How use adds up", choices=_choices(AGGREGATIONS), widget=forms.RadioSelect, required=False, initial="sum"
    )
    reset = forms.ChoiceField(
        label="It starts again",
        choices=_choices(RESETS),
        required=False,
        initial=Reset.BILLING,
        help_text="A plan may say otherwise in its own cell.",
    )
    config_type = forms.ChoiceField(
        label="What the plan decides", choices=_choices(CONFIG_TYPES), widget=forms.RadioSelect, required=False
    )
    choices = forms.CharField(
        label="The list, one choice a line, the worst first",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Write Gold, or with the engineers’ name for it: gold | Gold support.",
    )
    better = forms.ChoiceField(
        label="What a customer would rather have",
        choices=_choices(BETTERS),
        widget=forms.RadioSelect,
        required=False,
        initial=Better.MORE,
        help_text="For a length of time or an amount of data: of a response time, less is better.",
    )
    setting_byte_unit = forms.ChoiceField(
        label="Usual unit of data", choices=_choices(BYTE_UNITS), required=False, initial="MB"
    )
    setting_time_unit = forms.ChoiceField(
        label="Usual unit of time", choices=_choices(TIME_UNITS), required=False, initial="day"
    )
    sold_as_add_on = forms.BooleanField(
        label="Usually sold as an add-on",
        required=False,
        help_text="Then a price on a price page is read as the add-on’s price.",
    )

    def __init__(
        self, data: Any = None, *, frozen: FeatureShape | None = None, fixed_key: str = "", **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.shape: FeatureShape | None = None
        self.frozen, self.fixed_key = frozen, fixed_key
        kept = {"version_token", *ABOUT} if frozen else set(self.fields)
        for name in list(self.fields):
            if name not in kept or (name == "key" and fixed_key) or (name == "reset" and fixed_key):
                del self.fields[name]

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The parts of the form that are asked, each with its legend and the kinds it is for."""
        parts = [(legend, kinds, [self[n] for n in names if n in self.fields]) for legend, kinds, names in PARTS]
        return [{"legend": legend, "kinds": kinds, "fields": fields} for legend, kinds, fields in parts if fields]

    @property
    def starts_again(self) -> Reset | None:
        given = self.cleaned_data.get("reset")
        resets = self.shape is not None and self.shape.kind in {Kind.METERED, Kind.CREDIT}
        return Reset(given) if given and resets else None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            try:
                self.shape = self._renamed(given) if self.frozen else self._described(given)
            except InvalidFeature as mistake:
                self.add_error(None, str(mistake))
        return given

    def _renamed(self, given: dict[str, Any]) -> FeatureShape:
        assert self.frozen is not None
        old = self.frozen
        return FeatureShape(
            old.key, given["name"], old.kind, old.unit, old.scale, old.aggregation, old.config_type, old.better,
            old.choices,
        )  # fmt: skip

    def _described(self, given: dict[str, Any]) -> FeatureShape | None:
        kind = Kind(given["kind"])
        config = self._config_type(given) if kind is Kind.CONFIG else None
        unit = self._unit(given, kind, config)
        choices = self._listed(given) if config in LISTS else ()
        if self.errors:
            return None
        return FeatureShape(
            key=self.fixed_key or given["key"],
            name=given["name"],
            kind=kind,
            unit=unit,
            scale=default_scale(unit),
            aggregation=Aggregation(given["aggregation"] or Aggregation.SUM) if kind is Kind.METERED else None,
            config_type=config,
            better=_better(config, given),
            choices=choices,
        )

    def _config_type(self, given: dict[str, Any]) -> ConfigType | None:
        if not given.get("config_type"):
            self.add_error("config_type", "Choose what the plan decides.")
            return None
        return ConfigType(given["config_type"])

    def _unit(self, given: dict[str, Any], kind: Kind, config: ConfigType | None) -> str:
        match kind, config, given.get("measure") or COUNTS:
            case (Kind.GATE, _, _) | (Kind.CONFIG, ConfigType.RANKED | ConfigType.SET | ConfigType.TEXT | None, _):
                return ""
            case Kind.CONFIG, ConfigType.DURATION, _:
                return str(given["setting_time_unit"])
            case (Kind.CONFIG, _, _):
                return str(given["setting_byte_unit"])
            case _, _, measure if measure == BYTES:
                return str(given["byte_unit"])
            case _, _, measure if measure == TIME:
                return str(given["time_unit"])
        if not given.get("noun"):
            self.add_error("noun", "Say what one of them is called, such as call or seat.")
        return str(given.get("noun") or "")

    def _listed(self, given: dict[str, Any]) -> tuple[Choice, ...]:
        try:
            choices = read_choice_lines(given.get("choices") or "")
        except UnreadableLine as mistake:
            self.add_error("choices", str(mistake))
            return ()
        if not choices:
            self.add_error("choices", "Write the choices, one a line, the worst first.")
        return choices


def _better(config: ConfigType | None, given: dict[str, Any]) -> Better:
    if config is ConfigType.RANKED:
        return Better.LISTED
    if config in {ConfigType.DURATION, ConfigType.SIZE}:
        return Better(given.get("better") or Better.MORE)
    return Better.MORE


def initial_of(feature: Feature, *, token: str) -> dict[str, Any]:
    """What the form shows of a feature that is there."""
    shape = feature.shape
    family = {Family.BYTES: BYTES, Family.TIME: TIME, Family.COUNT: COUNTS}[unit_of(shape).family]
    unit_field = {BYTES: "byte_unit", TIME: "time_unit", COUNTS: "noun"}[family]
    if shape.kind is Kind.CONFIG:
        unit_field = f"setting_{unit_field}"
    return {
        "version_token": token,
        "name": feature.name,
        "group": feature.group_id,
        "note": feature.note,
        "kind": feature.kind,
        "measure": family,
        unit_field: shape.unit,
        "aggregation": feature.aggregation,
        "config_type": feature.config_type,
        "choices": write_choice_lines(shape.choices),
        "better": feature.better if feature.better in BETTERS else Better.MORE,
        "sold_as_add_on": feature.sold_as_add_on,
    }
