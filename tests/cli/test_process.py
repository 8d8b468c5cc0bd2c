"""What all commands share: exit codes, one line an error, streams kept apart, secrets unseen."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor import __version__
from tests.cli.conftest import Run, in_own_process
from tests.servers.ports import free_port

CANARY = "canary-0815"
COMMANDS = [
    ("run",), ("check", "--offline"), ("check",), ("poll", "pbx"), ("import", "events.jsonl"), ("explain", "c1"), ("signals",),
    ("hours", "office", "--from", "2026-11-02T09:00:00Z", "--add", "1h"),
]  # fmt: skip

Write = Callable[[dict[str, Any]], Path]


class TestUse:
    def test_version(self, run: Run):
        assert run("--version") == (0, f"contact-monitor {__version__}\n", "")

    @pytest.mark.parametrize("command", ["run", "demo", "check", "poll", "import", "explain", "signals", "hours"])
    def test_every_command_has_help(self, run: Run, command: str):
        said = run(command, "--help")
        assert said.code == 0
        assert said.out.startswith(f"Usage: contact-monitor {command} ")
        assert command in run("--help").out

    @pytest.mark.parametrize("arguments", [("nonsense",), ("run", "--nonsense"), ("explain",), ("signals", "--format", "xml")])
    def test_wrong_use_is_2_and_said_on_standard_error(self, run: Run, arguments: tuple[str, ...]):
        said = run(*arguments)
        assert (said.code, said.out) == (2, "")
        assert "Error: " in said.err

    @pytest.mark.parametrize("command", ["run", "check"])
    def test_without_a_configuration_it_says_what_to_do(self, run: Run, command: str):
        said = run(command)
        assert (said.code, said.out) == (2, "")
        assert len(said.err.splitlines()) == 1
        assert "--config FILE" in said.err
        assert "contact-monitor demo" in said.err

    def test_a_configuration_without_a_source_is_not_run(self, run: Run, write: Write):
        said = run("run", "--config", write({"country": "GB"}))
        assert said.code == 2
        assert "it names no source" in said.err

    def test_the_configuration_may_come_from_the_environment(
        self, run: Run, write: Write, monkeypatch: pytest.MonkeyPatch
    ):  # fmt: skip
        monkeypatch.setenv("CONTACT_MONITOR_CONFIG", str(write({"sources": {"shop": {"type": "events"}}})))
        assert run("check", "--offline").code == 0

    def test_poll_names_the_nearest_source(self, run: Run, write: Write):
        said = run("poll", "shp", "--config", write({"sources": {"shop": {"type": "events"}}}))
        assert (said.code, said.err) == (2, "there is no source 'shp'; did you mean shop?\n")

    def test_poll_has_nothing_to_ask_of_a_source_that_is_pushed_to(self, run: Run, write: Write):
        said = run("poll", "shop", "--config", write({"sources": {"shop": {"type": "events"}}}))
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("shop: nothing can be polled from a source of type events, ")
        assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
class TestSecrets:
    def configuration(self, port: int) -> dict[str, Any]:
        return {
            "sources": {
                "pbx": {"type": "asterisk", "host": "127.0.0.1", "port": port, "username": "monitor", "password": CANARY},
                "mail": {"type": "imap", "host": "127.0.0.1", "port": port, "tls": "none",
                         "accounts": {"info@example.org": {"password": CANARY}}},
                "shop": {"type": "events", "token": CANARY},
            },
            "privacy": {"key": CANARY},
            "calendars": {"office": {"hours": {"mon-fri": "09:00-17:30"}}},
            "listen": "no address",
        }  # fmt: skip

    def test_no_command_shows_one_of_a_good_configuration(self, run: Run, write: Write, command: tuple[str, ...], tmp_path: Path):
        (tmp_path / "events.jsonl").write_text("{}\n")
        config = self.configuration(free_port())
        if command != ("run",):
            del config["listen"]
        assert CANARY not in run(*command, "--config", write(config)).all

    def test_no_command_shows_one_of_a_wrong_type_or_place(self, run: Run, write: Write, command: tuple[str, ...]):
        config = self.configuration(1)
        config["sources"]["pbx"] |= {"password": [CANARY], "pasword": CANARY}
        config["sources"]["mail"]["accounts"] = {"info@example.org": CANARY, "b@example.org": {"password": {"x": CANARY}}}
        config["sources"]["shop"] = {"type": "events", "token": {"is": CANARY}}
        config["sources"]["desk"] = CANARY
        config["privacy"] = {"key": [CANARY]}
        config["web"] = {"users": {"anna": CANARY, "ben": [CANARY]}}
        config["store"] = f"postgresql://user:{CANARY}@host/db"
        said = run(*command, "--config", write(config))
        assert said.code == 2
        assert len(said.err.splitlines()) >= 8
        assert CANARY not in said.all

    def test_no_command_shows_one_of_the_environment(
        self, run: Run, write: Write, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
    ):  # fmt: skip
        monkeypatch.setenv("CONTACT_MONITOR__SOURCES__PBX__PASSWORT", CANARY)
        monkeypatch.setenv("CONTACT_MONITOR__SOURCES__PBX__TOKEN", "{" + CANARY)
        said = run(*command, "--config", write(self.configuration(1)))
        assert said.code == 2
        assert CANARY not in said.all


class TestPoll:
    def test_it_writes_json_lines_and_stores_nothing(self, run: Run, write: Write, tmp_path: Path):
        (tmp_path / "queue_log").write_text(
            "1793610000|1793610000.1|support|NONE|ENTERQUEUE||02079460000|1\nrubbish\n"
            "1793610030|1793610000.1|support|SIP/a|CONNECT|30|1793610000.2|5\n"
        )
        said = run("poll", "log", "--config", write({"sources": {"log": {"type": "queue_log", "path": "queue_log"}}}))
        assert said.code == 0
        events = [json.loads(line) for line in said.out.splitlines()]
        assert events[0]["kind"] == "queued"
        assert events[0]["contact_point"] == "queue:support"
        assert events[0]["at"] == "2026-11-02T09:00:00Z"
        assert "2079460000" not in said.all
        assert "1 refused, malformed" in said.err
        assert sorted(each.name for each in tmp_path.iterdir()) == ["contact-monitor.yaml", "queue_log"]

    def test_a_source_that_is_away_is_one_line_and_1(self, run: Run, write: Write):
        said = run("poll", "log", "--config", write({"sources": {"log": {"type": "queue_log", "path": "none"}}}))
        assert (said.code, said.out) == (1, "")
        assert len(said.err.splitlines()) == 1


class TestProcesses:
    async def test_python_m_monitor_is_the_command(self, tmp_path: Path):
        said = await in_own_process("--version", cwd=tmp_path)
        assert said == (0, f"contact-monitor {__version__}\n", "")

    async def test_a_reader_that_goes_away_is_no_error(self, tmp_path: Path):
        (tmp_path / "queue_log").write_text("".join(
            f"{1793610000 + n}|{1793610000 + n}.1|support|NONE|ENTERQUEUE||02079460000|1\n" for n in range(3000)
        ))  # fmt: skip
        (tmp_path / "c.yaml").write_text("sources: {log: {type: queue_log, path: queue_log}}\n")
        command = f"{sys.executable} -m monitor poll log --config c.yaml | head -n 1"
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])}
        shell = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", command, cwd=tmp_path, env=environ,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(shell.communicate(), 120)
        assert len(out.splitlines()) == 1
        assert err == b""

    async def test_the_daemon_leaves_with_0_on_sigterm_and_3_on_a_damaged_store(self, tmp_path: Path):
        port = free_port()
        (tmp_path / "c.yaml").write_text(f"listen: 127.0.0.1:{port}\nsources: {{shop: {{type: events, token: {CANARY}}}}}\n")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "monitor", "run", "--config", "c.yaml", cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr is not None
        line = await asyncio.wait_for(process.stderr.readline(), 120)
        assert json.loads(line)["event"] == "listening"
        process.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(process.communicate(), 120)
        assert process.returncode == 0
        assert out == b""
        assert CANARY.encode() not in line + err
        (tmp_path / "contacts.db").write_bytes(b"this is no database" * 1000)
        said = await in_own_process("run", "--config", "c.yaml", cwd=tmp_path)
        assert (said.code, said.out) == (3, "")
        assert "Traceback" not in said.err

    @pytest.mark.parametrize("command", ["run", "demo"])
    async def test_a_port_that_is_taken_is_one_line_and_2(self, tmp_path: Path, command: str):
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            (tmp_path / "c.yaml").write_text(f"listen: 127.0.0.1:{port}\nsources: {{shop: {{type: events}}}}\n")
            options = {"run": ("--config", "c.yaml"), "demo": ("--listen", f"127.0.0.1:{port}", "--store", "memory:")}
            said = await in_own_process(command, *options[command], cwd=tmp_path)
        assert said.code == 2
        assert said.err == (
            f"listen: cannot listen on 127.0.0.1:{port}: Address already in use; another program is there, "
            "perhaps a contact-monitor: end it, or choose another port\n"
        )

    async def test_ctrl_c_while_the_commands_load_ends_the_process_without_a_word(self, tmp_path: Path):
        (tmp_path / "typer.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
        path = f"{tmp_path}{os.pathsep}{Path(__file__).parents[2]}"
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has it ignored in the background
        try:
            said = await in_own_process("--version", cwd=tmp_path, environ={"PYTHONPATH": path})
        finally:
            signal.signal(signal.SIGINT, before)
        assert said == (-signal.SIGINT, "", "")
