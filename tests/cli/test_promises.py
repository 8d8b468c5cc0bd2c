"""`promises`: a text for people or as JSON; `--lines`: JSON lines in and out, a bad line is told and costs no other."""

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
    for asked in ((), ("--lines",)):
        assert run("promises", *asked, tmp_path / "none").code == 2


TEXT = (
    "Hello Ann,\n\nI'll call you back\nby Friday 5pm. We will look into it.\n\nKind regards\nJo\n\n> I'll call you on Monday.\n"
)


def test_a_whole_text_for_people(run: Run, tmp_path: Path):
    """Its own words only; what has no time is due after two opening days, in the writer's zone."""
    (tmp_path / "mail.txt").write_text(TEXT)
    said = run("promises", "mail.txt", "--at", "2026-11-18T14:20:00Z", "--timezone", "Europe/London")
    assert (said.code, said.err) == (0, "")
    head, *told = said.out.splitlines()
    assert head.split() == ["due", "deed", "time", "words"]
    assert [line.split(maxsplit=3) for line in told] == [
        ["2026-11-20T17:00:00+00:00", "call", "stated", "I'll call you back by Friday 5pm."],
        ["2026-11-20T17:30:00+00:00", "do", "inferred", "We will look into it."],
    ]


def test_and_as_json_by_a_calendar_of_the_configuration(run: Run, tmp_path: Path):
    (tmp_path / "contact-monitor.yaml").write_text(
        "store: 'memory:'\nsources: {shop: {type: events}}\n"
        "calendars: {shop: {timezone: America/New_York, hours: {mon-sat: '10:00-19:00'}}}\n"
    )
    (tmp_path / "mail.txt").write_text("We will send it within 2 working days.")
    asked = ("promises", "mail.txt", "--at", "2026-11-20T15:00:00Z", "--calendar", "shop", "--config", "contact-monitor.yaml")
    found = json.loads(run(*asked, "--json").out)
    [promise] = found["promises"]
    assert (promise["due"], promise["deed"]) == ("2026-11-23T19:00:00-05:00", "send")  # Saturday is a day there, Sunday none
    assert len(found["dates"]) == 1


def test_a_text_that_promises_nothing(run: Run, tmp_path: Path):
    (tmp_path / "mail.txt").write_text("Thank you for your call.")
    assert run("promises", "mail.txt").out == "no promises\n"
    assert json.loads(run("promises", "mail.txt", "--json", "--at", AT).out) == {"promises": [], "dates": []}


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("--at", "yesterday"), "promises: \"at\": 'yesterday' is not a moment; write 2026-11-02T09:00:00Z\n"),
        (("--timezone", "Mars"), "--timezone: 'Mars' is no time zone; write Europe/London\n"),
        (
            ("--lines", "--at", AT),
            "promises: with --lines each line has its own at and timezone; leave out --at and --timezone\n",
        ),
    ],
)
def test_what_cannot_be_asked(run: Run, tmp_path: Path, asked: tuple[str, ...], why: str):
    (tmp_path / "mail.txt").write_text("I'll call you.")
    said = run("promises", "mail.txt", *asked)
    assert (said.code, said.out, said.err) == (2, "", why)
