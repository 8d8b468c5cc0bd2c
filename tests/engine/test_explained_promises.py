"""What `explain` says of promises: which text made one, by which rule, what kept it where. All begins at nine on Monday."""

from typing import Any

import pytest

from monitor.domain.event import Event
from monitor.domain.gist import Gist, Promised
from monitor.engine.explain import Explanation, as_contract, as_text, explain
from monitor.store.memory import MemoryStore
from tests.engine.fake_daemon import at, event
from tests.engine.scenarios import ingest_run

CALL = Promised("call", at(3600), "we will: call")  # by ten
SEND = Promised("send", None, "noted: send")
NINE, TEN = "2026-11-02T09:00:00Z", "2026-11-02T10:00:00Z"
TOLD = {"customer": "ann"}


def explained(*events: Event) -> Explanation:
    store = MemoryStore()
    run = ingest_run(store)
    for each in events:
        run.store_batch([each])
    [found] = store.find("m")
    return explain(run.directory, store, found)


def mail(kind: str, seconds: float, *promises: Promised, **details: Any) -> Event:
    return event("m", kind, seconds, channel="email", gist=Gist(promises) if promises else None, **TOLD | details)


def call(seconds: float) -> Event:
    return event("p", "called_out", seconds, answered=True, **TOLD)


def shown(explanation: Explanation) -> list[dict[str, Any]]:
    """What is shown of each promise, and its outcome."""
    keys = ("deed", "rule", "kept_by", "late_seconds", "outcome")
    return [{key: each[key] for key in keys} for each in explanation["waits"] if each["wait"] == "promise"]  # type: ignore[literal-required]


def test_an_event_says_what_its_text_promises() -> None:
    found = explained(mail("received", 0), mail("replied", 60, CALL, SEND))
    assert as_contract(found)["events"][1]["promises"] == [
        {"deed": "call", "due": TEN, "rule": "we will: call"},
        {"deed": "send", "due": None, "rule": "noted: send"},
    ]
    assert (
        f"replied  (promises to call by {TEN} (rule we will: call), promises to send, no time stated (rule noted: send))\n"
    ) in as_text(found)
    assert "promises" not in as_contract(found)["events"][0]


def test_a_promise_that_runs_says_what_and_by_which_rule() -> None:
    found = explained(mail("received", 0), mail("replied", 60, CALL))
    assert shown(found) == [{"deed": "call", "rule": "we will: call", "kept_by": None, "late_seconds": None, "outcome": "open"}]
    assert f", due {TEN}: open (to call, rule we will: call)" in as_text(found)


def test_a_call_in_another_contact_that_kept_it_is_named() -> None:
    found = explained(mail("received", 0), mail("replied", 60, CALL), call(3600))
    [reached] = [each for each in found["events"] if each["kind"] == "reached"]
    kept_by = {"kind": "reached", "channel": "phone", "contact": reached["contact"]}
    assert shown(found) == [
        {"deed": "call", "rule": "we will: call", "kept_by": kept_by, "late_seconds": None, "outcome": "kept"}
    ]
    line = f": kept (to call, rule we will: call), kept by reached in phone contact {reached['contact']}\n"
    assert line in as_text(found)


@pytest.mark.parametrize(("seconds", "late"), [(3600.000001, 0.000001), (3_600 + 18 * 3_600, 64_800.0)])
def test_one_that_was_kept_late_says_how_late_by_the_clock_on_the_wall(seconds: float, late: float) -> None:
    found = explained(mail("received", 0), mail("replied", 60, CALL), call(seconds))
    [promise] = shown(found)
    assert (promise["outcome"], promise["late_seconds"], promise["kept_by"]["kind"]) == ("breached", late, "reached")
    assert as_text(found).split("kept by reached")[1].splitlines()[0].endswith(" late")


@pytest.mark.parametrize(
    ("keeping", "kind"),
    [
        (mail("replied", 600), "replied"),
        (mail("fulfilled", 600), "fulfilled"),
        (mail("resolved", 600), "resolved"),
    ],
)
def test_what_kept_it_here_names_no_other_contact(keeping: Event, kind: str) -> None:
    found = explained(mail("received", 0), mail("replied", 60, Promised("write", at(3600), "we will: write")), keeping)
    assert [each["kept_by"] for each in shown(found)] == [{"kind": kind}]
    assert f"kept by {kind}\n" in as_text(found)


def test_a_promise_whose_place_another_one_took_was_kept_by_nothing() -> None:
    newer = Promised("call", at(7200), "we will: call")
    found = explained(mail("received", 0), mail("replied", 60, CALL), mail("replied", 120, newer))
    assert [(each["outcome"], each["kept_by"]) for each in shown(found)] == [("void", None), ("open", None)]


def test_a_pushed_promise_says_the_rule_that_found_its_date() -> None:
    told = mail("promised", 60, CALL, due=CALL.due, deed="call")
    found = explained(mail("received", 0), told)
    assert shown(found)[0]["rule"] == "we will: call"
    assert f"promised  (promises to call by {TEN} (rule we will: call))\n" in as_text(found)


def test_a_date_that_was_set_has_neither_and_other_waits_say_nothing_of_promises() -> None:
    found = explained(mail("received", 0), mail("promised", 60, due=at(3600)), mail("fulfilled", 120))
    nothing = {"deed": None, "rule": None, "late_seconds": None}
    assert shown(found) == [{**nothing, "kept_by": {"kind": "fulfilled"}, "outcome": "kept"}]
    [other] = [each for each in found["waits"] if each["wait"] != "promise"]
    assert (other["deed"], other["rule"], other["kept_by"], other["late_seconds"]) == (None, None, None, None)


def test_the_waits_of_the_contract_have_its_keys_and_no_others() -> None:
    found = explained(mail("received", 0), mail("replied", 60, CALL), call(7200))
    keys = {
        "wait", "since", "until", "waited_seconds", "limit_seconds", "limit_opening_days", "due_at", "outcome",
    }  # fmt: skip
    assert {frozenset(each) for each in as_contract(found)["waits"]} == {frozenset(keys)}
