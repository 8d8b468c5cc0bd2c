"""A store of revision 0003 opens, and its contacts are found by their names; nothing of them is changed."""

from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from monitor.store import schema
from monitor.store.sql import SqlStore
from monitor.testing.store_contract import DAY, contact, everything, put

Open = Callable[[Path | str], SqlStore]
FIRST, SECOND, OLDER = "00000000000000a1", "00000000000000a2", "00000000000000ff"


def mails(*events: tuple[str, int]) -> str:
    told = ",".join(f'["{event_id}","received",{at}]' for event_id, at in events)
    return f'{{"e":[{told}],"l":[],"w":null,"h":0}}'


@pytest.fixture
def old(new_url: str, open_sql: Open, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a store as revision 0003 left it."""
    with monkeypatch.context() as patch:
        patch.setattr(schema, "REVISION", "0003")
        store = open_sql(new_url)
    talk, again = mails((FIRST, DAY), (SECOND, 9 * DAY)), mails((OLDER, -1))
    put(store, "mail", contact("m", id="m-1", channel="email", begun=DAY, record=talk))
    put(store, "mail", contact("m", "box", id="m-2", channel="email", begun=DAY, record=talk))
    put(store, "mail", *(contact(f"n{n}", channel="email", record=mails((f"{n:016}", n))) for n in range(1200)))
    put(store, "mail", contact("odd", channel="email", record=mails(("given by a sender", 1))))
    put(store, "other", contact("o", channel="email", begun=-1, record=again))
    put(store, "pbx", contact("c", id="c-1", record=mails((SECOND, 1))))
    store.close()
    return new_url


def found(store: SqlStore, event_id: str) -> list[tuple[str, str, str]]:
    return [(each.source, *each.row[:2]) for each in store.find_event(event_id)]


def test_contacts_are_found_by_their_mails_and_by_our_ids(old: str, open_sql: Open) -> None:
    store = open_sql(old)
    for event_id in (FIRST, SECOND):
        assert found(store, event_id) == [("mail", "m", "box"), ("mail", "m", "desk")]
    assert found(store, OLDER) == [("other", "o", "desk")]
    assert found(store, f"{1199:016}") == [("mail", "n1199", "desk")]
    assert found(store, "given by a sender") == []
    assert [[each.row[:2] for each in store.find(name)] for name in ("m-1", "m-2", "c-1", "c-2")] == [
        [("m", "desk")], [("m", "box")], [("c", "desk")], [],
    ]  # fmt: skip


def test_nothing_else_is_changed_and_a_second_start_has_nothing_to_do(
    old: str, open_sql: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "REVISION", "0003")
        before = everything(open_sql(old), ["mail", "other", "pbx"])
    store = open_sql(old)
    assert everything(store, ["mail", "other", "pbx"]) == before
    assert store.migrate() == (schema.REVISION, schema.REVISION)


def test_what_takes_long_is_told(old: str, open_sql: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.store.migrations.SHOWN_EVERY", 500)
    with structlog.testing.capture_logs() as logs:
        open_sql(old)
    assert [line.get("conversations") for line in logs] == [None, 500, 1000]


def test_of_an_interrupted_upgrade_nothing_is_left(old: str, open_sql: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("json.loads", interrupt)
        with pytest.raises(KeyboardInterrupt):
            open_sql(old)
    assert found(open_sql(old), FIRST) == [("mail", "m", "box"), ("mail", "m", "desk")]


def interrupt(_text: str) -> None:
    raise KeyboardInterrupt
