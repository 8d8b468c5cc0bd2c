"""Texts of pushed and imported events: read, and dropped. It is Monday, 2 November 2026; open from 9:00 to 17:30."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.connector import RejectedLine
from monitor.connectors._event_lines import ARCHIVE, MAX_LINE, parse_lines
from monitor.domain.event import Event
from monitor.domain.gist import Gist, Promised
from monitor.testing import FakeClock, make_context

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
CONTEXT = make_context(clock=FakeClock(NOW))
BY_ELEVEN = "I'll call you back tomorrow by 11."
TUESDAY_AT_11 = datetime(2026, 11, 3, 11, tzinfo=UTC)
TUESDAY_AT_CLOSING = datetime(2026, 11, 3, 17, 30, tzinfo=UTC)
CALL = Promised("call", TUESDAY_AT_11, "we will: call")


def told(**keys: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "contact": "c1",
        "contact_point": "desk",
        "channel": "chat",
        "kind": "replied",
        "at": "2026-11-02T10:00:00Z",
    } | keys


def read(*lines: dict[str, Any] | bytes) -> list[object]:
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return list(parse_lines(enumerate(raw, 1), str, NOW, None, CONTEXT.read_text))


def event(**keys: Any) -> Event:
    [found] = read(told(**keys))
    assert isinstance(found, Event), found
    return found


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        ("email", "replied"),
        ("ticket", "replied"),
        ("chat", "replied"),
        *((each, "noted") for each in ("phone", "counter", "email")),
    ],
)
@pytest.mark.parametrize("more", [{}, {"id": None}, {"lang": "en-GB"}])  # compiled, and not
def test_what_we_wrote_and_noted_is_read_on_every_channel(channel: str, kind: str, more: dict[str, Any]) -> None:
    without = event(channel=channel, kind=kind, **more)
    found = event(channel=channel, kind=kind, text=BY_ELEVEN, **more)
    assert found.gist == Gist((CALL,), read=kind == "replied")
    assert found._replace(gist=None, id="") == without._replace(id="")


def test_a_note_of_a_call_says_what_was_promised_there() -> None:
    found = event(channel="phone", kind="noted", text="Promised him a call back by Friday.").gist
    assert found is not None
    assert [(each.deed, each.due) for each in found.promises] == [("call", datetime(2026, 11, 6, 17, 30, tzinfo=UTC))]


@pytest.mark.parametrize("lang", ["de", "de-AT", None])
def test_german_is_read_with_and_without_being_told(lang: str | None) -> None:
    german = "Ich rufe Sie morgen bis 11 Uhr zurück."
    found = event(text=german, lang=lang).gist
    assert found is not None
    assert [(each.deed, each.due) for each in found.promises] == [("call", TUESDAY_AT_11)]


@pytest.mark.parametrize("by", ["bot", "rule", "customer"])
def test_bots_rules_and_customers_promise_nothing(by: str) -> None:
    assert event(text=BY_ELEVEN, by=by).gist is None
    assert event(text=BY_ELEVEN, by=by, lang="en").gist is None


def test_words_of_customers_promise_nothing() -> None:
    assert event(kind="received", text=BY_ELEVEN).gist is None


@pytest.mark.parametrize("kind", ["received", "opened"])
@pytest.mark.parametrize("more", [{}, {"id": None}, {"lang": "en-GB"}, {"lang": None}])  # compiled, and not
def test_what_customers_give_is_read_in_messages_and_where_they_open_a_matter(kind: str, more: dict[str, Any]) -> None:
    found = event(kind=kind, channel="ticket", text="My order number is 4711-23. It never came.", **more)
    assert found.gist == Gist(gives=("order_number",))
    assert not found.courtesy
    assert "4711" not in repr(found)


def test_a_colleague_who_opens_a_matter_and_a_machine_give_nothing() -> None:
    said = "My order number is 4711-23."
    assert event(kind="opened", channel="ticket", by="agent", text=said).gist is None
    assert event(kind="received", automatic=True, text=said).gist is None


def test_a_thank_you_with_a_signature_is_one_and_gives_a_name() -> None:
    found = event(kind="received", text="Thank you!\n\nKind regards\nAnn Hart")
    assert (found.courtesy, found.gist) == (True, Gist(gives=("name",)))


def test_what_else_our_words_say() -> None:
    assert event(text="Could you call us with the meter reading?").gist == Gist(read=True, asks=True, sends_to=("phone",))


def test_what_is_said_of_a_contact_that_is_there_is_read_too() -> None:
    line = {"contact": "<m@x>", "kind": "noted", "at": "2026-11-02T10:00:00Z", "text": BY_ELEVEN}
    [found] = read(line)
    assert isinstance(found, Event)
    assert (found.place, found.gist) == ("", Gist((CALL,)))


def test_the_name_of_an_event_without_one_is_what_it_ever_was() -> None:
    line = {key: value for key, value in told(text=BY_ELEVEN).items() if key != "id"}
    [plain] = parse_lines([(1, json.dumps(line).encode())], str, NOW)
    [found] = read(line)
    assert isinstance(plain, Event)
    assert isinstance(found, Event)
    assert (plain.gist, plain.id) == (None, found.id)


def test_files_are_read_as_pushes_are() -> None:
    file = io.BytesIO(json.dumps(told(text=BY_ELEVEN)).encode() + b"\n")
    [found] = ARCHIVE.read(file, None, CONTEXT)
    assert found == event(text=BY_ELEVEN)
    assert "call you" not in repr(found)


class TestPromised:
    """`promised` with a text."""

    def promised(self, text: str, **keys: Any) -> object:
        line = {"id": "1", "contact": "c1", "contact_point": "desk", "channel": "phone", "kind": "promised"}
        [found] = read({**line, "at": "2026-11-02T10:00:00Z", "text": text, **keys})
        return found

    @pytest.mark.parametrize(
        ("text", "keys", "deed", "due"),
        [
            (BY_ELEVEN, {}, "call", TUESDAY_AT_11),
            ("We will send you the label tomorrow. " + BY_ELEVEN, {"deed": "call"}, "call", TUESDAY_AT_11),
            ("We will send you the label tomorrow. " + BY_ELEVEN, {}, "send", TUESDAY_AT_CLOSING),
            ("We will send you a label. " + BY_ELEVEN, {}, "call", TUESDAY_AT_11),  # the first that states a time
            ("Ich rufe Sie morgen bis 11 Uhr zurück.", {"lang": "de"}, "call", TUESDAY_AT_11),
        ],
    )
    def test_without_due_it_is_what_the_text_says(self, text: str, keys: dict[str, Any], deed: str, due: datetime) -> None:
        found = self.promised(text, **keys)
        assert isinstance(found, Event)
        assert (found.kind, found.deed, found.due) == ("promised", deed, due)
        assert found.gist is not None
        assert [(each.deed, each.due) for each in found.gist.promises] == [(deed, due)]

    @pytest.mark.parametrize(
        ("text", "keys", "named"),
        [
            ("We will send you a label.", {}, "states no time of a promise;"),
            ("Thanks!", {}, "states no time of a promise;"),
            ("", {}, "states no time"),
            (BY_ELEVEN, {"deed": "send"}, "states no time of a promise to send;"),
            (BY_ELEVEN, {"by": "rule"}, "states no time"),
            (BY_ELEVEN, {"by": "bot"}, "states no time"),
        ],
    )
    def test_without_either_it_is_refused(self, text: str, keys: dict[str, Any], named: str) -> None:
        found = self.promised(text, **keys)
        assert isinstance(found, RejectedLine)
        assert found.why.startswith("due: is missing")
        assert named in found.why

    @pytest.mark.parametrize("due", [None, "2026-11-05T09:00:00Z"])
    def test_a_due_of_its_own_goes_before_the_text(self, due: str | None) -> None:
        found = self.promised(BY_ELEVEN, due=due)
        assert isinstance(found, Event)
        assert (found.due, found.deed, found.gist) == (due and datetime(2026, 11, 5, 9, tzinfo=UTC), None, None)


@pytest.mark.parametrize(
    "text",
    [
        "\ud800" * 1_000 + BY_ELEVEN, "\0\x1b\x07" * 1_000, "> " * 400_000, BY_ELEVEN * 20_000, "will " * 150_000, "1/" * 300_000,
        "<" * 900_000, "\n" * 400_000, "I'll call you in " + "9" * 100_000 + " days.", "a" * 1_000_000,
    ],
    ids=lambda text: repr(text[:8]),
)  # fmt: skip
def test_hostile_texts_are_read_within_bounds(text: str) -> None:
    for kind in ("replied", "noted", "promised"):
        line = json.dumps(told(kind=kind, text=text), ensure_ascii="\ud800" in text).encode("utf-8")[: MAX_LINE + 1]
        [found] = read(line)
        assert len(repr(found)) < 2_000


def test_a_moment_of_its_own_is_what_it_is_read_by_not_now() -> None:
    week_ago = event(at="2026-10-26T10:00:00Z", text=BY_ELEVEN).gist
    assert week_ago is not None
    assert week_ago.promises[0].due == TUESDAY_AT_11 - timedelta(days=7)
