"""The event and its stored form: nothing is lost, nothing is written that says nothing."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from monitor.domain.event import EPOCH, Event, from_micros, pack, to_micros, unpack

AT = datetime(2026, 11, 2, 9, 0, 0, 123456, tzinfo=UTC)
#: 2 November 2026, 09:00:00.123456 UTC: 20,759 days of 86,400 s and nine hours since 1970.
MICROS = (20_759 * 86_400 + 9 * 3600) * 1_000_000 + 123_456
PLAIN = Event("q1", "c1", "queue:support", "phone", "queued", AT, "hash")


def stored(event: Event) -> Event:
    """Through the store, which keeps JSON."""
    return unpack(json.loads(json.dumps(pack(event))), event.contact, event.channel)


def test_an_event_without_details_is_three_values() -> None:
    assert pack(PLAIN) == ["q1", "queued", MICROS]


def test_place_and_customer_belong_to_the_contact() -> None:
    assert stored(PLAIN) == PLAIN._replace(place="", customer=None)


@pytest.mark.parametrize(
    ("details", "written"),
    [
        (
            {"how": "blind", "to": "queue:billing", "into_queue": True},
            {"how": "blind", "to": "queue:billing", "into_queue": True},
        ),
        ({"reason": "caller", "rough": True}, {"reason": "caller", "rough": True}),
        ({"due": AT + timedelta(hours=1)}, {"due": MICROS + 3_600_000_000}),
        ({"due": EPOCH}, {"due": 0}),
        ({"since": AT - timedelta(seconds=1)}, {"since": MICROS - 1_000_000}),
        ({"answered": False}, {"answered": False}),
        ({"answered": True}, {"answered": True}),
        ({"raised": False}, {"raised": False}),
        ({"score": 0.0}, {"score": 0.0}),
        ({"score": 0.25}, {"score": 0.25}),
        ({"courtesy": True}, {"courtesy": True}),
        ({"sector": "telecoms"}, {"sector": "telecoms"}),
        ({"to": ""}, {"to": ""}),
        ({"due": date(2026, 10, 9)}, {"due": "2026-10-09"}),
        ({"until": AT, "on": "time"}, {"until": MICROS, "on": "time"}),
        ({"after": AT - timedelta(seconds=2)}, {"after": MICROS - 2_000_000}),
        ({"queue": "billing", "by": "rule", "seq": 0}, {"queue": "billing", "by": "rule", "seq": 0}),
        ({"policy": ""}, {"policy": ""}),
        ({"point": "vip", "policy": "p1"}, {"point": "vip", "policy": "p1"}),
        ({"point": ""}, {"point": ""}),
        ({"name": "cf_7", "agreed": False}, {"name": "cf_7", "agreed": False}),
        ({"automatic": True, "follows": "17"}, {"automatic": True, "follows": "17"}),
        ({"withdrawn": True}, {"withdrawn": True}),
        ({"event": "m1", "by": "ann", "reason": "by phone"}, {"event": "m1", "by": "ann", "reason": "by phone"}),
    ],
)
def test_only_the_details_that_say_something_are_written_and_all_come_back(
    details: dict[str, object], written: dict[str, object]
) -> None:
    event = PLAIN._replace(**details)
    assert pack(event) == ["q1", "queued", MICROS, written]
    assert stored(event) == event._replace(place="", customer=None)


def test_no_and_unknown_are_told_apart() -> None:
    assert stored(PLAIN._replace(answered=False)).answered is False
    assert stored(PLAIN).answered is None


@pytest.mark.parametrize(
    ("moment", "micros"),
    [
        (EPOCH, 0),
        (EPOCH + timedelta(microseconds=1), 1),
        (EPOCH - timedelta(microseconds=1), -1),
        (AT, MICROS),
        (AT.astimezone(timezone(timedelta(hours=5, minutes=30))), MICROS),
        (datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), 253_402_300_800_000_000 - 1),
        (datetime(1, 1, 1, tzinfo=UTC), -62_135_596_800_000_000),
    ],
)
def test_moments_are_kept_to_the_microsecond(moment: datetime, micros: int) -> None:
    assert to_micros(moment) == micros
    assert from_micros(micros) == moment
    assert from_micros(micros).tzinfo is UTC


def test_a_hostile_id_stays_an_id() -> None:
    hostile = PLAIN._replace(id='"],{}\x00\n' + "é" * 100, to="]}")
    assert stored(hostile) == hostile._replace(place="", customer=None)


def test_an_event_that_version_0_1_wrote_is_read() -> None:
    written = ["p1", "promised", MICROS, {"due": MICROS + 3_600_000_000, "reason": "Date", "rough": True}]
    expected = PLAIN._replace(id="p1", kind="promised", channel="ticket", place="", customer=None, reason="Date", rough=True)
    assert unpack(written, "c1", "ticket") == expected._replace(due=AT + timedelta(hours=1))
