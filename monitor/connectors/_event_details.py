"""What each kind of contact event may carry in the neutral format, and how it is read: one table, strict, pure.

A key has the name of the event's own field unless the table says otherwise (`as` of a resolution is its `how`).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

from monitor.connector import ReadText
from monitor.domain.complaints import SECTORS
from monitor.domain.courtesy import is_courtesy
from monitor.domain.event import ACTORS, DEEDS, LEAVE_REASONS, PENDING_ON, RESOLUTIONS, TURNED_AWAY_REASONS, Event
from monitor.domain.gist import Gist
from monitor.domain.moments import parse_moment
from monitor.errors import DataError

MAX_NAME: Final = 200
EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
MAX_SEQ: Final = (1 << 62) - 1
LATEST_DUE: Final = datetime(2099, 12, 31, tzinfo=UTC)

Raw = Mapping[str, Any]
Reader = Callable[[Raw, str, datetime], object]


class Key(NamedTuple):
    """One key that a kind may carry. `field`: of the event. `shape`: what a compiled decoder may take for it; None: nothing."""

    field: str
    read: Reader
    shape: Any = None
    needed: bool = False


# --- single values: each raises DataError that names the key, the value and the remedy ---------------------------------


def shown(value: object) -> str:
    """A value as it stands in a message."""
    return repr(value)[:60]


def refused(key: str, value: object, wanted: str, reason: str = "malformed") -> DataError:
    """What is said of a value that is not what is wanted, or is not there."""
    problem = f"is missing; write {wanted}" if value is None else f"{shown(value)} is not {wanted}"
    return DataError(f"{key}: {problem}", reason=reason)


def name(raw: Raw, key: str) -> str:
    """A text of our own length that can be printed; numbers are taken for texts, for tickets and their rows have such names."""
    value = raw.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME or not value.isprintable():
        raise refused(key, value, f"a printable text of 1 to {MAX_NAME} characters")
    return value


def moment(raw: Raw, key: str, also: str = "") -> datetime:
    """A moment with a zone. `also`: what else may be written there."""
    value = raw.get(key)
    if value is None:
        raise DataError(f"{key}: is missing; write {also}2026-11-02T09:00:00Z")
    try:
        return parse_moment(value, also)
    except ValueError as error:
        raise DataError(f"{key}: {shown(value)} {error}") from None
    except OverflowError:
        raise DataError(f"{key}: {shown(value)} is not believable") from None


def _name(raw: Raw, key: str, _at: datetime) -> str:
    return name(raw, key)


def _text(raw: Raw, key: str, _at: datetime) -> str | None:
    return None if raw.get(key) is None else name(raw, key)


def _flag(raw: Raw, key: str, _at: datetime) -> bool | None:
    value = raw.get(key)
    if value is not None and not isinstance(value, bool):
        raise DataError(f"{key}: {shown(value)} is not true or false")
    return value


def _sets(raw: Raw, key: str, at: datetime) -> bool | None:
    """A flag whose `false` is what holds without it."""
    return _flag(raw, key, at) or None


def _one_of(*choices: str) -> Reader:
    def read(raw: Raw, key: str, _at: datetime) -> str | None:
        value = raw.get(key)
        if value is not None and (not isinstance(value, str) or value not in choices):
            raise DataError(f"{key}: {shown(value)} is not one of {', '.join(sorted(choices))}")
        return value

    return read


def _sector(raw: Raw, key: str, at: datetime) -> str | None:
    """As written, where the table of deadlines has it."""
    value = _text(raw, key, at)
    if value is not None and value.strip().lower() not in SECTORS:
        raise DataError(f"{key}: {shown(value)} is not one of {', '.join(SECTORS)}; leave it out where none fits")
    return value


def _earlier(raw: Raw, key: str, at: datetime) -> datetime | None:
    """A moment that cannot be after the event's own."""
    if raw.get(key) is None:
        return None
    value = moment(raw, key)
    if not EARLIEST <= value <= at:
        what = "the first queue comes before this one" if key == "since" else "it is not after `at`"
        raise DataError(f"{key}: {value.isoformat()} is not believable: {what}")
    return value


def _later(raw: Raw, key: str, _at: datetime) -> datetime | None:
    return None if raw.get(key) is None else _believable(key, moment(raw, key))


def _due(raw: Raw, key: str, _at: datetime) -> date | None:
    """A moment, or a day: the contact point knows when that ends. Written out as null: there is no date any more."""
    value = raw.get(key)
    if value is None and key in raw:
        return None
    if isinstance(value, str) and len(value) == len("2026-11-02"):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            pass  # the words for it are those of a moment
        else:
            _believable(key, datetime(day.year, day.month, day.day, tzinfo=UTC))
            return day
    return _believable(key, moment(raw, key, "a day as 2026-11-02 or "))


def _own_deadline(raw: Raw, key: str, at: datetime) -> date | None:
    return _due(raw, key, at) if raw.get(key) is not None else None


def _believable(key: str, value: datetime) -> datetime:
    if not EARLIEST <= value <= LATEST_DUE:
        raise DataError(f"{key}: {value.isoformat()} is not believable")
    return value


def _score(raw: Raw, key: str, _at: datetime) -> float:
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise refused(key, value, "a number from 0 to 1")
    return float(value)


def _words(raw: Raw, key: str, _at: datetime) -> None:
    """Looked at elsewhere, and dropped."""


def _policy(raw: Raw, key: str, _at: datetime) -> str | None:
    """Written out as null: the contact point's own again."""
    if raw.get(key) is None:
        return "" if key in raw else None
    return name(raw, key)


def _seq(raw: Raw, key: str, _at: datetime) -> int | None:
    value = raw.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SEQ):
        raise DataError(f"{key}: {shown(value)} is not a whole number from 0 on")
    return value


# --- the table ----------------------------------------------------------------------------------------------------------


def _named(field: str, *, needed: bool = False) -> Key:
    return Key(field, _name if needed else _text, "name", needed)


def _flagged(field: str) -> Key:
    return Key(field, _flag, "flag")


def _chosen(field: str, *choices: str) -> Key:
    return Key(field, _one_of(*choices), choices)


_TEXT: Final = Key("", _words, "text")
_ABOUT: Final = _named("event")
_BY: Final = _chosen("by", *ACTORS)

#: Kind -> key -> how it is read.
DETAILS: Final[Mapping[str, Mapping[str, Key]]] = {
    "queued": {"since": Key("since", _earlier)},
    "transferred": {"how": _chosen("how", "blind", "consult"), "to": _named("to")},
    "left": {"reason": _chosen("reason", *(reason for reason in LEAVE_REASONS if reason != "restart"))},
    "turned_away": {"reason": _chosen("reason", *TURNED_AWAY_REASONS)},
    "called_out": {"answered": _flagged("answered")},
    "opened": {
        "by": _BY, "answered": _flagged("answered"), "follows": _named("follows"), "text": _TEXT, "lang": _TEXT,
    },
    "moved": {"to": Key("", _text)},
    "received": {
        "text": _TEXT, "lang": _TEXT, "courtesy": _TEXT, "follows": _named("follows"),
        "automatic": Key("automatic", _sets, "flag"),
    },
    "replied": {"text": _TEXT, "lang": _TEXT, "by": _BY},
    "noted": {"text": _TEXT, "lang": _TEXT},
    "promised": {
        "due": Key("due", _due), "text": _TEXT, "lang": _TEXT, "name": _named("name"), "agreed": _flagged("agreed"), "by": _BY,
        "deed": _chosen("deed", *DEEDS),
    },
    "fulfilled": {"name": _named("name")},
    "pending": {"on": _chosen("on", *PENDING_ON), "until": Key("until", _later)},
    "assigned": {"to": _named("to"), "queue": _named("queue"), "by": _BY},
    "prioritised": {"raised": _flagged("raised"), "to": _named("to"), "by": _BY},
    "escalated": {"by": _BY},
    "resolved": {"as": _chosen("how", *RESOLUTIONS), "by": _BY},
    "reopened": {"by": _BY},
    "complained": {
        "sector": Key("sector", _sector), "due": Key("due", _own_deadline), "received": Key("since", _earlier),
        "withdrawn": Key("withdrawn", _sets, "flag"),
    },
    "merged": {"into": _named("to", needed=True)},
    "settled": {"reason": _named("reason", needed=True), "by": _named("by"), "event": _ABOUT},
    "discarded": {"reason": _named("reason", needed=True), "event": _ABOUT},
    "restored": {"event": _ABOUT},
    "bounced": {"event": _named("event", needed=True)},
    "retracted": {"event": _named("event", needed=True)},
    "rated": {"score": Key("score", _score)},
}  # fmt: skip

#: What an event of a written contact may carry besides, whatever its kind.
WRITTEN: Final[Mapping[str, Key]] = {
    "policy": Key("policy", _policy, "name"),
    "seq": Key("seq", _seq, "seq"),
    "after": Key("after", _earlier),
}
_NOTHING: Final[Mapping[str, Key]] = {}

#: Kinds whose text is read for more than whether it is a mere thank-you.
TEXT_IS_READ: Final = frozenset(("opened", "received", "replied", "noted"))


def details_of(kind: str) -> Mapping[str, Key]:
    """What this kind carries on every channel."""
    return DETAILS.get(kind, _NOTHING)


def detailed(event: Event, raw: Raw, read_text: ReadText) -> Event:
    """The event with what its kind carries, and what its text says. Raises DataError."""
    keys: dict[str, Key] = {**details_of(event.kind), **{key: WRITTEN[key] for key in WRITTEN.keys() & raw.keys()}}
    said: dict[str, Any] = {}
    in_words = event.kind == "promised" and "due" not in raw and isinstance(raw.get("text"), str)
    for key, (field, read, _, _) in keys.items():
        if in_words and key == "due":
            continue
        value = read(raw, key, event.at)
        if field and value is not None:
            said[field] = value
    if event.kind == "received":
        said["courtesy"] = courtesy(raw.get("courtesy"), raw.get("text"), raw.get("lang"))
    elif event.kind == "opened" and "follows" in said and said.get("by") in (None, "customer"):
        said["courtesy"] = courtesy(None, raw.get("text"), raw.get("lang"))
    elif event.kind == "moved" and raw.get("to") is not None:
        said["place"] = "name:" + name(raw, "to")
    event = event._replace(**said)
    if in_words:
        return _promised_in_words(event, raw["text"], _language(raw.get("lang")), read_text)
    if event.kind in TEXT_IS_READ and isinstance(raw.get("text"), str):
        return read_text(event, raw["text"], _language(raw.get("lang")))
    return event


def _promised_in_words(event: Event, text: str, language: str | None, read_text: ReadText) -> Event:
    """A promise without a date of its own: the first one that its text states a time for, of its deed if it names one."""
    gist = read_text(event._replace(kind="noted"), text, language).gist
    stated = [each for each in (gist.promises if gist is not None else ()) if each.due is not None]
    found = next((each for each in stated if event.deed in (None, each.deed)), None)
    if found is None:
        what = "promise" if event.deed is None else f"promise to {event.deed}"
        raise DataError(f"due: is missing, and the text states no time of a {what}; write 2026-11-02T09:00:00Z")
    return event._replace(due=found.due, deed=found.deed, gist=Gist((found,)))


def _language(lang: object) -> str | None:
    if lang is not None and not isinstance(lang, str):
        raise DataError(f"lang: {shown(lang)} is not a language as en or pt-BR")
    return lang


def courtesy(told: object, text: object, lang: object) -> bool:
    """Whether a message is a mere thank-you: as the sender knows it, else by its words. Raises DataError."""
    lang = _language(lang)
    if told is None:
        return isinstance(text, str) and is_courtesy(text, lang)
    if not isinstance(told, bool):
        raise DataError(f"courtesy: {shown(told)} is not true or false")
    return told
