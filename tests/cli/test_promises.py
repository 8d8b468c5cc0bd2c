"""`promises --lines`: JSON lines in, JSON lines out; a bad line is told and costs no other."""

import json
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, Said

AT = "2026-11-18T14:20:00Z"


def rows(said: Said) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.out.splitlines()]


def asked(tmp_path: Path, *lines: object) -> Path:
    file = tmp_path / "lines.jsonl"
    file.write_text("".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in lines))
    return file


def test_promises_and_dates_of_a_line(run: Run, tmp_path: Path):
    text = "I'll call you back by Friday 5pm.\n\nKind regards\nJo"
    file = asked(tmp_path, {"id": 7, "text": text, "at": AT, "timezone": "Europe/Berlin"})
    said = run("promises", "--lines", file)
    assert rows(said) == [
        {
            "id": 7,
            "promises": [
                {
                    "due": "2026-11-20T17:00:00+01:00",
                    "inferred": False,
                    "deed": "call",
                    "words": "I'll call you back by Friday 5pm.",
                }
            ],
            "dates": [{"from": "2026-11-20T17:00:00+01:00", "to": "2026-11-20T17:00:00+01:00", "words": "Friday 5pm"}],
        }
    ]
    assert (said.code, said.err) == (0, "")


def test_without_a_time_it_is_inferred_and_without_a_zone_the_offset_counts(run: Run, tmp_path: Path):
    [row] = rows(
        run("promises", "--lines", asked(tmp_path, {"text": "I'll get back to you.", "at": "2026-11-18T14:20:00+02:00"}))
    )
    assert row["id"] is None
    assert [(each["due"], each["inferred"]) for each in row["promises"]] == [("2026-11-20T17:30:00+02:00", True)]


def test_a_moment_without_an_offset_is_of_the_zone(run: Run, tmp_path: Path):
    line = {"text": "in two hours", "at": "2026-11-18T14:20:00", "timezone": "America/New_York"}
    [row] = rows(run("promises", "--lines", asked(tmp_path, line)))
    assert row["dates"][0]["to"] == "2026-11-18T16:20:00-05:00"


def test_lines_come_from_standard_input_too(run: Run, monkeypatch: pytest.MonkeyPatch):
    for arguments in (("--lines",), ("--lines", "-")):
        sent = TextIOWrapper(BytesIO(json.dumps({"id": "a", "text": "hello \ud83d", "at": AT}).encode() + b"\n\xff\n"))
        monkeypatch.setattr(sys, "stdin", sent)
        said = run("promises", *arguments)
        assert rows(said) == [{"id": "a", "promises": [], "dates": []}]
        assert said.err.startswith("line 2: refused: ")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("no json", "Expecting value"),
        ([1], "a line is an object"),
        ({"text": 5, "at": AT}, "a line is an object"),
        ({"text": "x"}, '"at" is the moment'),
        ({"text": "x", "at": "soon"}, "is not a moment"),
        ({"text": "x", "at": AT, "timezone": "Mars/Base"}, "no time zone"),
        ({"text": "x", "at": AT, "timezone": "../etc/passwd"}, "no time zone"),
        ({"text": "x", "at": AT, "timezone": 5}, "no time zone"),
        ("[" * 100_000, "refused"),
    ],
)
def test_a_bad_line_costs_no_other(run: Run, tmp_path: Path, line: object, why: str):
    said = run("promises", "--lines", asked(tmp_path, line, {"id": 2, "text": "x", "at": AT}))
    assert why in said.err
    assert said.err.startswith("line 1: refused: ")
    assert [row["id"] for row in rows(said)] == [2]
    assert said.code == 0


def test_when_nothing_could_be_read_it_fails(run: Run, tmp_path: Path):
    assert run("promises", "--lines", asked(tmp_path, "no json")).code == 1
    assert run("promises", "--lines", asked(tmp_path)).code == 0


def test_wrong_use(run: Run, tmp_path: Path):
    assert run("promises").code == 2
    assert run("promises", "--lines", tmp_path / "none").code == 2
