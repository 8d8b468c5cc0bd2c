"""The daemon's side, against a real mail server: sent once, whatever happens."""

import asyncio
import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from monitor.domain.snapshot import ReportMails
from monitor.errors import StoreUnavailable
from monitor.notify.weekly.book import CLAIM_SECONDS, Asked, Book, recipient_key
from monitor.notify.weekly.due import Appointment
from monitor.notify.weekly.mailing import Mailing, Plan, Teams
from monitor.notify.weekly.service import EVERY_SECONDS, LATER_SECONDS, PAUSES, WeeklyMail
from monitor.notify.weekly.smtp import Server
from monitor.publish.letter import Letter
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock
from tests.servers.smtp import PASSWORD, USER, MailServer, mail_server

#: Monday 16 November 2026; week 46 is over since midnight.
SEVEN = datetime(2026, 11, 16, 7, tzinfo=UTC)
WEEK = "2026-W46"
BOSS, LEAD = "Boss <boss@example.org>", "lead@example.org"
EVERYTHING: Teams = frozenset()
BILLING: Teams = frozenset(("Billing",))


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


class House:
    """A daemon's weekly mail with a clock that stands where a test puts it."""

    def __init__(self, mails: MailServer, start: datetime = SEVEN, store: MemoryStore | None = None) -> None:
        self.clock = FakeClock(start)
        self.store = store or MemoryStore()
        self.composed: list[str] = []
        self.is_over = self.is_ready = True
        self.mails = mails
        self.shown: list[ReportMails] = []
        self.service = self.started()

    def started(self, password: str | None = None) -> WeeklyMail:
        login = USER if password else None
        server = Server("127.0.0.1", self.mails.port, "none", None, login, password, 5.0)
        plan = Plan({BOSS: EVERYTHING, LEAD: BILLING}, "Monitor <monitor@example.org>", server)
        self.mailing = Mailing(plan, Book(self.store), self.clock)
        return WeeklyMail(
            Appointment(0, time(7), UTC), self.mailing, self.compose, self.clock, lambda: self.is_ready, self.shown.append
        )

    def compose(self, week: str, wanted: Iterable[Teams]) -> Mapping[Teams, Letter] | None:
        self.composed.append(week)
        return {teams: Letter(f"News of {week}", " ".join(sorted(teams)) or "all") for teams in wanted} if self.is_over else None

    async def look(self, at: datetime | None = None) -> None:
        """One look, later or now."""
        if at is not None:
            await self.clock.advance((at - self.clock.now()).total_seconds())
        await self.service.look()

    async def seen(self) -> ReportMails:
        """What metrics tell of it."""
        await self.service.show()
        return self.shown[-1]

    @property
    def standing(self) -> dict[str, str]:
        return {recipient: delivery.state for recipient, delivery in self.mailing.standing(WEEK).items()}


async def test_each_gets_his_own_report_once(mails: MailServer):
    house = House(mails, SEVEN - timedelta(seconds=1))
    await house.look()
    # What was due since the Monday before: a daemon that begins now sends the report of that week.
    assert [house.composed, mails.recipients] == [["2026-W45"], ["boss@example.org", LEAD]]
    mails.taken.clear()
    await house.look(SEVEN)
    await house.look(SEVEN + timedelta(seconds=EVERY_SECONDS))
    assert mails.recipients == ["boss@example.org", LEAD]
    boss, lead = mails.mail("boss@example.org"), mails.mail(LEAD)
    assert (boss["Subject"], boss["To"], boss["From"]) == (f"News of {WEEK}", BOSS, "Monitor <monitor@example.org>")
    assert (boss.get_content().strip(), lead.get_content().strip()) == ("all", "Billing")
    assert boss["Auto-Submitted"] == "auto-generated"
    assert boss["Message-ID"] == f"<{WEEK}.{recipient_key('boss@example.org')}.report@example.org>"
    assert house.composed == ["2026-W45", WEEK]  # nothing is made of what nobody waits for


async def test_a_restart_sends_nothing_again(mails: MailServer):
    house = House(mails)
    await house.look()
    await House(mails, SEVEN + timedelta(hours=1), house.store).look()
    assert len(mails.taken) == 2


async def test_a_daemon_that_was_down_sends_later_the_same_week_and_not_two_weeks(mails: MailServer):
    house = House(mails, SEVEN + timedelta(days=17))  # Thursday 3 December
    await house.look()
    assert house.composed == ["2026-W48"]
    assert len(mails.taken) == 2


async def test_several_daemons_on_one_store_send_it_once(mails: MailServer):
    store = MemoryStore()
    await asyncio.gather(*(House(mails, SEVEN, store).look() for _ in range(4)))
    assert sorted(mails.recipients) == ["boss@example.org", LEAD]


async def test_a_week_that_still_runs_somewhere_waits(mails: MailServer):
    house = House(mails)
    house.is_over = False
    await house.look()
    assert mails.sessions == 0
    house.is_over = True
    await house.look(SEVEN + timedelta(seconds=LATER_SECONDS - 1))
    assert len(house.composed) == 1  # reading a week is not cheap
    await house.look(SEVEN + timedelta(seconds=LATER_SECONDS))
    assert len(mails.taken) == 2


async def test_what_came_while_the_daemon_was_down_is_waited_for(mails: MailServer):
    house = House(mails)
    house.is_ready = False
    await house.look()
    assert house.composed == []
    house.is_ready = True
    await house.look()
    assert len(mails.taken) == 2


class TestTrouble:
    async def test_one_recipient_that_does_not_exist_is_told_once_and_left(self, mails: MailServer):
        mails.refused = {LEAD: "550 no such user"}
        house = House(mails)
        with capture_logs() as logged:
            for hours in range(48):
                await house.look(SEVEN + timedelta(hours=hours))
        assert mails.recipients == ["boss@example.org"]
        (told,) = [line for line in logged if line["log_level"] == "error"]
        assert (told["recipient"], told["why"]) == (LEAD, "550 no such user")
        assert house.standing == {BOSS: "sent", LEAD: "refused"}

    async def test_one_that_is_not_taken_now_is_tried_again_and_the_others_are_not_sent_twice(self, mails: MailServer):
        mails.refused = {LEAD: "451 greylisted"}
        house = House(mails)
        await house.look()
        mails.refused = {}
        await house.look(SEVEN + timedelta(seconds=299))
        assert mails.recipients == ["boss@example.org"]
        await house.look(SEVEN + timedelta(seconds=300))
        assert mails.recipients == ["boss@example.org", LEAD]

    async def test_a_lost_answer_is_never_sent_again(self, mails: MailServer):
        mails.after_data = ""
        house = House(mails)
        with capture_logs() as logged:
            await house.look()
            mails.after_data = "250 taken"
            await house.look(SEVEN + timedelta(days=1))
        assert mails.recipients.count("boss@example.org") == 1
        assert house.standing[BOSS] == "perhaps"
        assert "weekly report perhaps sent, it is not sent again by itself" in [line["event"] for line in logged]
        assert house.standing[LEAD] == "sent"  # the connection had broken before his was begun

    async def test_a_process_that_died_between_claim_and_answer_sends_nothing_and_says_so(self, mails: MailServer):
        """What `kill -9` leaves is the claim."""
        house = House(mails)
        house.mailing.book.claim(WEEK, "boss@example.org", SEVEN)
        with capture_logs() as logged:
            await house.look(SEVEN + timedelta(seconds=1))
            await house.look(SEVEN + timedelta(seconds=CLAIM_SECONDS))
            await house.look(SEVEN + timedelta(days=2))
        assert mails.recipients == [LEAD]
        assert house.standing[BOSS] == "perhaps"
        assert sum("perhaps sent" in line["event"] for line in logged) == 1

    async def test_a_server_that_is_away_is_tried_after_pauses_and_told_once(self, mails: MailServer):
        house = House(mails)
        port, mails.port = mails.port, 1  # nothing listens there
        house.service = house.started()
        with capture_logs() as logged:
            await house.look()
            await house.look(SEVEN + timedelta(seconds=PAUSES[0] - 1))
            assert len(house.composed) == 1
            await house.look(SEVEN + timedelta(seconds=PAUSES[0]))
            assert len(house.composed) == 2
        (told,) = [line for line in logged if line["log_level"] == "error"]
        assert told["event"] == "weekly report cannot be sent now, trying again"
        mails.port = port
        house.service = house.started()
        await house.look()
        assert len(mails.taken) == 2

    async def test_a_refused_login_waits_for_another_configuration(self, mails: MailServer):
        with mail_server("starttls", login=True) as strict:
            house = House(strict)
            house.service = house.started("wrong")
            house.mailing.plan = house.mailing.plan._replace(
                server=house.mailing.plan.server._replace(tls="starttls", ca_file=_certificate())
            )
            with capture_logs() as logged:
                for hours in range(30):
                    await house.look(SEVEN + timedelta(hours=hours))
            assert strict.logins == [USER] * len(strict.logins)
            assert 1 <= len(strict.logins) <= 2  # one try, by PLAIN and LOGIN
        (told,) = [line for line in logged if line["log_level"] == "error"]
        assert told["event"] == "weekly report cannot be sent; reload the configuration when this is mended"
        assert PASSWORD not in str(logged)

    async def test_a_store_that_is_away_sends_nothing(self, mails: MailServer, monkeypatch: pytest.MonkeyPatch):
        house = House(mails)

        def away(*_: Any) -> None:
            raise StoreUnavailable("disk full")

        monkeypatch.setattr(house.store, "transaction", away)
        await house.look()
        assert mails.taken == []
        monkeypatch.undo()
        await house.look()
        assert len(mails.taken) == 2

    async def test_a_stop_ends_after_the_mail_that_is_on_its_way(self, mails: MailServer):
        house = House(mails)
        begun, go_on = threading.Event(), threading.Event()

        def slowly(week: str, wanted: Iterable[Teams]) -> Mapping[Teams, Letter]:
            begun.set()
            go_on.wait(20)
            return {teams: Letter("News", "all") for teams in wanted}

        service = WeeklyMail(Appointment(0, time(7), UTC), house.mailing, slowly, house.clock, lambda: True, house.shown.append)
        looking = asyncio.create_task(service.look())
        await asyncio.to_thread(begun.wait, 20)
        closing = asyncio.create_task(service.close())
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(looking, closing)
        assert mails.taken == []


class TestWhatIsShown:
    """Moments and counts that metrics tell, from the book that all replicas share."""

    async def test_before_and_after_it_was_sent_in_every_replica(self, mails: MailServer):
        house = House(mails)
        other = House(mails, SEVEN + timedelta(minutes=5), house.store)
        assert await house.seen() == ReportMails(None)  # nobody has looked whether there is something to tell
        await house.look()
        await other.look()
        both = ReportMails(SEVEN, SEVEN, {"sent": 2, "waiting": 0})
        assert [await house.seen(), await other.seen()] == [both, both]
        assert len(mails.taken) == 2

    async def test_of_a_week_without_a_record_nothing_waits(self, mails: MailServer):
        house = House(mails)
        house.is_over = False
        await house.look()
        assert await house.seen() == ReportMails(None)

    async def test_while_the_server_is_away_all_wait_and_the_last_mail_stays_that_of_the_week_before(self, mails: MailServer):
        house = House(mails, SEVEN - timedelta(days=7))
        await house.look()
        mails.port = 1  # nothing listens there
        house.service = house.started()
        await house.look(SEVEN)
        assert await house.seen() == ReportMails(SEVEN - timedelta(days=7), SEVEN, {"waiting": 2})

    async def test_what_was_perhaps_sent_is_no_success(self, mails: MailServer):
        house = House(mails)
        house.mailing.book.claim(WEEK, "boss@example.org", SEVEN)
        await house.look()
        assert await house.seen() == ReportMails(SEVEN, SEVEN, {"claimed": 1, "sent": 1, "waiting": 0})
        await house.look(SEVEN + timedelta(seconds=CLAIM_SECONDS))
        assert await house.seen() == ReportMails(SEVEN, SEVEN, {"perhaps": 1, "sent": 1, "waiting": 0})

    async def test_while_the_store_is_away_nothing_new_is_told(self, mails: MailServer, monkeypatch: pytest.MonkeyPatch):
        house = House(mails)

        def away(self: MemoryStore, source: str) -> Any:
            raise StoreUnavailable("away")

        monkeypatch.setattr(MemoryStore, "cursor_row", away)
        await house.service.show()
        assert house.shown == []


class TestAskedFor:
    """`report --send`."""

    def test_again_says_to_whom_it_was_sent(self, mails: MailServer):
        house = House(mails)
        letters = {EVERYTHING: Letter("News", "all"), BILLING: Letter("News", "Billing")}
        house.mailing.send(WEEK, letters)
        first = house.mailing.standing(WEEK)
        assert {recipient: delivery.state for recipient, delivery in first.items()} == {BOSS: "sent", LEAD: "sent"}
        house.mailing.send(WEEK, letters)
        assert house.mailing.standing(WEEK) == first
        assert len(mails.taken) == 2

    def test_in_so_many_words_it_is_sent_again_under_another_name(self, mails: MailServer):
        house = House(mails)
        letters = {EVERYTHING: Letter("News", "all"), BILLING: Letter("News", "Billing")}
        house.mailing.send(WEEK, letters)
        house.mailing.send(WEEK, letters, Asked.AGAIN)
        ids = [line for to, data in mails.taken if to == LEAD for line in data.splitlines() if line.startswith(b"Message-ID")]
        assert len(ids) == len(set(ids)) == 2


def _certificate() -> str:
    from tests.servers.smtp import CERTIFICATE

    return str(CERTIFICATE)
