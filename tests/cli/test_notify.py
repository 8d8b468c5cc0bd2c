"""`notify --test`, and what `check` and `rules` say of receivers."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from monitor.daemon import notifying
from tests.cli.conftest import Run

Write = Callable[[dict[str, Any]], Path]
EVENTS = {"sources": {"feed": {"type": "events", "token": "t" * 32}}}


def site(**receivers: dict[str, Any]) -> dict[str, Any]:
    return {**EVENTS, "notify": {"receivers": receivers}}


class Hook:
    """An HTTP server: `/STATUS` answers with that."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(int(self.path.strip("/")))
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def hook() -> Iterator[Hook]:
    running = Hook()
    yield running
    running.server.shutdown()
    running.server.server_close()


class TestNotify:
    def test_a_test_message_to_all_receivers(self, run: Run, write: Write, hook: Hook) -> None:
        config = write(site(ops={"url": f"json://{hook.address}/200"}, night={"url": f"json://{hook.address}/204"}))
        said = run("notify", "--test", "--config", config)
        assert said == (0, "ops: ok: the test message was taken\nnight: ok: the test message was taken\n", "")
        assert all(b'"TEST: contact-monitor"' in body for body in hook.bodies)

    def test_to_one_of_them(self, run: Run, write: Write, hook: Hook) -> None:
        config = write(site(ops={"url": f"json://{hook.address}/200"}, night={"url": f"json://{hook.address}/500"}))
        assert run("notify", "--test", "ops", "--config", config).code == 0
        assert len(hook.bodies) == 1

    def test_one_that_fails_is_told_without_its_secret(self, run: Run, write: Write, hook: Hook) -> None:
        config = write(site(ops={"url": f"json://me:s3cret@{hook.address}/401"}, night={"url": f"json://{hook.address}/200"}))
        said = run("notify", "--test", "--config", config)
        assert said.code == 1
        assert said.out == "ops: FAILED: it answers with HTTP status 401\nnight: ok: the test message was taken\n"
        assert said.err == "1 receiver FAILED, see above\n"

    def test_the_address_comes_from_its_file(self, run: Run, write: Write, hook: Hook, tmp_path: Path) -> None:
        (tmp_path / "ops").write_text(f"json://{hook.address}/200\r\n")
        assert run("notify", "--test", "--config", write(site(ops={"url_file": "ops"}))).code == 0

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ([], "the daemon sends what there is to tell; to try the way there: contact-monitor notify --test"),
            (["--test", "opps"], "there is no receiver 'opps'; did you mean ops?"),
        ],
    )
    def test_wrong_use_is_one_line(self, run: Run, write: Write, arguments: list[str], told: str) -> None:
        assert run("notify", *arguments, "--config", write(site(ops={"url": "json://127.0.0.1:1/"}))) == (2, "", f"{told}\n")

    def test_without_receivers(self, run: Run, write: Write) -> None:
        said = run("notify", "--test", "--config", write(EVENTS))
        assert said == (2, "", "notify: there is no receiver; name one under notify.receivers, as docs/notify.md says\n")


class TestCheck:
    def test_it_says_that_alertmanager_must_not_tell_the_same(self, run: Run, write: Write) -> None:
        said = run("check", "--offline", "--config", write(site(ops={"url": "json://127.0.0.1:1/"})))
        assert said.code == 0
        assert (
            "notify: note: people are told by the monitor itself: an Alertmanager with our rules would tell them the same again; "
            "use one of the two\n"
        ) in said.out
        assert "in clear" not in said.out
        assert "notify" not in run("check", "--offline", "--config", write(EVENTS)).out

    def test_what_crosses_the_network_in_clear(self, run: Run, write: Write) -> None:
        said = run("check", "--offline", "--config", write(site(ops={"url": "json://me:s3cret@chat.example.org/"})))
        note = "notify.receivers.ops.url: note: messages, and a password in it, go out in clear: use the form with TLS\n"
        assert note in said.out
        assert "s3cret" not in said.all

    @pytest.mark.parametrize("command", [["check", "--offline"], ["run"], ["notify", "--test"]])
    def test_an_address_that_cannot_work_is_refused_without_being_shown(self, run: Run, write: Write, command: list[str]) -> None:
        said = run(*command, "--config", write(site(ops={"url": "fax://s3cret"}, night={"url": "jsons://s3cret/?verify=no"})))
        assert said.code == 2
        assert said.err == (
            "notify.receivers.ops.url: is no address that Apprise understands: https://appriseit.com/services/ says how each "
            "service writes it\n"
            "notify.receivers.night.url: certificates are always checked: take verify=no out\n"
        )
        assert "s3cret" not in said.all

    @pytest.mark.parametrize("command", [["check", "--offline"], ["run"], ["notify", "--test"]])
    def test_without_the_library_it_says_what_to_install(
        self, run: Run, write: Write, command: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(notifying, "is_installed", lambda: False)
        said = run(*command, "--config", write(site(ops={"url": "json://127.0.0.1:1/"})))
        told = "notify: its receivers need a library that is not installed: pip install 'contact-monitor[notify]'\n"
        assert (said.code, said.err) == (2, told)

    def test_without_receivers_the_library_is_not_loaded(self, run: Run, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(notifying, "problem", None)
        monkeypatch.setattr(notifying, "is_installed", None)
        assert run("check", "--offline", "--config", write(EVENTS)).code == 0


class TestRules:
    @pytest.mark.parametrize("form", ["prometheus", "kubernetes"])
    def test_rules_that_would_tell_the_same_again_are_refused(self, run: Run, write: Write, form: str) -> None:
        said = run("rules", "--format", form, "--config", write(site(ops={"url": "json://127.0.0.1:1/"})))
        assert (said.code, said.out) == (2, "")
        told = said.err.splitlines()[-1]
        assert told.startswith(
            "notify: the monitor tells people itself, and alerts of these rules would tell them the same again"
        )

    def test_objectives_tell_nobody_anything(self, run: Run, write: Write) -> None:
        assert run("rules", "--format", "openslo", "--config", write(site(ops={"url": "json://127.0.0.1:1/"}))).code == 0
