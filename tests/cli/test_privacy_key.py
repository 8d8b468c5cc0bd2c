"""The secret of the customer hash: whole or not there, made once, and the one that the store was written with."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from monitor.config.loading import build
from monitor.daemon.privacy_key import customer_key
from monitor.errors import ConfigError
from monitor.store import make_store
from tests.cli.conftest import Run

Write = Callable[[dict[str, Any]], Path]

SHOP = {"store": "sqlite:contacts.db", "sources": {"shop": {"type": "events"}}}
EVENT = (
    '{"contact":"a","contact_point":"desk","channel":"chat","kind":"queued","at":"2026-11-02T09:00:00Z","customer":"a@b.example"}'
)
#: What hashes customers, or would: `{}` is the configuration file.
HASHING = [("run",), ("check", "--offline"), ("check",), ("poll", "shop"), ("import", "events.jsonl")]


def settings_of(directory: Path) -> Any:
    return build({"store": f"sqlite:{directory / 'contacts.db'}"})


class TestNoKeyAtAll:
    @pytest.mark.parametrize("command", HASHING, ids=" ".join)
    @pytest.mark.parametrize(("key", "bytes_"), [("canary", 6), ("canary-45678901", 15)])
    def test_a_short_one_is_one_line_with_its_file(
        self, run: Run, write: Write, tmp_path: Path, command: tuple[str, ...], key: str, bytes_: int
    ) -> None:
        (tmp_path / "key").write_text(key)
        said = run(*command, "--config", write({**SHOP, "privacy": {"key_file": "key"}}))
        assert (said.code, said.out) == (2, "")
        assert said.err == (
            f"privacy.key_file: {tmp_path / 'key'} is too short: it has {bytes_} bytes, at least 16 are needed; "
            "write a new one with openssl rand -hex 32\n"
        )

    def test_in_the_configuration_itself(self, run: Run, write: Write) -> None:
        said = run("check", "--offline", "--config", write({**SHOP, "privacy": {"key": ""}}))
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("privacy.key: is too short: it has 0 bytes")

    @pytest.mark.parametrize("command", [("run",), ("check", "--offline"), ("import", "events.jsonl")], ids=" ".join)
    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "is too short: it has 0 bytes, at least 16 are needed"),
            (b"ab" * 15, "is too short: it has 15 bytes, at least 16 are needed"),
            (b"canary-canary-canary-canary-canary-canary", "is no hexadecimal number of whole bytes, two digits each"),
            (b"\xff" * 64, "is no text"),
        ],
        ids=["empty", "short", "no-number", "no-text"],
    )
    def test_of_our_own_making_too(
        self, run: Run, write: Write, tmp_path: Path, command: tuple[str, ...], content: bytes, why: str
    ) -> None:
        """A disk that was full at the first start left an empty file, and every customer was hashed with a constant."""
        (tmp_path / "events.jsonl").write_text(EVENT)
        (tmp_path / "contacts.db.key").write_bytes(content)
        said = run(*command, "--config", write(SHOP))
        assert said.code == 2
        assert said.err == (
            f"contacts.db.key: the privacy key {why}; restore it from a backup, or remove the file to have a new one made: "
            "customers from before are strangers then\n"
        )
        assert not (tmp_path / "contacts.db").exists()


class TestMaking:
    def test_it_is_for_its_owner_alone_and_stays(self, tmp_path: Path) -> None:
        before = os.umask(0)
        try:
            key = customer_key(settings_of(tmp_path))
        finally:
            os.umask(before)
        [file] = tmp_path.iterdir()
        assert (file.name, file.stat().st_mode & 0o777, file.stat().st_nlink) == ("contacts.db.key", 0o600, 1)
        assert (len(key), bytes.fromhex(file.read_text())) == (32, key)
        assert customer_key(settings_of(tmp_path)) == key

    def test_all_that_start_at_once_have_the_same_one(self, tmp_path: Path) -> None:
        found: list[bytes] = []
        at_once = Barrier(8)

        def start() -> None:
            at_once.wait()
            found.append(customer_key(settings_of(tmp_path)))

        threads = [Thread(target=start) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert len(found) == 8
        assert len(set(found)) == 1
        assert [file.name for file in tmp_path.iterdir()] == ["contacts.db.key"]

    def test_without_room_for_it_nothing_is_left(self, tmp_path: Path) -> None:
        program = (
            "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
            "from monitor.config.loading import build; from monitor.daemon.privacy_key import customer_key\n"
            "from monitor.errors import ConfigError\n"
            "try: customer_key(build({'store': sys.argv[1]}))\n"
            "except ConfigError as error: print(error)"
        )
        done = subprocess.run(
            [sys.executable, "-B", "-c", program, f"sqlite:{tmp_path / 'contacts.db'}"],
            cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=30, check=True,
        )  # fmt: skip
        assert list(tmp_path.iterdir()) == []
        [line] = done.stdout.splitlines()
        assert line.startswith(f"{tmp_path / 'contacts.db.key'}: cannot make a privacy key there: File too large; make room")

    def test_where_there_is_no_directory_the_store_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError) as refused:
            customer_key(settings_of(tmp_path / "none"))
        assert str(refused.value) == (
            f"store sqlite:{tmp_path}/none/contacts.db: {tmp_path}/none is no directory we can write to: "
            "make it, or look at its owner and mode"
        )


class TestAnotherKey:
    @pytest.fixture
    def config(self, run: Run, write: Write, tmp_path: Path) -> Path:
        """Of a store in which there is a customer, and whose key has been replaced."""
        (tmp_path / "events.jsonl").write_text(EVENT)
        file = write(SHOP)
        assert run("import", "events.jsonl", "--config", file).code == 0
        (tmp_path / "contacts.db.key").rename(tmp_path / "old.key")
        (tmp_path / "contacts.db.key").write_text("ab" * 32)
        return file

    @pytest.mark.parametrize("command", [("run",), ("check", "--offline"), ("import", "events.jsonl")], ids=" ".join)
    def test_is_told_and_nothing_is_hashed_with_it(
        self, run: Run, config: Path, tmp_path: Path, command: tuple[str, ...]
    ) -> None:
        said = run(*command, "--config", config)
        assert (said.code, said.out) == (2, "")
        assert said.err == (
            "store sqlite:contacts.db: its customers were hashed with another privacy key than the one in contacts.db.key: "
            "restore the old key, or, where it is lost, accept this one (contact-monitor store accept-key): customers from "
            "before are strangers then\n"
        )
        (tmp_path / "old.key").rename(tmp_path / "contacts.db.key")
        assert run("import", "events.jsonl", "--config", config).code == 0

    def test_a_configured_one_is_named_by_its_key(self, run: Run, config: Path, write: Write) -> None:
        said = run("check", "--offline", "--config", write({**SHOP, "privacy": {"key": "x" * 16}}))
        assert said.code == 2
        assert "another privacy key than the one in privacy.key: " in said.err

    def test_the_same_one_given_otherwise_is_no_other(self, run: Run, config: Path, write: Write, tmp_path: Path) -> None:
        same = f"hex:{(tmp_path / 'old.key').read_text()}"
        (tmp_path / "contacts.db.key").unlink()
        assert run("check", "--offline", "--config", write({**SHOP, "privacy": {"key": same}})).code == 0

    def test_is_accepted_by_a_command(self, run: Run, config: Path) -> None:
        accepted = run("store", "accept-key", "--config", config)
        assert (accepted.code, accepted.err) == (0, "")
        assert accepted.out == (
            "sqlite:contacts.db: the privacy key is accepted from now on; customers from before are strangers to it\n"
        )
        assert run("check", "--offline", "--config", config).code == 0
        assert run("import", "events.jsonl", "--config", config).code == 0
        again = run("store", "accept-key", "--config", config)
        assert again.out == "sqlite:contacts.db: the privacy key was in use already\n"

    def test_one_that_is_gone_is_told_by_check_and_made_by_accepting(self, run: Run, config: Path, tmp_path: Path) -> None:
        (tmp_path / "contacts.db.key").unlink()
        said = run("check", "--offline", "--config", config)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("contacts.db.key: the privacy key of the store beside it is gone: restore it, or, ")
        assert not (tmp_path / "contacts.db.key").exists()
        assert run("store", "accept-key", "--config", config).code == 0
        assert run("check", "--offline", "--config", config).code == 0

    def test_a_store_from_before_takes_the_one_in_use(self, run: Run, write: Write, tmp_path: Path) -> None:
        store = make_store(f"sqlite:{tmp_path / 'contacts.db'}")
        store.open()
        store.close()
        (tmp_path / "contacts.db.key").write_text("ab" * 32)
        (tmp_path / "events.jsonl").write_text(EVENT)
        config = write(SHOP)
        assert run("check", "--offline", "--config", config).code == 0
        assert run("import", "events.jsonl", "--config", config).code == 0
        (tmp_path / "contacts.db.key").write_text("cd" * 32)
        assert run("import", "events.jsonl", "--config", config).code == 2


class TestTheDemo:
    def test_names_the_store_and_its_directory(self, run: Run) -> None:
        said = run("demo", "--store", "sqlite:////nowhere/x.db")
        assert (said.code, said.out) == (2, "")
        assert said.err == (
            "store sqlite:////nowhere/x.db: /nowhere is no directory we can write to: make it, or look at its owner and mode\n"
        )

    def test_says_what_its_user_can_do(self, run: Run) -> None:
        said = run("demo", "--listen", "0.0.0.0:9805")
        assert (said.code, said.out) == (2, "")
        assert said.err == (
            "--listen: 0.0.0.0:9805 can be reached from outside and the demo asks nobody for a password: "
            "add --anyone if that is what you want, or listen on 127.0.0.1:9805\n"
        )
