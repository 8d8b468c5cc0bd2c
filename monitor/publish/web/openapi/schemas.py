"""The schemas of what the API answers with and takes. Names of properties are fixed: programs rest on them."""

from typing import Final, get_args

from monitor.domain.channels import AGENT_STATES
from monitor.domain.event import CHANNELS, KINDS, RETURNS
from monitor.domain.said import MAX_SAID
from monitor.domain.snapshot import Reading
from monitor.publish.web.openapi.parts import CHANNEL, CONTACT, LIMIT, OPENING_DAYS, POINT, SIGNAL, WAIT
from monitor.publish.web.openapi.values import (
    Schema,
    count,
    listed,
    moment,
    one_of,
    or_null,
    record,
    ref,
    seconds,
    share,
    text,
    yes_or_no,
)
from monitor.publish.web.openapi.week_schemas import WEEK_SCHEMAS
from monitor.publish.words import MARKS, VERDICTS

_AT: Final = moment("When this was so.")
_OF_NOW: Final = {"at": _AT, "store": ref("StoreState")}

SCHEMAS: Final[dict[str, Schema]] = {
    **WEEK_SCHEMAS,
    "Error": record("Why nothing was done.", {"error": text("What is wrong and what to do, in words.")}),
    "StoreState": record(
        "Whether the store takes writes; while it takes none, nothing that came since is in any figure, and nothing is lost.",
        {
            "up": yes_or_no("It does."),
            "trouble": or_null(text("Why not.")),
            "to_do": or_null(text("What helps.")),
            "since": or_null(moment("Since when not.")),
        },
    ),
    "ContactPoints": record(
        "All contact points now.", {**_OF_NOW, "contact_points": listed(ref("ContactPoint"), "One for each channel of each.")}
    ),
    "ContactPoint": record(
        "One contact point on one channel: who waits now, and its signals of the running week.",
        {
            "contact_point": POINT,
            "channel": CHANNEL,
            "title": text("What people call it."),
            "team": text("Who answers there; empty where nobody is named."),
            "timezone": text("Its IANA time zone."),
            "sources": listed({"type": "string"}, "From which its contacts come."),
            "open": yes_or_no("Whether it is open now."),
            "unknown_because": or_null(text("Why it is not known who waits."), "it is known"),
            "unknown_since": or_null(moment("Up to when it was known.")),
            "waits": or_null(listed(ref("RunningWaits"), "By kind who waits."), "unknown, which is not nobody"),
            "agents": {
                "type": ["object", "null"],
                "description": "How many people could answer, by what they are doing. Null: no source tells.",
                "properties": {state: count(f"How many are {state}.") for state in AGENT_STATES},
            },
            "signals": listed(ref("WeekOfSignal"), "Every signal that is switched on."),
        },
    ),
    "RunningWaits": record(
        "The waits of one kind that run.",
        {
            "wait": WAIT,
            "waiting": count("Customers who wait."),
            "overdue": count("Of these, past the limit."),
            "due_soon": or_null(count("Of these, not overdue and near the limit."), "no warning is configured"),
            "oldest_since": or_null(moment("Since when the longest waits."), "nobody does"),
            "oldest_business_seconds": seconds("Opening time that the longest has waited."),
            "next_due": or_null(moment("When the next limit falls.")),
        },
    ),
    "WeekOfSignal": record(
        "One signal in the running week, Monday to Sunday in the contact point's zone.",
        {
            "signal": SIGNAL,
            "objective": share("Share that shall go well."),
            "limit_seconds": LIMIT,
            "limit_opening_days": OPENING_DAYS,
            "week_assessed": or_null(count("What could have gone wrong and was judged. null: not told from other channels'.")),
            "week_signals": or_null(count("Of these, what went wrong; null likewise.")),
        },
    ),
    "WaitingNow": record(
        "Who waits now.",
        {
            **_OF_NOW,
            "total": count("How many wait; the list may be shorter."),
            "waiting": listed(ref("Waiting"), "The longest first."),
            "unknown": listed(ref("UnknownPoint"), "Contact points of which it is not known who waits."),
        },
    ),
    "NextLimits": record(
        "What falls due next, all contact points together. Without what is overdue already.",
        {
            **_OF_NOW,
            "within_seconds": count("So far ahead is looked."),
            "total": count("How many fall due by then; the list may be shorter."),
            "waiting": listed(ref("Waiting"), "The nearest limit first."),
            "unknown": listed(ref("UnknownPoint"), "Contact points of which it is not known who waits."),
        },
    ),
    "Waiting": record(
        "One wait that runs.",
        {
            "contact": CONTACT,
            "contact_point": POINT,
            "channel": CHANNEL,
            "wait": WAIT,
            "since": moment("When it began."),
            "due_at": or_null(moment("When its limit falls."), "it has none"),
            "overdue": yes_or_no("It has fallen."),
            "due_soon": yes_or_no("Not overdue, and less than the configured warning is left."),
            "business_seconds": or_null(seconds("Opening time waited."), "it is measured by the clock on the wall"),
        },
    ),
    "UnknownPoint": record(
        "A contact point whose source cannot be read.",
        {
            "contact_point": POINT,
            "channel": CHANNEL,
            "because": text("Why."),
            "since": or_null(moment("Up to when it was known.")),
        },
    ),
    "Signals": listed(ref("Signal"), "Newest first."),
    "Signal": record(
        "One negative contact.",
        {
            "contact": text("Our id of the contact; empty where it is not kept any more.", pattern="^([0-9a-f]{16})?$"),
            "native_id": text("What its source calls it."),
            "contact_point": POINT,
            "channel": CHANNEL,
            "signal": SIGNAL,
            "at": moment("When it became one."),
            "waited_seconds": or_null(seconds("How long was waited, by the clock that the wait runs on."), "it is no wait"),
            "limit_seconds": LIMIT,
            "limit_opening_days": OPENING_DAYS,
            "related": or_null(text("Our id of another contact that it rests on.")),
        },
    ),
    "Contact": record(
        "Why a contact is or is not a signal, as `explain --json` says it.",
        {
            "contact": CONTACT,
            "native_id": text("What its source calls it."),
            "contact_point": POINT,
            "channel": CHANNEL,
            "source": text("The source that reads it."),
            "events": listed(ref("ContactEvent"), "In order."),
            "waits": listed(ref("JudgedWait"), "What its customer waited for."),
            "marks": listed(ref("Mark"), "What it was besides."),
            "signals": listed(ref("FallenSignal"), "What went wrong; none where nothing did so far."),
            "others": listed(ref("OtherContact"), "Other contacts of the same customer, within 30 days."),
        },
    ),
    "ContactEvent": record(
        "Something that happened. Beside the moment it says what that kind of event carries.",
        {"kind": one_of("What happened.", sorted(KINDS)), "at": moment("When.")},
        may_have={
            "reason": text("Why; of a mail where its moment is from."),
            "by": text("Who did it."),
            "about": moment("The event of this contact that it speaks of."),
            "contact_point": text("Where it was, of a contact that has moved."),
            "policy": text("Whose limits hold from then on."),
            "not_before": moment("The earliest moment it can have happened."),
            "deed": text("What was promised."),
            "promises": listed(ref("Promise"), "What its text promises."),
            "channel": one_of(f"Of reached, {', '.join(sorted(RETURNS))}: that of the other contact.", CHANNELS),
            "contact": text("Our id of that other contact."),
            "since": moment("Since when the customer waits there, or when it ended."),
            "answered": yes_or_no("It had been dealt with when it was first read."),
            "refusal": text("The rule by which our words refuse."),
            "asks": yes_or_no("Our words want an answer."),
            "asks_for": listed({"type": "string"}, "Kinds of facts that our words ask for."),
            "sends_to": listed({"type": "string"}, "Channels that our words send the customer to."),
            "gives": listed({"type": "string"}, "Kinds of facts that the customer's words give."),
        },
    ),
    "Promise": record(
        "One promise that a text makes.",
        {
            "deed": text("To do what."),
            "due": or_null(moment("By when."), "no time was stated"),
            "rule": text("By which rule it was found."),
        },
    ),
    "JudgedWait": record(
        "One wait, held against its limit.",
        {
            "wait": WAIT,
            "since": moment("When it began."),
            "until": or_null(moment("When it ended."), "it goes on"),
            "waited_seconds": seconds("How long, by the clock that it runs on."),
            "limit_seconds": LIMIT,
            "limit_opening_days": OPENING_DAYS,
            "due_at": or_null(moment("When its limit falls, or fell.")),
            "outcome": one_of("How it was judged.", VERDICTS),
        },
    ),
    "Mark": record(
        "What a contact was besides.",
        {
            "mark": one_of("What.", MARKS),
            "at": moment("When."),
            "reason": or_null(text("Why.")),
        },
    ),
    "FallenSignal": record(
        "What went wrong in a contact.",
        {
            "signal": SIGNAL,
            "at": moment("When it became a signal."),
            "related": or_null(text("Our id of another contact that it rests on.")),
        },
        may_have={
            "rule": text("Of refusal: by which rule."),
            "facts": listed({"type": "string"}, "Of asked_again: kinds of facts."),
            "others": count("Of canned_reply: to how many others such words had been sent, at least."),
        },
    ),
    "OtherContact": record(
        "Another contact of the same customer.",
        {
            "contact": CONTACT,
            "contact_point": POINT,
            "channel": CHANNEL,
            "begun": moment("When it began."),
            "begun_by_us": yes_or_no("We began it."),
            "stands": text("How it stands: waiting, reached, not_reached, written, over, or its last outcome."),
            "waits": listed(WAIT, "What runs in it."),
            "signals": listed(SIGNAL, "What went wrong in it."),
            "relations": listed({"type": "string"}, "What the two have to do with each other."),
        },
    ),
    "Sources": record("All sources now.", {**_OF_NOW, "sources": listed(ref("Source"), "In the order of the configuration.")}),
    "Source": record(
        "One source now. What is not known is null.",
        {
            "source": text("Its name."),
            "kind": text("Its type."),
            "reading": one_of("How it is read; only while it is `up` is it known who waits.", get_args(Reading)),
            "up": or_null(yes_or_no("The last attempt worked."), "not tried yet"),
            "since": or_null(moment("It is so since then.")),
            "trouble": or_null(text("Why it is down.")),
            "live": yes_or_no("It tells by itself, and is not polled."),
            "poll_interval_seconds": seconds("From one poll to the next."),
            "poll_duration_seconds": or_null(seconds("How long the last poll took.")),
            "last_success": or_null(moment("End of the last good poll.")),
            "watermark": or_null(moment("It was seen completely up to here.")),
            "last_outbound": or_null(moment("Newest answer of ours seen.")),
            "clock_offset_seconds": or_null(seconds("How far its clock is ahead of ours.")),
        },
    ),
    "Pushed": record(
        "What became of pushed events.",
        {
            "accepted": count("Stored, durably."),
            "repeated": count("Of these, known before."),
            "rejected": count("That cannot be used."),
            "errors": listed(
                record("A line that cannot be used.", {"line": count("Its number.", 1), "reason": text("Why.")}),
                "The first thousand of them.",
            ),
        },
    ),
    "PushedEvent": record(
        "A contact event in the neutral format (docs/push-events.md); each kind may carry more.",
        {
            "contact": {"type": ["string", "integer", "number"], "description": "Your name of the matter."},
            "kind": text("What happened."),
            "at": moment("When, with a zone."),
        },
        may_have={
            "contact_point": text("Where; left out of what is said of a contact that is there already."),
            "channel": one_of("By which the customer came.", CHANNELS),
            "id": {"type": ["string", "integer", "number"], "description": "Makes it idempotent."},
            "customer": text("Number or address; hashed on the way in, never stored."),
        },
    ),
    "Settle": record(
        "Why no answer is needed any more.",
        {"reason": text("In words; it stands in the evidence.", minLength=1, maxLength=MAX_SAID)},
        may_have={"by": or_null(text("Who says so, where it is not whoever asks.", minLength=1, maxLength=MAX_SAID))},
    ),
    "BoardChanges": text(
        "Server-sent events; the data of each is an object with `at`, `date`, `clock`, `zone`, `title`, `said` (the news), "
        "`parts` (name -> HTML of what has changed), `order` (the rows, where that has) and `edition` (of the pages)."
    ),
    "Document": {"type": "object", "description": "An OpenAPI description."},
    "Settled": record(
        "What was settled.",
        {
            "contact": CONTACT,
            "settled": listed(WAIT, "The waits that ended."),
            "reason": text("As it stands in the evidence."),
            "by": text("Who said so."),
        },
    ),
}
