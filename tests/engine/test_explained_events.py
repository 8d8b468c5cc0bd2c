"""What `explain` says of events beside their moments, for programs and for people."""

import pytest

from monitor.domain.event import Event
from monitor.engine.explain import as_contract, as_text, explain
from monitor.store.memory import MemoryStore
from tests.engine.fake_daemon import at, event
from tests.engine.scenarios import ingest_run


def told(*events: Event) -> tuple[list[dict[str, object]], list[str]]:
    """The events of one contact as JSON, and as the lines for people."""
    store = MemoryStore()
    run = ingest_run(store)
    run.store_batch(events)
    [found] = store.find("m")
    explanation = explain(run.directory, store, found)
    lines = as_text(explanation).split("\nevents\n")[1].split("\n\n")[0].splitlines()
    return as_contract(explanation)["events"], lines


def mail(kind: str, seconds: float, **details: object) -> Event:
    return event("m", kind, seconds, channel="email", **details)


NINE = "2026-11-02T09:00:00Z"


@pytest.mark.parametrize(
    ("said", "keys", "line"),
    [
        (mail("settled", 60, reason="by phone", by="Ann"), {"reason": "by phone", "by": "Ann"}, "settled  (by phone, by Ann)"),
        (
            mail("discarded", 60, reason="spam", event="m-received-0"),
            {"reason": "spam", "about": NINE},
            f"discarded  (spam, of what came at {NINE})",
        ),
        (mail("restored", 60, event="nobody"), {}, "restored"),
        (mail("bounced", 60, event="m-received-0"), {"about": NINE}, f"bounced  (of what came at {NINE})"),
        (mail("replied", 60, reason="date-header"), {"reason": "date-header"}, "replied  (moment from its date-header)"),
        (
            mail("received", 60, answered=True, reason="received-header"),
            {"reason": "received-header", "answered": True},
            "received  (moment from its received-header, dealt with when it was first read)",
        ),
        (mail("noted", 60), {}, "noted"),
        (mail("noted", 60, policy="p1"), {"policy": "p1"}, "noted  (under the policy p1)"),
        (mail("replied", 60, after=at(30)), {"not_before": "2026-11-02T09:00:30Z"}, "replied  (not before 2026-11-02T09:00:30Z)"),
    ],
)
def test_what_is_said_of_an_event(said: Event, keys: dict[str, object], line: str) -> None:
    in_json, lines = told(mail("received", 0), said)
    assert in_json == [{"kind": "received", "at": NINE}, {"kind": said.kind, "at": "2026-11-02T09:01:00Z", **keys}]
    assert lines == [f"  {NINE}  received", f"  2026-11-02T09:01:00Z  {line}"]


def test_that_no_phone_rings_any_more_is_not_shown() -> None:
    call = [event("m", "queued", 0), event("m", "ringing", 1), event("m", "ringing", 2, reason="over")]
    in_json, _ = told(*call, event("m", "left", 3, reason="caller"))
    assert in_json[1:] == [
        {"kind": "ringing", "at": at(1).isoformat().replace("+00:00", "Z")},
        {"kind": "left", "at": "2026-11-02T09:00:03Z", "reason": "caller"},
    ]


def test_of_a_contact_that_has_moved_each_event_says_where() -> None:
    in_json, lines = told(mail("received", 0), event("m", "noted", 60, "name:vip", "email"))
    assert [each["contact_point"] for each in in_json] == ["desk", "vip"]
    assert lines[1] == "  2026-11-02T09:01:00Z  noted  (at vip)"


@pytest.mark.parametrize(
    ("before", "said", "line"),
    [
        (
            [event("p", "queued", -600, customer="ann"), event("p", "answered", -590), event("p", "ended", -300)],
            {"kind": "came_again", "channel": "phone", "since": "2026-11-02T08:55:00Z"},
            "came_again  (after phone contact {}, until 2026-11-02T08:55:00Z)",
        ),
        (
            [event("t", "received", -1200, "name:tickets", "ticket", customer="ann")],
            {"kind": "started_anew", "channel": "ticket", "since": "2026-11-02T08:40:00Z", "reason": "unanswered"},
            "started_anew  (unanswered, of ticket contact {}, since 2026-11-02T08:40:00Z)",
        ),
    ],
)
def test_with_what_he_came_before_and_since_when_he_waits_elsewhere(
    before: list[Event], said: dict[str, object], line: str
) -> None:
    store = MemoryStore()
    run = ingest_run(store)
    run.store_batch([*before, mail("received", 0, customer="ann")])
    [found], [other] = store.find("m"), store.find(before[0].contact)
    explanation = explain(run.directory, store, found)
    events = {each["kind"]: each for each in as_contract(explanation)["events"]}
    assert events[str(said["kind"])] == {"at": NINE, "contact": other.row.id, **said}
    text = as_text(explanation)
    assert f"  {NINE}  {line.format(other.row.id)}\n" in text
    [signal] = [each for each in explanation["signals"] if each["signal"] == SIGNAL_OF[str(said["kind"])]]
    assert signal["related"] == other.row.id
    assert f"{signal['signal']} (rests on contact {other.row.id})" in text


SIGNAL_OF = {"came_again": "repeat_contact", "started_anew": "lost_context"}
