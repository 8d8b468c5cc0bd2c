"""Contact events as JSON lines (contract section 7) -> events: pure, strict, and fast enough for a million lines.

`parse_object` is the definition: it says what is accepted and words every refusal. In front of it stands a compiled decoder
(msgspec: 0.7 µs a line against 8, measured) that accepts only lines which are right beyond doubt; whatever it refuses goes
to `parse_object`. A property test holds the two together.
"""

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Any, BinaryIO, Final, Literal, NamedTuple, Union

import msgspec

from monitor.connector import Archive, Context, ReadText, RejectedLine, SeenUntil, left_unread
from monitor.connectors._event_details import (
    EARLIEST,
    MAX_NAME,
    MAX_SEQ,
    TEXT_IS_READ,
    WRITTEN,
    Key,
    courtesy,
    detailed,
    details_of,
    moment,
    name,
    refused,
    shown,
)
from monitor.domain.event import CHANNELS, KINDS_OF, SAID_OF_OTHERS, WRITTEN_CHANNELS, WRITTEN_KINDS, Channel, Event
from monitor.errors import DataError, did_you_mean

#: A line longer than this is refused unread: text is looked at and dropped, nobody needs a megabyte of it.
MAX_LINE: Final = 1 << 20
#: A sender's clock may be ahead of ours by this much.
AHEAD: Final = timedelta(days=1)

_OWN_KINDS: Final = frozenset[str]().union(*KINDS_OF.values())
_CHANNELS: Final = frozenset(CHANNELS)
_COMMON: Final = frozenset(("id", "contact", "contact_point", "channel", "kind", "at", "customer"))

_decode = json.JSONDecoder().decode

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME)]
_SHAPES: Final[dict[str, Any]] = {
    "name": _Name,
    "flag": bool,
    "text": str,
    "seq": Annotated[int, msgspec.Meta(ge=0, le=MAX_SEQ)],
}


class _Compiled(NamedTuple):
    """What a compiled line becomes: its kind, and of each field of its struct the event's; text is looked at, not kept."""

    kind: str
    fields: tuple[str, ...]
    has_text: bool


def _compiled_details(kind: str) -> dict[str, Key]:
    """What a compiled line of this kind may carry; moments and what is judged by its words are left to `parse_object`.

    So are the keys of written contacts on kinds of calls: only a chat has both.
    """
    found = {**details_of(kind), **(WRITTEN if kind in WRITTEN_KINDS else {})}
    return {key: each for key, each in found.items() if each.shape is not None and key not in ("lang", "courtesy")}


def _field(key: str, each: Key) -> tuple[str, Any] | tuple[str, Any, None]:
    shape = Literal[each.shape] if isinstance(each.shape, tuple) else _SHAPES[each.shape]
    field = each.field or key
    if each.needed:
        return (field, shape)
    return (field, shape if key in WRITTEN else shape | None, None)  # null there is looked at more closely


def _compile() -> tuple[Callable[[bytes], Any], dict[type, _Compiled]]:
    """The decoder, and for each type it makes what that becomes."""
    common: list[Any] = [
        ("at", str), ("channel", Literal[CHANNELS]), ("contact", _Name | int), ("contact_point", _Name),
        ("id", _Name | int | None, None), ("customer", str | None, None),
    ]  # fmt: skip
    made: dict[type, _Compiled] = {}
    for kind in sorted(_OWN_KINDS - {"promised", "rated"}):
        keys = _compiled_details(kind)
        struct = msgspec.defstruct(
            f"_{kind}", [*common, *(_field(key, each) for key, each in keys.items())],
            tag_field="kind", tag=kind, forbid_unknown_fields=True, gc=False, kw_only=True,
            rename={each.field: key for key, each in keys.items() if each.field not in ("", key)},
        )  # fmt: skip
        fields = tuple(each.field for each in keys.values() if each.field)
        made[struct] = _Compiled(kind, fields, has_text="text" in keys)
    decoder = msgspec.json.Decoder(Union[tuple(made)])  # noqa: UP007  # made at run time
    return decoder.decode, made


_compiled, _made_of = _compile()


def parse_lines(
    lines: Iterable[tuple[int, bytes]], hash_customer: Callable[[str], str], now: datetime,
    policies: frozenset[str] | None = None, read_text: ReadText = left_unread,
) -> Iterator[Event | SeenUntil | RejectedLine]:  # fmt: skip
    """Every numbered line that is not empty becomes one value; a bad line never stops the others.

    `policies`: those that an event may name; None: any.
    """
    latest = now + AHEAD
    for number, line in lines:
        if line.isspace() or not line:
            continue
        try:
            parsed = parse_line(line, hash_customer, latest, read_text)
            if policies is not None and isinstance(parsed, Event) and parsed.policy and parsed.policy not in policies:
                raise DataError(
                    f"policy: {shown(parsed.policy)} is no policy of the configuration{did_you_mean(parsed.policy, policies)}"
                )
            yield parsed
        except DataError as error:
            yield RejectedLine(number, str(error), error.reason)


def parse_line(
    line: bytes, hash_customer: Callable[[str], str], latest: datetime, read_text: ReadText = left_unread
) -> Event | SeenUntil:
    """One line. Raises DataError that names the key, the value and the remedy."""
    if len(line) > MAX_LINE:
        raise DataError(f"the line has {len(line)} bytes; at most {MAX_LINE} are read", reason="too_large")
    try:
        struct = _compiled(line)
    except (ValueError, RecursionError):
        pass  # the slow way finds the right words for it, or accepts it after all
    else:
        event = _event_of(struct, hash_customer, latest, read_text)
        if event is not None:
            return event
    raw = _decoded(line)
    try:
        return parse_object(raw, hash_customer, latest, read_text)
    except RecursionError:  # of `repr` and of `json.dumps`, which may give up a little before `_decode` does
        raise DataError("nested too deeply") from None


def _decoded(line: bytes) -> object:
    """The JSON value of a line, which may begin with a byte order mark. Raises DataError, which shows nothing of the line."""
    try:
        return _decode(line.rstrip(b"\r\n").decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        why = f"not UTF-8 from byte {error.start + 1} on; write the line in UTF-8"
    except json.JSONDecodeError as error:
        why = f"not JSON at column {error.colno}: {error.msg}; each line is one whole object, {{…}}"
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets in brackets
        why = f"not JSON that can be read: {type(error).__name__}"
    raise DataError(why)


def _event_of(
    struct: Any, hash_customer: Callable[[str], str], latest: datetime, read_text: ReadText = left_unread
) -> Event | None:
    """The event of a compiled line; None where it needs a closer look."""
    contact, point, given, channel = struct.contact, struct.contact_point, struct.id, struct.channel
    try:  # not msgspec's own moments: it rounds where `fromisoformat` cuts off, and accepts other spellings
        at = datetime.fromisoformat(struct.at)
        if at.tzinfo is None:
            return None
        if at.tzinfo is not UTC:
            at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    kind, fields, has_text = _made_of[type(struct)]
    if given is None or not EARLIEST <= at <= latest or kind not in KINDS_OF[channel]:
        return None
    if type(contact) is int or type(given) is int:
        contact, given = str(contact), str(given)
        if len(contact) > MAX_NAME or len(given) > MAX_NAME:
            return None
    if not (contact.isprintable() and point.isprintable()):
        return None
    customer = struct.customer
    hashed = hash_customer(customer) if customer and not customer.isspace() else None
    if not fields and not has_text:
        return Event(given, contact, "name:" + point, channel, kind, at, hashed)
    said = {field: value for field in fields if (value := getattr(struct, field)) is not None}
    if said and not _may_say(said, channel):
        return None
    text = struct.text if has_text else None
    if text is not None and kind == "received":
        said["courtesy"] = courtesy(None, text, None)
    event = Event(given, contact, "name:" + point, channel, kind, at, hashed, **said)
    return read_text(event, text) if text is not None and kind in TEXT_IS_READ else event


def _may_say(said: dict[str, Any], channel: Channel) -> bool:
    return all(
        (not isinstance(value, str) or value.isprintable()) and (field not in WRITTEN or channel in WRITTEN_CHANNELS)
        for field, value in said.items()
    )


def parse_object(
    raw: object, hash_customer: Callable[[str], str], latest: datetime, read_text: ReadText = left_unread
) -> Event | SeenUntil:
    """One decoded object. Raises DataError."""
    if not isinstance(raw, dict):
        raise DataError("each line is one JSON object, {…}")
    at = _believable(raw, latest)
    if raw.get("kind") == "seen_until":
        return SeenUntil(at)
    kind, contact = _kind(raw), name(raw, "contact")
    place, channel = _where(raw, kind)
    customer, given = _customer(raw), _id(raw)
    hashed = hash_customer(customer) if customer and not customer.isspace() else None
    _refuse_unknown(raw, kind, channel)
    return detailed(Event(given, contact, place, channel, kind, at, hashed), raw, read_text)


def _believable(raw: dict[str, Any], latest: datetime) -> datetime:
    at = moment(raw, "at")
    if at > latest or at < EARLIEST:
        raise DataError(f"at: {at.isoformat()} is not believable; check the sender's clock", reason="future")
    return at


def _kind(raw: dict[str, Any]) -> str:
    """A kind that can happen on the channel; what is said of others needs none."""
    kind = raw.get("kind")
    channel = None if raw.get("channel") is None else _channel(raw)
    possible = SAID_OF_OTHERS if channel is None else KINDS_OF[channel]
    if isinstance(kind, str) and (kind in possible or (channel is None and kind in _OWN_KINDS)):
        return kind
    where = "" if channel is None else f" that can happen on channel {channel}"
    raise refused("kind", kind, f"one of {', '.join(sorted(possible))}{where}", "unknown_kind")


def _channel(raw: dict[str, Any]) -> Channel:
    channel = raw.get("channel")
    if not isinstance(channel, str) or channel not in _CHANNELS:
        raise refused("channel", channel, f"one of {', '.join(CHANNELS)}")
    return channel  # type: ignore[return-value]  # in _CHANNELS


def _where(raw: dict[str, Any], kind: str) -> tuple[str, Channel]:
    """Place and channel; both are left out of what is said of a contact that is there already, wherever that is."""
    if kind in SAID_OF_OTHERS and raw.get("contact_point") is None and raw.get("channel") is None:
        return "", "email"
    channel = _channel(raw)
    return "name:" + name(raw, "contact_point"), channel


def _customer(raw: dict[str, Any]) -> str | None:
    customer = raw.get("customer")
    if customer is not None and not isinstance(customer, str):
        raise DataError("customer: write a number or an address as text")
    return _storable("customer", customer)


def _id(raw: dict[str, Any]) -> str:
    """As given, also as a number; derived where it is missing."""
    given = raw.get("id")
    if given is None:
        return _derived_id(raw)
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if not isinstance(given, str) or not 0 < len(given) <= MAX_NAME:
        raise DataError(f"id: {shown(given)} is not a text of 1 to {MAX_NAME} characters, or a whole number")
    _storable("id", given)
    return given


def _storable(key: str, text: str | None) -> str | None:
    if text is not None and not text.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise DataError(f"{key}: {shown(text)} holds half a character, which nothing can store; send valid Unicode")
    return text


def _refuse_unknown(raw: dict[str, Any], kind: str, channel: Channel) -> None:
    allowed = details_of(kind).keys() | (WRITTEN.keys() if channel in WRITTEN_CHANNELS else frozenset())
    unknown = raw.keys() - _COMMON - allowed
    if unknown:
        carries = ", ".join(sorted(allowed)) or "nothing"
        raise DataError(f"{shown(min(unknown))}: {kind} carries no such key; it may carry {carries}")


def _derived_id(raw: dict[str, Any]) -> str:
    """Of an event without an id: the same words give the same id, `text` and the customer's name included."""
    return blake2b(json.dumps(raw, sort_keys=True).encode(), digest_size=8).hexdigest()


def _is_events(head: bytes) -> bool:
    return head.removeprefix(BOM_UTF8).lstrip().startswith(b"{")


def _read_archive(file: BinaryIO, _settings: object, context: Context) -> Iterator[Event | SeenUntil | RejectedLine]:
    now = context.clock.now()
    return parse_lines(enumerate(file, 1), context.hash_customer, now, context.policies, context.read_text)


ARCHIVE: Final = Archive("events", "contact events (JSON lines)", _is_events, _read_archive, needs_no_source=True)
