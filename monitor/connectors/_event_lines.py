"""Contact events as JSON lines (contract section 7) -> events: pure, strict, and fast enough for a million lines.

`parse_object` is the definition: it says what is accepted and words every refusal. In front of it stands a compiled decoder
(msgspec: 0.7 µs a line against 8, measured) that accepts only lines which are right beyond doubt; whatever it refuses goes
to `parse_object`. A property test holds the two together.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Any, BinaryIO, Final, Literal, Union

import msgspec

from monitor.connector import Archive, Context, RejectedLine, SeenUntil
from monitor.domain.courtesy import is_courtesy
from monitor.domain.event import CHANNELS, KINDS, LEAVE_REASONS, SAID_OF_OTHERS, TURNED_AWAY_REASONS, Channel, Event
from monitor.domain.moments import parse_moment
from monitor.errors import DataError

#: A line longer than this is refused unread: text is looked at for courtesy only, nobody needs a megabyte of it.
MAX_LINE: Final = 1 << 20
MAX_NAME: Final = 200
EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
LATEST_DUE: Final = datetime(2099, 12, 31, tzinfo=UTC)
#: A sender's clock may be ahead of ours by this much.
AHEAD: Final = timedelta(days=1)

_OWN_KINDS: Final = KINDS - {"lost", "reached"}
_CHANNELS: Final = frozenset(CHANNELS)
_REASONS: Final[dict[str, frozenset[str]]] = {
    "left": frozenset(LEAVE_REASONS) - {"restart"},
    "turned_away": frozenset(TURNED_AWAY_REASONS),
}
_HOWS: Final = frozenset(("blind", "consult"))
_DETAILS: Final[dict[str, frozenset[str]]] = {
    "queued": frozenset(("since",)),
    "transferred": frozenset(("how", "to")),
    "left": frozenset(("reason",)),
    "turned_away": frozenset(("reason",)),
    "called_out": frozenset(("answered",)),
    "promised": frozenset(("due", "text")),
    "assigned": frozenset(("to",)),
    "prioritised": frozenset(("raised",)),
    "complained": frozenset(("sector",)),
    "settled": frozenset(("reason", "by", "event")),
    "discarded": frozenset(("reason", "event")),
    "restored": frozenset(("event",)),
    "bounced": frozenset(("event",)),
    "rated": frozenset(("score",)),
    "received": frozenset(("text",)),
    "replied": frozenset(("text",)),
    "noted": frozenset(("text",)),
}
#: What cannot be left out, beside the moment of a promise and the score of a rating.
_NEEDED: Final = frozenset((("settled", "reason"), ("discarded", "reason"), ("bounced", "event")))
_COMMON: Final = frozenset(("id", "contact", "contact_point", "channel", "kind", "at", "customer"))
_NOTHING: Final[frozenset[str]] = frozenset()

_decode = json.JSONDecoder().decode

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME)]
_SHAPES: Final[dict[str, Any]] = {
    "how": Literal["blind", "consult"] | None,
    "to": _Name | None,
    "answered": bool | None,
    "raised": bool | None,
    "sector": _Name | None,
    "by": _Name | None,
    "event": _Name | None,
    "text": str | None,
}


def _compiled_details(kind: str) -> frozenset[str]:
    """What a compiled line of this kind may carry; second moments are left to `parse_object`."""
    return _DETAILS.get(kind, _NOTHING) - {"since"}


def _shape(kind: str, key: str) -> Any:
    """The type of what this kind carries under this key."""
    if (kind, key) in _NEEDED:
        return _Name
    return Literal[tuple(sorted(_REASONS[kind]))] | None if key == "reason" else _SHAPES[key]


def _field(kind: str, key: str) -> tuple[str, Any] | tuple[str, Any, None]:
    return (key, _shape(kind, key)) if (kind, key) in _NEEDED else (key, _shape(kind, key), None)


def _compile() -> tuple[Callable[[bytes], Any], dict[type, tuple[str, frozenset[str] | None]]]:
    """The decoder, and for each type it makes its kind and details."""
    common: list[Any] = [
        ("at", str), ("channel", Literal[CHANNELS]), ("contact", _Name), ("contact_point", _Name),
        ("id", _Name | None, None), ("customer", str | None, None),
    ]  # fmt: skip
    kinds = {
        kind: msgspec.defstruct(
            f"_{kind}",
            [*common, *(_field(kind, key) for key in sorted(_compiled_details(kind)))],
            tag_field="kind", tag=kind, forbid_unknown_fields=True, gc=False, kw_only=True,
        )
        for kind in sorted(_OWN_KINDS - {"promised", "rated"})
    }  # fmt: skip
    decoder = msgspec.json.Decoder(Union[tuple(kinds.values())])  # noqa: UP007  # made at run time
    return decoder.decode, {struct: (kind, _compiled_details(kind) or None) for kind, struct in kinds.items()}


_compiled, _kind_of_struct = _compile()


def parse_lines(
    lines: Iterable[tuple[int, bytes]], hash_customer: Callable[[str], str], now: datetime
) -> Iterator[Event | SeenUntil | RejectedLine]:
    """Every numbered line that is not empty becomes one value; a bad line never stops the others."""
    latest = now + AHEAD
    for number, line in lines:
        if line.isspace() or not line:
            continue
        try:
            yield parse_line(line, hash_customer, latest)
        except DataError as error:
            yield RejectedLine(number, str(error), error.reason)


def parse_line(line: bytes, hash_customer: Callable[[str], str], latest: datetime) -> Event | SeenUntil:
    """One line. Raises DataError that names the key, the value and the remedy."""
    if len(line) > MAX_LINE:
        raise DataError(f"the line has {len(line)} bytes; at most {MAX_LINE} are read", reason="too_large")
    try:
        struct = _compiled(line)
    except (ValueError, RecursionError):
        pass  # the slow way finds the right words for it, or accepts it after all
    else:
        event = _event_of(struct, hash_customer, latest)
        if event is not None:
            return event
    try:
        raw = _decode(line.decode())
    except (ValueError, RecursionError) as error:
        raise DataError(f"not JSON in UTF-8: {type(error).__name__}") from None
    try:
        return parse_object(raw, hash_customer, latest)
    except RecursionError:  # of `repr` and of `json.dumps`, which may give up a little before `_decode` does
        raise DataError("nested too deeply") from None


def _event_of(struct: Any, hash_customer: Callable[[str], str], latest: datetime) -> Event | None:
    """The event of a compiled line; None where it needs a closer look."""
    contact, point, given = struct.contact, struct.contact_point, struct.id
    try:  # not msgspec's own moments: it rounds where `fromisoformat` cuts off, and accepts other spellings
        at = datetime.fromisoformat(struct.at)
        if at.tzinfo is None:
            return None
        if at.tzinfo is not UTC:
            at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if given is None or not EARLIEST <= at <= latest or not (contact.isprintable() and point.isprintable()):
        return None
    customer = struct.customer
    hashed = hash_customer(customer) if customer and not customer.isspace() else None
    kind, keys = _kind_of_struct[type(struct)]
    if keys is None:
        return Event(given, contact, "name:" + point, struct.channel, kind, at, hashed)
    details = {key: getattr(struct, key) for key in keys}
    text = details.pop("text", None)
    if any(isinstance(value, str) and not value.isprintable() for value in details.values()):
        return None
    courtesy = kind == "received" and text is not None and is_courtesy(text)
    return Event(given, contact, "name:" + point, struct.channel, kind, at, hashed, courtesy=courtesy, **details)


def parse_object(raw: object, hash_customer: Callable[[str], str], latest: datetime) -> Event | SeenUntil:
    """One decoded object. Raises DataError."""
    if not isinstance(raw, dict):
        raise DataError("each line is one JSON object, {…}")
    at = _believable(raw, latest)
    if raw.get("kind") == "seen_until":
        return SeenUntil(at)
    kind, contact = _kind(raw), _name(raw, "contact")
    place, channel = _where(raw, kind)
    customer, given = _customer(raw), _id(raw)
    hashed = hash_customer(customer) if customer and not customer.isspace() else None
    _refuse_unknown(raw, kind)
    return _detailed(Event(given, contact, place, channel, kind, at, hashed), raw)


def _believable(raw: dict[str, Any], latest: datetime) -> datetime:
    at = _moment(raw, "at")
    if at > latest or at < EARLIEST:
        raise DataError(f"at: {at.isoformat()} is not believable; check the sender's clock", reason="future")
    return at


def _kind(raw: dict[str, Any]) -> str:
    kind = raw.get("kind")
    if not isinstance(kind, str) or kind not in _OWN_KINDS:
        raise DataError(f"kind: {_shown(kind)} is not one of {', '.join(sorted(_OWN_KINDS))}", reason="unknown_kind")
    return kind


def _channel(raw: dict[str, Any]) -> Channel:
    channel = raw.get("channel")
    if not isinstance(channel, str) or channel not in _CHANNELS:
        raise DataError(f"channel: {_shown(channel)} is not one of {', '.join(CHANNELS)}")
    return channel  # type: ignore[return-value]  # in _CHANNELS


def _where(raw: dict[str, Any], kind: str) -> tuple[str, Channel]:
    """Place and channel; both are left out of what is said of a contact that is there already, wherever that is."""
    if kind in SAID_OF_OTHERS and raw.get("contact_point") is None and raw.get("channel") is None:
        return "", "email"
    channel = _channel(raw)
    return "name:" + _name(raw, "contact_point"), channel


def _customer(raw: dict[str, Any]) -> str | None:
    customer = raw.get("customer")
    if customer is not None and not isinstance(customer, str):
        raise DataError("customer: write a number or an address as text")
    return _storable("customer", customer)


def _id(raw: dict[str, Any]) -> str:
    given = raw.get("id")
    if given is None:
        return _derived_id(raw)
    if not isinstance(given, str) or not 0 < len(given) <= MAX_NAME:
        raise DataError(f"id: {_shown(given)} is not a text of 1 to {MAX_NAME} characters")
    _storable("id", given)
    return given


def _storable(key: str, text: str | None) -> str | None:
    if text is not None and not text.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise DataError(f"{key}: {_shown(text)} holds half a character, which nothing can store; send valid Unicode")
    return text


def _refuse_unknown(raw: dict[str, Any], kind: str) -> None:
    allowed = _DETAILS.get(kind, _NOTHING)
    unknown = raw.keys() - _COMMON - allowed
    if unknown:
        carries = ", ".join(sorted(allowed)) or "nothing"
        raise DataError(f"{_shown(min(unknown))}: {kind} carries no such key; it may carry {carries}")


def _detailed(event: Event, raw: dict[str, Any]) -> Event:
    """The event with what its kind carries. Raises DataError."""
    match event.kind:
        case "queued":
            return event if raw.get("since") is None else event._replace(since=_earlier(raw, event.at))
        case "transferred":
            return event._replace(how=_choice(raw, "how", _HOWS), to=_text(raw, "to"))
        case "left" | "turned_away":
            return event._replace(reason=_choice(raw, "reason", _REASONS[event.kind]))
        case "promised":
            due = _moment(raw, "due")
            if due > LATEST_DUE or due < EARLIEST:
                raise DataError(f"due: {due.isoformat()} is not believable")
            return event._replace(due=due)
        case "assigned":
            return event._replace(to=_text(raw, "to"))
        case "called_out":
            return event._replace(answered=_flag(raw, "answered"))
        case "prioritised":
            return event._replace(raised=_flag(raw, "raised"))
        case "complained":
            return event._replace(sector=_text(raw, "sector"))
        case "settled":
            return event._replace(reason=_name(raw, "reason"), by=_text(raw, "by"), event=_text(raw, "event"))
        case "discarded":
            return event._replace(reason=_name(raw, "reason"), event=_text(raw, "event"))
        case "restored":
            return event._replace(event=_text(raw, "event"))
        case "bounced":
            return event._replace(event=_name(raw, "event"))
        case "rated":
            score = raw.get("score")
            if isinstance(score, bool) or not isinstance(score, (int, float)) or not 0 <= score <= 1:
                raise DataError(f"score: {_shown(score)} is not a number from 0 to 1")
            return event._replace(score=float(score))
        case "received":
            text = raw.get("text")
            return event._replace(courtesy=isinstance(text, str) and is_courtesy(text))
    return event


def _moment(raw: dict[str, Any], key: str) -> datetime:
    value = raw.get(key)
    try:
        return parse_moment(value)
    except ValueError as error:
        raise DataError(f"{key}: {_shown(value)} {error}") from None
    except OverflowError:
        raise DataError(f"{key}: {_shown(value)} is not believable") from None


def _earlier(raw: dict[str, Any], at: datetime) -> datetime:
    since = _moment(raw, "since")
    if not EARLIEST <= since <= at:
        raise DataError(f"since: {since.isoformat()} is not believable: the first queue comes before this one")
    return since


def _name(raw: dict[str, Any], key: str) -> str:
    value = raw.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # ticket numbers come as numbers
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME or not value.isprintable():
        raise DataError(f"{key}: {_shown(value)} is not a printable text of 1 to {MAX_NAME} characters")
    return value


def _text(raw: dict[str, Any], key: str) -> str | None:
    return None if raw.get(key) is None else _name(raw, key)


def _flag(raw: dict[str, Any], key: str) -> bool | None:
    value = raw.get(key)
    if value is not None and not isinstance(value, bool):
        raise DataError(f"{key}: {_shown(value)} is not true or false")
    return value


def _choice(raw: dict[str, Any], key: str, choices: frozenset[str]) -> str | None:
    value = raw.get(key)
    if value is not None and (not isinstance(value, str) or value not in choices):
        raise DataError(f"{key}: {_shown(value)} is not one of {', '.join(sorted(choices))}")
    return value


def _shown(value: object) -> str:
    return repr(value)[:60]


def _derived_id(raw: dict[str, Any]) -> str:
    """Of an event without an id: the same words give the same id, `text` and the customer's name included."""
    return blake2b(json.dumps(raw, sort_keys=True).encode(), digest_size=8).hexdigest()


def _is_events(head: bytes) -> bool:
    return head.lstrip().startswith(b"{")


def _read_archive(file: BinaryIO, _settings: object, context: Context) -> Iterator[Event | SeenUntil | RejectedLine]:
    return parse_lines(enumerate(file, 1), context.hash_customer, context.clock.now())


ARCHIVE: Final = Archive("events", "contact events (JSON lines)", _is_events, _read_archive, needs_no_source=True)
