"""Promises that a text makes: read by its moment and hours, kept as a gist, folded and judged. Monday is 2 November 2026."""

from datetime import timedelta

import pytest

from monitor.domain.event import Event
from monitor.domain.gist import Gist, Promised
from monitor.domain.hours import Calendar, parse_week
from monitor.domain.text_reading import TextReader
from tests.domain.contact_lines import at, call, email, expected, judged, policy, verdicts

OFFICE = Calendar("office", at("0").tzinfo, parse_week({"mon-fri": "09:00-17:30"}))
read = TextReader(lambda _place, _channel: OFFICE)


def promising(events: list[Event], *promises: Promised, place: int = -1) -> list[Event]:
    """These events, one of which has a text with these promises."""
    events[place] = events[place]._replace(gist=Gist(promises))
    return events


def reply(moment: str, text: str) -> Event:
    return read(email(f"replied {moment}")[0], text)


@pytest.mark.parametrize("kind", ["replied", "noted"])
def test_a_text_of_ours_is_read_for_promises_by_the_hours_of_its_place(kind: str) -> None:
    (event,) = email(f"{kind} mon@10:00")
    found = read(event, "Dear Ms Hart,\n\nI'll call you back tomorrow.\n\nBest regards\nTom\n\n> I will call you on Friday\n")
    assert found.gist is not None
    assert [(each.deed, each.due) for each in found.gist.promises] == [("call", at("tue@17:30"))]
    assert found._replace(gist=None) == event


def test_without_a_stated_time_none_is_kept_for_the_policy_says_when() -> None:
    found = reply("mon@10:00", "We will send you a new label.")
    assert found.gist is not None
    assert [(each.deed, each.due) for each in found.gist.promises] == [("send", None)]


@pytest.mark.parametrize(
    "event",
    [
        *email("received mon@10:00", "auto_replied mon@10:00", "replied mon@10:00 by=bot", "replied mon@10:00 by=rule"),
        *email("noted mon@10:00 by=customer"),
    ],
)
def test_words_of_customers_and_machines_promise_nothing(event: Event) -> None:
    assert read(event, "I will call you tomorrow.") is event


@pytest.mark.parametrize("text", ["", " \n ", "> I will call you tomorrow"])
def test_a_text_without_own_words_changes_nothing(text: str) -> None:
    (event,) = email("replied mon@10:00")
    assert read(event, text) is event


@pytest.mark.parametrize("text", ["Thank you for waiting.", "\ud800", "a" * 50_000], ids=["thanks", "surrogate", "long"])
def test_of_a_reply_without_a_promise_it_is_kept_that_it_was_read_of_a_note_nothing(text: str) -> None:
    replied, noted = email("replied mon@10:00", "noted mon@10:00")
    assert read(replied, text).gist == Gist(read=True)
    assert read(noted, text) is noted


def test_the_answer_that_makes_a_promise_does_not_keep_it() -> None:
    events = promising(email("received 0", "replied mon@10:00"), Promised("write", at("mon@12:00"), "will: write"))
    late = judged(events, "mon@12:00:00.000001", policy("email"))
    assert verdicts(late, "slipped_promise") == expected("breached mon@12:00:00.000001")
    assert verdicts(judged(events, "mon@12:00", policy("email")), "slipped_promise") == expected("open")


@pytest.mark.parametrize(
    ("answer", "held"),
    [
        ("mon@12:00", "kept mon@12:00"),
        ("mon@12:00:00.000001", "breached mon@12:00:00.000001"),
        ("mon@10:00:01", "kept mon@10:00:01"),
    ],
)
def test_the_next_words_of_ours_keep_it(answer: str, held: str) -> None:
    events = email("received 0", "replied mon@10:00", f"replied {answer}")
    promising(events, Promised("send", at("mon@12:00"), "will: send"), place=1)
    assert verdicts(judged(events, "tue@09:00", policy("email")), "slipped_promise") == expected(held)


def test_a_call_that_was_promised_is_not_kept_by_writing() -> None:
    events = email("received 0", "replied mon@10:00", "replied mon@11:00")
    promising(events, Promised("call", at("mon@12:00"), "will: call"), place=1)
    assert verdicts(judged(events, "tue@09:00", policy("email")), "slipped_promise") == expected("breached mon@12:00:00.000001")


@pytest.mark.parametrize(
    ("second", "held"),
    [
        ("mon@11:59", ["void", "breached tue@12:00:00.000001"]),
        ("mon@12:00:00.000001", ["breached mon@12:00:00.000001", "breached tue@12:00:00.000001"]),
    ],
)
def test_a_newer_promise_of_the_same_deed_takes_its_place_before_it_falls(second: str, held: list[str]) -> None:
    events = email("received 0", "replied mon@10:00", f"replied {second}")
    promising(events, Promised("call", at("mon@12:00"), "will: call"), place=1)
    promising(events, Promised("call", at("tue@12:00"), "will: call"), place=2)
    assert verdicts(judged(events, "wed@12:00", policy("email")), "slipped_promise") == [expected(each)[0] for each in held]


def test_of_one_text_all_promises_stand_side_by_side() -> None:
    events = email("received 0", "replied mon@10:00")
    promising(events, Promised("call", at("mon@12:00"), "will: call"), Promised("call", at("mon@14:00"), "will: call"))
    assert verdicts(judged(events, "mon@13:00", policy("email")), "slipped_promise") == [
        expected("breached mon@12:00:00.000001")[0],
        expected("open")[0],
    ]


@pytest.mark.parametrize(
    ("keys", "due"),
    [
        ({}, "wed@17:30"),  # made on Monday in opening hours: Tuesday is the first whole opening day, Wednesday the second
        ({"unstated_after": "1bd"}, "tue@17:30"),
        ({"unstated_after": "4h"}, "mon@14:00"),  # opening hours: 10 to 14
        ({"unstated_after": "8h"}, "tue@09:30"),  # 7.5 h on Monday, half an hour on Tuesday
        ({"unstated_after": "1bd", "grace": "30m"}, "tue@18:00"),
    ],
)
def test_without_a_stated_time_the_policy_says_when(keys: dict[str, str], due: str) -> None:
    events = promising(email("received 0", "replied mon@10:00"), Promised("write", None, "will: write"))
    held = policy("email", hours=True, slipped_promise=keys)
    assert verdicts(judged(events, due, held), "slipped_promise") == expected("open")
    after = at(due) + timedelta(microseconds=1)
    (verdict,) = [each for each in judged(events, "mon+1@09:00", held).verdicts if each.signal == "slipped_promise"]
    assert (verdict.state, verdict.at, verdict.due_at) == ("breached", after, at(due))


def test_around_the_clock_two_opening_days_are_48_hours() -> None:
    events = promising(email("received 0", "replied mon@10:00"), Promised("write", None, "will: write"))
    (verdict,) = [each for each in judged(events, "mon+1@09:00", policy("email")).verdicts if each.signal == "slipped_promise"]
    assert verdict.due_at == at("wed@10:00")


def test_a_note_of_a_call_promises_and_is_no_word_to_the_customer() -> None:
    events = call("queued 0", "answered 5", "ended 60", "noted 70", "noted 80")
    promising(events, Promised("send", at("mon@12:00"), "noted: send"), place=3)
    assert verdicts(judged(events, "mon@12:00:00.000001", policy("phone")), "slipped_promise") == expected(
        "breached mon@12:00:00.000001"
    )


@pytest.mark.parametrize("fate", ["bounced", "retracted"])
def test_a_reply_that_never_arrived_promised_nothing(fate: str) -> None:
    events = email("received 0", "replied mon@10:00", f"{fate} mon@10:05 event=replied-1")
    promising(events, Promised("write", at("mon@12:00"), "will: write"), place=1)
    assert verdicts(judged(events, "tue@12:00", policy("email")), "slipped_promise") == []


def test_a_ticket_that_is_closed_and_opened_again_by_mistake_still_owes_what_names_no_time() -> None:
    events = email("received 0", "replied mon@10:00", "resolved mon@11:00", "reopened mon@11:01 by=agent")
    promising(events, Promised("write", None, "will: write"), place=1)
    assert verdicts(judged(events, "mon@12:00", policy("email")), "slipped_promise") == expected("open")


@pytest.mark.parametrize(
    ("deed", "closed", "held"),
    [
        ("send", "mon@10:00", "open"),  # in the act that promises it
        ("send", "mon@10:00:59", "open"),
        ("send", "mon@10:01", "kept mon@10:01"),  # solved: nothing is owed any more
        ("call", "mon@10:01", "open"),  # a call is kept by speaking
    ],
)
def test_what_is_promised_as_a_matter_is_closed_is_owed_after_that(deed: str, closed: str, held: str) -> None:
    events = email("received 0", "replied mon@10:00", f"resolved {closed}")
    promising(events, Promised(deed, at("tue@12:00"), "will"), place=1)
    assert verdicts(judged(events, "mon@12:00", policy("email")), "slipped_promise") == expected(held)


def test_whoever_closes_it_without_a_word_has_nothing_promised_to_wait_for() -> None:
    """The customer closed it himself."""
    events = email("received 0", "replied mon@10:00", "resolved mon@10:00:30 by=customer")
    promising(events, Promised("send", at("tue@12:00"), "will"), place=1)
    assert verdicts(judged(events, "wed@12:00", policy("email")), "slipped_promise") == expected("void")
