"""What a check in the process is compared with, asked the same question: may this holder of the plan use this feature?

Each knows sixty features and is set up in the way that is quickest for it, warm, with nothing to read: django-flags
from its settings, django-waffle from its cache, Flagsmith's engine with the plan as a segment, casbin with the plan as
a role. None of them knows dates, quantities, add-ons or use.
"""

from collections.abc import Callable

QUESTION = "sso"
OTHERS = [f"feature_{n}" for n in range(59)]


def all_peers() -> dict[str, Callable[[], bool]]:
    return {
        "django-flags": _django_flags(),
        "django-waffle": _django_waffle(),
        "flagsmith-flag-engine": _flagsmith(),
        "pycasbin": _pycasbin(),
    }


def _django_flags() -> Callable[[], bool]:
    from flags.state import flag_enabled

    return lambda: flag_enabled(QUESTION)


def _django_waffle() -> Callable[[], bool]:
    from waffle import switch_is_active
    from waffle.models import Switch

    Switch.objects.bulk_create(Switch(name=name, active=True) for name in (QUESTION, *OTHERS))
    return lambda: switch_is_active(QUESTION)


def _flagsmith() -> Callable[[], bool]:
    from flag_engine.engine import get_evaluation_result

    names = [QUESTION, *OTHERS]
    rule = {"type": "ALL", "conditions": [{"operator": "EQUAL", "property": "plan", "value": "team"}], "rules": []}
    given = [{"key": name, "name": name, "enabled": True, "value": None} for name in names]
    context = {
        "environment": {"key": "bench", "name": "bench"},
        "identity": {"identifier": "holder", "key": "holder", "traits": {"plan": "team"}},
        "segments": {"team": {"key": "team", "name": "team", "rules": [rule], "overrides": given}},
        "features": {name: {"key": name, "name": name, "enabled": False, "value": None} for name in names},
    }
    return lambda: get_evaluation_result(context)["flags"][QUESTION]["enabled"]


def _pycasbin() -> Callable[[], bool]:
    import casbin

    model = casbin.Model()
    model.load_model_from_text(
        "[request_definition]\nr = sub, obj\n[policy_definition]\np = sub, obj\n[role_definition]\ng = _, _\n"
        "[policy_effect]\ne = some(where (p.eft == allow))\n[matchers]\nm = g(r.sub, p.sub) && r.obj == p.obj\n"
    )
    enforcer = casbin.Enforcer(model)
    for name in (QUESTION, *OTHERS):
        enforcer.add_policy("team", name)
    enforcer.add_grouping_policy("holder", "team")
    return lambda: enforcer.enforce("holder", QUESTION)
