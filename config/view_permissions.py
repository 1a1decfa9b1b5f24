"""What there is to see, by what it is about; which role sees it is in the table of roles."""

CATALOG_VIEW = frozenset(
    f"catalog.view_{model}"
    for model in (
        "billinglink",
        "dimension",
        "dimensionchoice",
        "bundle",
        "bundleoption",
        "feature",
        "featuregroup",
        "featurerevision",
        "importrun",
        "market",
        "marketwindow",
        "plan",
        "planprice",
        "planterm",
        "planversion",
        "priceline",
        "promocode",
        "rollout",
    )
)
ACCOUNT_VIEW = frozenset(
    f"entitlements.view_{model}"
    for model in (
        "account",
        "accountstanding",
        "billingperiod",
        "cohort",
        "cohortmember",
        "concessionpolicy",
        "contact",
        "contract",
        "contractline",
        "contractversion",
        "creditbalance",
        "creditentry",
        "creditgrant",
        "entitlementchange",
        "identifier",
        "licence",
        "licenceactivation",
        "licencefile",
        "licencepolicy",
        "loan",
        "release",
        "seat",
        "override",
        "reasoncode",
        "redemption",
        "reminder",
        "renewal",
        "soldbundle",
        "spendcap",
        "subscription",
        "subscriptionchange",
        "subscriptionitem",
        "subscriptionphase",
        "answergiven",
        "trialuse",
        "accesscount",
        "decisiontrace",
        "reservation",
        "subjectlimit",
        "thresholdcrossing",
        "usagecounter",
        "usageday",
        "usageevent",
        "usageforecast",
        "usagereset",
    )
)
COVER_VIEW = frozenset(
    f"support.view_{model}"
    for model in (
        "allowance",
        "asset",
        "assetmove",
        "case",
        "casecount",
        "cover",
        "coverscope",
        "location",
        "product",
        "timeentry",
        "visit",
        "warranty",
        "workitem",
    )
) | {"support.look_up_cover"}
SUPPORT_VIEW = COVER_VIEW | frozenset(
    f"support.view_{model}"
    for model in (
        "accounthealth",
        "businesscalendar",
        "calendarversion",
        "casealert",
        "caseevent",
        "casepromise",
        "classifierversion",
        "clock",
        "examplephrase",
        "helparticle",
        "holiday",
        "intakedecision",
        "intakesettings",
        "milestone",
        "route",
        "severity",
        "slapolicy",
        "slapolicyversion",
        "slatarget",
        "targetrule",
        "team",
    )
)
AUDIT_VIEW = frozenset({"journal.view_auditevent"})
APPROVAL_VIEW = frozenset({"journal.view_approval"})
JOB_VIEW = frozenset({"journal.view_job"})
CONNECTION_VIEW = frozenset({"journal.view_connection", "journal.view_inbound"})
FINDING_VIEW = frozenset({"entitlements.view_billedsubscription", "entitlements.view_billingfinding"})
CRM_VIEW = frozenset(
    f"desk.view_{model}"
    for model in ("crmcompany", "crmdeal", "crmfinding", "crmflow", "crmsetup", "dealmapping", "dealrule")
)
