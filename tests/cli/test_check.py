"""`check`: what it proves of each source, in one line each; every problem at once, exit 2."""

import asyncio
import json
import os
import sqlite3
import ssl
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from monitor.store import make_store
from tests.cli.conftest import Run, Said
from tests.connectors.scripted_ami import SECRET, ScriptedAmi, listening
from tests.connectors.scripted_imap import PASSWORD, ScriptedImap, scripted_imap

CERTIFICATES = Path(__file__).parents[1] / "connectors" / "certificates"


def pbx(port: int, **more: Any) -> dict[str, Any]:
    return {"type": "asterisk", "host": "127.0.0.1", "port": port, "username": "monitor", "password": SECRET, **more}


def mail(port: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "imap", "host": "127.0.0.1", "port": port, "tls": "none", "username": "info@example.org",
        "password": PASSWORD, **more,
    }  # fmt: skip


@pytest.fixture
def check(run: Run, tmp_path: Path) -> Any:
    """`check({"sources": …})` in a thread of its own, so that servers of the test can answer."""

    async def call(config: dict[str, Any], *arguments: str) -> Said:
        file = tmp_path / "contact-monitor.yaml"
        file.write_text(json.dumps(config))
        return await asyncio.to_thread(run, "check", "--config", file, *arguments)

    return call


class TestAddressesInAlerts:
    async def test_those_that_lead_nowhere_are_a_note_and_no_failure(self, check: Any):
        sources = {"shop": {"type": "events"}}
        said = await check({"sources": sources, "alerts": {"dashboard_url": "https://grafana.shop.de"}}, "--offline")
        assert (said.code, said.err) == (0, "")
        noted = [line.split(": note: ")[0] for line in said.out.splitlines() if ": note: " in line]
        assert noted == ["alerts.page_url", "alerts.runbook_url"]


class TestAsterisk:
    async def test_a_good_one(self, check: Any):
        async with listening(ScriptedAmi()) as ami:
            said = await check(
                {"sources": {"pbx": pbx(ami.port)}, "contact_points": {"a": {"source": "pbx", "queue": "support"}}}
            )
        assert said.code == 0
        assert said.err == ""
        lines = said.out.splitlines()
        assert lines[0] == "configuration: ok: 1 source, 1 contact point named"
        assert f"pbx: ok: logged in to 127.0.0.1:{ami.port} as monitor" in lines
        assert "pbx: ok: would watch the queues: support" in lines
        assert "pbx: ok: this account cannot place, redirect or end calls, nor run commands" in lines
        asked = {each["Action"] for each in ami.wire}
        assert asked <= {"Challenge", "Login", "Ping", "QueueStatus", "CoreShowChannels", "ListCommands", "Events", "Logoff"}

    async def test_a_queue_that_is_not_there(self, check: Any):
        points = {"a": {"source": "pbx", "queue": "support"}, "b": {"source": "pbx", "queue": "Support"}}
        async with listening(ScriptedAmi()) as ami:
            said = await check({"sources": {"pbx": pbx(ami.port)}, "contact_points": points})
        assert said.code == 2
        assert "pbx: FAILED: there is no queue Support, which a contact point names; Asterisk has: support" in said.out
        assert said.err == "1 check FAILED, see above\n"

    async def test_a_wrong_password_is_told_and_not_shown(self, check: Any):
        async with listening(ScriptedAmi()) as ami:
            said = await check({"sources": {"pbx": pbx(ami.port, password="canary-0815")}})
        assert said.code == 2
        assert "pbx: FAILED: " in said.out
        assert "canary" not in said.all

    async def test_an_account_that_may_write_fails(self, check: Any):
        ami = ScriptedAmi(commands={"Originate": "(Priv: originate,all)", "Ping": "(Priv: <none>)"})
        async with listening(ami):
            said = await check({"sources": {"pbx": pbx(ami.port)}})
        assert said.code == 2
        assert "pbx: FAILED: this account may change things (Originate)" in said.out

    async def test_nobody_listens(self, check: Any):
        async with listening(ScriptedAmi()) as ami:
            port = ami.port
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)  # keeps the system from giving the port anew
        server.close()
        said = await check({"sources": {"pbx": pbx(port)}})
        assert said.code == 2
        assert f"127.0.0.1:{port}" in said.out


class TestMail:
    async def test_a_good_one(self, check: Any):
        with scripted_imap(ScriptedImap()) as server:
            said = await check({"sources": {"mail": mail(server.port)}})
        assert said.code == 0
        assert "mail: ok: info@example.org: logged in" in said.out

    async def test_a_wrong_password_is_told_and_not_shown(self, check: Any):
        with scripted_imap(ScriptedImap()) as server:
            said = await check({"sources": {"mail": mail(server.port, password="canary-0815")}})
        assert said.code == 2
        assert "mail: FAILED: info@example.org: " in said.out
        assert "canary" not in said.all

    @pytest.mark.parametrize(
        ("shown", "trusted", "good"),
        [("valid.pem", "valid.pem", True), ("expired.pem", "expired.pem", False), ("valid.pem", None, False)],
    )
    async def test_certificates(self, check: Any, shown: str, trusted: str | None, good: bool):
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(CERTIFICATES / shown)

        async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"* BYE not now\r\n")
            writer.close()

        server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=tls)
        async with server:
            port = server.sockets[0].getsockname()[1]
            more = {"tls": "implicit", **({"ca_file": str(CERTIFICATES / trusted)} if trusted else {})}
            said = await check({"sources": {"mail": mail(port, **more)}})
        assert said.code == 2
        assert ("certificate" in said.out.lower()) != good
        assert "Traceback" not in said.all

    async def test_folders_of_any_name_stay_on_one_line(self, check: Any):
        with scripted_imap(
            ScriptedImap(folders={"INBOX": "", "a&AAo-pbx: ok: all is well&ABs-": "", "Sent": r"\Sent"})
        ) as server:
            said = await check({"sources": {"mail": mail(server.port)}})
        assert said.code == 0
        assert "\x1b" not in said.out
        assert [line for line in said.out.splitlines() if line.startswith("pbx")] == []


@pytest.mark.parametrize(
    ("content", "told"), [(None, "cannot be read: No such file or directory"), ("rubbish", "holds no certificate in PEM form")]
)
@pytest.mark.parametrize("kind", ["asterisk", "imap"])
async def test_a_certificate_authority_that_cannot_be_used(check: Any, tmp_path: Path, kind: str, content: str | None, told: str):
    ca = tmp_path / "ca.pem"
    if content is not None:
        ca.write_text(content)
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        tls: dict[str, Any] = {"tls": True} if kind == "asterisk" else {"tls": "implicit"}
        source = (pbx if kind == "asterisk" else mail)(port, ca_file=str(ca), timeout="2s", **tls)
        said = await check({"sources": {"one": source}})
    assert said.code == 2
    assert f"one: FAILED: ca_file {ca} {told}\n" in said.out


class TestFiles:
    async def test_a_queue_log_that_is_not_there(self, check: Any, tmp_path: Path):
        said = await check({"sources": {"log": {"type": "queue_log", "path": str(tmp_path / "queue_log")}}})
        assert said.code == 2
        assert f"log: FAILED: {tmp_path / 'queue_log'} cannot be read: No such file or directory" in said.out

    async def test_a_queue_log_that_is_none(self, check: Any, tmp_path: Path):
        (tmp_path / "queue_log").write_text("rubbish\nand more\n")
        said = await check({"sources": {"log": {"type": "queue_log", "path": str(tmp_path / "queue_log")}}})
        assert said.code == 2
        assert "does not look like a queue_log" in said.out

    async def test_a_store_that_cannot_be_written(self, check: Any, tmp_path: Path):
        said = await check({"sources": {"shop": {"type": "events"}}, "store": f"sqlite:{tmp_path}/none/contacts.db"})
        assert (said.code, said.out) == (2, "")
        store, directory = f"sqlite:{tmp_path}/none/contacts.db", f"{tmp_path}/none"
        assert said.err == f"store {store}: {directory} is no directory we can write to: make it, or look at its owner and mode\n"

    @pytest.mark.parametrize(
        ("web", "told"),
        [
            ({"tls_cert": "none.pem"}, "web.tls_cert: cannot use {}/none.pem and its key: No such file or directory"),
            ({"tls_cert": "rubbish.pem"}, "web.tls_cert: cannot use {}/rubbish.pem: certificate and key must both be PEM"),
        ],
    )
    async def test_certificates_of_our_own(self, check: Any, tmp_path: Path, web: dict[str, str], told: str):
        (tmp_path / "rubbish.pem").write_text("rubbish")
        said = await check({"sources": {"shop": {"type": "events"}}, "web": web})
        assert (said.code, said.out) == (2, "")
        assert said.err == told.format(tmp_path) + "\n"

    @pytest.mark.parametrize("offline", [(), ("--offline",)], ids=["online", "offline"])
    @pytest.mark.parametrize(
        ("statement", "told"),
        [
            ("UPDATE alembic_version SET version_num = '9999'", " was written by a newer version of this program (9999): "),
            ("CREATE TABLE t (x); DROP TABLE alembic_version", ": it holds another program's tables: "),
        ],
        ids=["newer", "foreign"],
    )
    async def test_a_store_that_run_would_refuse(
        self, check: Any, tmp_path: Path, statement: str, told: str, offline: tuple[str, ...]
    ):
        file = tmp_path / "contacts.db"
        store = make_store(f"sqlite:{file}")
        store.open()
        store.close()
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript(statement)
        before = file.read_bytes()
        said = await check({"sources": {"shop": {"type": "events"}}, "store": f"sqlite:{file}"}, *offline)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith(f"store {file}{told}")
        assert len(said.err.splitlines()) == 1
        assert file.read_bytes() == before

    async def test_a_damaged_store(self, check: Any, tmp_path: Path):
        file = tmp_path / "contacts.db"
        file.write_bytes(b"this is no database" * 1000)
        said = await check({"sources": {"shop": {"type": "events"}}, "store": f"sqlite:{file}"}, "--offline")
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith(f"store {file}: it is not an SQLite database: name another file")

    async def test_a_good_store_and_none_yet(self, check: Any, tmp_path: Path):
        file = tmp_path / "contacts.db"
        config = {"sources": {"shop": {"type": "events"}}, "store": f"sqlite:{file}"}
        assert (await check(config, "--offline")).code == 0
        assert not file.exists()
        store = make_store(f"sqlite:{file}")
        store.open()
        store.close()
        assert (await check(config, "--offline")).code == 0


async def test_all_sources_are_tried_and_all_problems_told(check: Any, tmp_path: Path):
    with scripted_imap(ScriptedImap()) as server:
        sources = {
            "a-log": {"type": "queue_log", "path": str(tmp_path / "none")},
            "b-mail": mail(server.port, password="canary-0815"),
            "c-shop": {"type": "events", "token": "canary-0815"},
            "d-off": {"type": "queue_log", "path": str(tmp_path / "none"), "enabled": False},
        }
        said = await check({"sources": sources})
    assert said.code == 2
    assert said.err == "2 checks FAILED, see above\n"
    assert "c-shop: ok: " in said.out
    assert "d-off: note: is switched off (enabled: false) and was not tried\n" in said.out
    assert "canary" not in said.all


async def test_offline_connects_nowhere(check: Any):
    async with listening(ScriptedAmi()) as ami:
        said = await check({"sources": {"pbx": pbx(ami.port)}}, "--offline")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("configuration: ok: 1 source, 0 contact points named\n")
    assert "pbx" not in said.out
    assert ami.wire == []


async def test_check_leaves_nothing_behind(check: Any, tmp_path: Path):
    await check({"sources": {"shop": {"type": "events"}}})
    assert os.listdir(tmp_path) == ["contact-monitor.yaml"]
