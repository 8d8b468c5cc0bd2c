"""`recompute`: the past under other limits, what it says of it, twice, and beside what cannot be."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.store import make_store
from tests.cli.conftest import Run

Write = Callable[[dict[str, Any]], Path]
SOURCE = {"desk": {"type": "events"}}


def call(name: str, day: int, waits: int) -> str:
    told = {"contact": name, "contact_point": "hotline", "channel": "phone"}
    lines = [
        {**told, "kind": "queued", "at": f"2026-11-{day:02}T09:00:00Z"},
        {**told, "kind": "answered", "at": f"2026-11-{day:02}T09:00:{waits:02}Z"},
        {**told, "kind": "ended", "at": f"2026-11-{day:02}T09:05:00Z"},
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


@pytest.fixture
def under(write: Write, run: Run, tmp_path: Path) -> Callable[[str], Path]:
    """A configuration with this limit in the queue, over calls that waited 15 s, 25 s and 45 s; the last one a week later."""
    config = write({"sources": SOURCE, "policies": {"default": {"long_wait": {"after": "20s"}}}})
    (tmp_path / "calls.jsonl").write_text(call("a", 2, 15) + call("b", 3, 25) + call("c", 10, 45))
    assert run("import", "calls.jsonl", "--config", config).code == 0
    return lambda limit: write({"sources": SOURCE, "policies": {"default": {"long_wait": {"after": limit}}}})


def late(run: Run, config: Path) -> list[tuple[str, float]]:
    said = run("signals", "--since", "2026-11-01T00:00:00Z", "--signal", "long_wait", "--format", "json", "--config", config)
    return [(row["native_id"], row["limit_seconds"]) for row in json.loads(said.out)]


def test_weeks_and_signals_follow_counters_stay_and_it_says_what_has_become_of_it(
    under: Callable[[str], Path], run: Run, tmp_path: Path
):
    store = make_store(f"sqlite:{tmp_path / 'contacts.db'}")
    totals = store.totals()
    said = run("recompute", "--config", under("10s"))
    assert said.code == 0
    first, *weeks = said.out.splitlines()
    assert first.startswith("3 contacts of 2026-W45 to 2026-W46 judged anew in ")
    assert first.endswith(" s: 1 say something else than before; counters stay as they are")
    assert weeks == ["  hotline: long_wait: judged +0, breached +1"]
    assert "judging anew: 100 %" in said.err
    assert late(run, under("10s")) == [("c", 10), ("b", 10), ("a", 10)]
    assert store.weeks("")["hotline", "long_wait", "2026-11-02"] == (2, 2)
    assert store.totals() == totals


def test_the_weekly_report_shows_the_new_past_and_says_so(under: Callable[[str], Path], run: Run):
    assert run("recompute", "--config", under("10s")).code == 0
    said = run("report", "--week", "2026-W45", "--format", "json", "--config", under("10s"))
    assert said.code == 0, said.err
    report = json.loads(said.out)
    assert report["judged_anew"]["whole"] is True
    long_wait = next(each for each in report["contact_points"][0]["signals"] if each["signal"] == "long_wait")
    assert (long_wait["judged"], long_wait["breached"]) == (2, 2)  # 15 s and 25 s


def test_doing_it_twice_changes_nothing(under: Callable[[str], Path], run: Run):
    assert " 2 say something else" in run("recompute", "--config", under("1m")).out
    again = run("recompute", "--config", under("1m"))
    assert (again.code, " 0 say something else" in again.out) == (0, True)
    assert late(run, under("1m")) == []


def test_since_leaves_what_was_before(under: Callable[[str], Path], run: Run):
    said = run("recompute", "--since", "2026-11-09T00:00:00Z", "--config", under("1m"))
    assert said.out.startswith("1 contact of 2026-W46 judged anew")
    assert late(run, under("1m")) == [("b", 20)]


def test_of_a_time_of_which_nothing_is_kept(under: Callable[[str], Path], run: Run):
    said = run("recompute", "--since", "2026-11-20T00:00:00Z", "--config", under("1m"))
    assert (said.code, said.out) == (0, "no contact is kept of that time; nothing was changed\n")


@pytest.mark.parametrize(
    ("since", "why"), [("yesterday", "--since: 'yesterday'"), ("99999999d", "--since: '99999999d' is before all time")]
)
def test_a_moment_that_is_none_is_refused(under: Callable[[str], Path], run: Run, since: str, why: str):
    said = run("recompute", "--since", since, "--config", under("1m"))
    assert said.code == 2
    assert why in said.err


def test_without_a_store_there_is_nothing_to_judge(write: Write, run: Run):
    said = run("recompute", "--config", write({"sources": SOURCE}))
    assert said.code == 1
    assert "there is no store yet" in said.err
