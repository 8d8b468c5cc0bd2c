"""What an alert is, whoever judges it: thresholds, durations and sentences, once for Prometheus' rules and for `notify`.

`rules` writes templates into the gaps of a sentence, `monitor.notify` the figures themselves.
"""

from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["critical", "warning", "info", "none"]
#: What an alert is about: customers at a contact point, a source, or the daemon itself. Routing rests on it.
Family = Literal["customer", "source", "monitor"]


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """One alert. `hold`: how long it must be true first; `keep`: how long it stays when it no longer is.

    `summary` (the subject of a mail) and `description` are sentences with {gaps}. `signal`: the one it is about, where it is.
    """

    name: str
    family: Family
    severity: Severity
    summary: str
    description: str
    hold: str = ""
    keep: str = ""
    signal: str = ""


#: "Nobody has been answered" is said of two people, or of one who has waited this long.
ALONE_SECONDS: Final = 600
UNANSWERED_WITHIN: Final = "10m"
#: Nobody was there for so long, while so many came within that time.
NOBODY_WITHIN: Final = "5m"
CAME_WITHIN: Final = "20m"
CAME_AT_LEAST: Final = 2
PROMISE_SECONDS: Final = 3600
#: A broken promise is news for so many opening days; then it is a matter of the board.
BROKEN_OPENING_DAYS: Final = 3
#: One negative contact where none is allowed is told of for so long.
CRITICAL_WITHIN: Final = "10m"
DOWN_FOR: Final = "5m"
REFUSED_WITHIN: Final = "1d"
#: A page about people on the line ends after so much calm: rushes come in waves, and each end told too soon is two messages.
LINGERS: Final = "30m"
#: Beyond this many seconds between a source's clock and ours, waits and verdicts are visibly wrong.
SKEW_SECONDS: Final = 30
#: What says how a customer fared over days and channels, an echo of what other signals tell at once: nobody can help within the
#: hour, so that they are a trend and never news, at a critical line neither.
TRENDS: Final = ("repeat_contact", "lost_context")
#: A wait of this kind is measured by the limit of this signal, when a message has stayed unanswered far too long.
LATE_WAITS: Final = (("reply", "late_reply"), ("follow_up", "late_follow_up"))

#: Lengths of time below so many seconds are written in units of so many: 45 s, 26 min, 4 h, 14 days.
LENGTHS: Final = ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h"))
LONGEST: Final = (86400, "days")
#: So many opening days and more are said in opening days.
OPENING_DAYS_FROM: Final = 2


def length(seconds: float) -> str:
    """A length of time, as alerts say it."""
    for below, size, unit in LENGTHS:
        if seconds < below:
            return f"{seconds / size:.0f} {unit}"
    size, unit = LONGEST
    return f"{seconds / size:.0f} {unit}"


def opening_time(seconds: float, opening_day_seconds: float) -> str:
    """How much opening time: "3 opening days", or "5 h of opening time" below two days."""
    days = seconds / opening_day_seconds
    return f"{days:.0f} opening days" if days >= OPENING_DAYS_FROM else f"{length(seconds)} of opening time"


HELD: Final = "A customer has been on hold for {length}"
WHO_IS_THERE: Final = "Ready or busy: {there}, paused: {paused}, away: {away}. "
ONE_WAITS: Final = "1 customer waits, since"
SEVERAL_WAIT: Final = "{count} {callers} wait, the first since"

HOLD_TOO_LONG: Final = AlertFacts(
    "ContactPointHoldTooLong",
    "customer",
    "warning",
    "{title}: a customer is on hold far too long",
    "{held}, since {since}; on hold now: {waiting}. "
    "The limit is {limit}. First: ask whoever has the call to take it up, or to call back.",
    hold="30s",
    signal="long_hold",
)
#: `{waiting}; {fact}`: who waits, and what nobody does about it.
_ABOUT_QUEUE: Final = "{{waiting}}; {fact}. {{who}}First: {first}."
QUEUE_UNANSWERED: Final = AlertFacts(
    "ContactPointQueueUnanswered",
    "customer",
    "critical",
    "{title}: {callers} wait and nobody answers",
    _ABOUT_QUEUE.format(fact="nobody was answered for ten minutes", first="see who is logged in, and call the queue yourself"),
    hold="30s",
    keep=LINGERS,
    signal="long_wait",
)
NOBODY_THERE: Final = AlertFacts(
    "ContactPointNobodyThere",
    "customer",
    "critical",
    "{title}: {callers} wait and nobody is there to answer",
    _ABOUT_QUEUE.format(
        fact="for five minutes nobody was ready or busy", first="get somebody to log in, or send the calls elsewhere"
    ),
    hold="1m",
    keep=LINGERS,
    signal="long_wait",
)
REPLY_VERY_LATE: Final = AlertFacts(
    "ContactPointReplyVeryLate",
    "customer",
    "warning",
    "{title}: a message has stayed unanswered for days",
    "The oldest unanswered message has waited {opening_time}, since {since}; "
    "messages over their limit: {late}. First: answer the oldest, or tell its writer when you will.",
    hold="5m",
    keep="1h",
)
DUE_SOON: Final = AlertFacts(
    "ContactPointDueSoon",
    "customer",
    "warning",
    "{title}: customers are about to wait over the limit",
    "Customers whose limit falls within the warning time (warn_before): {soon}, the first {due}. "
    "First: take these before anything newer.",
    hold="1m",
    keep="30m",
)
PROMISE_DUE_SOON: Final = AlertFacts(
    "ContactPointPromiseDueSoon",
    "customer",
    "info",
    "{title}: a promise {promised} falls due within the hour",
    "The next promise {promised} falls due in {length}, {due}. "
    "Promises open: {waiting}, past due: {overdue}. "
    "First: see who made it, and whether it is being kept.",
    hold="1m",
)
PROMISE_BROKEN: Final = AlertFacts(
    "ContactPointPromiseBroken",
    "customer",
    "warning",
    "{title}: a promise {promised} was not kept",
    "Promises {promised} that are past their moment and not kept yet: {overdue}; the newest for {opening_time}, "
    "the oldest open one was made {since}. "
    "First: keep them, or tell the customers when you will.",
    hold="5m",
    keep="30m",
    signal="slipped_promise",
)
COMPLAINT_DEADLINE_NEAR: Final = AlertFacts(
    "ContactPointComplaintDeadlineNear",
    "customer",
    "warning",
    "{title}: a complaint nears its deadline",
    "Complaints near or past the deadline of their sector: {overdue}; "
    "the oldest open one is of {since}. First: give the final answer, or say who will and when.",
    hold="1m",
    signal="complaint_overdue",
)
CRITICAL_SIGNAL: Final = AlertFacts(
    "ContactPointCriticalSignal",
    "customer",
    "critical",
    "{title}: {alarm}, and not one is allowed",
    "Negative contacts in the last ten minutes: {count}. Not one is allowed at this contact point. "
    "First: open its page, find the customer, and call back.",
)

SOURCE_BLIND: Final = AlertFacts(
    "ContactPointSourceBlind",
    "source",
    "critical",
    "{source}: this source cannot be read",
    "{source_kind} feeds {feeds}. Nothing has been seen of it since {since} ({lag}). "
    "Customers may be waiting there unseen; alerts about them stay as they were. "
    "First: see the page of sources for the reason.",
    hold="2m",
)
SOURCE_DOWN: Final = AlertFacts(
    "ContactPointSourceDown",
    "source",
    "warning",
    "{source}: no attempt to read this source works",
    "{source_kind}: no attempt to read it has worked for five minutes or more; the last good one: "
    "{last_good}. First: see the page of sources for the reason.",
    hold="1m",
)
SOURCE_AUTH_REFUSED: Final = AlertFacts(
    "ContactPointSourceAuthRefused",
    "source",
    "warning",
    "{source}: this source refuses our credentials",
    "{source_kind}: our user name, password or token was refused; after a few tries the monitor waits for a reload. "
    "Last good attempt: {last_good}. "
    "First: see whether the password was changed or has expired.",
    hold="1m",
)
SOURCE_CLOCK_SKEW: Final = AlertFacts(
    "ContactPointSourceClockSkew",
    "source",
    "warning",
    "{source}: its clock and ours differ",
    "{source_kind}: its clock and ours differ by {length}. Waits are measured wrongly by as much. "
    "First: see which of the two is not synchronised.",
    hold="10m",
)
