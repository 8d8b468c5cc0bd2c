"""Contact events as JSON lines: every kind, every refusal, hostile input, and the two decoders against each other."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.connector import RejectedLine, SeenUntil
from monitor.connectors import _event_lines
from monitor.connectors._event_lines import MAX_LINE, parse_line, parse_lines, parse_object
from monitor.domain.event import CHANNELS, JUDGED, KINDS, KINDS_OF, RETURNS, SAID_OF_OTHERS, Channel, Event
from monitor.errors import DataError
from monitor.testing import make_context

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LATEST = NOW + timedelta(days=1)
LEAST = {"contact": "c1", "contact_point": "desk", "channel": "phone", "kind": "queued", "at": "2026-11-02T08:00:00Z", "id": "1"}
BASE = Event("1", "c1", "name:desk", "phone", "queued", NOW - timedelta(hours=1))

#: Read by hours of 9:00 to 17:30.
READ = make_context().read_text
PROMISE = "I'll call you back tomorrow by 11."

#: What the engine concludes, or a connector alone may say, and nobody tells.
OURS = {"lost", "reached", JUDGED, *RETURNS}
NEED_MORE = {"promised", "rated", "settled", "discarded", "bounced", "retracted", "merged"}


def channel_of(kind: str) -> Channel:
    """One on which this can happen."""
    return next((channel for channel in CHANNELS if kind in KINDS_OF[channel]), "phone")


def hashed(raw: str) -> str:
    return "#" + raw


def line(**keys: Any) -> bytes:
    kind = keys.get("kind", "queued")
    fitting = {"channel": channel_of(kind)} if isinstance(kind, str) else {}
    return json.dumps({**LEAST, **fitting, **keys}).encode()


def base(kind: str, **said: Any) -> Event:
    return BASE._replace(kind=kind, channel=channel_of(kind), **said)


def parse(raw: bytes) -> Event | SeenUntil:
    return parse_line(raw, hashed, LATEST)


class TestKinds:
    def test_the_line_of_the_contract(self) -> None:
        told = (
            b'{"id": "c1-1", "contact": "c1", "contact_point": "support-line", "channel": "phone", "kind": "queued", '
            b'"at": "2026-11-02T09:00:00Z", "customer": "+442079460000"}'
        )
        assert parse(told) == Event("c1-1", "c1", "name:support-line", "phone", "queued", NOW, "#+442079460000")

    @pytest.mark.parametrize("kind", sorted(KINDS - {*OURS, *NEED_MORE}))
    def test_every_kind_that_needs_nothing_more(self, kind: str) -> None:
        assert parse(line(kind=kind)) == base(kind)

    @pytest.mark.parametrize("channel", CHANNELS)
    @pytest.mark.parametrize("kind", sorted(KINDS - {*OURS, *NEED_MORE}))
    def test_a_kind_is_taken_on_the_channels_it_can_happen_on_and_refused_on_others(self, kind: str, channel: Channel) -> None:
        if kind in KINDS_OF[channel]:
            assert parse(line(kind=kind, channel=channel)) == BASE._replace(kind=kind, channel=channel)
        else:
            with pytest.raises(DataError, match=f"'{kind}' is not one of .* channel {channel}") as refused:
                parse(line(kind=kind, channel=channel))
            assert refused.value.reason == "unknown_kind"

    @pytest.mark.parametrize(
        ("kind", "keys", "expected"),
        [
            ("transferred", {"how": "blind", "to": "100"}, {"how": "blind", "to": "100"}),
            ("transferred", {"how": None}, {}),
            ("queued", {"since": "2026-11-02T07:59:30Z"}, {"since": BASE.at - timedelta(seconds=30)}),
            ("queued", {"since": "2026-11-02T08:00:00Z"}, {"since": BASE.at}),
            ("queued", {"since": None}, {}),
            ("left", {"reason": "no_agents"}, {"reason": "no_agents"}),
            ("turned_away", {"reason": "full"}, {"reason": "full"}),
            ("called_out", {"answered": False}, {"answered": False}),
            ("promised", {"due": "2026-11-03T17:00:00+01:00"}, {"due": datetime(2026, 11, 3, 16, tzinfo=UTC)}),
            ("promised", {"due": "2026-11-03"}, {"due": date(2026, 11, 3)}),
            ("promised", {"due": None}, {"due": None}),
            ("promised", {"due": None, "name": "cf_7"}, {"name": "cf_7"}),
            (
                "promised",
                {"due": "2026-11-03T17:00:00Z", "name": "due", "agreed": True, "by": "rule"},
                {"due": datetime(2026, 11, 3, 17, tzinfo=UTC), "name": "due", "agreed": True, "by": "rule"},
            ),
            ("fulfilled", {"name": 7}, {"name": "7"}),
            ("assigned", {"to": "anna"}, {"to": "anna"}),
            ("assigned", {"to": None}, {}),
            ("assigned", {"to": "anna", "queue": "billing", "by": "agent"}, {"to": "anna", "queue": "billing", "by": "agent"}),
            ("opened", {"by": "agent", "answered": True, "follows": 17}, {"by": "agent", "answered": True, "follows": "17"}),
            ("moved", {"to": "vip"}, {"place": "name:vip"}),
            ("moved", {}, {"place": "name:desk"}),
            ("replied", {"by": "bot"}, {"by": "bot"}),
            ("pending", {"on": "third_party"}, {"on": "third_party"}),
            ("pending", {"until": "2026-11-04T09:00:00+01:00"}, {"until": datetime(2026, 11, 4, 8, tzinfo=UTC)}),
            ("resolved", {"as": "rejected", "by": "customer"}, {"how": "rejected", "by": "customer"}),
            ("reopened", {"by": "agent"}, {"by": "agent"}),
            ("escalated", {"by": "rule"}, {"by": "rule"}),
            ("prioritised", {"to": "urgent", "raised": True, "by": "rule"}, {"to": "urgent", "raised": True, "by": "rule"}),
            ("merged", {"into": 12}, {"to": "12"}),
            ("retracted", {"event": "c7"}, {"event": "c7"}),
            ("received", {"courtesy": True, "text": "Where is it?"}, {"courtesy": True}),
            ("received", {"courtesy": False, "text": "Thanks!"}, {"courtesy": False}),
            ("received", {"text": "Tak!", "lang": "pl"}, {"courtesy": False}),  # a Pole's yes
            ("received", {"text": "Tak!", "lang": "da-DK"}, {"courtesy": True}),
            ("received", {"text": "Tak!", "lang": "xx"}, {"courtesy": True}),
            ("received", {"automatic": True, "follows": "17"}, {"automatic": True, "follows": "17"}),
            ("opened", {"follows": 17, "text": "Thank you!"}, {"follows": "17", "courtesy": True}),
            ("opened", {"text": "Thank you!"}, {}),
            ("opened", {"by": "agent", "follows": 17, "text": "Thank you!"}, {"by": "agent", "follows": "17"}),
            ("received", {"automatic": False}, {}),
            ("received", {"policy": "p1", "seq": 3}, {"policy": "p1", "seq": 3}),
            ("received", {"policy": None}, {"policy": ""}),
            ("received", {"after": "2026-11-02T07:30:00Z"}, {"after": BASE.at - timedelta(minutes=30)}),
            ("received", {"after": "2026-11-02T08:00:00Z", "seq": 0}, {"after": BASE.at, "seq": 0}),
            ("complained", {"received": "2026-10-30T09:00:00Z"}, {"since": datetime(2026, 10, 30, 9, tzinfo=UTC)}),
            ("complained", {"due": "2026-12-24"}, {"due": date(2026, 12, 24)}),
            ("complained", {"withdrawn": True}, {"withdrawn": True}),
            ("complained", {"sector": "payments", "due": None}, {"sector": "payments"}),
            ("queued", {"id": 5}, {"id": "5"}),
            ("prioritised", {"raised": True}, {"raised": True}),
            ("complained", {"sector": "telecoms"}, {"sector": "telecoms"}),
            ("rated", {"score": 0.25}, {"score": 0.25}),
            ("rated", {"score": 1}, {"score": 1.0}),
            ("settled", {"reason": "by phone"}, {"reason": "by phone"}),
            (
                "settled",
                {"reason": "by phone", "by": "Ann", "event": "m1"},
                {"reason": "by phone", "by": "Ann", "event": "m1"},
            ),
            ("discarded", {"reason": "spam", "event": "m1"}, {"reason": "spam", "event": "m1"}),
            ("discarded", {"reason": "duplicate"}, {"reason": "duplicate"}),
            ("restored", {"event": 17}, {"event": "17"}),
            ("bounced", {"event": "m2"}, {"event": "m2"}),
            ("received", {"text": "Thanks!"}, {"courtesy": True}),
            ("received", {"text": "Where is my parcel?"}, {"courtesy": False}),
            ("replied", {"text": "Thanks!"}, {}),
            ("noted", {"text": "called them"}, {}),
            ("queued", {"contact": 4711}, {"contact": "4711"}),
            ("queued", {"customer": "  "}, {}),
            ("queued", {"customer": None}, {}),
        ],
    )
    def test_what_a_kind_carries(self, kind: str, keys: dict[str, Any], expected: dict[str, Any]) -> None:
        assert parse(line(kind=kind, **keys)) == base(kind, **expected)

    @pytest.mark.parametrize("kind", sorted(SAID_OF_OTHERS))
    def test_what_is_said_of_a_contact_that_is_there_names_no_place(self, kind: str) -> None:
        needed = {
            "settled": {"reason": "x"}, "discarded": {"reason": "x"}, "bounced": {"event": "m"},
            "promised": {"due": "2026-11-03T17:00:00Z"}, "retracted": {"event": "m"},
        }  # fmt: skip
        told = {"contact": "<m@x>", "kind": kind, "at": "2026-11-02T08:00:00Z", "id": "1", **needed.get(kind, {})}
        event = parse(json.dumps(told).encode())
        assert isinstance(event, Event)
        assert (event.contact, event.place, event.kind) == ("<m@x>", "", kind)

    @pytest.mark.parametrize("kind", sorted(KINDS - SAID_OF_OTHERS - OURS))
    def test_everything_else_does(self, kind: str) -> None:
        told = {"contact": "c", "kind": kind, "at": "2026-11-02T08:00:00Z", "id": "1"}
        with pytest.raises(DataError, match="channel"):
            parse(json.dumps(told).encode())

    @pytest.mark.parametrize(("missing", "named"), [("channel", "channel"), ("contact_point", "contact_point")])
    def test_place_and_channel_go_together(self, missing: str, named: str) -> None:
        told = {key: value for key, value in {**LEAST, "kind": "noted"}.items() if key != missing}
        with pytest.raises(DataError, match=named):
            parse(json.dumps(told).encode())

    def test_how_far_the_sender_has_told_everything(self) -> None:
        assert parse(b'{"kind": "seen_until", "at": "2026-11-02T10:00:00+01:00"}') == SeenUntil(NOW)

    @pytest.mark.parametrize(
        ("told", "meant"),
        [
            ("2026-11-02T08:00:00Z", NOW - timedelta(hours=1)),
            ("2026-11-02T08:00:00.5+00:00", NOW - timedelta(hours=1) + timedelta(seconds=0.5)),
            ("2026-11-02T08:00:00.1234569Z", NOW - timedelta(hours=1) + timedelta(microseconds=123456)),
            ("2026-11-02T13:30:00+05:30", NOW - timedelta(hours=1)),
            ("2026-11-01T20:00:00-12:00", NOW - timedelta(hours=1)),
            ("1990-01-01T00:00:00Z", datetime(1990, 1, 1, tzinfo=UTC)),
            ("2026-11-03T09:00:00Z", LATEST),
        ],
    )
    def test_moments(self, told: str, meant: datetime) -> None:
        assert parse(line(at=told)) == BASE._replace(at=meant)
        without = {key: value for key, value in LEAST.items() if key != "id"}
        slow = parse_object({**without, "at": told}, hashed, LATEST)
        assert isinstance(slow, Event)
        assert slow.at == meant

    def test_without_an_id_the_same_words_have_the_same_one(self) -> None:
        told = {key: value for key, value in LEAST.items() if key != "id"}
        turned = dict(reversed(told.items()))
        ids = [
            parse(json.dumps(each).encode())[0] for each in (told, turned, {**told, "contact": "c2"}, {**told, "customer": "x"})
        ]
        assert ids[0] == ids[1]
        assert len(set(ids)) == 3
        assert all(isinstance(each, str) and len(each) == 16 for each in ids)

    def test_no_text_and_no_customer_is_kept(self) -> None:
        event = parse(line(kind="received", text="my number is 5551234", customer="5551234"))
        assert "my number" not in repr(event)
        assert isinstance(event, Event)
        assert event.customer == "#5551234"


def refusal(step: Callable[[], object]) -> str | None:
    """The words of the DataError; None when there is none. Any other exception comes through."""
    try:
        step()
    except DataError as error:
        return str(error)
    return None


def _nested(depth: int, key: str) -> bytes:
    kind = {"text": "received", "due": "promised", "reason": "left", "score": "rated"}.get(key, "queued")
    least = {**LEAST, "kind": kind, "channel": channel_of(kind)}
    told = {each: value for each, value in least.items() if each not in (key, "id")}
    return json.dumps(told).encode()[:-1] + b', "%s": %s}' % (key.encode(), b"[" * depth + b"]" * depth)


@pytest.mark.parametrize("depth", [100, 300, 500, 700, 800, *range(850, 1000, 5), 5000, 200_000])
@pytest.mark.parametrize("key", ["at", "text", "due", "kind", "id", "contact", "reason", "score", "zzz"])
def test_deep_nesting_ends_no_one(depth: int, key: str) -> None:
    """At some depth the decoder gives up, a little before or after `repr` and `dumps` would."""
    why = refusal(lambda: parse(_nested(depth, key)))
    assert why is None or 0 < len(why) < 400
    assert key == "text" or why is not None


@pytest.mark.parametrize(
    "raw",
    [
        b"[]", b"null", b"1", b'"x"', b"{", b"{}", b"\xff\xfe", b"\xef\xbb\xbf{}", b"\x00", b"{}{}", b'{"kind"}',
        b"NaN", b"-Infinity",
        b'{"contact": ' + b"1" * 100_000 + b"}", b'{"contact": 1e999999}', b'{"kind":"rated","score":1e400}', b'{"at": -0}',
        b'{"\\ud800": 1}', b'{"kind": "seen_until"}', b'{"kind": "seen_until", "at": "0001-01-01T00:00:00+23:59"}',
    ],
    ids=lambda raw: repr(raw[:30]),
)  # fmt: skip
def test_what_is_no_event_is_refused_and_nothing_worse(raw: bytes) -> None:
    with pytest.raises(DataError):
        parse(raw)


def test_a_line_of_ten_megabytes_is_refused_unread() -> None:
    with pytest.raises(DataError) as refused:
        parse(b'{"text": "' + b"x" * 10_000_000 + b'"}')
    assert refused.value.reason == "too_large"
    assert str(MAX_LINE) in str(refused.value)
    just = line(kind="received", text="")
    padded = just[:-2] + b"y" * (MAX_LINE - len(just)) + b'"}'
    assert len(padded) == MAX_LINE
    assert parse(padded) == base("received")


def test_of_a_key_that_stands_twice_the_last_counts_for_both_decoders() -> None:
    twice = b'{"kind": "held", "contact": "c0", ' + line()[1:]
    assert parse(twice) == parse_object(json.loads(twice), hashed, LATEST) == BASE


def test_a_bad_line_stops_no_other_and_is_numbered() -> None:
    lines = [(1, line()), (2, b"{"), (3, b"  \n"), (4, b""), (5, line(kind="rang")), (6, line(id="2")), (7, b"\xff")]
    values = list(parse_lines(lines, hashed, NOW))
    assert [value.line for value in values if isinstance(value, RejectedLine)] == [2, 5, 7]
    assert [value for value in values if isinstance(value, Event)] == [BASE, BASE._replace(id="2")]


def test_a_policy_that_is_none_of_the_configuration_is_refused_with_the_nearest() -> None:
    lines = [(1, line(kind="received", policy="gold")), (2, line(kind="received", policy="gild")), (3, line(kind="received"))]
    good, bad, without = parse_lines(lines, hashed, NOW, frozenset(("default", "gold")))
    assert (good, without) == (base("received", policy="gold"), base("received"))
    assert isinstance(bad, RejectedLine)
    assert (bad.line, "'gild' is no policy" in bad.why, "gold" in bad.why) == (2, True, True)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
NAMES = (
    st.sampled_from(("c1", "", " ", "é", "x" * 200, "x" * 201, "a\tb", "\u00a0", "😀")) | st.text(max_size=5) | st.integers(0, 99)
)
TIMES = st.sampled_from((
    "2026-11-02T08:00:00Z", "2026-11-02T08:00:00", "2026-11-02T08:00:00.1234567Z", "2026-11-02T08:00:00+01", "20261102T080000Z",
    "2026-11-02 08:00Z", "2026-11-02t08:00:00z", "2026-W45-1T08:00Z", "2026-11-02T24:00:00Z", "2026-11-02T08:00:60Z",
    "0001-01-01T00:00:00+01:00", "9999-12-31T23:00:00-05:00", "2026-11-02T08:00:00-00:00", "2026-11-02T08:00:00,5Z",
    "2026-11-02T08:00:00+05:30:15.5",
)) | st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)  # fmt: skip
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "id": NAMES | st.none(), "contact": NAMES, "contact_point": NAMES, "channel": st.sampled_from((*CHANNELS, "fax", None)),
    "kind": st.sampled_from(sorted({*KINDS, "rang", "seen_until"})), "at": TIMES, "customer": st.none() | NAMES,
    "how": st.sampled_from(("blind", "consult", "warm", None)), "to": NAMES | st.none(), "due": TIMES, "since": TIMES,
    "reason": st.sampled_from(("caller", "restart", "timeout", "full", "no_agents", None)), "answered": st.booleans() | st.none(),
    "raised": st.booleans() | st.none(), "sector": NAMES | st.none(), "score": st.floats(0, 1) | st.integers(0, 1),
    "text": st.sampled_from(("Thanks!", "", "help", PROMISE, "Ich rufe Sie morgen an.", "\ud800")) | st.none(),
    "event": NAMES | st.none(),
    "by": NAMES | st.none() | st.sampled_from(("agent", "rule")), "policy": NAMES | st.none(),
    "seq": st.integers(-1, 1 << 63) | st.none(),
    "after": TIMES, "until": TIMES, "received": TIMES, "queue": NAMES, "name": NAMES, "into": NAMES, "follows": NAMES,
    "as": st.sampled_from(("done", "timeout", "x", None)), "on": st.sampled_from(("customer", "time", "x", None)),
    "automatic": st.booleans() | st.none(), "withdrawn": st.booleans(), "agreed": st.booleans() | st.none(),
    "courtesy": st.booleans() | st.none(), "lang": st.sampled_from(("en", "pl", "x", None)),
}  # fmt: skip


@st.composite
def objects(draw: st.DrawFn) -> dict[str, Any]:
    """Nearly right: a good event whose kind, details and a value or two were changed."""
    kind = draw(VALUES["kind"])
    told: dict[str, Any] = {**LEAST, "kind": kind, "channel": draw(st.sampled_from((channel_of(kind), *CHANNELS)))}
    for key in draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=4, unique=True)):
        told[key] = draw(VALUES[key])
    if draw(st.integers(0, 9)) == 0:
        told[draw(st.sampled_from(sorted(VALUES)))] = draw(ANY)
    for key in draw(st.lists(st.sampled_from(sorted(told)), max_size=1)):
        del told[key]
    return told


@given(objects())
@settings(max_examples=700, deadline=None)
@example({**LEAST, "at": "2026-11-02T08:00:00.9999999Z"})
@example({**LEAST, "channel": "email", "kind": "received", "text": "Thanks!"})
@example({**LEAST, "channel": "ticket", "kind": "resolved", "as": "done", "policy": "p1", "seq": 1, "id": 7})
@example({**LEAST, "kind": "queued", "policy": "p1"})
@example({**LEAST, "contact": "\u2028"})
@example({**LEAST, "kind": "noted", "text": PROMISE})
@example({**LEAST, "channel": "chat", "kind": "replied", "text": PROMISE, "by": "agent", "seq": 1})
@example({**LEAST, "channel": "chat", "kind": "replied", "text": PROMISE, "by": "bot"})
@example({**LEAST, "kind": "promised", "text": PROMISE})
def test_whatever_the_compiled_decoder_takes_the_definition_takes_too_and_alike(told: dict[str, Any]) -> None:
    raw = json.dumps(told).encode()
    fast: object = None
    try:
        shape = _event_lines._compiled(raw)
    except (ValueError, RecursionError):
        shape = None
    if shape is not None:
        fast = _event_lines._event_of(shape, hashed, LATEST, READ)
    try:
        slow: object = parse_object(json.loads(raw), hashed, LATEST, READ)
    except DataError:
        slow = None
    assert fast is None or fast == slow
    try:
        assert parse_line(raw, hashed, LATEST, READ) == slow
    except DataError:
        assert slow is None


def test_the_fast_way_is_the_usual_way() -> None:
    for kind in sorted(KINDS - {*OURS, *NEED_MORE}):
        assert _event_lines._event_of(_event_lines._compiled(line(kind=kind, customer="x")), hashed, LATEST) is not None


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_bytes_of_any_kind_raise_nothing_else(raw: bytes) -> None:
    for each in (raw, b'{"kind": ' + raw + b"}"):
        assert refusal(lambda each=each: parse(each)) != ""


@given(ANY)
@settings(max_examples=200, deadline=None)
def test_objects_of_any_kind_raise_nothing_else(value: object) -> None:
    for key in VALUES:
        for kind in ("queued", "left", "promised", "rated", "assigned", "received", "replied", "complained", "pending"):
            told = {**LEAST, "kind": kind, "channel": channel_of(kind), key: value}
            why = refusal(lambda told=told: parse_object(told, hashed, LATEST, READ))
            assert why is None or 0 < len(why) < 400
