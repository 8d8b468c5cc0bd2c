"""What of a contact event is refused: each message names the key, the value and the remedy."""

from typing import Any

import pytest

from monitor.errors import REJECT_REASONS, DataError
from tests.connectors.test_event_lines import line, parse

REFUSALS: list[tuple[dict[str, Any], str, str, list[str]]] = [
    # changed keys, key named, value shown, remedy
    ({"at": "yesterday"}, "at", "yesterday", ["2026-11-02T09:00:00Z"]),
    ({"at": 1793610000}, "at", "1793610000", ["2026-11-02T09:00:00Z"]),
    ({"at": None}, "at", "is missing", ["2026-11-02T09:00:00Z"]),
    ({"at": "2026-11-02T09:00:00"}, "at", "2026-11-02T09:00:00", ["add Z or an offset"]),
    ({"at": "2026-11-03T09:00:00.000001Z"}, "at", "2026-11-03T09:00:00.000001", ["check the sender's clock"]),
    ({"at": "1989-12-31T23:59:59Z"}, "at", "1989", ["check the sender's clock"]),
    ({"at": "0001-01-01T00:00:00+14:00"}, "at", "0001", ["not believable"]),
    ({"at": "9999-12-31T23:59:59-14:00"}, "at", "9999", ["not believable"]),
    ({"kind": "rang"}, "kind", "rang", ["answered", "queued", "channel phone"]),
    ({"kind": "rang", "channel": "ticket"}, "kind", "rang", ["replied", "resolved", "channel ticket"]),
    ({"kind": "rang", "channel": None}, "kind", "rang", ["settled", "noted"]),
    ({"kind": "left", "channel": "ticket"}, "kind", "left", ["replied", "resolved", "channel ticket"]),
    ({"kind": None}, "kind", "is missing", ["queued"]),
    ({"kind": ["queued"]}, "kind", "queued", ["queued"]),
    ({"kind": "lost"}, "kind", "lost", ["queued"]),
    ({"kind": "reached"}, "kind", "reached", ["queued"]),
    ({"channel": "fax"}, "channel", "fax", ["phone, email, ticket, chat, counter"]),
    ({"channel": {}}, "channel", "{}", ["phone"]),
    ({"contact": ""}, "contact", "''", ["1 to 200"]),
    ({"contact": None}, "contact", "is missing", ["1 to 200"]),
    ({"contact": True}, "contact", "True", ["1 to 200"]),
    ({"contact": 1.5}, "contact", "1.5", ["1 to 200"]),
    ({"contact": "x" * 201}, "contact", "xxx", ["1 to 200"]),
    ({"contact": "a\nb"}, "contact", "a\\nb", ["printable"]),
    ({"contact_point": "a\x00b"}, "contact_point", "\\x00", ["printable"]),
    ({"contact_point": 10**201}, "contact_point", "1000", ["1 to 200"]),
    ({"id": ""}, "id", "''", ["1 to 200"]),
    ({"id": 10**201}, "id", "1000", ["1 to 200"]),
    ({"id": True}, "id", "True", ["1 to 200", "whole number"]),
    ({"id": 5.5}, "id", "5.5", ["1 to 200", "whole number"]),
    ({"id": "\ud800"}, "id", "\\ud800", ["Unicode"]),
    ({"customer": 442079460000}, "customer", "", ["as text"]),
    ({"customer": "\udfff"}, "customer", "\\udfff", ["Unicode"]),
    ({"text": "hello"}, "text", "", ["queued carries no such key", "since"]),
    ({"kind": "left", "reasons": "x"}, "reasons", "", ["reason"]),
    ({"kind": "left", "reason": "bored"}, "reason", "bored", ["caller", "timeout", "withdrawn"]),
    ({"kind": "left", "reason": "restart"}, "reason", "restart", ["caller"]),
    ({"kind": "left", "reason": "full"}, "reason", "full", ["caller"]),
    ({"kind": "turned_away", "reason": "caller"}, "reason", "caller", ["closed, full, no_agents"]),
    ({"kind": "left", "reason": []}, "reason", "[]", ["caller"]),
    ({"kind": "transferred", "how": "warm"}, "how", "warm", ["blind, consult"]),
    ({"kind": "transferred", "how": {}}, "how", "{}", ["blind, consult"]),
    ({"kind": "transferred", "to": "\x1b[2J"}, "to", "\\x1b", ["printable"]),
    ({"kind": "assigned", "to": ""}, "to", "''", ["1 to 200"]),
    ({"kind": "called_out", "answered": "yes"}, "answered", "yes", ["true or false"]),
    ({"kind": "called_out", "answered": 1}, "answered", "1", ["true or false"]),
    ({"kind": "prioritised", "raised": 0}, "raised", "0", ["true or false"]),
    ({"kind": "complained", "sector": []}, "sector", "[]", ["1 to 200"]),
    ({"kind": "complained", "sector": "telecom"}, "sector", "telecom", ["telecoms", "payments", "leave it out"]),
    ({"kind": "complained", "received": "2026-11-02T08:00:01Z"}, "received", "08:00:01", ["not after"]),
    ({"kind": "complained", "withdrawn": "yes"}, "withdrawn", "yes", ["true or false"]),
    ({"kind": "merged"}, "into", "is missing", ["1 to 200"]),
    ({"kind": "retracted"}, "event", "is missing", ["1 to 200"]),
    ({"kind": "resolved", "as": "wontfix"}, "as", "wontfix", ["done, duplicate, rejected, timeout"]),
    ({"kind": "replied", "by": "Ann"}, "by", "Ann", ["agent, bot, customer, rule"]),
    ({"kind": "pending", "on": "us"}, "on", "us", ["customer, third_party, time"]),
    ({"kind": "pending", "until": "tomorrow"}, "until", "tomorrow", ["2026-11-02T09:00:00Z"]),
    ({"kind": "pending", "until": "2100-01-01T00:00:00Z"}, "until", "2100", ["not believable"]),
    ({"kind": "received", "courtesy": "yes"}, "courtesy", "yes", ["true or false"]),
    ({"kind": "received", "lang": 7}, "lang", "7", ["pt-BR"]),
    ({"kind": "received", "seq": -1}, "seq", "-1", ["whole number"]),
    ({"kind": "received", "seq": 1.5}, "seq", "1.5", ["whole number"]),
    ({"kind": "received", "seq": True}, "seq", "True", ["whole number"]),
    ({"kind": "received", "policy": ""}, "policy", "''", ["1 to 200"]),
    ({"kind": "received", "after": "2026-11-02T08:00:01Z"}, "after", "08:00:01", ["not after"]),
    ({"policy": "p1"}, "policy", "", ["queued carries no such key"]),
    ({"seq": 1}, "seq", "", ["queued carries no such key"]),
    ({"kind": "promised", "due": "2026-13-01"}, "due", "2026-13-01", ["2026-11-02T09:00:00Z", "a day"]),
    ({"kind": "promised", "due": "2100-01-01"}, "due", "2100", ["not believable"]),
    ({"since": "2026-11-02T09:00:01Z"}, "since", "09:00:01", ["comes before this one"]),
    ({"since": "1989-12-31T09:00:00Z"}, "since", "1989", ["not believable"]),
    ({"kind": "left", "since": "2026-11-02T08:00:00Z"}, "since", "", ["left carries no such key"]),
    ({"kind": "promised"}, "due", "is missing", ["2026-11-02T09:00:00Z"]),
    ({"kind": "promised", "due": "soon"}, "due", "soon", ["2026-11-02T09:00:00Z"]),
    ({"kind": "promised", "due": "2026-11-03T09:00:00"}, "due", "2026-11-03", ["add Z or an offset"]),
    ({"kind": "promised", "due": "2100-01-01T00:00:00Z"}, "due", "2100", ["not believable"]),
    ({"kind": "settled"}, "reason", "is missing", ["printable", "200"]),
    ({"kind": "settled", "reason": ""}, "reason", "''", ["printable", "200"]),
    ({"kind": "settled", "reason": "a\nb"}, "reason", "a\\nb", ["printable", "200"]),
    ({"kind": "settled", "reason": "x" * 201}, "reason", "xxx", ["printable", "200"]),
    ({"kind": "discarded"}, "reason", "is missing", ["printable", "200"]),
    ({"kind": "bounced"}, "event", "is missing", ["printable", "200"]),
    ({"kind": "settled", "reason": "x", "by": ["a"]}, "by", "a", ["printable", "200"]),
    ({"kind": "received", "event": "m1"}, "event", "", ["text"]),
    ({"kind": "rated", "score": 1.01}, "score", "1.01", ["0 to 1"]),
    ({"kind": "rated", "score": True}, "score", "True", ["0 to 1"]),
    ({"kind": "rated"}, "score", "is missing", ["0 to 1"]),
    ({"kind": "rated", "score": float("nan")}, "score", "nan", ["0 to 1"]),
]


@pytest.mark.parametrize(("keys", "key", "value", "remedy"), REFUSALS, ids=lambda each: repr(each)[:40])
def test_a_refusal_names_the_key_the_value_and_the_remedy(keys: dict[str, Any], key: str, value: str, remedy: list[str]) -> None:
    with pytest.raises(DataError) as refused:
        parse(line(**keys))
    message = str(refused.value)
    assert message.removeprefix("'").startswith(key)
    assert value in message
    assert all(each in message for each in remedy)
    assert len(message) < 400
    assert message.isprintable()
    assert refused.value.reason in REJECT_REASONS


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"kind": "rang"}, "unknown_kind"),
        ({"at": "2099-01-01T00:00:00Z"}, "future"),
        ({"contact": ""}, "malformed"),
    ],
)
def test_the_class_of_a_refusal(keys: dict[str, Any], reason: str) -> None:
    with pytest.raises(DataError) as refused:
        parse(line(**keys))
    assert refused.value.reason == reason
