"""The customer comes, and has come before: what earlier contacts make of it. Moments are microseconds."""

from typing import Any

import pytest

from monitor.domain.event import AGAIN, ANEW, Event, from_micros
from monitor.domain.news import News
from monitor.domain.returns import Coming, Told, returns

MINUTE = 60_000_000
DAY = 1440 * MINUTE
NOW = 100 * DAY
CALL = Coming("pbx", "c", "ff", "phone", NOW)


def told(kind: Any, ago: int, channel: str = "email", name: str = "m", *, source: str = "mail", **other: Any) -> Told:
    """News of `ago` before NOW."""
    until = other.pop("until_ago", None)
    ended = None if until is None else NOW - until
    return Told(source, News("k", NOW - ago, name, channel, f"id-{name}", kind, until=ended, **other))


def shown(events: list[Event]) -> list[tuple[str, str | None, str | None, int, str | None]]:
    """Kind, channel and id of the other contact, how long ago it ended or he began to wait, and why."""
    assert all(event.at == from_micros(NOW) and event.contact == "c" for event in events)
    ago = [0 if event.since is None else int((from_micros(NOW) - event.since).total_seconds() * 1e6) for event in events]
    return [(event.kind, event.how, event.to, since, event.reason) for event, since in zip(events, ago, strict=True)]


def mail(came: int, answered: int | None) -> list[Told]:
    """He wrote, and was answered so long ago, or not yet."""
    found = [told("came", came), told("asked", came, until_ago=answered)]
    return found if answered is None else [*found, told("words", answered)]


def test_who_never_came_before_has_not_come_again() -> None:
    assert returns(CALL, []) == []
    assert returns(CALL, [told("words", DAY, remarks="ours"), told("tried", DAY, "phone", remarks="ours")]) == []


def test_the_contact_that_ended_last_counts_and_its_end() -> None:
    assert shown(returns(CALL, mail(9 * DAY, 6 * DAY))) == [(AGAIN, "email", "id-m", 6 * DAY, None)]
    both = [*mail(9 * DAY, 8 * DAY), told("came", 3 * DAY, "phone", "p"), told("over", 3 * DAY - MINUTE, "phone", "p")]
    assert shown(returns(CALL, both)) == [(AGAIN, "phone", "id-p", 3 * DAY - MINUTE, None)]


def test_a_contact_that_was_left_unanswered_goes_on() -> None:
    unanswered = mail(30 * DAY, None)
    assert shown(returns(CALL, unanswered)) == [
        (AGAIN, "email", "id-m", 0, None),
        (ANEW, "email", "id-m", 30 * DAY, "unanswered"),
    ]


@pytest.mark.parametrize(
    ("until", "anew"),
    [(1, False), (0, False), (-1, True), (None, True)],  # answered an instant before, as he comes, after, never
)
def test_he_starts_anew_while_he_waits_on_another_channel(until: int | None, anew: bool) -> None:
    waiting = [told("came", DAY), told("asked", DAY, until_ago=until)]
    assert [event.kind for event in returns(CALL, waiting)] == ([AGAIN, ANEW] if anew else [AGAIN])
    same_channel = [told("came", DAY, "phone"), told("asked", DAY, "phone", until_ago=until)]
    assert [event.kind for event in returns(CALL, same_channel)] == [AGAIN]


def test_of_several_he_has_waited_longest_for_one() -> None:
    waiting = [*mail(DAY, None), told("came", 2 * DAY, "ticket", "t"), told("asked", 2 * DAY, "ticket", "t")]
    assert shown(returns(CALL, waiting))[1] == (ANEW, "ticket", "id-t", 2 * DAY, "unanswered")


def test_what_comes_later_is_no_reason() -> None:
    later = [told("came", -1), told("asked", -1)]
    assert returns(CALL, later) == []
    # of one moment the names decide: "id-m" is after "ff"
    assert returns(CALL, [told("came", 0)]) == []
    assert [event.kind for event in returns(CALL._replace(id="z"), [told("came", 0)])] == [AGAIN]


def test_another_leg_of_the_call_is_no_coming() -> None:
    leg = [told("came", MINUTE, "phone", "c", source="pbx"), *mail(DAY, None)]
    assert shown(returns(CALL, leg)) == [(AGAIN, "phone", "id-c", MINUTE, "same_call")]
    other_system = [told("came", MINUTE, "phone", "c", source="other")]
    assert shown(returns(CALL, other_system)) == [(AGAIN, "phone", "id-c", MINUTE, None)]


@pytest.mark.parametrize(("ago", "same"), [(0, True), (10 * MINUTE, True), (10 * MINUTE + 1, False)])
@pytest.mark.parametrize(("first", "second"), [("email", "ticket"), ("ticket", "email")])
def test_a_mail_that_a_helpdesk_fetches_is_one_coming(first: str, second: str, ago: int, same: bool) -> None:
    ticket = Coming("desk", "c", "z", second, NOW)
    found = shown(returns(ticket, [told("came", ago, first), told("asked", ago, first)]))
    assert found[0][-1] == ("same_matter" if same else None)
    assert len(found) == (1 if same else 2)


@pytest.mark.parametrize(
    ("words", "since", "reason"),
    [
        (told("words", DAY, remarks="asks"), [], "asked"),
        (told("words", DAY, remarks="asks ours"), [], "asked"),
        (told("words", DAY, remarks="to:phone"), [], "asked"),
        (told("words", DAY, remarks="to:chat"), [], None),
        (told("words", DAY), [], None),
        (told("tried", DAY, "phone", "out", remarks="ours"), [], "asked"),  # we called in vain: he calls back
        (told("words", DAY, remarks="asks"), [told("came", DAY // 2, "phone", "p")], None),  # that was his answer
        (told("words", DAY, remarks="asks"), [told("words", DAY // 2)], None),  # our last words ask nothing
    ],
)
def test_what_we_asked_for_is_no_return(words: Told, since: list[Told], reason: str | None) -> None:
    before = [told("came", 2 * DAY), told("asked", 2 * DAY, until_ago=DAY), words, *since]
    assert returns(CALL, before)[0].reason == reason


def test_a_call_in_vain_is_answered_by_phone_alone() -> None:
    tried = told("tried", DAY, "phone", "out", remarks="ours")
    answer = Coming("mail", "c", "ff", "email", NOW)
    assert returns(answer, [told("came", 2 * DAY), tried])[0].reason is None


@pytest.mark.parametrize(
    ("words", "anew"),
    [
        (told("words", DAY, remarks="to:phone"), True),
        (told("words", 7 * DAY, remarks="to:phone"), True),
        (told("words", 7 * DAY + 1, remarks="to:phone"), False),
        (told("words", DAY, "phone", remarks="to:phone"), False),  # from where he was
        (told("words", DAY, remarks="to:chat"), False),
    ],
)
def test_whom_we_send_to_another_channel_starts_anew_there(words: Told, anew: bool) -> None:
    before = [told("came", 8 * DAY), told("asked", 8 * DAY, until_ago=NOW - words.news.at), words]
    found = [each for each in shown(returns(CALL, before)) if each[0] == ANEW]
    assert found == ([(ANEW, "email", "id-m", NOW - words.news.at, "sent")] if anew else [])
