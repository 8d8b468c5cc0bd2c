"""Who could answer, from lists of members and their events."""

from typing import Any

import pytest

from monitor.connectors._asterisk.ami import Message, Parser
from monitor.connectors._asterisk.members import MEMBER_EVENTS, Members
from tests.connectors.asterisk_recordings import chunks

NONE = {"ready": 0, "busy": 0, "paused": 0, "away": 0}


def listed(*members: tuple[str, str, dict[str, Any]], queues: tuple[str, ...] = ("support",)) -> list[Message]:
    """An answer to QueueStatus: (queue, interface, other fields) of each member."""
    parts = [Message("QueueParams", {"Queue": queue}) for queue in queues]
    for queue, interface, fields in members:
        whole = {"Queue": queue, "Location": interface, "Status": "1", "Paused": "0", "InCall": "0", **fields}
        parts.append(Message("QueueMember", whole))
    return [*parts, Message("QueueStatusComplete", {})]


def changed(name: str, interface: str = "PJSIP/1001", queue: str = "support", **fields: str) -> tuple[str, dict[str, str]]:
    """An event of one member."""
    return f"QueueMember{name}", {"Queue": queue, "Interface": interface, "Status": "1", "Paused": "0", "InCall": "0", **fields}


def counts(members: Members, queue: str = "support") -> dict[str, int]:
    """How many there are now in each state, without the zeros; nothing may have been told since the last change."""
    news = members.drain()
    assert news is not None
    return {state: count for state, count in news[f"queue:{queue}"].items() if count}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("0", "away"), ("1", "ready"), ("2", "busy"), ("3", "busy"), ("4", "away"), ("5", "away"), ("6", "busy"), ("7", "busy"),
        ("8", "busy"), ("9", "away"), ("", "away"),
    ],
)  # fmt: skip
def test_the_device_says_what_a_member_does_unless_paused(status: str, state: str) -> None:
    members = Members()
    members.take(
        listed(("support", "PJSIP/1001", {"Status": status}), ("support", "PJSIP/1002", {"Status": status, "Paused": "1"}))
    )
    assert members.drain() == {"queue:support": {**NONE, state: 1, "paused": 1}}


def test_who_is_in_a_call_is_busy_whatever_the_device_says() -> None:
    members = Members()
    members.take(listed(("support", "Local/7@agents/n", {"InCall": "1"})))
    assert counts(members) == {"busy": 1}


def test_a_queue_without_members_shows_zeros_and_no_queue_shows_nothing() -> None:
    members = Members()
    members.take(listed())
    assert members.drain() == {"queue:support": NONE}
    members = Members()
    members.take(listed(queues=()))
    assert members.drain() is None


def test_a_member_from_login_to_logout() -> None:
    members, seen = Members(), []
    members.take(listed())
    last = members.drain() or {}
    for event in (
        changed("Added"), changed("Status", Status="6"), changed("Status", Status="2"), changed("Pause", Status="2", Paused="1"),
        changed("Status", Paused="1"), changed("Pause"), changed("Ringinuse"), changed("Status", Status="5"), changed("Removed"),
    ):  # fmt: skip
        members.apply(*event)
        last = members.drain() or last
        seen.append("".join(state for state, count in last["queue:support"].items() if count))
    assert seen == ["ready", "busy", "busy", "paused", "paused", "ready", "ready", "away", ""]


def test_only_news_is_told() -> None:
    members = Members()
    members.take(listed(("support", "PJSIP/1001", {})))
    assert members.drain() is not None
    assert members.drain() is None
    members.apply(*changed("Status", Status="6"))
    assert members.drain() == {"queue:support": {**NONE, "busy": 1}}
    members.apply(*changed("Status", Status="2"))  # still busy
    assert members.drain() is None


def test_a_member_of_two_queues_counts_in_each() -> None:
    members = Members()
    members.take(listed(("support", "PJSIP/1001", {}), ("sales", "PJSIP/1001", {}), queues=("support", "sales")))
    members.apply(*changed("Pause", queue="sales", Paused="1"))
    assert members.drain() == {"queue:support": {**NONE, "ready": 1}, "queue:sales": {**NONE, "paused": 1}}


def test_one_interface_written_in_two_ways_is_one_member() -> None:
    members = Members()
    members.take(listed(("support", "PJSIP/Alice", {})))
    members.apply(*changed("Pause", "pjsip/alice", Paused="1"))
    assert counts(members) == {"paused": 1}


def test_two_events_that_overtook_each_other() -> None:
    members = Members()
    members.take(listed(("support", "PJSIP/1001", {})))
    members.apply(*changed("Status", Status="2", Timestamp="1795298988.958727"))
    members.apply(*changed("Status", Status="6", Timestamp="1795298988.950000"))
    assert counts(members) == {"busy": 1}
    members.apply(*changed("Removed", Timestamp="1795298990.000000"))
    members.apply(*changed("Status", Status="1", Timestamp="1795298989.990000"))
    assert members.drain() == {"queue:support": NONE}


def test_who_is_removed_twice_or_was_never_there_takes_nobody_away() -> None:
    members = Members()
    members.take(listed(("support", "PJSIP/1001", {})))
    for interface in ("PJSIP/1002", "PJSIP/1002", "PJSIP/1003"):
        members.apply(*changed("Removed", interface))
    assert counts(members) == {"ready": 1}


def test_a_queue_that_no_list_held_is_asked_for_and_not_guessed() -> None:
    members = Members()
    members.take(listed())
    members.drain()
    members.apply(*changed("Status", queue="realtime", Status="6"))
    assert members.incomplete
    assert members.drain() is None
    members.take(
        listed(("realtime", "PJSIP/1001", {"Status": "6"}), ("realtime", "PJSIP/1002", {}), queues=("support", "realtime"))
    )
    assert not members.incomplete
    assert members.drain() == {"queue:support": NONE, "queue:realtime": {**NONE, "busy": 1, "ready": 1}}


def test_a_later_list_brings_who_came_and_went_without_an_event() -> None:
    members = Members()
    members.take(listed(("support", "PJSIP/1001", {}), ("support", "PJSIP/1002", {})))
    members.take(listed(("support", "PJSIP/1002", {}), ("support", "PJSIP/1003", {"Paused": "1"})))
    assert counts(members) == {"ready": 1, "paused": 1}


def test_phones_that_change_without_an_event_mean_that_the_account_cannot_see_them() -> None:
    members = Members()
    members.take(listed(("support", "PJSIP/1001", {})))
    assert counts(members) == {"ready": 1}
    members.take(listed(("support", "PJSIP/1001", {"Status": "2"})))
    assert members.drain() == {}
    members.take(listed(("support", "PJSIP/1001", {"Status": "1"})))
    assert members.drain() is None
    members.apply(*changed("Status", Status="6"))  # it can, after all
    assert counts(members) == {"busy": 1}


def test_who_has_told_events_before_may_be_late_with_one() -> None:
    members = Members()
    members.take(listed(("support", "PJSIP/1001", {})))
    members.apply(*changed("Status", Status="6"))
    members.take(listed(("support", "PJSIP/1001", {"Status": "2"})))
    assert members.drain() == {"queue:support": {**NONE, "busy": 1}}


def test_a_realtime_pause_without_an_event_is_no_proof_of_that() -> None:
    members = Members()
    members.take(listed(("support", "PJSIP/1001", {})))
    members.take(listed(("support", "PJSIP/1001", {"Paused": "1"})))
    assert counts(members) == {"paused": 1}


def test_an_event_without_queue_or_interface_changes_nothing() -> None:
    members = Members()
    members.take(listed(("support", "PJSIP/1001", {})))
    members.apply("QueueMemberStatus", {"Queue": "support"})
    members.apply("QueueMemberStatus", {"Interface": "PJSIP/1001", "Status": "5"})
    assert counts(members) == {"ready": 1}


def told(name: str) -> list[dict[str, dict[str, int]]]:
    """What a recording of a real session tells, beginning with empty queues of the laboratory."""
    members, parser, all_told = Members(), Parser(dict.fromkeys(MEMBER_EVENTS)), []
    members.take(listed(queues=("support", "sales", "frontdesk")))
    for _, data in chunks(name):
        for message in parser.feed(data):
            if message.name:
                members.apply(*message)
                all_told.append(members.drain() or all_told[-1])
    return all_told


@pytest.mark.parametrize(
    ("name", "queue", "agents"),
    [
        ("answered", "support", 1), ("asterisk16/holds", "support", 1), ("holds", "support", 1), ("ringall", "sales", 2),
        ("asterisk16/local_member", "frontdesk", 1), ("local_member", "frontdesk", 1),
    ],
)  # fmt: skip
def test_in_real_sessions_of_16_and_22_who_was_rung_is_busy_and_then_ready_again(name: str, queue: str, agents: int) -> None:
    seen = [each[f"queue:{queue}"] for each in told(name)]
    assert max(each["busy"] for each in seen) == agents
    assert seen[-1] == {**NONE, "ready": agents}


def test_in_a_real_session_who_was_added_is_paused_and_removed() -> None:
    seen = [each["queue:support"] for each in told("members")]
    ready, paused = {**NONE, "ready": 1}, {**NONE, "paused": 1}
    steps = [each for each, before in zip(seen, [None, *seen], strict=False) if each != before]
    assert steps == [ready, paused, ready, paused, ready, NONE]  # FACTS section 3: a second pause is another reason
