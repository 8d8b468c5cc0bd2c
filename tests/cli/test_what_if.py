"""`what-if`: a week under other limits beside the present ones, by hand; and nothing is written."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.store import make_store
from monitor.testing.store_rows import everything
from tests.cli.conftest import Run

Write = Callable[[dict[str, Any]], Path]
CONFIG: dict[str, Any] = {
    "timezone": "Europe/London",
    "sources": {"desk": {"type": "events"}},
    "contact_points": {"hotline": {"source": "desk", "channel": "phone", "policy": "phone"}},
    "policies": {"phone": {"long_wait": {"after": "20s", "objective": "70%"}, "repeat_contact": False, "lost_context": False}},
}


def call(name: str, at: str, waits: float, last: str = "answered", point: str = "hotline") -> str:
    said = {"contact": name, "contact_point": point, "channel": "phone"}
    minute, second = at[:-3], int(at[-2:])
    reason = {"reason": "caller"} if last == "left" else {}
    lines = [
        {**said, "kind": "queued", "at": f"2026-11-{at}Z"},
        {**said, "kind": last, "at": f"2026-11-{minute}:{second + waits:09.6f}Z", **reason},
        *([{**said, "kind": "ended", "at": f"2026-11-{minute}:59Z"}] if last == "answered" else []),
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


@pytest.fixture
def config(write: Write, run: Run, tmp_path: Path) -> Path:
    """Week 45: answered after 5, 15, 25 and 40 s, given up after 8 s. The week before and the week after one call each."""
    config = write(CONFIG)
    calls = [
        call("a", "02T09:00:00", 5), call("b", "02T10:00:00", 15), call("c", "03T09:00:00", 25), call("d", "04T09:00:00", 40),
        call("e", "08T23:59:00", 8, "left"), call("before", "01T12:00:00", 40), call("after", "09T00:00:00", 40),
    ]  # fmt: skip
    (tmp_path / "calls.jsonl").write_text("".join(calls))
    assert run("import", "calls.jsonl", "--source", "desk", "--complete-until", "2026-11-20T00:00:00Z", "-c", config).code == 0
    return config


def limits(tmp_path: Path, content: Any) -> Path:
    file = tmp_path / "limits.yaml"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def asked(run: Run, config: Path, *arguments: object) -> dict[str, Any]:
    """The lines of the hotline by signal."""
    said = run("what-if", *arguments, "--week", "2026-W45", "--format", "json", "--config", config)
    assert said.code == 0, said.err
    found: dict[str, Any] = json.loads(said.out)
    assert (found["week"], found["timezone"], found["complete"]) == ("2026-W45", "Europe/London", True)
    [point] = [each for each in found["contact_points"] if each["contact_point"] == "hotline"]
    return {line["signal"]: line for line in point["signals"]}


def test_other_limits_beside_the_present_ones_with_the_contacts_that_differ(config: Path, run: Run, tmp_path: Path):
    lines = asked(run, config, "--policy", limits(tmp_path, {"policies": {"phone": {"long_wait": {"after": "30s"}}}}))
    queue = lines["long_wait"]
    now = {"objective": 0.7, "formula": "SL-D", "limit_opening_days": None}
    assert queue["now"] == {**now, "judged": 4, "breached": 2, "share": 0.5, "met": False, "limit_seconds": 20}
    assert queue["then"] == {**now, "judged": 4, "breached": 1, "share": 0.75, "met": True, "limit_seconds": 30}
    assert queue["differing"] == 1
    [different] = queue["contacts"]
    assert json.loads(run("explain", different.pop("contact"), "--json", "--config", config).out)["native_id"] == "c"
    assert different == {"at": "2026-11-03T09:00:00Z", "now": True, "then": False, "waited_seconds": 25, "limit_seconds": 30}
    assert all(line["differing"] == 0 for signal, line in lines.items() if signal != "long_wait")


def test_a_signal_that_is_switched_off_or_on(config: Path, run: Run, tmp_path: Path):
    lines = asked(run, config, "--policy", limits(tmp_path, "policies: {phone: {long_wait: false, repeat_contact: {}}}"))
    assert (lines["long_wait"]["then"], lines["long_wait"]["differing"]) == (None, 4)
    assert lines["repeat_contact"]["now"] is None


@pytest.mark.parametrize(
    ("formula", "judged", "breached", "differing"), [("SL-A", 4, 2, 0), ("b", 5, 2, 1), ("SL-C", 5, 3, 1), ("D", 4, 2, 0)]
)
def test_another_formula(config: Path, run: Run, formula: str, judged: int, breached: int, differing: int):
    line = asked(run, config, "--formula", formula)["long_wait"]
    assert (line["then"]["judged"], line["then"]["breached"], line["differing"]) == (judged, breached, differing)
    assert (line["now"]["formula"], line["then"]["formula"][-1]) == ("SL-D", formula[-1].upper())


def test_another_zone_has_another_week(config: Path, run: Run, tmp_path: Path):
    """In Auckland the caller of Sunday, 23:59, has called on Monday, and that of the Sunday before at one on Monday."""
    content = {
        "calendars": {"far": {"timezone": "Pacific/Auckland", "hours": {"daily": "00:00-24:00"}}},
        "policies": {"phone": {"calendar": "far"}},
    }
    lines = asked(run, config, "--policy", limits(tmp_path, content))
    assert (lines["long_wait"]["then"]["judged"], lines["long_wait"]["then"]["breached"]) == (5, 3)
    assert (lines["abandoned"]["now"]["breached"], lines["abandoned"]["then"]["breached"]) == (1, 0)


def test_it_says_so_in_words(config: Path, run: Run, tmp_path: Path):
    said = run(
        "what-if",
        "--policy",
        limits(tmp_path, "policies: {phone: {long_wait: {after: 30s}}}"),
        "--week",
        "2026-W45",
        "-c",
        config,
    )
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "week 2026-W45 (Europe/London): now, and then under the other limits"
    [row] = [line for line in lines if line.startswith("hotline") and "long_wait" in line and "count otherwise" not in line]
    assert all(part in row for part in ("50.0 % of 4, missed", "75.0 % of 4, met", "20s → 30s"))
    assert "hotline: long_wait: 1 count otherwise then" in lines
    assert lines[-1].endswith("bad now, good then, waited 25s")
    assert lines[-1].startswith("  2026-11-03T09:00:00Z  ")


def test_the_contacts_named_are_bounded(config: Path, run: Run, tmp_path: Path):
    (tmp_path / "more.jsonl").write_text("".join(call(f"x{n}", f"05T09:{n:02}:00", 25) for n in range(30)))
    assert run("import", "more.jsonl", "--source", "desk", "--config", config).code == 0
    file = limits(tmp_path, "policies: {phone: {long_wait: {after: 30s}}}")
    line = asked(run, config, "--policy", file)["long_wait"]
    assert (line["differing"], len(line["contacts"])) == (31, 10)
    assert "  and 21 more" in run("what-if", "--policy", file, "--week", "2026-W45", "--config", config).out


def test_nothing_is_stored(config: Path, run: Run, tmp_path: Path):
    database = tmp_path / "contacts.db"
    before, content = everything(make_store(f"sqlite:{database}"), ["desk"]), database.read_bytes()
    asked(run, config, "--policy", limits(tmp_path, "policies: {phone: {long_wait: {after: 1s}}}"), "--formula", "C")
    assert everything(make_store(f"sqlite:{database}"), ["desk"]) == before
    assert database.read_bytes() == content


def test_a_week_that_still_runs_is_held_against_nothing(config: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("monitor.clock.SystemClock.now", lambda _self: datetime(2026, 11, 6, 12, tzinfo=UTC))
    said = run("what-if", "--formula", "C", "--week", "2026-W45", "--config", config)
    assert "which still runs: no objective is held against it" in said.out
    assert "missed" not in said.out


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        ("policies: {phone: {long_wait: {after: soon}}}", ["limits.yaml: policies.phone.long_wait.after: "]),
        ("policies: {phone: {long_wat: {after: 1m}}}", ["limits.yaml: policies.phone.long_wat: ", "long_wait"]),
        ("policies: {phone: {calendar: nights}}", ["limits.yaml: ", "nights"]),
        ("policy: {phone: {}}", ["limits.yaml: policy: is none of the sections of limits; did you mean policies?"]),
        (
            "policies: {fone: {long_wait: {after: 1m}}}",
            ["limits.yaml: policies.fone: nothing in the configuration has it; did you mean phone?"],
        ),
        (
            "{policies: {phone: {calendar: night}}, calendars: {"
            "night: {hours: {mon: '20:00-22:00'}}, nigth: {hours: {mon: '20:00-22:00'}}}}",
            ["limits.yaml: calendars.nigth: nothing in the configuration has it; did you mean night?"],
        ),
        ("", ["limits.yaml: holds no limits: write `policies:` there"]),
        ("policies: {phone: {long_wait: {after: soon}, slow_answer: {rings: 0}}}", ["long_wait.after", "slow_answer.rings"]),
        ("- a", ["limits.yaml: a configuration is a mapping"]),
    ],
)
def test_what_is_wrong_in_the_file_is_told_as_of_a_configuration(
    config: Path, run: Run, tmp_path: Path, content: str, problems: list[str]
):
    said = run("what-if", "--policy", limits(tmp_path, content), "--config", config)
    assert (said.code, said.out) == (2, "")
    assert all(problem in said.err for problem in problems)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "Name a file of limits with --policy, or a --formula"),
        (["--formula", "E"], "--formula: 'E' is none; did you mean SL-"),
        (["--policy", "missing.yaml"], "missing.yaml: cannot read the configuration: No such file"),
        (["--formula", "A", "--week", "2026-W99"], "--week: '2026-W99' is no week"),
    ],
)
def test_wrong_use_says_what_to_write(config: Path, run: Run, arguments: list[str], why: str):
    said = run("what-if", *arguments, "--config", config)
    assert (said.code, said.out) == (2, "")
    assert why in said.err


def test_limits_in_the_environment_are_the_present_ones(config: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CONTACT_MONITOR__POLICIES__PHONE__LONG_WAIT__AFTER", "10s")
    monkeypatch.setenv("CONTACT_MONITOR__POLICIES__PHONE__ABANDONED__IGNORE_UNDER", "9s")
    lines = asked(run, config, "--policy", limits(tmp_path, "policies: {phone: {long_wait: {after: 30s}}}"))
    assert [lines["long_wait"][side]["limit_seconds"] for side in ("now", "then")] == [10, 30]
    assert lines["abandoned"]["then"]["judged"] == 4  # who gave up after 8 s counts on neither side
