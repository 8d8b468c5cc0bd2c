"""`report`: one call of a Monday in November, in every form; what is refused, and with which remedy."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.test_data_commands import CALL, CONFIG, lines


@pytest.fixture
def imported(write: Callable[[dict[str, Any]], Path], run: Run, tmp_path: Path) -> Path:
    """A configuration whose store holds the call: 30 s in the queue, then held for 150 s."""
    config = write({**CONFIG, "timezone": "Europe/London"})
    (tmp_path / "events.jsonl").write_text(lines("c1", CALL))
    assert run("import", "events.jsonl", "--config", config).code == 0
    return config


def test_json_has_the_keys_of_the_contract_and_the_figures_of_the_call(imported: Path, run: Run) -> None:
    said = run("report", "--week", "2026-W45", "--format", "json", "--config", imported)
    assert said.code == 0, said.err
    report = json.loads(said.out)
    assert list(report)[:7] == ["week", "timezone", "starts", "ends", "complete", "contact_points", "gaps"]
    assert (report["week"], report["timezone"], report["gaps"]) == ("2026-W45", "Europe/London", [])
    assert (report["starts"], report["ends"]) == ("2026-11-02T00:00:00Z", "2026-11-09T00:00:00Z")
    point = next(each for each in report["contact_points"] if each["contact_point"] == "support-line")
    assert {"contact_point", "channel", "contacts", "signals", "waits", "trend", "worst"} <= point.keys()
    assert (point["channel"], point["contacts"]) == ("phone", 1)
    signals = {each["signal"]: each for each in point["signals"]}
    long_wait = signals["long_wait"]
    assert [long_wait[key] for key in ("judged", "breached", "share", "objective", "formula")] == [1, 1, 0.0, 0.8, "SL-D"]
    assert long_wait["met"] is (False if report["complete"] else None)
    assert "late_reply" not in signals  # no signal of a telephone
    assert signals["missed_callback"]["share"] is None  # nobody gave up
    waits = {each["wait"]: each for each in point["waits"]}
    assert [waits["queue"][key] for key in ("count", "p50_seconds", "p90_seconds", "p95_seconds", "max_seconds")] == [
        1,
        30.0,
        30.0,
        30.0,
        30.0,
    ]
    assert waits["hold"]["p50_seconds"] == 150.0
    trend = [each for each in point["trend"] if each["signal"] == "long_wait"]
    assert trend == [{"week": "2026-W45", "signal": "long_wait", "judged": 1, "breached": 1, "gap": False}]
    assert len(report["weeks"]) == 13  # of the others nothing was recorded
    # the hold of 150 s reached its limit of 120, the queue of 30 its 20
    assert {(each["signal"], each["waited_seconds"], each["limit_seconds"]) for each in point["worst"]} == {
        ("long_wait", 30.0, 20.0),
        ("long_hold", 150.0, 120.0),
    }


def test_every_form_is_written_to_a_file_by_its_ending(imported: Path, run: Run, tmp_path: Path) -> None:
    for name, begins in (("week.md", "# "), ("week.csv", "week,contact_point"), ("week.json", "{"), ("week.txt", "")):
        said = run("report", "--week", "2026-W45", "--out", name, "--config", imported)
        assert (said.code, said.out) == (0, ""), said.err
        assert (tmp_path / name).read_text().startswith(begins)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "week.csv").read_text())))
    mine = [row for row in rows if (row["week"], row["signal"]) == ("2026-W45", "long_wait")]
    assert [(row["contact_point"], row["judged"], row["breached"], row["share"]) for row in mine] == [
        ("support-line", "1", "1", "0.0")
    ]
    assert "1 of 1" in (tmp_path / "week.md").read_text()


def test_text_is_what_is_written_where_nothing_is_said(imported: Path, run: Run) -> None:
    said = run("report", "--week", "2026-W45", "--config", imported)
    first, *rest = said.out.splitlines()
    assert "support-line" in first or "still runs" in first
    assert any("waited too long in the queue (over 0:20) SL-D: 1 of 1, objective 80 %" in line for line in rest)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--week", "45"), "--week: '45' is no week; write year and week of ISO 8601, as 2026-W46"),
        (("--week", "2025-W53"), "--week: '2025-W53' is no week; 2025 has weeks W01 to W52"),
        (("--week", "9998-W01"), "--week: 9998-W01 has not begun; the running week is "),
        (("--format", "jsn"), "--format: 'jsn' is none of text, md, csv, json"),
        (("--out", "week"), "--out week: what is to be written? Add --format with one of text, md, csv, json"),
        (("--weeks", "0"), "'--weeks': Input should be greater than or equal to 1"),
        (("--weeks", "54"), "'--weeks': Input should be less than or equal to 53"),
    ],
)
def test_wrong_use_names_the_remedy(imported: Path, run: Run, arguments: tuple[str, ...], problem: str) -> None:
    said = run("report", *arguments, "--config", imported)
    assert said.code == 2
    assert problem in said.err


def test_weeks_of_which_nothing_is_known_are_no_empty_report(imported: Path, run: Run) -> None:
    said = run("report", "--week", "2024-W10", "--config", imported)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("there is no data of 2023-W50 to 2024-W10 in ")


def test_without_a_store_it_says_so_and_makes_none(write: Callable[[dict[str, Any]], Path], run: Run, tmp_path: Path) -> None:
    said = run("report", "--config", write(CONFIG))
    assert said.code == 1
    assert "there is no store yet" in said.err
    assert not list(tmp_path.glob("*.db"))


def test_a_file_that_cannot_be_written_is_one_line(imported: Path, run: Run) -> None:
    said = run("report", "--week", "2026-W45", "--out", "nowhere/week.md", "--config", imported)
    assert said.code == 1
    assert said.err == "--out nowhere/week.md: No such file or directory\n"
