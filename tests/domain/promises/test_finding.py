"""Who promises what by when, seen from Wednesday, 18 November 2026, 14:20 in London."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.dates.vocabulary import in_order
from monitor.domain.hours import ROUND_THE_CLOCK, Calendar
from monitor.domain.promises.finding import find, language_of
from monitor.domain.promises.reading import own_text
from tests.domain.dates.reading import desk

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 18, 14, 20, tzinfo=LONDON)
DESK = desk()


def told(text: str, at: datetime = NOW) -> list[tuple[str, str]]:
    """(deed, local due moment, with ? where it was inferred)."""
    return [
        (each.deed, f"{each.due.astimezone(LONDON):%Y-%m-%dT%H:%M}{'?' * each.inferred}")
        for each in find(text, at, DESK).promises
    ]


@pytest.mark.parametrize(
    ("text", "promise"),
    [
        ("I'll call you back by Friday 5pm.", ("call", "2026-11-20T17:00")),
        ("We will refund you within 48 hours.", ("refund", "2026-11-20T14:20")),
        ("You'll hear from us by close of business tomorrow.", ("write", "2026-11-19T17:30")),
        ("I'll get this fixed today.", ("do", "2026-11-18T17:30")),
        ("Expect it on the 3rd.", ("send", "2026-12-03T17:30")),
        ("Our engineer will be with you between 8 and 12 on Monday.", ("visit", "2026-11-23T12:00")),
        ("Leave it with me, I'll come back to you.", ("write", "2026-11-20T17:30?")),
        ("I’ll call you back tomorrow.", ("call", "2026-11-19T17:30")),
        ("I am sending the form on Monday.", ("send", "2026-11-23T17:30")),
        ("Tomorrow we will let you know.", ("write", "2026-11-19T17:30")),
        ("Told customer that we would ring on Friday.", ("call", "2026-11-20T17:30")),
        ("Wir melden uns bis Freitag bei Ihnen.", ("write", "2026-11-20T17:30")),
        ("I'll have it mended by Friday.", ("do", "2026-11-20T17:30")),
        ("I'll have Tom mend it by Friday.", ("do", "2026-11-20T17:30")),
        ("You can depend on us to call you on Friday.", ("call", "2026-11-20T17:30")),
        ("You can count on hearing from us by noon on Thursday.", ("write", "2026-11-19T12:00")),
        ("We are arranging for our fitter to visit you on Friday.", ("visit", "2026-11-20T17:30")),
        ("I have booked a technician for you on Thursday between 8am and 1pm.", ("visit", "2026-11-19T13:00")),
        ("Your refund will show up on your card by the 30th.", ("refund", "2026-11-30T17:30")),
        ("told the caller we would ring back before 6", ("call", "2026-11-18T18:00")),
        ("advised cust of refund by 28/11", ("refund", "2026-11-28T23:59")),
        ("We will send somebody round on Friday.", ("visit", "2026-11-20T17:30")),
        ("We will send the forms round on Friday.", ("send", "2026-11-20T17:30")),
        ("It was a small thing - will ring you Thursday.", ("call", "2026-11-19T17:30")),
        ("Yes, posting it on Friday.", ("send", "2026-11-20T17:30")),
        ("ill call u 2moro", ("call", "2026-11-19T17:30")),
        ("We are committed to resolving this by Friday.", ("do", "2026-11-20T17:30")),
        ("The parcel is now due to leave us on Friday.", ("send", "2026-11-20T17:30")),
        ("I've put a note in my diary to ring you on Friday.", ("call", "2026-11-20T17:30")),
        ("I'll write to you on Friday with what he says.", ("write", "2026-11-20T17:30")),
    ],
)
def test_a_promise(text: str, promise: tuple[str, str]):
    assert told(text) == [promise]


@pytest.mark.parametrize(
    "text",
    [
        "If it breaks again, we will send a new one by Friday.",
        "Will you call me by Friday?",
        "Please send us the form by Friday.",
        "You said you would call on Friday.",
        "We called you on Monday.",
        "We will not call you on Friday.",
        "We aim to reply within two days.",
        "This is an automated reply; we will call you within two days.",
        "You can count on your neighbours to call on Friday.",
        "I have booked a holiday on Friday.",
        "I have put a note on your account.",
        "told the caller to ring back before 6",
        "I'll be happy to help you.",
        "Let me have a look.",
        "I'll put you on hold.",
        "The courier says he will deliver it on Friday.",
        "I can call you on Friday if you like.",
        "The offer ends on Friday.",
        "i'm gonna go ahead and transfer that for you",
        "Wenn Sie möchten, rufen wir Sie morgen an.",
        "",
    ],
)
def test_no_promise(text: str):
    assert told(text) == []


def test_two_promises_of_a_sentence_have_their_own_times():
    assert told("I'll send you the quote tomorrow and call you on Monday to discuss it.") == [
        ("send", "2026-11-19T17:30"),
        ("call", "2026-11-23T17:30"),
    ]


def test_a_condition_spares_the_next_sentence():
    assert told("If you have questions, write to me. I will call you tomorrow.") == [("call", "2026-11-19T17:30")]


def test_a_range_is_due_at_its_end_and_a_limit_goes_before_other_dates():
    assert told("I'll call you between 3 and 5 tomorrow.") == [("call", "2026-11-19T17:00")]
    assert told("We will send it by Friday, after the meeting tomorrow.") == [("send", "2026-11-20T17:30")]


def test_the_policy_says_when_a_promise_without_a_time_is_due():
    [promise] = find("I'll get back to you.", NOW, DESK, unstated=3).promises
    assert (promise.due, promise.inferred) == (datetime(2026, 11, 23, 17, 30, tzinfo=UTC), True)


def test_what_found_it_and_where():
    text = "Thank you. I will call you tomorrow. Bye"
    [promise] = find(text, NOW, DESK).promises
    assert promise.rule == "we will: call"
    assert text[promise.start : promise.stop] == "I will call you tomorrow."


def test_all_dates_are_told_promised_or_not():
    assert len(find("The office is closed on Monday. Call us on 3 December.", NOW, DESK).dates) == 2


def test_the_words_decide_the_language_unless_it_is_known():
    assert [language_of(text) for text in ("I will call you", "Ich rufe Sie an", "")] == ["en", "de", "en"]
    assert find("I will call you tomorrow", NOW, DESK, language="de-AT").promises == []
    assert find("I will call you tomorrow", NOW, DESK, language="fr").promises != []


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        find("I'll get back to you", datetime(2026, 11, 18, 14, 20), DESK)  # noqa: DTZ001


PIECES = st.sampled_from(
    in_order(
        "I will we'll our engineer you will call send refund fix by before within between and or the next this Friday Monday"
        " tomorrow 5 12 31 2027 5pm 17:30 3rd 2/3 31.12. 2026-02-30 days hours working week month end of half past quarter to if"
        " not ? . , - wir rufen Sie bis morgen um halb zehn Uhr am 4. Januar nächste Woche zurück year weekend Christmas EOD"
        " 99999 a couple of from now after every two hundred years ago Q3 > --"
    )
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=25).map(" ".join))
MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=300, deadline=None)
@given(TEXTS, MOMENTS, st.sampled_from(["en", "de", None]))
def test_no_text_raises_and_all_is_due_after_it_was_written(text: str, at: datetime, language: str | None):
    for calendar in (DESK, Calendar("always", UTC, ROUND_THE_CLOCK)):
        found = find(own_text(text), at, calendar, language)
        for promise in found.promises:
            assert promise.due > at
            assert 0 <= promise.start < promise.stop <= len(text)
        for date in found.dates:
            assert date.end >= at.replace(microsecond=0)
            assert date.begin <= date.end
            assert 0 <= date.start < date.stop <= len(text)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 80))
def test_a_text_may_be_cut_anywhere(length: int):
    find("We'll refund you by the end of next week, between 8 and 12 on Monday, 3rd of May 2027."[:length], NOW, DESK)


@pytest.mark.parametrize(
    "piece",
    ["i will ", "1 ", "monday ", "it ", "our team, ", "\n", "i-", "1.", "wir rufen ", "2 or 3 and ", "> on monday he wrote:\n"],
)
def test_a_hostile_text_is_read_once(piece: str):
    text = piece * (20_000 // len(piece))
    assert len(find(own_text(text), NOW, DESK).promises) <= len(text)


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("We called you on Monday.", 0),
        ("The parcel left our warehouse on the 3rd.", 0),
        ("Am Dienstag wurde es verschickt. Wir haben Sie am Montag angerufen.", 1),
        ("We called you and will call again on Monday.", 1),
        ("Your visit was scheduled for Monday.", 1),
        ("We called you, and the engineer comes on Monday.", 1),
        ("We called you. Monday is a holiday.", 1),
        ("You were called, next Monday is free.", 1),
        ("It needs to be done on Monday.", 1),
        ("The engineer is booked on Monday.", 1),
    ],
)
def test_a_date_of_something_that_happened_is_past(text: str, dates: int):
    assert len(find(text, NOW, DESK).dates) == dates


@pytest.mark.parametrize(
    ("said", "deed"),
    [
        ("I'll talk to you about it", "call"),
        ("We'll catch up with you", "call"),
        ("I'll get with you", "call"),
        ("I'll walk you through", "call"),
        ("I'll fill you in", "write"),
        ("We will contact your office", "write"),
        ("I'll give it back to you", "send"),
        ("I'll give you my comments", "send"),
        ("I will schedule a meeting", "do"),
        ("We'll put you on the list", "do"),
    ],
)
def test_what_means_little_by_itself_is_a_promise_with_a_time(said: str, deed: str):
    assert told(f"{said}.") == []
    assert told(f"{said} on Friday.") == [(deed, "2026-11-20T17:30")]


def test_a_line_that_goes_on_with_a_small_word_is_no_sentence():
    assert told("I'll call you\nby Friday 5pm.") == [("call", "2026-11-20T17:00")]
    assert told("I'll call you\nFriday is fine for the delivery.") == [("call", "2026-11-20T17:30?")]
