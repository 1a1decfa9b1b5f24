"""What other systems are told about customers: in words of the market, and which audited verbs each stands for.

Names are promises to receivers: one that is published stays, and means what it meant. What time brings has no verb:
`OF_ENDINGS` says what an ending of the clock is called, and the last events of the table are told where they happen
(`actions/webhooks.py`).
"""

from journal import webhook_events

CHANGED = "entitlements.changed"
THRESHOLD = "usage.threshold_reached"
FORECAST = "usage.limit_forecast"

EVENTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (CHANGED, "What an account may do changed, by an act or because its time had come; with each feature, before and after.", ()),
    # Accounts
    ("account.opened", "An account was opened.", ("account:open",)),
    ("account.changed", "An account’s name, market, country, zone, owner or parent was changed.", ("account:edit",)),
    ("account.suspended", "An account was suspended: it may do nothing until it is opened again.", ("account:suspend",)),
    ("account.closed", "An account was closed.", ("account:close",)),
    ("account.reopened", "A suspended or closed account was opened again.", ("account:reopen",)),
    ("account.merged", "A duplicate was merged: told of the account that stays, and last of all of the duplicate.", ("account:merge",)),
    # Subscriptions and what hangs on them
    ("subscription.started", "A subscription to a plan was started, as a sale or as a trial.", ("subscription:start",)),
    (
        "subscription.changed",
        "A change of plan was made or planned, moved or called off, or one that was planned took effect.",
        ("subscription:change_plan", "subscription:move_change", "subscription:call_off_change"),
    ),
    ("subscription.renewed", "A billing period was recorded, with which it began anew or renewed.", ("period:record",)),
    ("subscription.paused", "It was paused, at once or from a day to come.", ("subscription:pause",)),
    ("subscription.resumed", "A pause was lifted, or came to its end.", ("subscription:resume",)),
    ("subscription.payment_failed", "A payment failed: the days of grace run.", ("grace:begin",)),
    ("subscription.payment_came", "Payment came after it had failed, and everything is as it was.", ("subscription:restore",)),
    ("subscription.grace_ended", "The days of grace ran out without payment: it gives nothing until payment comes.", ()),
    ("subscription.cancelled", "It was cancelled or given an end, at once or to come.", ("subscription:cancel", "subscription:end")),
    ("subscription.kept", "A cancellation was taken back before it ended.", ("subscription:keep",)),
    ("subscription.ended", "Its end came, as it had been set before; an end at once is told as subscription.cancelled alone.", ()),
    ("trial.extended", "A trial was extended.", ("trial:extend",)),
    ("trial.extension_undone", "An extension was taken back.", ("trial:undo_extension", "trial:take_back_extension")),
    ("trial.converted", "A trial became a sale: somebody converted it, or a card was on file at its end.", ("trial:convert",)),
    ("trial.restarted", "A trial that was over runs again.", ("trial:reactivate",)),
    ("trial.ended", "A trial ended and nobody had converted it.", ()),
    ("add_on.sold", "An add-on, or one more plan, was added to a subscription.", ("subscription:add",)),
    ("add_on.changed", "Another quantity of a plan or an add-on was sold, at once or from a day to come.", ("subscription:change_quantity",)),
    ("add_on.ended", "An add-on, or what was lent like one, was ended, at once or to come, or its end came.", ("subscription:end_item",)),
    ("bundle.sold", "A bundle was sold.", ("bundle:sell",)),
    ("bundle.changed", "A part of a bundle was swapped for another.", ("bundle:swap_part",)),
    ("bundle.ended", "A bundle was ended with all its parts.", ("bundle:end_sold",)),
    ("code.redeemed", "A promotional code was redeemed.", ("promo_code:redeem",)),
    ("code.taken_back", "What a promotional code gave was taken back.", ("promo_code:take_back",)),
    # What was promised beyond the plan
    ("override.granted", "An override was granted, or approved after it had been asked for.", ("override:grant", "override:approve")),
    ("override.changed", "An override was edited.", ("override:edit",)),
    ("override.renewed", "An override was renewed beyond its end.", ("override:renew",)),
    ("override.revoked", "An override was revoked.", ("override:revoke",)),
    ("override.ended", "The end of an override, or of a feature that was lent, came.", ()),
    (
        "loan.begun",
        "A plan or a feature was lent for a time; of a cohort, told once for all and once for each account.",
        ("loan:lend", "loan:approve", "loan:take_part"),
    ),
    ("loan.recalled", "What had been lent was taken back before its end.", ("loan:recall", "loan:end_part")),
    ("contract.signed", "A contract or an amendment was signed.", ("contract:sign",)),
    ("contract.took_effect", "An amendment that was signed before speaks from now on.", ()),
    ("contract.notice_given", "Notice was given: the contract ends with its term.", ("contract:give_notice",)),
    ("contract.notice_withdrawn", "A notice was taken back: the contract goes on.", ("contract:withdraw_notice",)),
    ("contract.ended_early", "A contract was ended before its term was up, at once or to come.", ("contract:end_early",)),
    ("contract.ended", "A contract’s end came.", ()),
    # What is to be renewed
    ("renewal.opened", "Something will end and wants a decision: a task was opened about it, or opened again.", ("renewal:open", "renewal:reopen")),
    (
        "renewal.decided",
        "What becomes of an end was decided, by a person or by its own terms: it is renewed, or it ends.",
        ("renewal:renew", "renewal:let_end", "renewal:settle"),
    ),
    # Use
    ("credits.granted", "Credits were granted.", ("credits:grant",)),
    ("credits.voided", "Credits were voided.", ("credits:void",)),
    (THRESHOLD, "Use came to a threshold of its limit, such as 80 %; the limit itself is 100 %.", ()),
    (FORECAST, "At this pace a limit will be reached before the period ends; told once in a period.", ()),
    ("usage.reset", "Staff let a counter start again at nothing.", ("usage:reset",)),
    ("subject_limit.set", "A user, an agent, a device or a task was given a limit of its own.", ("subject_limit:set",)),
    ("subject_limit.lifted", "The own limit of a user, an agent, a device or a task was lifted.", ("subject_limit:lift",)),
    ("spend_cap.set", "A cap on what overage may cost was set or changed.", ("spend_cap:set",)),
    ("spend_cap.lifted", "A cap on what overage may cost was lifted.", ("spend_cap:lift",)),
    # Seats and licences
    ("seat.assigned", "Seats were assigned: to one holder, or to many at once.", ("seat:assign",)),
    ("seat.activated", "Whoever was invited to a seat took it.", ("seat:activate",)),
    ("seat.released", "A seat was released.", ("seat:release",)),
    ("seat.changed", "A seat’s holder was called otherwise, or it was protected or no longer protected.", ("seat:rename", "seat:protect", "seat:unprotect")),
    ("seat.transferred", "A seat went to another holder.", ("seat:transfer",)),
    ("licence.issued", "A licence was issued.", ("licence:issue",)),
    ("licence.changed", "A licence’s name, dates or environment were changed.", ("licence:edit",)),
    ("licence.key_renewed", "A licence got another key; the former one stopped.", ("licence:renew_key",)),
    ("licence.suspended", "A licence was suspended.", ("licence:suspend",)),
    ("licence.resumed", "A suspended licence goes on.", ("licence:resume",)),
    ("licence.revoked", "A licence was revoked for good.", ("licence:revoke",)),
    ("licence.transferred", "A licence went over to another account; both are told.", ("licence:transfer",)),
    ("licence.activated", "A licence was activated on a device, an instance or a domain.", ("licence:activate",)),
    ("licence.deactivated", "A place of a licence was released.", ("licence:deactivate",)),
    ("licence.file_given", "A signed licence file was given out.", ("licence:give_file",)),
    # What is sold; of no account, so only endpoints for all accounts are told
    ("plan.published", "A version of a plan was published, for whoever it names, from when it says; webhooks of one account don’t hear it.", ("plan:publish",)),
    ("plan.rolled_out", "A version published before was given to more customers; webhooks of one account don’t hear it.", ("plan:roll_out",)),
    ("plan.retired", "A version of a plan was taken off sale; whoever has it keeps it; webhooks of one account don’t hear it.", ("plan:retire",)),
    ("feature.declared", "A new feature can be sold; webhooks of one account don’t hear it.", ("feature:declare",)),
    ("feature.removed", "A feature that nobody had was removed; webhooks of one account don’t hear it.", ("feature:remove",)),
)  # fmt: skip

OF_ENDINGS = {
    "override_ended": "override.ended",
    "pause_ended": "subscription.resumed",
    "trial_sold": "trial.converted",
    "trial_ended": "trial.ended",
    "grace_ended": "subscription.grace_ended",
    "item_ended": "add_on.ended",
    "change_happened": "subscription.changed",
    "subscription_ended": "subscription.ended",
    "contract_version": "contract.took_effect",
    "contract_ended": "contract.ended",
}


def register_events() -> None:
    """Called in AppConfig.ready()."""
    for event, words, verbs in EVENTS:
        for verb in verbs or (None,):
            webhook_events.register(event, words, verb=verb)
