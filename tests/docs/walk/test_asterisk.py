"""docs/connect-asterisk.md followed with a real Asterisk that has the account of the page: a caller who waits too long counts."""

import asyncio
import re
import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.docs.walk.markdown import Block, blocks_of
from tests.docs.walk.plan import Exempt
from tests.docs.walk.walker import PAGE_SECONDS, TOP, Walk, type_it
from tests.docs.walk.ways import after, alike, lines_with, shell_syntax, variant
from tests.live.calls.call_runner import Agent, Case, run_calls
from tests.servers.asterisk.server import Asterisk
from tests.servers.postgresql import REAL_SERVER, Postgresql
from tests.servers.requirement import require

PAGE = "docs/connect-asterisk.md"
#: Waits in the queue of the page for longer than 20 s, and gives up.
WAITING = Case("waits", "support", "8001", "02079460123", (Agent("1001", ring=None), Agent("1002", ring=None)), stay=25.0)
ROW = ("2026-11-02 09:00:00.250000", "1793610000.1", "support", "NONE", "ENTERQUEUE", "", "02079460123", "1", "", "")


class Switch:
    """The Asterisk of the page's reader."""

    def __init__(self, asterisk: Asterisk) -> None:
        self._asterisk = asterisk

    def has_account(self, walk: Walk, block: Block) -> None:
        """The page's manager.conf, on the port of this instance, in place of the one that tests have; reloaded as it says."""
        text = walk.read(block.text).replace("[general]\n", f"[general]\nport = {self._asterisk.ami_port}\n")
        (self._asterisk.top / "etc" / "manager.conf").write_text(text)
        self._asterisk.cli("manager reload")

    def is_called(self, _: Walk) -> None:
        asyncio.run(run_calls(self._asterisk, [WAITING]))


def checked_again(walk: Walk) -> None:
    walk.type("contact-monitor check --config contact-monitor.yaml")


def counted(walk: Walk, block: Block) -> None:
    """The wait is counted and listed, and explained by the id of the list; the caller's number is nowhere."""
    said = walk.type(block.text)
    assert 'contactpoint_signals_total{channel="phone",contact_point="support-line",signal="long_wait"} 1.0' in said, said
    [listed] = lines_with(said, "support-line", "long_wait", "20s")
    [contact] = [word for word in listed if re.fullmatch("[0-9a-f]{16}", word)]
    explained = walk.type(f"contact-monitor explain {contact} --config contact-monitor.yaml")
    assert "long_wait" in explained
    assert "2079460123" not in said + explained


def old_file(walk: Walk) -> None:
    """What the export from a database leaves."""
    (walk.directory() / "old_queue_log").write_text("|".join(("1793610000", *ROW[1:])) + "\n")


@pytest.mark.live
@pytest.mark.waits(45)
@pytest.mark.timeout(PAGE_SECONDS)
def test_the_page_leads_to_a_caller_who_waited_too_long(tmp_path: Path):
    require("curl")
    with Asterisk() as asterisk:
        switch = Switch(asterisk)
        source = "CONTACT_MONITOR__SOURCES__PBX__"
        reads = {
            "10.0.0.5": asterisk.host,
            "10.0.0.20/255.255.255.255": f"{asterisk.host}/255.255.255.255",
            "--seconds 60": "--seconds 1",
            "/var/log/asterisk/queue_log*": f"{asterisk.queue_log}*",
            "/var/log/asterisk/queue_log\n": f"{asterisk.queue_log}\n",
        }
        ways = {
            "[monitor]": switch.has_account,
            "curl -s": after(switch.is_called, counted),
            "pbx: ok: logged in": after(checked_again, alike),
            "tls: implicit": variant(),
            "    queue_log: ": variant(),
            "psql -At": Exempt("its database is the next test's", shell_syntax),
            "mysql -NB": Exempt("no MySQL is among the servers of the tests", shell_syntax),
            "import old_queue_log": after(old_file, type_it),
        }
        environment = {source + "HOST": asterisk.host, source + "PORT": str(asterisk.ami_port)}
        with Walk(tmp_path, replaced=reads, environment=environment) as walk:
            walk.follow(PAGE, ways)


class TestDatabase:
    pytestmark = REAL_SERVER

    def test_a_table_is_exported_as_the_file_would_have_been(self, tmp_path: Path, postgresql: Postgresql):
        [command] = [block.text for block in blocks_of(PAGE, (TOP / PAGE).read_text()) if "psql -At" in block.text]
        url = postgresql.new_database(template="template1")
        columns = ("callid", "queuename", "agent", "event", "data1", "data2", "data3", "data4", "data5")
        with psycopg.connect(url) as connection:
            connection.execute(
                "CREATE TABLE queue_log (id serial, time varchar(40), "
                + ", ".join(f"{name} varchar(80)" for name in columns)
                + ")"
            )
            connection.execute(f"INSERT INTO queue_log (time, {', '.join(columns)}) VALUES ({', '.join(['%s'] * 10)})", ROW)
        exported = command.replace("-F'|' asterisk", f"-F'|' {url}")
        assert exported != command
        require("psql")
        subprocess.run(["bash", "-c", exported], cwd=tmp_path, check=True, timeout=60)
        # 2 November 2026, 09:00 in London, which then keeps UTC.
        assert (tmp_path / "old_queue_log").read_text() == "|".join(("1793610000", *ROW[1:])) + "\n"
