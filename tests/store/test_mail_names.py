"""A mailbox that was watched before names of mails were keyed: nothing is lost or counted twice, nothing tells a Message-ID."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select

from monitor.cli.options import open_store
from monitor.config.loading import build
from monitor.connectors._mail.headers import short_hash
from monitor.connectors._mail.renaming import MailNames
from monitor.daemon.app import event_ids_of
from monitor.daemon.privacy_key import take_up
from monitor.domain.customer import customer_hasher
from monitor.domain.privacy_key import check_value
from monitor.engine.known import find
from monitor.store import make_store, schema
from monitor.store.base import Store
from monitor.store.copying import copy_store
from monitor.store.sql import SqlStore
from tests.connectors.scripted_imap import ScriptedImap, scripted_imap
from tests.engine.old_mailbox import KEY, NOON, answer, mail, mailbox, settings_of, watching
from tests.store.conftest import DATABASES

Open = Callable[[Path | str], SqlStore]
DUMP = Path(__file__).parent / "data" / "mail_before_keyed_names.sql"
#: Without their host; fay's was only referred to.
NAMES = ("ann", "bob", "bob.2", "cy.1", "cy.2", "dan", "hal", "to.ann", "to.fay", "to.gus", "fay")
LATER = NOON + timedelta(hours=1)
SIGNALS = ("signals_total", ("email", "support@lab.example", "late_reply"))
ASSESSED = ("assessed_total", ("email", "support@lab.example", "late_reply"))


@pytest.fixture(params=DATABASES)
def old(request: pytest.FixtureRequest, tmp_path: Path, open_sql: Open) -> str:
    """The name of such a store in each database, its tables up to date, its names as they were."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DUMP.read_text())
    if request.param == "sqlite":
        open_sql(path).close()
        return f"sqlite:{path}"
    url: str = request.getfixturevalue("postgresql_url")
    with closing(open_sql(path)) as origin, closing(open_sql(url)) as target:
        copy_store(origin, target, lambda _done, _rows: None)
    return url


def taken_up(url: str) -> None:
    with opened(url) as store:
        take_up(build(settings_of(ScriptedImap(port=1), url)), store, KEY)


@contextmanager
def opened(url: str) -> Iterator[Store]:
    store = make_store(url)
    store.open()
    try:
        yield store
    finally:
        store.close()


def texts(url: str) -> list[str]:
    """Every text of every row."""
    with opened(url) as store:
        assert isinstance(store, SqlStore)
        with store.snapshot() as connection:
            rows = [row for table in schema.metadata.sorted_tables for row in connection.execute(select(table))]
    return [value for row in rows for value in row if isinstance(value, str)]


def shown(store: Store) -> dict[str, Any]:
    """What people and Prometheus see, without the contacts' own names."""
    counted = {key: value for key, value in store.totals().items() if "source" not in key[0]}
    contacts = [(each.row.id, each.row.contact_point, each.row.begun, each.row.last) for each in store.begun_between(0, 2**62)]
    signals = [(each.contact_id, each.row.signal, each.row.at, each.row.waited_seconds) for each in store.signals()]
    running = sorted((row.channel, row.running) for row in store.running("mail"))
    return {"totals": counted, "weeks": store.weeks(""), "contacts": contacts, "signals": signals, "running": running}


def named(store: Store, name: str) -> Any:
    """The one contact of a mail, by its Message-ID."""
    ids = event_ids_of(build({}), KEY)
    [found] = find(store, f"<{name}@host.example>", ids(f"<{name}@host.example>"))
    return found


def kinds(store: Store, name: str) -> list[str]:
    return re.findall(r'"(received|replied|discarded|restored)",\d', named(store, name).row.record)


def test_no_message_id_is_left_nor_a_hash_that_can_be_checked(old: str) -> None:
    plain = {short_hash(f"{name}@host.example") for name in NAMES}
    before = " ".join(texts(old))
    assert "bob@host.example" in before
    assert all(each in before for each in plain)
    taken_up(old)
    after = " ".join(texts(old))
    assert "host.example" not in after
    assert "no-id:" not in after
    assert not [each for each in plain if each in after]


def test_what_is_shown_stays_and_mails_are_found(old: str) -> None:
    with opened(old) as store:
        before, ids = shown(store), [each.row.id for each in store.find("bob@host.example")]
    assert before["totals"][SIGNALS] == 6  # bob, cy, dan twice, eve, hal
    taken_up(old)
    with opened(old) as store:
        assert shown(store) == before
        assert [named(store, name).row.id for name in ("bob", "bob.2")] == ids * 2
        assert kinds(store, "ann") == kinds(store, "to.ann") == ["received", "replied"]
        assert kinds(store, "cy.1") == kinds(store, "cy.2") == ["received", "received"]
        assert store.find("bob@host.example") == []


def test_twice_is_once(old: str) -> None:
    taken_up(old)
    before = texts(old)
    taken_up(old)
    assert texts(old) == before


def test_whoever_only_looks_leaves_them_and_finds_what_bears_its_name(old: str) -> None:
    """A daemon of the version before may still be running."""
    config = build(settings_of(ScriptedImap(port=1), old))
    with open_store(config, must_be_there=True) as store:
        assert named(store, "bob").row.contact == "bob@host.example"
    with open_store(config) as store:
        assert len(named(store, "bob").row.contact) == 16


def test_several_at_once_do_it_once(old: str) -> None:
    """Whoever comes second waits, and finds it done: hashed twice, no mail would be found."""
    at_once, failed = Barrier(4), list[BaseException]()

    def start() -> None:
        at_once.wait()
        try:
            taken_up(old)
        except BaseException as error:
            failed.append(error)

    threads = [Thread(target=start) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failed == []
    with opened(old) as store:
        assert kinds(store, "bob.2") == ["received", "received"]
        assert store.keep_key_check("another") == check_value(KEY)


def test_what_is_interrupted_is_begun_anew(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before, left = texts(old), [5]

    def contact(self: MailNames, name: str) -> str:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return kept(self, name)

    kept = MailNames.contact
    with monkeypatch.context() as patch:
        patch.setattr(MailNames, "contact", contact)
        with pytest.raises(KeyboardInterrupt):
            taken_up(old)
    added = sorted(set(texts(old)) - set(before))
    assert len(added) == 1  # the check value of the key
    taken_up(old)
    assert "host.example" not in " ".join(texts(old))


def test_another_sources_names_stay(old: str) -> None:
    """A source of another type, and one that is not configured any more."""
    before = texts(old)
    with opened(old) as store:
        take_up(build({"sources": {"mail": {"type": "events"}}}), store, KEY)
        take_up(build({}), store, KEY)
    assert len(set(texts(old)) - set(before)) == 1


async def test_it_is_gone_on_with(old: str) -> None:
    taken_up(old)
    with scripted_imap(mailbox()) as server:
        server.move("INBOX", 9, "Trash")
        async with watching(server, old, LATER) as watch:
            before = shown(watch.store)
            await watch.poll()
            assert shown(watch.store) == before
            server.copy(answer("to.bob", "18:00", "bob.2", "bob"), "Sent")
            server.copy(mail("fay", "fay", "15:30"), "INBOX")
            server.copy(mail("gus", "gus", "18:30", "to.gus", "Re: Offer"), "INBOX")
            server.copy(mail("cy.3", "cy", "18:45", "cy.2", "Re: Parcel"), "INBOX")
            for _ in range(4):  # mails of long ago are waited for until no more of them come
                await watch.poll()
            assert kinds(watch.store, "bob") == ["received", "received", "replied"]
            assert kinds(watch.store, "fay") == ["received", "replied"]  # the answer that was read first
            assert kinds(watch.store, "to.gus") == ["replied", "received"]
            assert kinds(watch.store, "cy.1") == ["received", "received", "received"]
            after = shown(watch.store)
            assert len(after["contacts"]) == len(before["contacts"]) + 1  # fay's
            # fay was answered within half an hour; gus goes on with what we began, which nothing limits
            assert (after["totals"][SIGNALS], after["totals"][ASSESSED]) == (6, 8)
            assert "signals_retracted_total" not in {metric for metric, _ in after["totals"]}
            assert after["weeks"]["support@lab.example", "late_reply", "2026-11-16"] == (8, 6)


def without_returns(counted: Mapping[Any, Any]) -> dict[Any, Any]:
    """Totals or weeks without the signals that span contacts."""
    return {key: value for key, value in counted.items() if not {"repeat_contact", "lost_context"} & {*key, *key[1]}}


async def test_what_is_read_again_counts_nothing(old: str) -> None:
    """The server has rebuilt the mailbox: all of it comes once more, under the new names."""
    taken_up(old)
    server = mailbox()
    server.validity = 8
    with scripted_imap(server):
        async with watching(server, old, LATER) as watch:
            before = shown(watch.store)
            await watch.poll()
            again = shown(watch.store)
            # "hal" lies in the inbox again, and is judged by what the old version did not know yet
            assert without_returns(again["totals"]) == before["totals"]
            assert without_returns(again["weeks"]) == before["weeks"]
            assert [each[0] for each in again["contacts"]] == [each[0] for each in before["contacts"]]
            assert kinds(watch.store, "hal") == ["received", "discarded", "restored"]  # it lies in the inbox again


def test_a_name_that_was_none_is_that_of_the_mail() -> None:
    names = MailNames(customer_hasher(KEY, "GB"))
    plain = short_hash("x" * 300)
    assert names.contact(f"no-id:{plain}") == names.event(plain) == names.contact("x" * 300)


@pytest.mark.parametrize(
    "event_id", ["", "settled/1795003260000000", "desk/0123456789abcdef", "0123456789ABCDEF", "0123456789abcde", "v" * 16]
)
def test_what_others_have_said_keeps_its_id(event_id: str) -> None:
    assert MailNames(customer_hasher(KEY, "GB")).event(event_id) == event_id
