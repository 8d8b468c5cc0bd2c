"""A record whose events are called otherwise: nothing of it is counted anew, whichever of several comes first then."""

from hashlib import blake2b

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.engine.evaluation import read_record, renamed
from monitor.store.memory import MemoryStore
from tests.engine.fake_daemon import at, counted, event
from tests.engine.scenarios import END, ingest_run

HOUR = 3600.0
POINT = "name:desk"


def other(event_id: str) -> str:
    """A name in another order."""
    return blake2b(event_id.encode(), digest_size=8).hexdigest()


@st.composite
def conversations(draw: st.DrawFn) -> list[tuple[str, str, int]]:
    """Ids (hashes, which do not count on), kinds and hours of mails, several in one moment."""
    kinds, hours = st.sampled_from(("received", "received", "replied", "auto_replied")), st.sampled_from((0, 5, 10, 15))
    return [(other(f"{draw(st.integers(0, 10**6))}/{n}"), draw(kinds), draw(hours)) for n in range(draw(st.integers(1, 7)))]


def stored(events: list[tuple[str, str, int]]) -> MemoryStore:
    store = MemoryStore()
    run = ingest_run(store)
    run.store_batch([event("mail", kind, hours * HOUR, POINT, "email", id=name) for name, kind, hours in events], END)
    run.sweep()
    return store


@settings(max_examples=150, deadline=None)
@given(conversations())
def test_judged_again_it_counts_nothing(events: list[tuple[str, str, int]]) -> None:
    store = stored(events)
    [found] = store.find("mail")
    record, occurrences = renamed(found.row.record, other)
    with store.transaction("pbx") as unit:
        unit.put_contacts([found.row._replace(record=record)])
    before = counted(store), store.weeks("")
    signals = sorted(occurrences.get(each.row.occurrence, each.row.occurrence) for each in store.signals())
    # a word of ours so late that nothing else comes of it, so that all is put in order anew
    ingest_run(store).store_batch([event("mail", "noted", 200 * HOUR, POINT, "email", id="f" * 16)], END)
    [again] = store.find("mail")
    assert (counted(store), store.weeks("")) == before
    kept = read_record(again.row)
    assert {name.rpartition(":")[2] for name in kept.counted if name.startswith("s:")} == set(signals)
    assert {each.id for each in kept.events} == {other(name) for name, _, _ in events} | {"f" * 16}


def test_what_speaks_of_a_mail_speaks_of_it_still() -> None:
    store = stored([("a" * 16, "received", 0)])
    run = ingest_run(store)
    run.store_batch([event("mail", "discarded", 60, POINT, "email", id="c" * 16, event="a" * 16, reason="deleted")], END)
    [found] = store.find("mail")
    record, _ = renamed(found.row.record, other)
    [received, discarded] = read_record(found.row._replace(record=record)).events
    assert (received.id, discarded.event, discarded.at) == (other("a" * 16), other("a" * 16), at(60))


def test_what_was_counted_where_it_was_before_is_known_there_too() -> None:
    record = (
        '{"e":[["%s","received",1]],"l":["c"],"w":null,"h":0,"m":{"elsewhere":[["c","s:late_reply:%s","o:%s"],"2026-11-02"]}}'
    )
    fresh, occurrences = renamed(record.replace("%s", "a" * 16), other)
    assert fresh == record.replace("%s", other("a" * 16))
    assert occurrences == {"a" * 16: other("a" * 16)}
