"""The other contacts of a customer beside one of his: how they stand, and what each has to do with the other. From nine on."""

from collections.abc import Collection
from typing import Any

import pytest

from monitor.domain.event import Event
from monitor.domain.gist import Gist, Promised
from monitor.engine.explain import as_text, explain
from monitor.engine.others import MOST_OTHERS, Other
from monitor.store.base import Store
from tests.engine.fake_daemon import at, event
from tests.engine.scenarios import IngestRun, ingest_run

DAY = 86_400.0
ANN = {"customer": "ann"}


def mail(contact: str, kind: str, seconds: float, **details: Any) -> Event:
    return event(contact, kind, seconds, "name:letters", "email", **ANN | details)


def call(contact: str, seconds: float, length: float = 60, **details: Any) -> list[Event]:
    """The customer calls, and is answered after ten seconds."""
    return [
        event(contact, "queued", seconds, **ANN | details),
        event(contact, "answered", seconds + 10),
        event(contact, "ended", seconds + length),
    ]


def beside(run: IngestRun, contact: str, names: Collection[str] = ()) -> list[Other]:
    """What stands beside a contact, which is called by its own name."""
    [found] = run.store.find(contact)
    return explain(run.directory, run.store, found, lambda name: names or (name,))["others"]


def named(run: IngestRun, others: list[Other]) -> list[str]:
    ids = {each.row.id: each.row.contact for each in run.store.begun_between(0, 2**62)}
    return [ids[each["contact"]] for each in others]


def told(store: Store, *events: Event) -> IngestRun:
    run = ingest_run(store)
    for each in sorted(events, key=lambda each: each.at):
        run.store_batch([each])
    return run


def test_a_promise_made_by_mail_and_kept_by_a_call_is_told_on_both_sides(store: Store) -> None:
    promise = Gist((Promised("call", at(3600), "will: call"),))
    run = told(
        store,
        mail("m", "received", 0),
        mail("m", "replied", 60, gist=promise),
        event("p", "called_out", 600, answered=True, **ANN),
    )
    [kept] = beside(run, "m")
    assert kept == {
        "contact": store.find("p")[0].row.id, "contact_point": "desk", "channel": "phone", "begun": "2026-11-02T09:10:00Z",
        "begun_by_us": True, "stands": "reached", "waits": [], "signals": [], "relations": ["kept_promise"],
    }  # fmt: skip
    [made] = beside(run, "p")
    assert (made["stands"], made["begun_by_us"], made["relations"]) == ("replied", False, ["promise_kept_here"])


@pytest.mark.parametrize(
    ("stories", "of", "expected"),
    [
        ([*call("a", 0), *call("b", 600)], "a", ("answered", [], ["repeat_contact"], ["came_again"])),
        ([*call("a", 0), *call("b", 600)], "b", ("answered", [], [], ["came_before"])),
        ([mail("a", "received", 0), *call("b", 600)], "b", ("waiting", ["reply"], [], ["came_before", "unanswered"])),
        (
            [mail("a", "received", 0), *call("b", 600)],
            "a",
            ("answered", [], ["repeat_contact", "lost_context"], ["came_again", "unanswered_here"]),
        ),
        (
            [mail("a", "received", 0), mail("a", "replied", 9, gist=Gist((Promised("call", at(300), "r"),))), *call("b", 600)],
            "b",
            ("replied", [], ["slipped_promise"], ["came_before", "promise_kept_late_here"]),
        ),
        (
            [event("a", "queued", 0, **ANN), event("a", "left", 30, reason="caller"), mail("b", "received", 60),
             mail("b", "replied", 90)],
            "b",
            ("abandoned", [], ["long_wait", "abandoned"], ["came_before", "unanswered", "callback_settled_here"]),
        ),
        (
            [event("a", "queued", 0, **ANN), event("a", "left", 30, reason="caller"), *call("b", 60)],
            "a",
            ("answered", [], ["repeat_contact"], ["settled_callback", "recovered", "came_again"]),
        ),
        (
            [*call("a", 0), event("out", "called_out", 300, answered=False, **ANN), *call("b", 600)],
            "a",
            ("answered", [], [], ["asked_here"]),
        ),
        ([event("a", "called_out", 0, answered=False, **ANN), *call("b", 600)], "b", ("not_reached", [], [], [])),
    ],
)  # fmt: skip
def test_how_the_other_stands_and_what_the_two_have_to_do_with_each_other(
    store: Store, stories: list[Event], of: str, expected: tuple[str, list[str], list[str], list[str]]
) -> None:
    other = beside(told(store, *stories), of)[-1 if of == "a" else 0]
    assert (other["stands"], other["waits"], other["signals"], other["relations"]) == expected


def test_contacts_of_all_his_names_in_the_order_of_their_beginnings_within_thirty_days(store: Store) -> None:
    run = told(
        store, *call("m", 0, 2 * DAY), *call("early", -30 * DAY + 1), *call("too early", -31 * DAY), *call("late", 31 * DAY),
        *call("too late", 33 * DAY), *call("his mobile", 60, customer="ann too"), *call("another's", 60, customer="bob"),
    )  # fmt: skip
    assert named(run, beside(run, "m", ("ann", "ann too"))) == ["early", "his mobile", "late"]
    assert named(run, beside(run, "m")) == ["early", "late"]


def test_of_very_many_the_nearest(store: Store) -> None:
    run = told(store, *(each for n in range(MOST_OTHERS + 10) for each in call(f"c{n:02}", n * 600)))
    found = named(run, beside(run, "c05"))
    assert found == [f"c{n:02}" for n in range(MOST_OTHERS + 1) if n != 5]


def test_of_a_customer_whom_nobody_knows_there_is_nothing(store: Store) -> None:
    run = told(store, *call("a", 0, customer=None), *call("b", 600, customer=None))
    assert beside(run, "a") == []
    [found] = store.find("a")
    assert "other contacts" not in as_text(explain(run.directory, store, found))


def test_for_people_each_is_a_line(store: Store) -> None:
    run = told(store, mail("a", "received", 0), *call("b", 600))
    [found], [other] = store.find("b"), store.find("a")
    text = as_text(explain(run.directory, store, found))
    assert text.endswith(
        "\n\nother contacts of the customer\n"
        f"  2026-11-02T09:00:00Z  email contact {other.row.id} at letters: waiting (reply), came_before, unanswered"
    )
