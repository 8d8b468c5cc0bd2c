"""What `explain` says of our words beside promises, and of the answers that were of no help. All begins at nine on Monday."""

import json
from typing import Any

from monitor.domain.event import Event
from monitor.domain.gist import Gist
from monitor.engine.explain import Explanation, as_contract, as_text, explain
from monitor.store.memory import MemoryStore
from tests.engine.fake_daemon import event
from tests.engine.scenarios import ingest_run

ON = {"policies": {"default": {"refusal": {}, "asked_again": {}}}}


def explained(*events: Event, **configuration: Any) -> Explanation:
    store = MemoryStore()
    run = ingest_run(store, **configuration)
    for each in events:
        run.store_batch([each])
    [found] = store.find("m")
    return explain(run.directory, store, found)


def mail(kind: str, seconds: float, gist: Gist | None = None) -> Event:
    return event("m", kind, seconds, channel="email", gist=gist, customer="ann")


EVENTS = (
    mail("received", 0, Gist(gives=("order_number", "name"))),
    mail("replied", 60, Gist(read=True, asks=True, wants=("order_number", "photo"), sends_to=("phone",))),
    mail("received", 70),
    mail("replied", 80, Gist(read=True, refusal="policy")),
    mail("replied", 90, Gist(read=True)),
)


def test_each_message_says_what_its_words_say() -> None:
    rows = as_contract(explained(*EVENTS))["events"]
    assert [{key: value for key, value in row.items() if key not in ("kind", "at")} for row in rows] == [
        {"gives": ["order_number", "name"]},
        {"asks": True, "asks_for": ["order_number", "photo"], "sends_to": ["phone"]},
        {},
        {"refusal": "policy"},
        {},
    ]
    text = as_text(explained(*EVENTS))
    assert "received  (gives order number, name)\n" in text
    assert "replied  (wants an answer, asks for order number, photo, sends to phone)\n" in text
    assert "replied  (only refuses (rule policy))\n" in text
    assert "none: nothing went wrong so far" in text  # off by default


def test_a_signal_names_the_rule_and_the_facts_that_had_been_given() -> None:
    found = explained(*EVENTS, **ON)
    assert json.loads(json.dumps(as_contract(found)))["signals"] == [
        {"signal": "asked_again", "at": "2026-11-02T09:01:00Z", "related": None, "facts": ["order_number"]},
        {"signal": "refusal", "at": "2026-11-02T09:01:20Z", "related": None, "rule": "policy"},
    ]
    assert "  2026-11-02T09:01:00Z  asked_again (had been given: order number)\n" in as_text(found)
    assert as_text(found).endswith("  2026-11-02T09:01:20Z  refusal (rule policy)")


def test_at_a_contact_point_where_they_are_on_their_figures_are_shown() -> None:
    store = MemoryStore()
    run = ingest_run(store, **ON)
    for each in EVENTS:
        run.store_batch([each])
    totals = {
        (metric, labels[-1]): value
        for (metric, labels), value in store.totals().items()
        if labels[-1] in ("refusal", "asked_again") and not metric.startswith("history")
    }
    assert totals == {
        ("assessed_total", "refusal"): 3, ("signals_total", "refusal"): 1,
        ("assessed_total", "asked_again"): 3, ("signals_total", "asked_again"): 1,
    }  # fmt: skip
