"""A limit of three opening days is called so wherever a limit is shown: it has no seconds."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

ALL = ("signals", "--since", "520w", "--signal", "late_resolution")


def line(contact: str, kind: str, at: str) -> str:
    ticket = {"contact": contact, "contact_point": "desk", "channel": "ticket", "kind": kind, "at": at}
    return json.dumps({**ticket, "on": "customer"} if kind == "pending" else ticket) + "\n"


@pytest.fixture
def config(write: Callable[[dict[str, Any]], Path], run: Run, tmp_path: Path) -> Path:
    """Two tickets of a Monday after opening, seen until Friday morning: one unsolved, one that waits for the customer."""
    file = write({
        "sources": {"shop": {"type": "events"}},
        "contact_points": {"desk": {"source": "shop", "channel": "ticket", "calendar": "office"}},
        "calendars": {"office": {"timezone": "Europe/London", "hours": {"mon-fri": "09:00-17:30"}}},
    })  # fmt: skip
    (tmp_path / "tickets.jsonl").write_text(
        line("late", "received", "2026-11-02T10:00:00Z")
        + line("paused", "received", "2026-11-02T10:00:00Z")
        + line("paused", "pending", "2026-11-02T11:00:00Z")
    )
    assert run("import", "tickets.jsonl", "--complete-until", "2026-11-06T09:00:00Z", "--config", file).code == 0
    return file


@pytest.mark.parametrize(
    ("contact", "due", "shown", "outcome"),
    [
        ("late", "2026-11-05T17:30:00Z", "limit 3 opening days, due 2026-11-05T17:30:00Z: breached", "breached"),
        ("paused", None, "limit 3 opening days: open", "open"),
    ],
)
def test_explain(config: Path, run: Run, contact: str, due: str | None, shown: str, outcome: str):
    resolution = json.loads(run("explain", contact, "--json", "--config", config).out)["waits"][-1]
    limit = {key: resolution[key] for key in ("wait", "limit_seconds", "limit_opening_days", "due_at", "outcome")}
    assert limit == {
        "wait": "resolution", "limit_seconds": None, "limit_opening_days": 3, "due_at": due, "outcome": outcome,
    }  # fmt: skip
    assert f" on calendar office, {shown}\n" in run("explain", contact, "--config", config).out


def test_signals(config: Path, run: Run):
    [row] = json.loads(run(*ALL, "--format", "json", "--config", config).out)
    assert (row["limit_seconds"], row["limit_opening_days"]) == (None, 3)
    [row] = csv.DictReader(io.StringIO(run(*ALL, "--format", "csv", "--config", config).out))
    assert (row["limit_seconds"], row["limit_opening_days"]) == ("", "3")
    titles, first = run(*ALL, "--config", config).out.splitlines()
    assert first[titles.index("limit") :].startswith("3bd ")


@pytest.mark.parametrize(("limit", "days"), [("1bd", 1), ("4h", None), (False, None)])
def test_a_listed_signal_shows_the_opening_days_of_today(config: Path, run: Run, limit: str | bool, days: int | None):
    """What was stored with it has no seconds: whether that was said in opening days is told by the configuration alone."""
    late = {"after": limit} if isinstance(limit, str) else limit
    changed = json.loads(config.read_text()) | {"policies": {"default": {"late_resolution": late}}}
    config.write_text(json.dumps(changed))
    [row] = json.loads(run(*ALL, "--format", "json", "--config", config).out)
    assert (row["limit_seconds"], row["limit_opening_days"]) == (None, days)
