"""The call tracker against our recordings of real calls: what happened, when, and the same however the bytes come."""

import random
from collections import defaultdict
from datetime import timedelta

import pytest

from monitor.connectors._asterisk.ami import Message
from monitor.connectors._asterisk.ami import moment as micros
from monitor.connectors._asterisk.tracker import CallTracker
from monitor.domain.event import Event
from tests.connectors.asterisk_recordings import chunks, follow, hashed, messages, moment, scenarios, truth

SERVED = "queued ringing answered ended"
#: What each customer went through, by caller and place: written from the scenarios' descriptions, not from the code.
STORIES: dict[str, dict[tuple[str, str], str]] = {
    "abandon_ringing": {("5550022", "queue:support"): "queued ringing left(caller) ended"},
    "abandon_then_callback": {
        ("5550042", "queue:support"): "queued left(caller) ended",
        ("5550042", "outbound"): "called_out(True)",
    },
    "abandon_waiting": {("5550020", "queue:support"): "queued left(caller) ended"},
    "abandon_waiting_no_answer": {("5550021", "queue:support"): "queued left(caller) ended"},
    "agent_declines": {("5550031", "queue:support"): "queued ringing ringing answered ended"},
    "ami_redirect": {("5550054", "queue:support"): "queued ringing answered transferred(blind,1003) ended"},
    "answered": {("5550001", "queue:support"): SERVED},
    "answered_caller_hangs_up": {("5550002", "queue:support"): SERVED},
    "answered_no_early_answer": {("5550003", "queue:support"): SERVED},
    "attended_transfer": {("5550060", "queue:support"): "queued ringing answered held unheld transferred(consult,1003) ended"},
    "attended_transfer_aborted": {("5550061", "queue:support"): "queued ringing answered held unheld ended"},
    "attended_transfer_feature": {
        ("5550062", "queue:support"): "queued ringing answered held unheld transferred(consult,1003) ended"
    },
    "blind_transfer": {("5550050", "queue:support"): "queued ringing answered transferred(blind,1003) ended"},
    "blind_transfer_from_hold": {
        ("5550051", "queue:support"): "queued ringing answered held unheld transferred(blind,1003) ended"
    },
    "blind_transfer_outside": {("5550053", "queue:support"): "queued ringing answered transferred(blind,outside) ended"},
    "blind_transfer_to_queue": {
        ("5550052", "queue:support"): "queued ringing answered transferred(blind,sales,queue) ended",
        ("5550052", "queue:sales"): SERVED,
    },
    "caller_holds": {("5550013", "queue:support"): SERVED},
    "crash": {
        ("5550090", "queue:support"): "queued ringing answered",
        ("5550091", "queue:support"): "queued ringing answered held",
        ("5550092", "queue:support"): "queued",
    },
    "direct_call": {("5550070", "extension:1004"): "ringing answered ended"},
    "exit_key_and_callback": {
        ("5550041", "queue:support"): "queued left(key) ended",
        ("5550041", "outbound"): "called_out(True)",
    },
    "ghost_caller": {("5550094", "queue:support"): SERVED},
    "hold_agent_hangs_up": {("5550012", "queue:support"): "queued ringing answered held unheld ended"},
    "hold_caller_gives_up": {("5550011", "queue:support"): "queued ringing answered held unheld ended"},
    "holds": {("5550010", "queue:support"): "queued ringing answered held unheld held unheld held unheld ended"},
    "local_member": {("5550081", "queue:frontdesk"): "queued ringing answered held unheld ended"},
    "members": {},
    "outbound_call": {("5558888", "outbound"): "called_out(True)"},
    "overflow": {("5550082", "queue:support"): "queued left(timeout) ended", ("5550082", "queue:sales"): SERVED},
    "queue_timeout": {("5550040", "queue:support"): "queued left(timeout) ended"},
    "reload": {("5550095", "queue:support"): "queued ringing answered held unheld ended"},
    "restart": {
        ("5550090", "queue:support"): SERVED,
        ("5550091", "queue:support"): "queued ringing answered held unheld ended",
        ("5550092", "queue:support"): "queued left(restart) ended",
    },
    "ring_no_answer": {("5550030", "queue:support"): "queued ringing ringing answered ended"},
    "ringall": {("5550080", "queue:sales"): "queued ringing ringing answered ended"},
    "waits_for_busy_agent": {("5550083", "queue:support"): SERVED, ("5550084", "queue:support"): SERVED},
}
ONE_CALL = [name for name in scenarios() if name != "load"]
#: Right to a tenth of a second on a quiet machine; the recordings were made on a busy one.
CLOSE = timedelta(seconds=0.25)


def word(event: Event) -> str:
    details = [event.reason, event.how, event.to, event.into_queue and "queue", event.answered]
    said = ",".join(str(detail) for detail in details if detail)
    return f"{event.kind}({said})" if said else event.kind


def stories(events: list[Event]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        found[(event.customer or "").removeprefix("customer-"), event.place].append(event)
    order = [
        "called_out",
        "turned_away",
        "queued",
        "ringing",
        "answered",
        "held",
        "unheld",
        "transferred",
        "left",
        "lost",
        "ended",
    ]
    return {
        key: " ".join(word(event) for event in sorted(told, key=lambda e: (e.at, order.index(e.kind))))
        for key, told in found.items()
    }


def stamp(message: Message) -> int:
    return micros(message.fields.get("Timestamp")) or 0


def as_set(events: list[Event]) -> set[Event]:
    assert len({(event.contact, event.place, event.id) for event in events}) == len(events), "an event was told twice"
    return set(events)


@pytest.mark.parametrize("name", ONE_CALL)
def test_what_each_customer_went_through(name: str) -> None:
    assert stories(follow(chunks(name))) == STORIES[name.removeprefix("asterisk16/")]


@pytest.mark.parametrize("name", [*ONE_CALL, "load"])
def test_moments_are_those_the_phones_measured(name: str) -> None:
    events = follow(chunks(name))
    for call in truth(name)["calls"]:
        mine = [e for e in events if e.customer == hashed(call["caller"]) and e.kind != "called_out"]
        if not mine:
            assert name in ("restart", "crash")  # the call after the restart is in the second connection
            continue
        phones = [a for a in call["attempts"] if a["where"] in ("agent", "phone")]
        in_queue = [a for a in phones if not _after_transfer(call, a)]
        rings = [e.at for e in mine if e.kind == "ringing"]
        assert len(rings) == len(in_queue)
        for ring, attempt in zip(sorted(rings), sorted(in_queue, key=lambda a: a["start"]), strict=True):
            assert abs(ring - moment(attempt["start"])) < CLOSE
        answers = [e.at for e in mine if e.kind == "answered"]
        answered = [a for a in in_queue if a["result"] == "answered"]
        assert len(answers) == len(answered)
        for at, attempt in zip(answers, answered, strict=True):
            assert abs(at - moment(attempt["start"] + attempt["ring_s"])) < CLOSE
        held, unheld = [e.at for e in mine if e.kind == "held"], [e.at for e in mine if e.kind == "unheld"]
        assert len(held) == _holds(name, call)
        for begun, ended, hold in zip(held, unheld, call["holds"], strict=False):
            assert abs(begun - moment(hold["start"])) < CLOSE
            assert abs((ended - begun) - timedelta(seconds=hold["seconds"])) < CLOSE
        gave_up = [e.at for e in mine if e.kind == "left" and e.reason == "caller"]
        assert len(gave_up) == (call["outcome"] == "abandoned")
        for at in gave_up:
            assert abs(at - moment(call["ended"])) < CLOSE
        for at in [e.at for e in mine if e.kind == "ended" and call["caller_side_end"]]:
            assert abs(at - moment(call["ended"])) < CLOSE


def _after_transfer(call: dict, attempt: dict) -> bool:  # type: ignore[type-arg]
    """A colleague's phone that rang for somebody who had been answered; a queue's phone counts again."""
    handed = call["transferred"]
    return bool(handed) and attempt["agent"] == handed["to"]


def _holds(name: str, call: dict) -> int:  # type: ignore[type-arg]
    """The phone with RTP asks its colleague by a feature code: it knows of no hold, yet the customer hears music."""
    return 1 if name == "attended_transfer_feature" else int(call["hold_count"])


def test_the_feature_code_hold_lasts_until_the_transfer_is_done() -> None:
    events = {e.kind: e.at for e in follow(chunks("attended_transfer_feature"))}
    assert events["unheld"] == events["transferred"]
    assert timedelta(seconds=7) < events["unheld"] - events["held"] < timedelta(seconds=7.5)


def test_two_hundred_calls_in_twenty_seconds() -> None:
    totals = truth("load")["totals"]
    told = [word(event) for event in follow(chunks("load"))]
    assert told.count("queued") == 200
    assert told.count("answered") == totals["answered"] == 179
    assert told.count("left(caller)") == totals["abandoned"] == 21
    assert told.count("held") == told.count("unheld") == sum(c["hold_count"] for c in truth("load")["calls"])
    assert len(told) == sum(told.count(w) for w in ("queued", "ringing", "answered", "held", "unheld", "left(caller)", "ended"))


@pytest.mark.parametrize("name", ONE_CALL)
def test_byte_by_byte_tells_the_same(name: str) -> None:
    whole = chunks(name)
    single = ((at, data[i : i + 1]) for at, data in whole for i in range(len(data)))
    assert follow(single) == follow(whole)


@pytest.mark.parametrize("name", [*ONE_CALL, "load"])
def test_large_reads_tell_the_same(name: str) -> None:
    whole = chunks(name)
    everything, last = b"".join(data for _, data in whole), whole[-1][0]
    large = [(last, everything[i : i + 65536]) for i in range(0, len(everything), 65536)]
    assert follow(large) == follow(whole)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", [*ONE_CALL, "load"])
def test_disorder_within_fifteen_milliseconds_changes_nothing(name: str, seed: int) -> None:
    chance = random.Random(seed)
    told = [m for m in messages(name) if "Timestamp" in m.fields]
    windows: dict[int, list] = defaultdict(list)  # type: ignore[type-arg]
    for message in told:
        windows[int(float(message.fields["Timestamp"]) / 0.015)].append(message)
    calls = CallTracker(hashed)
    for key in sorted(windows):
        chance.shuffle(windows[key])
        for message in windows[key]:
            calls.feed(message, stamp(message))
    calls.flush()
    calls.tick(calls.newest + 60_000_000)
    assert as_set(calls.calls.drain_events()) == as_set(follow(chunks(name)))


@pytest.mark.parametrize("name", ONE_CALL)
def test_a_monitor_killed_after_every_message_tells_the_same(name: str) -> None:
    entries: dict[str, str] = {}
    events: list[Event] = []
    calls = CallTracker(hashed)
    newest = 0
    for message in messages(name):
        calls.feed(message, stamp(message))
        calls.flush()
        events += calls.calls.drain_events()
        for key, entry in calls.calls.drain_state().items():
            if entry is None:
                del entries[key]
            else:
                entries[key] = entry
        newest = calls.newest
        calls = CallTracker(hashed)
        calls.pending.in_touch = True
        calls.restore(entries)
    calls.tick(newest + 60_000_000)
    events += calls.calls.drain_events()
    expected = follow(chunks(name))
    assert {e for e in events if e.kind != "called_out"} == {e for e in expected if e.kind != "called_out"}


@pytest.mark.parametrize("name", ["blind_transfer", "attended_transfer_feature"])
def test_all_classes_of_events_tell_the_same_as_three(name: str) -> None:
    assert as_set(follow(chunks(name, "labadmin"))) == as_set(follow(chunks(name)))


def test_class_user_tells_that_a_call_back_was_asked_for() -> None:
    told = stories(follow(chunks("exit_key_and_callback", "labadmin")))
    assert told["5550041", "queue:support"] == "queued left(callback) ended"


def test_the_call_back_bears_the_hash_of_the_lost_caller() -> None:
    events = follow(chunks("abandon_then_callback"))
    lost = next(e for e in events if e.kind == "left")
    back = next(e for e in events if e.kind == "called_out")
    assert (back.customer, back.contact == lost.contact) == (lost.customer, False)


def test_notes_hold_no_number() -> None:
    calls = CallTracker(lambda number: "0123456789abcdef")
    kept = []
    for message in messages("load"):
        calls.feed(message, stamp(message))
        kept += [entry for entry in calls.calls.drain_state().values() if entry]
    assert kept
    numbers = [call["caller"] for call in truth("load")["calls"]]
    assert not any(f'"{number}"' in entry for entry in kept for number in numbers)


def test_a_call_that_is_over_is_forgotten_with_its_note() -> None:
    calls = CallTracker(hashed)
    follow(chunks("load"), calls)
    assert set(calls.calls.drain_state().values()) <= {None}
    assert (calls.calls.by_uid, calls.calls.by_name, calls.busy) == ({}, {}, False)
    assert calls._channels == {}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_lost_or_disordered_nothing_is_told_twice(seed: int) -> None:
    chance = random.Random(seed)
    told = messages("load")
    chance.shuffle(told)
    calls = CallTracker(hashed)
    for message in told[: len(told) * 2 // 3]:
        calls.feed(message, stamp(message))
        if chance.random() < 0.01:
            calls.tick(calls.newest + chance.randrange(10_000_000))
    calls.flush()
    calls.tick(calls.newest + 60_000_000)
    as_set(calls.calls.drain_events())


def test_a_stamp_that_cannot_be_true_is_not_used() -> None:
    calls = CallTracker(hashed)
    fields = {"Uniqueid": "1.1", "Linkedid": "1.1", "Queue": "support", "Timestamp": "95617584000.000000"}
    calls.feed(Message("QueueCallerJoin", fields), 1_795_000_000_000_000, 5_000_000)
    calls.flush()
    assert calls.calls.drain_events()[0].at == moment(1_795_000_005)
