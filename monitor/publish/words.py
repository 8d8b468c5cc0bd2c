"""What people read in place of the keys of events, policies and verdicts: one table each for pages, boards, alerts, reports."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple


class Words(NamedTuple):
    """How one of a kind is called, and how several are where that differs."""

    one: str
    several: str = ""

    def of(self, count: int) -> str:
        """The words that stand beside this number."""
        return self.several if self.several and count != 1 else self.one


#: Signal -> what went wrong.
SIGNALS: Final[Mapping[str, Words]] = {
    "slow_answer": Words("rang too often"),
    "long_wait": Words("waited too long in the queue"),
    "long_hold": Words("held too long"),
    "turned_away": Words("turned away"),
    "abandoned": Words("gave up"),
    "missed_callback": Words("not called back"),
    "handed_on": Words("handed on"),
    "late_reply": Words("first reply too late", "first replies too late"),
    "late_follow_up": Words("later answer too late", "later answers too late"),
    "slipped_promise": Words("promise not kept", "promises not kept"),
    "late_resolution": Words("solved too late"),
    "reopened": Words("had to come back"),
    "passed_around": Words("passed around"),
    "escalated": Words("escalated"),
    "low_rating": Words("rated low"),
    "refusal": Words("only refused"),
    "canned_reply": Words("answered by a canned reply"),
    "asked_again": Words("asked for what was given"),
    "repeat_contact": Words("had to contact us again"),
    "lost_context": Words("had to start anew"),
    "complaint_overdue": Words("complaint not settled in time", "complaints not settled in time"),
}


class Counted(NamedTuple):
    """Some of many, as an alert counts them: "64 of 115 callers waited over 20 s". `beyond`: what a limit stands behind."""

    who: str
    did: str
    beyond: str = ""


#: Signal -> who is counted, and what happened to some of them.
COUNTED: Final[Mapping[str, Counted]] = {
    "slow_answer": Counted("callers", "heard the telephone ring too long", "heard the telephone ring for"),
    "long_wait": Counted("callers", "waited too long", "waited over"),
    "long_hold": Counted("holds", "were too long", "lasted over"),
    "turned_away": Counted("callers", "were turned away"),
    "abandoned": Counted("callers", "gave up"),
    "missed_callback": Counted("callers who gave up", "were not called back", "were not called back within"),
    "handed_on": Counted("calls", "were handed on"),
    "late_reply": Counted("first replies", "were too late", "took over"),
    "late_follow_up": Counted("later answers", "were too late", "took over"),
    "slipped_promise": Counted("promises", "were not kept"),
    "late_resolution": Counted("solutions", "were too late", "took over"),
    "reopened": Counted("solved matters", "came back"),
    "passed_around": Counted("matters", "were passed around"),
    "escalated": Counted("matters", "were escalated"),
    "low_rating": Counted("ratings", "were low"),
    "refusal": Counted("answers", "only refused"),
    "canned_reply": Counted("answers", "were canned, and the customer had to ask again"),
    "asked_again": Counted("answers", "asked for what the customer had given"),
    "repeat_contact": Counted("contacts", "came from customers who had come before", "came from customers who had come within"),
    "lost_context": Counted("contacts", "began anew on another channel"),
    "complaint_overdue": Counted("complaints", "were not settled in time"),
}

#: Signal -> what is counted of it where it did not fall, before a share: "first replies in time: 96 %".
KEPT: Final[Mapping[str, str]] = {
    "slow_answer": "answered before it rang too often",
    "long_wait": "no long wait in the queue",
    "long_hold": "no long hold",
    "turned_away": "not turned away",
    "abandoned": "not given up",
    "missed_callback": "called back in time",
    "handed_on": "not handed on",
    "late_reply": "first replies in time",
    "late_follow_up": "later answers in time",
    "slipped_promise": "promises kept in time",
    "late_resolution": "solved in time",
    "reopened": "solved for good",
    "passed_around": "not passed around",
    "escalated": "not escalated",
    "low_rating": "not rated low",
    "refusal": "not only refused",
    "canned_reply": "no canned replies",
    "asked_again": "not asked for what was given",
    "repeat_contact": "no need to contact us again",
    "lost_context": "no need to start anew",
    "complaint_overdue": "complaints settled in time",
}

#: Signal -> what an alert about it says in its subject, after the contact point's title.
ALARMS: Final[Mapping[str, str]] = {
    "slow_answer": "the telephone rings too long",
    "long_wait": "callers wait too long",
    "long_hold": "callers are on hold too long",
    "turned_away": "callers are turned away",
    "abandoned": "callers give up",
    "missed_callback": "callers are not called back",
    "handed_on": "callers are handed on",
    "late_reply": "first replies come too late",
    "late_follow_up": "later answers come too late",
    "slipped_promise": "promises are not kept",
    "late_resolution": "matters are solved too late",
    "reopened": "customers have to come back",
    "passed_around": "matters are passed around",
    "escalated": "matters are escalated",
    "low_rating": "customers rate us low",
    "refusal": "answers only refuse",
    "canned_reply": "customers get canned replies",
    "asked_again": "customers are asked again",
    "repeat_contact": "customers have to contact us again",
    "lost_context": "customers have to start anew",
    "complaint_overdue": "complaints are not settled in time",
}

#: Wait -> what the customer is doing.
WAITS: Final[Mapping[str, Words]] = {
    "ring": Words("ringing"),
    "queue": Words("in the queue"),
    "hold": Words("on hold"),
    "reply": Words("awaiting a first reply"),
    "follow_up": Words("awaiting an answer"),
    "callback": Words("to be called back"),
    "promise": Words("awaiting what was promised"),
    "resolution": Words("awaiting a solution"),
    "complaint": Words("complaint not settled", "complaints not settled"),
}

#: Wait -> what the customer went through, before how long, when it ended and while it goes on.
WAITED: Final[Mapping[str, tuple[str, str]]] = {
    "ring": ("The telephone rang for", "The telephone has been ringing for"),
    "queue": ("This customer waited in the queue for", "This customer has been waiting in the queue for"),
    "hold": ("This caller was held for", "This caller has been on hold for"),
    "reply": ("The first reply took", "The first reply has been owed for"),
    "follow_up": ("A later answer took", "An answer has been owed for"),
    "callback": ("This caller was owed a call back for", "This caller has been owed a call back for"),
    "resolution": ("The solution took", "The solution has been owed for"),
    "complaint": ("Settling the complaint took", "The complaint has been waiting for"),
}

#: Wait -> how its bar on an axis of time is called.
BARS: Final[Mapping[str, Words]] = {
    "ring": Words("Ringing"),
    "queue": Words("In the queue"),
    "hold": Words("On hold"),
    "reply": Words("First reply"),
    "follow_up": Words("Answer"),
    "callback": Words("Call back"),
    "promise": Words("Promised"),
    "resolution": Words("Solution"),
    "complaint": Words("Complaint"),
}

#: Channel -> what one contact is there.
CONTACTS: Final[Mapping[str, Words]] = {
    "phone": Words("phone call"),
    "email": Words("e-mail conversation"),
    "ticket": Words("ticket"),
    "chat": Words("chat"),
    "counter": Words("visit at the counter"),
}

#: Kind of event -> what a line on an axis of time says of it; others are no line.
FLAGS: Final[Mapping[str, Words]] = {
    "turned_away": Words("turned away"),
    "left": Words("gave up"),
    "voicemail": Words("voicemail"),
    "opened": Words("opened"),
    "received": Words("message"),
    "replied": Words("reply"),
    "auto_replied": Words("automatic"),
    "called_out": Words("our call"),
    "reached": Words("heard from us"),
    "escalated": Words("escalated"),
    "complained": Words("complaint"),
    "final_answer": Words("final answer"),
    "resolved": Words("solved"),
    "reopened": Words("reopened"),
    "settled": Words("settled"),
}

#: Channel -> what a contact there is called, where contacts are counted.
COUNTED_CONTACTS: Final[Mapping[str, Words]] = {
    "phone": Words("call", "calls"),
    "email": Words("e-mail", "e-mails"),
    "ticket": Words("ticket", "tickets"),
    "chat": Words("chat", "chats"),
    "counter": Words("visitor", "visitors"),
}

#: Channel -> who waits there.
CUSTOMERS: Final[Mapping[str, Words]] = {
    "phone": Words("caller", "callers"),
    "chat": Words("customer", "customers"),
    "counter": Words("visitor", "visitors"),
}

#: Wait -> what is said of those who are over the limit now, behind their number: "6 callers have waited too long".
OVER_NOW: Final[Mapping[str, Words]] = {
    "ring": Words("{who} has heard it ring too long", "{who} have heard it ring too long"),
    "queue": Words("{who} has waited too long", "{who} have waited too long"),
    "hold": Words("{who} has been on hold too long", "{who} have been on hold too long"),
    "reply": Words("first reply is late", "first replies are late"),
    "follow_up": Words("answer is late", "answers are late"),
    "callback": Words("{who} has not been called back in time", "{who} have not been called back in time"),
    "promise": Words("promise is broken", "promises are broken"),
    "resolution": Words("matter is not solved in time", "matters are not solved in time"),
    "complaint": Words("complaint is not settled in time", "complaints are not settled in time"),
}

#: Outcome of a contact -> how it was decided.
OUTCOMES: Final[Mapping[str, Words]] = {
    "answered": Words("answered"),
    "abandoned": Words("gave up"),
    "short_abandoned": Words("gave up at once"),
    "flowed_out": Words("left unanswered"),
    "callback": Words("chose to be called back"),
    "replied": Words("replied to"),
    "resolved": Words("solved"),
    "bot": Words("answered by a bot"),
    "auto_closed": Words("closed by a rule, unanswered"),
}

#: Mark -> what happened.
MARKS: Final[Mapping[str, Words]] = {
    "turned_away": Words("turned away"),
    "abandoned": Words("gave up"),
    "left": Words("left unanswered"),
    "transferred": Words("transferred"),
    "courtesy": Words("only a thank-you"),
    "reassigned": Words("given to somebody else"),
    "escalated": Words("escalated"),
    "resolved": Words("solved"),
    "reopened": Words("had to come back"),
    "recovered": Words("called again and was answered"),
}

#: Reason of a mark -> why, or how.
REASONS: Final[Mapping[str, Words]] = {
    "caller": Words("the caller hung up"),
    "timeout": Words("the queue's time was up"),
    "no_agents": Words("nobody was logged in"),
    "full": Words("the queue was full"),
    "closed": Words("outside opening hours"),
    "key": Words("the caller pressed a key"),
    "withdrawn": Words("taken out of the queue"),
    "callback": Words("the caller chose to be called back"),
    "restart": Words("the phone system stopped"),
    "voicemail": Words("went to voicemail"),
    "blind": Words("without being announced"),
    "consult": Words("after being announced"),
    "into_queue": Words("unannounced, into a queue"),
    "priority": Words("priority raised"),
    "unanswered": Words("without an answer"),
    "auto_closed": Words("by a rule, without an answer"),
    "rejected": Words("rejected"),
    "no_answer": Words("the customer did not answer"),
    "automatic": Words("a machine's"),
    "too_many_events": Words("too many events: what comes later is refused"),
}

#: Reason of what a contact has learned of another one of its customer -> what the two have to do with each other.
OF_OTHERS: Final[Mapping[str, Words]] = {
    "asked": Words("as we had asked"),
    "same_call": Words("another leg of the same call"),
    "same_matter": Words("the same message, read twice"),
    "shared": Words("with a number or address that many have"),
    "unanswered": Words("without an answer there"),
    "sent": Words("sent here by us"),
}

#: How another contact of the customer stands, where it has no outcome (`OUTCOMES`).
STANDS: Final[Mapping[str, Words]] = {
    "waiting": Words("waiting"),
    "reached": Words("we spoke with the customer"),
    "not_reached": Words("we did not reach the customer"),
    "written": Words("we wrote to the customer"),
    "over": Words("nobody waits"),
}

#: What another contact of the customer has to do with the one that is looked at.
RELATIONS: Final[Mapping[str, Words]] = {
    "came_before": Words("the customer came here again after it"),
    "came_again": Words("the customer came again with it"),
    "asked": Words("the customer came here as we had asked"),
    "asked_here": Words("the customer came with it as we had asked"),
    "same_call": Words("the same call"),
    "same_matter": Words("the same message"),
    "unanswered": Words("was unanswered when the customer came here"),
    "unanswered_here": Words("the customer came with it while this one was unanswered"),
    "sent": Words("we sent the customer here in it"),
    "sent_here": Words("the customer came with it because we had sent him there"),
    "kept_promise": Words("kept a promise made here"),
    "promise_kept_here": Words("its promise was kept here"),
    "kept_late": Words("kept a promise made here, too late"),
    "promise_kept_late_here": Words("its promise was kept here, too late"),
    "settled_callback": Words("ended the wait to be called back"),
    "callback_settled_here": Words("this one ended its wait to be called back"),
    "recovered": Words("the customer called again with it and was answered"),
    "recovered_here": Words("the customer had given up in it and was answered here"),
}

#: Kind of event -> what the source saw.
KINDS: Final[Mapping[str, Words]] = {
    "turned_away": Words("turned away"),
    "queued": Words("entered the queue"),
    "ringing": Words("began to ring"),
    "answered": Words("answered"),
    "held": Words("put on hold"),
    "unheld": Words("taken off hold"),
    "transferred": Words("transferred"),
    "left": Words("left unanswered"),
    "voicemail": Words("went to voicemail"),
    "ended": Words("ended"),
    "opened": Words("opened"),
    "moved": Words("moved"),
    "handed_over": Words("handed over to a human"),
    "received": Words("message received"),
    "replied": Words("reply sent"),
    "auto_replied": Words("automatic reply sent"),
    "noted": Words("note written"),
    "promised": Words("promise made"),
    "fulfilled": Words("promise kept"),
    "pending": Words("put on pending"),
    "resumed": Words("taken off pending"),
    "assigned": Words("assigned"),
    "prioritised": Words("priority changed"),
    "escalated": Words("escalated"),
    "merged": Words("merged into another"),
    "final_answer": Words("final answer given"),
    "resolved": Words("solved"),
    "reopened": Words("reopened"),
    "complained": Words("complaint made"),
    "settled": Words("settled otherwise"),
    "discarded": Words("set aside"),
    "restored": Words("taken back up"),
    "bounced": Words("reply did not arrive"),
    "retracted": Words("taken back by the source"),
    "called_out": Words("customer called"),
    "rated": Words("rated"),
    "judged": Words("judged by the source's own clock"),
    "lost": Words("lost sight of"),
    "reached": Words("heard from us in another contact"),
    "came_again": Words("had come before"),
    "started_anew": Words("started anew"),
    "worded_alike": Words("the same words had gone to others"),
}

#: What was promised (`event.DEEDS`) -> behind "to".
DEEDS: Final[Mapping[str, Words]] = {
    "call": Words("call"),
    "write": Words("write"),
    "send": Words("send something"),
    "refund": Words("give money back"),
    "visit": Words("come"),
    "do": Words("do something"),
}

#: Why a source could not be read (`errors.FAILURE_REASONS`) -> in words.
FAILURES: Final[Mapping[str, Words]] = {
    "auth": Words("login refused"),
    "connect": Words("not reachable"),
    "timeout": Words("no answer in time"),
    "tls": Words("certificate not trusted"),
    "rate_limit": Words("asked to read less"),
    "protocol": Words("answer not understood"),
    "config": Words("configuration does not fit"),
    "store": Words("store does not take it"),
    "other": Words("another reason"),
}

#: Why a record could not be used (`errors.REJECT_REASONS`) -> in words.
REFUSALS: Final[Mapping[str, Words]] = {
    "malformed": Words("badly formed"),
    "unreadable": Words("unreadable"),
    "too_large": Words("too large"),
    "future": Words("dated in the future"),
    "unknown_kind": Words("of a kind we do not know"),
    "unknown_contact": Words("about a contact that is closed or unknown"),
    "too_many_events": Words("one event too many for its contact"),
    "other": Words("another reason"),
}

#: State of a verdict -> how the wait stands against its limit.
VERDICTS: Final[Mapping[str, Words]] = {
    "kept": Words("within the limit"),
    "breached": Words("over the limit"),
    "open": Words("still open"),
    "void": Words("does not count"),
}

#: Columns of dashboards that links are built from show the label itself, as Grafana's own choice of channels does.
CHANNELS: Final[Mapping[str, Words]] = {
    "phone": Words("phone"),
    "email": Words("e-mail"),
    "ticket": Words("ticket"),
    "chat": Words("chat"),
    "counter": Words("counter"),
}

#: Channel -> how a promise was made there, behind "a promise".
PROMISED: Final[Mapping[str, str]] = {
    "phone": "made on the phone",
    "email": "made by e-mail",
    "ticket": "made in a ticket",
    "chat": "made in a chat",
}

#: What somebody who could answer is doing.
AGENTS: Final[Mapping[str, Words]] = {
    "ready": Words("ready"),
    "busy": Words("busy"),
    "paused": Words("paused"),
    "away": Words("away"),
}

#: How a wait, a contact or a source stands, worst first; none: it does not count.
Standing = Literal["overdue", "unknown", "waiting", "quiet", "none"]

#: How a contact point stands now, in the order of urgency.
BoardStanding = Literal["failing", "risk", "late", "unknown", "fine", "closed"]
BOARD_STANDINGS: Final[Mapping[BoardStanding, Words]] = {
    "failing": Words("over the limit now"),
    "risk": Words("at risk"),
    "late": Words("late since earlier"),
    "unknown": Words("unknown"),
    "fine": Words("fine"),
    "closed": Words("closed"),
}


def over_now(wait: str, channel: str, count: int) -> str:
    """`6 callers have waited too long`."""
    said = words(OVER_NOW, wait, count)
    return f"{count} {said.format(who=words(CUSTOMERS, channel, count)) if '{who}' in said else said}"


def words(table: Mapping[str, Words], key: str, count: int = 1) -> str:
    """What `table` calls a key beside this number; a key that only a later release knows is made readable."""
    found = table.get(key)
    return readable(key) if found is None else found.of(count)


def readable(key: str) -> str:
    """`long_wait` -> `long wait`: a key as configuration and alerts name it."""
    return key.replace("_", " ")
