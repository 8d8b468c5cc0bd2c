"""The table of operations: everything that a program can ask for below /api, in the order of the document."""

from typing import Final, get_args

from monitor.domain.channels import SIGNALS
from monitor.domain.contact import WaitKind
from monitor.domain.event import CHANNELS
from monitor.domain.said import MAX_SAID
from monitor.publish.web.openapi import examples
from monitor.publish.web.openapi.values import Body, Operation, Parameter, listed, one_of, ref, text
from monitor.publish.web.query import DEFAULT_SIGNALS, DEFAULT_SINCE, DEFAULT_WAITING, MAX_NAME, MAX_SIGNALS, MAX_WAITING

DOCUMENT_PATH: Final = "/api/openapi.json"
STREAM_PATH: Final = "/api/v1/stream"
EVENTS_PATH: Final = "/api/v1/events"
SETTLE_PATH: Final = "/api/v1/contacts/{contact}/settle"

_STORE_AWAY: Final = {503: "The store cannot be read or written now: try again after Retry-After seconds."}

_CONTACT: Final = Parameter(
    "contact", {"type": "string", "pattern": "^[0-9a-f]{16}$"}, "Our id of the contact.", examples.CONTACT, place="path"
)
_POINT: Final = Parameter(
    "contact_point", {"type": "string", "maxLength": MAX_NAME}, "Only of the contact point of this name.", "support-line"
)
_WEEK: Final = Parameter(
    "week", {"type": "string", "pattern": "^[0-9]{4}-W[0-9]{2}$"}, "Week of ISO 8601.", "2026-W46", place="path"
)
_TEAM: Final = Parameter("team", {"type": "string"}, "Only of contact points of this team.", "Customer service")


def _limit(default: int, most: int) -> Parameter:
    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    return Parameter("limit", schema, "At most so many.", default)


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "get", "/api/v1/contact-points", "contactPoints", "All contact points now",
        "One entry for each channel of each contact point: whether it is open, who waits, its signals of the running week.",
        "ContactPoints", examples.CONTACT_POINTS,
    ),
    Operation(
        "get", "/api/v1/waiting", "waiting", "Who waits now",
        "Every wait that runs, the longest first. A contact point whose source cannot be read is `unknown`, which is not nobody.",
        "WaitingNow", examples.WAITING,
        (
            _POINT, _TEAM,
            Parameter("wait", one_of("", get_args(WaitKind)), "Only waits of this kind.", "queue"),
            _limit(DEFAULT_WAITING, MAX_WAITING),
        ),
        refused={404: "There is no contact point of that name."},
    ),
    Operation(
        "get", "/api/v1/next-limits", "nextLimits", "What falls due next",
        "Waits whose limit falls within the next hour, the nearest first, without what is overdue already.",
        "NextLimits", examples.NEXT_LIMITS, (_limit(DEFAULT_WAITING, MAX_WAITING),),
    ),
    Operation(
        "get", "/api/v1/signals", "signals", "Negative contacts, newest first",
        "The list behind the figures, page by page. Where there are more, the header Link has the address of the next page.",
        "Signals", examples.SIGNALS,
        (
            _POINT, _TEAM,
            Parameter("signal", one_of("", SIGNALS), "Only this signal.", "long_wait"),
            Parameter(
                "since", {"type": "string", "default": DEFAULT_SINCE},
                "A moment with its zone, or how long ago: signals at or after it.", "2026-11-02T00:00:00Z",
            ),
            Parameter("until", {"type": "string"}, "A moment, or how long ago, after `since`: signals before it.", "1h"),
            _limit(DEFAULT_SIGNALS, MAX_SIGNALS),
            Parameter(
                "cursor", {"type": "string"},
                "Where the page before ended, as its Link header has it. It holds while that signal is kept.",
                "AAYcYFf0aQBWy2Yp3nmLh6Sr5mZz",
            ),
        ),
        refused={404: "There is no contact point of that name, and nothing of one is listed.", **_STORE_AWAY},
        headers={"Link": 'Address of the next page: <…>; rel="next" (RFC 8288). Not there on the last one.'},
    ),
    Operation(
        "get", "/api/v1/contacts/{contact}", "contact", "One contact: its evidence",
        "Events, waits, limits and arithmetic, as `contact-monitor explain --json` says them, and the customer's other contacts.",
        "Contact", examples.CONTACT_ANSWER, (_CONTACT,), refused={404: "There is no such contact.", **_STORE_AWAY},
    ),
    Operation(
        "post", SETTLE_PATH, "settle", "No answer is needed any more",
        "Ends what waits in a contact; what was late stays late. The reason stands in the evidence.",
        "Settled", examples.SETTLED, (_CONTACT,), access=("user", "token"),
        body=Body("Why.", {"application/json": (ref("Settle"), {"reason": "answered by phone", "by": "Anna"})}),
        refused={
            400: f"The body is no such object, or a text in it is empty or longer than {MAX_SAID} characters.",
            404: "There is no such contact.",
            408: "The body did not arrive in time.",
            409: "Nothing waits in this contact: nothing was changed.",
            413: "The body is too large.",
            415: "The body is no JSON.",
            **_STORE_AWAY,
        },
    ),
    Operation(
        "get", "/api/v1/weeks", "weeks", "The weeks that are known",
        "A year of them and the running one at most: what was judged, and how many objectives were met.",
        "Weeks", examples.WEEKS, refused=_STORE_AWAY,
    ),
    Operation(
        "get", "/api/v1/weeks/{week}", "week", "The report of one week",
        "As `contact-monitor report --format json` gives it.", "WeekReport", None,
        (_WEEK,),
        refused={404: "The week has not begun, or nothing is known of it.", **_STORE_AWAY},
    ),
    Operation(
        "get", "/api/v1/sources", "sources", "All sources now",
        "How each is read, up to when it is complete, and what is wrong where it is not read.",
        "Sources", examples.SOURCES,
    ),
    Operation(
        "post", EVENTS_PATH, "pushEvents", "Push contact events",
        "Contact events as JSON lines, or as one array, of a source of type `events`. They are stored when it answers; what has "
        "an `id` is counted once, so that the same may be sent again.",
        "Pushed", examples.PUSHED,
        (Parameter("source", {"type": "string"}, "The source, where the token is that of several.", "desk"),),
        access=("token",),
        body=Body(
            "Events.",
            {
                "application/x-ndjson": (text("One JSON object a line, each a PushedEvent."), examples.PUSHED_LINE),
                "application/json": (listed(ref("PushedEvent"), "All of them."), [examples.PUSHED_EVENT]),
            },
        ),
        refused={
            400: "Of the events none could be used (`errors` says why), or the body cannot be read.",
            401: "The token is none of a source that takes events.",
            404: "No such source takes events.",
            408: "The body did not arrive in time.",
            413: "The body is too large: send it in several parts.",
            **_STORE_AWAY,
        },
        refused_as={400: {"anyOf": [ref("Pushed"), ref("Error")]}},
    ),
    Operation(
        "get", STREAM_PATH, "stream", "What changes of the board",
        "Server-sent events, made for the board's own page: everything first, then what has changed, at most twice a second; at "
        "least every 5 seconds that nothing has. Figures for programs are at /api/v1/contact-points.",
        "BoardChanges", None,
        (
            _TEAM,
            Parameter("channel", one_of("", CHANNELS), "Only of contact points of this channel.", "phone"),
            Parameter("limits", {"type": "string", "enum": ["all"]}, "All limits of the next hour, not the first ten.", "all"),
            Parameter("wall", {"type": "string", "enum": ["1"]}, "As it is on the wall.", "1"),
        ),
        content_type="text/event-stream",
    ),
    Operation(
        "get", DOCUMENT_PATH, "openapi", "This description", "The description of this API (OpenAPI 3.1).", "Document", None,
    ),
)  # fmt: skip
