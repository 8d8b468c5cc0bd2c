"""The file that ties names of customers: what `check` says of it, and one line for what is wrong with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

Write = Callable[[dict[str, Any]], Path]

SHOP = {"store": "sqlite:contacts.db", "sources": {"shop": {"type": "events"}}, "people": {"file": "people.csv"}}
EVENT = '{"contact":"a","contact_point":"desk","channel":"chat","kind":"queued","at":"2026-11-02T09:00:00Z"}'


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_check_says_how_many_names_belong_to_others(run: Run, write: Write, tmp_path: Path, delimiter: str, mark: str) -> None:
    """Written by any spreadsheet; with a heading and with a line that has one name alone."""
    lines = [["Name", "Mail", "Phone"], ["Ann", "ann@example.org", "020 7946 0101"], ["Bob, jr.", "bob@example.org", ""]]
    quoted = [delimiter.join(f'"{cell}"' if "," in cell else cell for cell in line) for line in lines]
    (tmp_path / "people.csv").write_text(mark + "\n".join(quoted), encoding="utf-8")
    said = run("check", "--offline", "--config", write(SHOP))
    assert said.code == 0, said.err
    assert "people: 2 lines, in which 2 numbers and addresses belong to another one\n" in said.out


def test_and_how_many_are_shared(run: Run, write: Write, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("a@x.example,b@x.example,+442079460000\n")
    people = {"file": "people.csv", "shared": ["020 7946 0000"]}
    said = run("check", "--offline", "--config", write({**SHOP, "people": people}))
    assert said.code == 0, said.err
    assert "people: 1 lines, in which 2 numbers and addresses belong to another one; 1 are shared by many" in said.out


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory"),
        ("canary@example.org\n".encode("utf-16"), "it is not UTF-8 text: save it as CSV in UTF-8"),
        (b'ann,"canary@example.org' + b"x" * 140_000, "line 1 is no line of CSV: look for a quote that is left open"),
    ],
)
@pytest.mark.parametrize("command", [("check", "--offline"), ("run",), ("import", "events.jsonl")], ids=" ".join)
def test_what_is_wrong_with_it_is_one_line_without_its_content(
    run: Run, write: Write, tmp_path: Path, command: tuple[str, ...], content: bytes | None, why: str
) -> None:
    if content is not None:
        (tmp_path / "people.csv").write_bytes(content)
    (tmp_path / "events.jsonl").write_text(EVENT)
    said = run(*command, "--config", write(SHOP))
    assert said.code == 2
    assert why in said.err
    assert "people.file: " in said.err
    assert "canary" not in said.out + said.err
    assert said.err.count("\n") == 1
