"""`kill -9` in the worst moment: the mail server has the mail, and its answer never reached the process that sent it."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.notify.weekly.book import CLAIM_SECONDS, Book
from monitor.notify.weekly.mailing import Mailing, Plan
from monitor.notify.weekly.smtp import Server
from monitor.publish.letter import Letter
from monitor.store import make_store
from monitor.testing import FakeClock
from tests.servers.smtp import mail_server

NOW = datetime(2026, 11, 16, 7, tzinfo=UTC)
WEEK, WHO = "2026-W46", "lead@example.org"
ROOT = Path(__file__).parents[3]

SEND = """
import sys
from tests.notify.weekly.test_kill import LETTERS, WEEK, mailing
mailing(sys.argv[1], int(sys.argv[2])).send(WEEK, LETTERS)
"""
LETTERS = {frozenset[str](): Letter("News", "all")}


def mailing(url: str, port: int, at: datetime = NOW) -> Mailing:
    store = make_store(url)
    store.open()
    plan = Plan({WHO: frozenset()}, "monitor@example.org", Server("127.0.0.1", port, "none", None, None, None, 60.0))
    return Mailing(plan, Book(store), FakeClock(at))


def test_nobody_gets_it_twice(tmp_path: Path):
    url = f"sqlite:{tmp_path / 'contacts.db'}"
    with mail_server() as mails:
        mails.holds = True
        process = subprocess.Popen([sys.executable, "-c", SEND, url, str(mails.port)], cwd=ROOT)
        until = time.monotonic() + 60
        while not mails.taken and time.monotonic() < until:
            assert process.poll() is None
            time.sleep(0.02)
        process.kill()
        process.wait()
        mails.holds = False
        assert mails.recipients == [WHO]
        for later in (1, CLAIM_SECONDS - 1, CLAIM_SECONDS, 6 * 86_400):
            again = mailing(url, mails.port, NOW + timedelta(seconds=later))
            again.send(WEEK, LETTERS)
            assert again.standing(WEEK)[WHO].state == ("claimed" if later < CLAIM_SECONDS else "perhaps")
        assert mails.recipients == [WHO]
