"""Which kinds of events an account lets through is proven from the first whole call, and taken back when they come after all."""

from collections.abc import Callable

import pytest

from monitor.connectors._asterisk.ami import Message
from monitor.connectors._asterisk.sight import AGENT, CALL, Sight, callers_by_queue, class_of
from tests.connectors.asterisk_recordings import messages, scenarios

SECOND = 1_000_000


def told(sight: Sight) -> list[str] | None:
    """The first words of each sentence; None where nothing has changed."""
    untold = sight.drain()
    return None if untold is None else [each.partition(" is missing")[0] for each in untold.why]


def after(seen: list[Message], seconds: float = 10.0, *, has_log: bool = False) -> tuple[Sight, list[str] | None]:
    """What is missing so long after these messages came."""
    sight = Sight(has_log=has_log)
    sight.feed((message, 0) for message in seen)
    sight.tick(round(seconds * SECOND))
    return sight, told(sight)


def without(name: str, hidden: Callable[[Message], bool]) -> list[Message]:
    return [message for message in messages(name) if not hidden(message)]


def call(name: str, uid: str = "1.1", **fields: str) -> Message:
    return Message(name, {"Uniqueid": uid, "Linkedid": uid, "Queue": "support", **fields})


GAVE_UP = [call("QueueCallerJoin"), call("QueueCallerAbandon"), call("QueueCallerLeave")]


@pytest.mark.parametrize("name", [name for name in scenarios() if name != "ghost_caller"])
def test_an_account_that_sees_everything_lacks_nothing(name: str) -> None:
    assert after(messages(name))[1] is None


@pytest.mark.parametrize("name", ["answered", "abandon_waiting", "queue_timeout", "asterisk16/holds", "blind_transfer"])
def test_without_class_call(name: str) -> None:
    assert after(without(name, lambda m: class_of(m.name) == CALL))[1] == ["class call"]


@pytest.mark.parametrize("name", ["answered", "asterisk16/holds", "direct_call"])
def test_with_a_filter_that_hides_the_request_to_hang_up(name: str) -> None:
    assert after(without(name, lambda m: m.name in ("HangupRequest", "SoftHangupRequest")))[1] == ["HangupRequest"]


@pytest.mark.parametrize("name", ["answered", "asterisk16/holds", "direct_call", "ringall"])
def test_with_a_filter_that_hides_dial_state(name: str) -> None:
    assert after(without(name, lambda m: m.name == "DialState"))[1] == ["DialState"]


@pytest.mark.parametrize(("seconds", "missing"), [(1.999999, None), (2.0, ["class call"])])
def test_it_is_proven_two_seconds_after_the_visit(seconds: float, missing: list[str] | None) -> None:
    assert after(GAVE_UP, seconds)[1] == missing


def test_a_visit_that_we_did_not_see_begin_proves_nothing() -> None:
    """Its phones may have rung before we came, and its caller may go on."""
    assert after(GAVE_UP[1:])[1] is None


def test_what_comes_after_all_is_not_missing() -> None:
    sight, missing = after(GAVE_UP)
    assert missing == ["class call"]
    sight.feed([(call("Hangup"), 11 * SECOND)])
    assert told(sight) == []
    assert told(sight) is None


def test_a_new_connection_may_see_more() -> None:
    sight, missing = after(GAVE_UP)
    assert missing == ["class call"]
    sight.renew()
    assert told(sight) is None
    sight.feed([(call("Newchannel"), 20 * SECOND)])
    assert told(sight) == []


def test_it_is_said_once() -> None:
    sight, _ = after(GAVE_UP)
    sight.feed((message, 20 * SECOND) for message in GAVE_UP)
    sight.tick(40 * SECOND)
    assert told(sight) is None


def test_queues_that_were_busy_without_an_event_prove_that_class_agent_is_missing() -> None:
    sight, _ = after([call("Newchannel")])
    sight.queues_were_busy()
    assert told(sight) == ["class agent"]
    sight.feed([(call("QueueCallerJoin"), 30 * SECOND)])
    assert told(sight) == []


def test_queues_that_were_busy_are_no_news_where_their_events_come() -> None:
    sight, _ = after([call("QueueCallerJoin")])
    sight.queues_were_busy()
    assert told(sight) is None


@pytest.mark.parametrize(("has_log", "decided"), [(False, False), (True, True)])
def test_who_gave_up_is_known_without_class_call_where_queue_log_says_it(has_log: bool, decided: bool) -> None:
    sight = Sight(has_log=has_log)
    sight.feed((message, 0) for message in GAVE_UP)
    sight.tick(10 * SECOND)
    untold = sight.drain()
    assert untold is not None
    assert untold.waits == {"ring", "hold", "callback"}
    assert untold.signals >= {"slow_answer", "long_hold", "handed_on", "missed_callback"}
    assert ("abandoned" not in untold.signals) is decided
    assert ("abandoned" not in untold.outcomes) is decided


def test_callers_of_a_queue_are_those_who_wait_and_those_who_are_done() -> None:
    parts = [
        Message("QueueParams", {"Queue": "support", "Calls": "2", "Completed": "30", "Abandoned": "400"}),
        Message("QueueParams", {"Queue": "sales", "Calls": "x"}),
        Message("QueueEntry", {"Queue": "support"}),
    ]
    assert callers_by_queue(parts) == {"support": 432, "sales": 0}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("QueueMemberPause", AGENT), ("AgentRingNoAnswer", AGENT), ("DialState", CALL), ("ParkedCall", CALL), ("Shutdown", None)],
)
def test_the_class_of_an_event_is_known_by_its_name(name: str, kind: str | None) -> None:
    assert class_of(name) == kind


def test_a_sign_of_life_is_asked_for_when_the_time_is_up_not_before_and_not_after_it_came() -> None:
    sight, begun = Sight(has_log=False), 1_000_000
    sight.feed([(message, begun) for message in GAVE_UP])
    assert not sight.undecided(begun + 1_999_999, begun)
    assert sight.undecided(begun + 2_000_000, begun)
    assert sight.undecided(begun + 9_000_000, begun + 1_999_999)
    assert not sight.undecided(begun + 9_000_000, begun + 2_000_000)
    sight.tick(begun + 2_000_000)
    assert not sight.undecided(begun + 9_000_000, begun)
    assert sight.drain() is not None
