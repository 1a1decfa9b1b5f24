"""Features to read and say things of, one of each nature."""

from catalog.domain.values import Aggregation, Better, Choice, ConfigType, FeatureShape, Kind

SSO = FeatureShape(key="sso", name="SSO", kind=Kind.GATE)
STORAGE = FeatureShape(
    key="storage", name="Storage", kind=Kind.METERED, unit="GB", scale=10**9, aggregation=Aggregation.AVERAGE
)
BANDWIDTH = FeatureShape(
    key="bandwidth", name="Bandwidth", kind=Kind.METERED, unit="GB", scale=10**9, aggregation=Aggregation.SUM
)
MEMORY = FeatureShape(
    key="memory", name="Memory", kind=Kind.CONFIG, unit="GiB", scale=2**30, config_type=ConfigType.SIZE
)
MAUS = FeatureShape(key="maus", name="MAUs", kind=Kind.METERED, unit="MAU", aggregation=Aggregation.DISTINCT)
IMAGES = FeatureShape(
    key="images", name="Images", kind=Kind.METERED, unit="origin image", aggregation=Aggregation.DISTINCT
)
CALLS = FeatureShape(key="calls", name="API calls", kind=Kind.METERED, unit="call", aggregation=Aggregation.SUM)
BRANCHES = FeatureShape(key="branches", name="Branching", kind=Kind.CAPACITY, unit="branch")
MEMBERS = FeatureShape(key="members", name="Team members", kind=Kind.CAPACITY, unit="member")
RETENTION = FeatureShape(
    key="retention", name="Retention", kind=Kind.CONFIG, unit="day", scale=86_400, config_type=ConfigType.DURATION
)
LATENCY = FeatureShape(
    key="latency",
    name="Answer time",
    kind=Kind.CONFIG,
    unit="hour",
    scale=3600,
    config_type=ConfigType.DURATION,
    better=Better.LESS,
)
HOURS = FeatureShape(key="hours", name="Support hours", kind=Kind.CREDIT, unit="hour", scale=3600)
EUROS = FeatureShape(key="euros", name="Prepaid euros", kind=Kind.CREDIT, unit="EUR", scale=100)
CDN = FeatureShape(
    key="cdn",
    name="CDN",
    kind=Kind.CONFIG,
    config_type=ConfigType.RANKED,
    better=Better.LISTED,
    choices=(Choice("basic_cdn", "Basic CDN"), Choice("smart_cdn", "Smart CDN")),
)
ROLES = FeatureShape(
    key="roles",
    name="Roles",
    kind=Kind.CONFIG,
    config_type=ConfigType.SET,
    choices=(
        Choice("owner", "Owner"),
        Choice("more_owners", "Additional owner(s)"),
        Choice("read_write", "Read, write"),
        Choice("custom", "custom"),
    ),
)
GREETING = FeatureShape(key="greeting", name="Greeting", kind=Kind.CONFIG, config_type=ConfigType.TEXT)
EVERY = (
    SSO,
    STORAGE,
    BANDWIDTH,
    MEMORY,
    MAUS,
    IMAGES,
    CALLS,
    BRANCHES,
    MEMBERS,
    RETENTION,
    LATENCY,
    HOURS,
    EUROS,
    CDN,
    ROLES,
    GREETING,
)
