"""What else our replies say, and what customers give: read, kept as a gist, judged by hand. Monday is 2 November 2026."""

import json
from itertools import permutations

import pytest

from monitor.domain.event import Event, pack, unpack
from monitor.domain.fold import fold
from monitor.domain.gist import Gist, Promised
from monitor.domain.hours import Calendar, parse_week
from monitor.domain.judge import judge
from monitor.domain.merging import merge
from monitor.domain.policy import Policy
from monitor.domain.text_reading import TextReader
from tests.domain.contact_lines import Books, at, chat, email, expected, judged, policy, ticket, verdicts

OFFICE = Calendar("office", at("0").tzinfo, parse_week({"mon-fri": "09:00-17:30"}))
read = TextReader(lambda _place, _channel: OFFICE)

NO = Gist(read=True, refusal="cannot")
YES = Gist(read=True)
WHICH = Gist(read=True, asks=True, wants=("order_number", "photo"))
IT = Gist(gives=("order_number",))


def said(events: list[Event], *gists: Gist | None) -> list[Event]:
    """These events, of which the first ones say this."""
    return [event._replace(gist=gist) for event, gist in zip(events, gists, strict=False)] + events[len(gists) :]


def on(channel: str = "email", **signals: object) -> Policy:
    return policy(channel, **{"refusal": {}, "asked_again": {}, **signals})  # type: ignore[arg-type]


# --- reading ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "gist"),
    [
        ("Your new label is on its way.", YES),
        ("We are unable to process your request.", NO),
        ("Could you call us with the meter reading?", Gist(read=True, asks=True, sends_to=("phone",))),
        ("Please send us a photo and your order number.", Gist(read=True, asks=True, wants=("order_number", "photo"))),
        ("Thanks!\n\n> We are unable to process your request.", YES),
    ],
)
def test_a_reply_of_ours(text: str, gist: Gist) -> None:
    (event,) = email("replied mon@10:00")
    assert read(event, text) == event._replace(gist=gist)


def test_promise_and_question_of_one_reply() -> None:
    (event,) = email("replied mon@10:00")
    gist = read(event, "Could you send us your order number? I will call you back tomorrow.").gist
    assert gist is not None
    assert (gist.read, gist.asks, gist.wants) == (True, True, ("order_number",))
    assert [(each.deed, each.due) for each in gist.promises] == [("call", at("tue@17:30"))]


@pytest.mark.parametrize("kind", ["received", "opened", "opened by=customer"])
def test_a_customers_words_give_facts_and_nothing_else_is_kept_of_them(kind: str) -> None:
    first, *rest = kind.split()
    (event,) = email(" ".join([first, "mon@10:00", *rest]))
    assert read(event, "My order number is 4711-23. Can you call me? We cannot wait.") == event._replace(gist=IT)
    assert read(event, "Where is my order?") is event


@pytest.mark.parametrize(
    "line",
    ["received 0 automatic", "opened 0 by=agent", "opened 0 by=rule", "resolved 0", "replied 0 by=bot", "replied 0 by=rule",
     "auto_replied 0", "noted 0"],
)  # fmt: skip
def test_words_of_machines_and_notes_ask_and_give_nothing(line: str) -> None:
    (event,) = email(line)
    assert read(event, "My order number is 4711-23. Could you tell me yours? We are unable to process your request.") is event


def test_the_words_are_kept_compactly_and_what_was_stored_before_is_read() -> None:
    promise = Promised("call", at("tue@17:30"), "will: call")
    full = Gist((promise,), True, True, ("chat", "phone"), "policy", ("photo",), ())
    for gist, keys in (
        (full, {"promises", "read", "asks", "sends_to", "refusal", "wants"}),
        (YES, {"read"}),
        (IT, {"gives"}),
        (Gist((promise,)), {"promises"}),
    ):
        (event,) = email("replied 0")
        row = json.loads(json.dumps(pack(event._replace(gist=gist))))
        assert row[3]["gist"].keys() == keys
        assert unpack(row, "c1", "email").gist == gist
    old = ["replied-1", "replied", 0, {"gist": {"promises": [["call", None, "will: call"]]}}]
    assert unpack(old, "c1", "email").gist == Gist((Promised("call", None, "will: call"),))


def test_of_two_reports_of_one_reply_the_one_that_was_read_counts() -> None:
    (event,) = email("replied 0")
    promise = Promised("call", None, "will: call")
    for gists in permutations((None, Gist((promise,)), Gist((promise,), True, True))):
        events: list[Event] = []
        for gist in gists:
            events = merge(events, [event._replace(gist=gist)]) or events
        assert [each.gist for each in events] == [Gist((promise,), True, True)]


# --- refusals ---------------------------------------------------------------------------------------------------------------


def test_without_a_policy_that_names_them_nothing_is_assessed() -> None:
    events = said(email("received 0", "replied 60"), IT, NO)
    assert not {each.signal for each in judged(events, "100").verdicts} & {"refusal", "asked_again"}


def test_a_refusal_falls_when_it_is_sent_and_each_reply_that_was_read_is_assessed() -> None:
    events = said(email("received 0", "replied 60", "received 70", "replied 80", "replied 90"), None, NO, None, YES, None)
    assert verdicts(judged(events, "100", on()), "refusal") == expected("breached 60, kept 80")


@pytest.mark.parametrize(
    "lines",
    [
        ("received 0", "replied 60", "bounced 70 event=replied-1"),
        ("received 0", "replied 60", "retracted 70 event=replied-1"),
        ("received 0", "replied 60 by=bot"),
        ("received 0", "replied 60 by=rule"),
        ("called_out 0", "replied 60"),  # nobody had asked
    ],
)
def test_what_is_no_answer_of_ours_refuses_nothing(lines: tuple[str, ...]) -> None:
    assert verdicts(judged(said(email(*lines), None, NO), "100", on()), "refusal") == []


def test_a_first_mail_of_ours_answers_nobody_a_later_one_does() -> None:
    events = said(email("replied 0", "received 60", "replied 70"), NO, None, NO)
    assert verdicts(judged(events, "100", on()), "refusal") == expected("breached 70")


def test_a_bot_whose_words_count_as_an_answer_is_not_judged_by_them() -> None:
    events = said(chat("received 0", "replied 60 by=bot"), None, NO)
    assert verdicts(judged(events, "100", on("chat", bots="answer")), "refusal") == []


# --- asked again ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "gists", "held"),
    [
        (("received 0", "replied 60"), (IT, WHICH), "breached 60"),
        (("opened 0", "replied 60"), (IT, WHICH), "breached 60"),
        (("received 0", "replied 60"), (None, WHICH), "kept 60"),
        (("received 0", "replied 60"), (Gist(gives=("phone",)), WHICH), "kept 60"),
        (("received 0", "replied 60", "received 70"), (None, WHICH, IT), "kept 60"),  # given after it was asked for
        (("received 0", "replied 60", "received 70", "replied 80"), (None, WHICH, IT, WHICH), "kept 60, breached 80"),
        (("received 0", "replied 60", "replied 80"), (IT, WHICH, WHICH), "breached 60, breached 80"),
        (("received 0", "discarded 5 event=received-1 reason=spam", "received 10", "replied 60"), (IT, None, None, WHICH),
         "kept 60"),
        (("received 0", "retracted 5 event=received-1", "received 10", "replied 60"), (IT, None, None, WHICH), "kept 60"),
        (("received 0", "resolved 10", "received 20", "replied 60"), (IT, None, None, WHICH), "breached 60"),
    ],
)  # fmt: skip
def test_asked_for_what_was_given_before(lines: tuple[str, ...], gists: tuple[Gist | None, ...], held: str) -> None:
    assert verdicts(judged(said(ticket(*lines), *gists), "100", on("ticket")), "asked_again") == expected(held)


def test_only_the_signal_that_is_on_is_assessed() -> None:
    events = said(email("received 0", "replied 60"), IT, WHICH)
    only = judged(events, "100", policy("email", asked_again={}))
    assert verdicts(only, "refusal") == []
    assert verdicts(only, "asked_again") == expected("breached 60")


def test_in_any_order_and_twice_it_is_counted_once() -> None:
    events = said(email("received 0", "replied 60", "received 70", "replied 80"), IT, WHICH, None, NO)
    for order in permutations(events):
        books = Books(on())
        for event in (*order, *order):
            books.evaluate([event, event], at("100"))
        totals = {
            signal: books.total("signals_total", signal) - books.total("signals_retracted_total", signal)
            for signal in ("refusal", "asked_again")
        }  # fmt: skip
        assert totals == {"refusal": 1, "asked_again": 1}
        weeks = books.weeks()
        assert weeks["refusal", "2026-11-02"] == weeks["asked_again", "2026-11-02"] == (2, 1)
        assert {name for name in books.counted if "refusal" in name or "asked_again" in name} == {
            "a:refusal:replied-1", "a:refusal:replied-2", "s:refusal:replied-2",
            "a:asked_again:replied-1", "s:asked_again:replied-1", "a:asked_again:replied-2",
        }  # fmt: skip


def test_where_a_matter_was_when_it_was_answered() -> None:
    """It moves to another contact point, where another reply refuses: each is judged where it was sent."""
    events = said(email("received 0", "replied 60", "moved 70 point=vip", "replied 80 point=vip"), None, NO, None, NO)
    merged = merge((), events) or []
    contact = fold("email", merged, reachable=True)
    found = judge(contact, policy("email"), at("100"), [on()]).verdicts
    assert [(each.at, each.stay) for each in found if each.signal == "refusal"] == [(at("60"), 0)]
