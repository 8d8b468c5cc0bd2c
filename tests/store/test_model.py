"""Whatever is done to it, the store in SQL answers as the dictionaries do, on either database."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.news import News
from monitor.errors import CursorMoved, StoreUnavailable
from monitor.store import make_store
from monitor.store.base import ContactRow, NamedEvent, PlaceRow, SignalRow, Store, ToldNews, Unit
from monitor.store.memory import MemoryStore
from monitor.testing.store_rows import everything
from tests.servers.postgresql import Postgresql

SOURCES = ("pbx", "mail")
name = st.sampled_from(["a", "b", "c"])
moment = st.integers(0, 6)
channel = st.sampled_from(["phone", "email"])
maybe = st.none() | moment
record = st.sampled_from(['["a"]', '["a", "b"]', '["c"]'])
contact = st.builds(
    ContactRow, name, st.sampled_from(["x", "y"]), name, st.just("phone"), moment, moment, record, maybe, st.none() | name,
    st.none() | name, maybe, moment,
)  # fmt: skip
signal = st.builds(
    SignalRow, name, st.sampled_from(["x", "y"]), name, name, st.just("phone"), moment, st.none() | st.just(1.5), st.none()
)
#: With few moments many stand at the limit of what is looked at: names of contacts tell them apart, not all of their kinds.
news = st.builds(
    News, name, moment, name, channel, name, st.sampled_from(["came", "words", "asked"]), maybe, st.sampled_from(["", "ours"])
)
step = st.one_of(
    st.tuples(st.just("put_contacts"), st.lists(contact, max_size=4)),
    st.tuples(st.just("put_named_events"), st.lists(st.builds(NamedEvent, name, name, moment), max_size=4)),
    st.tuples(st.just("put_news"), st.lists(news, max_size=4)),
    st.tuples(st.just("drop_news"), st.lists(news, max_size=2)),
    st.tuples(st.just("put_told"), st.builds(ToldNews, moment, st.dictionaries(name, moment, max_size=2))),
    st.tuples(st.just("have_heard"), moment),
    st.tuples(st.just("put_signals"), st.lists(signal, max_size=4)),
    st.tuples(st.just("drop_signals"), st.lists(st.tuples(name, st.sampled_from(["x", "y"]), name, name), max_size=3)),
    st.tuples(st.just("add_totals"), st.dictionaries(st.tuples(name, st.tuples(name)), st.integers(0, 5).map(float), max_size=3)),
    st.tuples(
        st.just("add_weeks"),
        st.dictionaries(st.tuples(name, name, name), st.tuples(st.integers(-2, 2), st.integers(-2, 2)), max_size=3),
    ),
    st.tuples(st.just("put_places"), st.lists(st.builds(PlaceRow, name, name, st.just("phone")), max_size=2)),
    st.tuples(st.just("write_state"), st.dictionaries(name, st.none() | name, max_size=3), moment),
    st.tuples(st.just("put_gap"), moment, moment),
    st.tuples(st.just("move"), st.integers(0, 2), st.none() | st.just({"a": 1}), maybe, maybe),
)
transaction = st.tuples(st.sampled_from(SOURCES), st.lists(step, max_size=6), st.booleans())
action = st.tuples(st.just("prune"), moment) | st.tuples(st.just("transaction"), transaction)


def looked_up(unit: Unit) -> Any:
    names = ["a", "b", "c"]
    keys = [(contact, point) for contact in names for point in ("x", "y")]
    return (
        unit.cursor_row(), unit.contacts(keys), list(unit.due(3, 4)),
        list(unit.owed({"a": 0, "b": 3, "c": 5})), list(unit.came({"a": 0, "b": 3, "c": 5}, besides=["b"])),
        sorted(unit.news_of(["a", "c"]), key=repr),
        [sorted(each, key=repr) for each in unit.news_before([(["a", "b"], 3), (["c"], 6)])],
        [
            unit.first_words([each], after, spoken=spoken, besides="a")
            for each in names for after in range(-1, 7) for spoken in (True, False)
        ],
    )  # fmt: skip


def apply(store: Store, what: str, details: Any) -> Any:
    if what == "prune":
        return sum(store.prune(details))
    source, steps, keep = details
    seen = None
    try:
        with store.transaction(source) as unit:
            for method, *arguments in steps:
                getattr(unit, method)(*arguments)
            seen = looked_up(unit)
            if not keep:
                raise StoreUnavailable("given up")
    except (CursorMoved, StoreUnavailable) as error:
        return type(error), seen
    return seen


def compare(sql: Store, actions: list[tuple[str, Any]]) -> None:
    memory = MemoryStore()
    for what, details in actions:
        assert apply(sql, what, details) == apply(memory, what, details)
        assert everything(sql, SOURCES) == everything(memory, SOURCES)
        assert sql.concerned({"a": 0, "b": 3}) == memory.concerned({"a": 0, "b": 3})
        assert [list(store.told_after(2, SOURCES[0])) for store in (sql, memory)] == [list(memory.told_after(2, SOURCES[0]))] * 2
        for each in ("a", "b", "c"):
            assert list(sql.find(each)) == list(memory.find(each))
            assert list(sql.find_event(each)) == list(memory.find_event(each))


@settings(max_examples=80, deadline=None)
@given(actions=st.lists(action, min_size=1, max_size=8))
def test_sqlite_does_as_the_dictionaries_do(empty_database: Path, actions: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        sql = make_store(f"sqlite:{shutil.copy(empty_database, directory)}")
        sql.open()
        try:
            compare(sql, actions)
        finally:
            sql.close()


@pytest.mark.live
@pytest.mark.xdist_group("postgresql")
@settings(max_examples=25, deadline=None)
@given(actions=st.lists(action, min_size=1, max_size=8))
def test_postgresql_does_as_the_dictionaries_do(postgresql: Postgresql, actions: list[tuple[str, Any]]) -> None:
    sql = make_store(postgresql.emptied())
    sql.open()
    try:
        compare(sql, actions)
    finally:
        sql.close()
