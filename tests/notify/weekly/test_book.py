"""The book of deliveries: a claim is won by one, survives the end of its process, and is never made twice by itself."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from monitor.notify.weekly.book import CLAIM_SECONDS, PAUSES, PLACE, WEEKS_KEPT, Asked, Book, Delivery, recipient_key
from monitor.store import make_store
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from tests.servers.postgresql import REAL_SERVER, Postgresql

NOW = datetime(2026, 11, 16, 7, tzinfo=UTC)
WEEK, WHO = "2026-W46", "manager@example.org"
KEY = recipient_key(WHO)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def book() -> Book:
    return Book(MemoryStore())


def test_what_is_claimed_is_nobody_elses(book: Book):
    assert book.claim(WEEK, WHO, NOW) is None
    assert book.claim(WEEK, "Manager@Example.ORG", later(1)) == Delivery("claimed", NOW)
    assert book.claim(WEEK, WHO, later(1), Asked.AGAIN) == Delivery("claimed", NOW)  # it is on its way
    assert book.claim("2026-W47", WHO, later(1)) is None  # another week
    assert book.claim(WEEK, "other@example.org", later(1)) is None


def test_a_claim_without_an_answer_has_perhaps_been_sent(book: Book):
    """`kill -9` between claim and answer: said so after half an hour, and not sent again unless somebody asks for it."""
    book.claim(WEEK, WHO, NOW)
    assert book.of_week(WEEK, later(CLAIM_SECONDS - 1))[KEY].state == "claimed"
    assert book.give_up_claims(WEEK, later(CLAIM_SECONDS - 1)) == 0
    assert book.of_week(WEEK, later(CLAIM_SECONDS))[KEY].state == "perhaps"
    assert book.give_up_claims(WEEK, later(CLAIM_SECONDS)) == 1
    assert book.give_up_claims(WEEK, later(CLAIM_SECONDS)) == 0  # told once
    found = book.claim(WEEK, WHO, later(86_400))
    assert found is not None
    assert found.state == "perhaps"
    assert book.claim(WEEK, WHO, later(86_400), Asked.AGAIN) is None


@pytest.mark.parametrize("state", ["sent", "perhaps", "refused"])
def test_what_is_settled_stays_so_unless_it_is_asked_for(book: Book, state: str):
    book.claim(WEEK, WHO, NOW)
    settled = Delivery(state, later(2), why="550 no such user")  # type: ignore[arg-type]
    book.settle(WEEK, WHO, settled)
    assert book.claim(WEEK, WHO, later(7 * 86_400)) == settled
    if state != "refused":
        assert book.claim(WEEK, WHO, later(3), Asked.ONCE) == settled
    assert book.claim(WEEK, WHO, later(3), Asked.AGAIN) is None


def test_what_fails_for_now_is_tried_again_after_longer_and_longer_pauses_and_then_no_more(book: Book):
    now = NOW
    for pause in PAUSES:
        assert book.claim(WEEK, WHO, now) is None
        assert book.settle(WEEK, WHO, Delivery("later", now, why="451 later")).state == "later"
        assert book.claim(WEEK, WHO, now + timedelta(seconds=pause - 1)) is not None
        now += timedelta(seconds=pause)
    assert book.claim(WEEK, WHO, now) is None
    assert book.settle(WEEK, WHO, Delivery("later", now, why="451 later")).state == "refused"
    assert book.claim(WEEK, WHO, now + timedelta(days=7)) is not None


@pytest.mark.parametrize("state", ["later", "refused"])
def test_who_asks_gets_at_once_what_surely_nobody_has(book: Book, state: str):
    book.claim(WEEK, WHO, NOW)
    assert book.claim(WEEK, WHO, later(1), Asked.ONCE) == Delivery("claimed", NOW)  # it is on its way
    book.settle(WEEK, WHO, Delivery(state, later(2)))  # type: ignore[arg-type]
    assert book.claim(WEEK, WHO, later(3)) is not None
    assert book.claim(WEEK, WHO, later(3), Asked.ONCE) is None


def test_no_address_is_kept_and_weeks_are_bounded(book: Book):
    first = datetime(2024, 1, 1, tzinfo=UTC)
    for number in range(WEEKS_KEPT + 5):
        year, week, _ = (first + timedelta(weeks=number)).isocalendar()
        book.claim(f"{year}-W{week:02}", WHO, NOW)
    cursor = book._store.cursor_row(PLACE).cursor
    assert cursor is not None
    assert len(cursor) == WEEKS_KEPT + 1  # the one that is written to and 60 others
    assert min(cursor) == "2024-W05"
    assert "example.org" not in str(cursor)
    assert book.claim("2023-W01", WHO, NOW) is None  # somebody sends an old one by hand
    assert book.claim("2023-W01", WHO, NOW) is not None


def test_it_outlives_what_is_aged_out(book: Book):
    """With the shortest retention there is, a claim of Monday is still there on Sunday."""
    book.claim(WEEK, WHO, NOW)
    list(book._store.prune(int(later(6 * 86_400).timestamp() * 1e6)))
    assert book.claim(WEEK, WHO, later(60)) is not None


def several(open_store: Callable[[], Store]) -> None:
    """Eight that come at one moment: one wins."""
    at_once, won = Barrier(8), []
    stores = [open_store() for _ in range(8)]

    def claim(store: Store) -> None:
        at_once.wait(20)
        won.append(Book(store).claim(WEEK, WHO, NOW))

    threads = [Thread(target=claim, args=(store,)) for store in stores]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert sorted(found is None for found in won) == [False] * 7 + [True]


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def opened(url: str, closing: ExitStack) -> Store:
    store = make_store(url)
    store.open()
    closing.callback(store.close)
    return store


def test_of_several_processes_on_one_file_one_wins(tmp_path: Path, closing: ExitStack):
    several(lambda: opened(f"sqlite:{tmp_path / 'contacts.db'}", closing))


class TestPostgresql:
    pytestmark = REAL_SERVER

    def test_of_several_daemons_on_one_database_one_wins(self, postgresql: Postgresql, closing: ExitStack):
        url = postgresql.new_database()
        several(lambda: opened(url, closing))
