"""Every figure that the table in README.md shows is printed by a benchmark that `python -m benchmarks` runs, and by one alone."""

import re
from pathlib import Path

import pytest

from benchmarks import _table
from benchmarks.__main__ import ALL
from benchmarks._measure import FIGURE
from benchmarks._table import BEGIN, END, ROWS, Row, outputs, replaced, table

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.benchmark)
def test_its_figures_are_printed_by_the_benchmark_that_it_names(row: Row) -> None:
    assert row.benchmark in ALL
    source = (ROOT / "benchmarks" / f"{row.benchmark}.py").read_text()
    for name in re.findall(r"\{([\w.]+)\}", row.measured):
        group, _, last = name.partition(".")
        assert re.search(rf'figure\(f?"{group}\.(?:{last}"|\{{)', source), name
        assert re.search(rf"\b{last}\b", source), name


def test_all_benchmarks_are_run() -> None:
    files = {path.stem for path in (ROOT / "benchmarks").glob("[!_]*.py")}
    assert set(ALL) == files


def test_a_figure_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (Row("one", "{a.b} and {c.d}", "x"), Row("two", "{a.b}", "y"))
    monkeypatch.setattr(_table, "ROWS", rows)
    printed = "ours 3 ms\n= a.b: 3 ms\n = not.one: 4\n= c.d: 5, 6\nfoo = a.b: 7\n"
    figures = dict(found.groups() for found in FIGURE.finditer(printed))
    assert figures == {"a.b": "3 ms", "c.d": "5, 6"}
    assert table(figures).splitlines()[2:] == [
        "| one | 3 ms and 5, 6 | `python -m benchmarks.x` |",
        "| two | 3 ms | `python -m benchmarks.y` |",
    ]
    with pytest.raises(KeyError, match=r"c\.d"):
        table({"a.b": "3 ms"})


def test_what_stood_between_the_marks_goes_and_nothing_else() -> None:
    page = f"before\n{BEGIN}\n\nold\n\n{END}\nafter\n"
    once = replaced(page, "new")
    assert once == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert replaced(once, "new") == once
    with pytest.raises(ValueError, match="there is no"):
        replaced("a page without marks", "new")


def test_each_benchmark_stands_under_its_name() -> None:
    assert outputs("today", {"a": "1\n2\n", "b": "3"}) == "today\n\n### a\n\n```\n1\n2\n```\n\n### b\n\n```\n3\n```"


@pytest.mark.parametrize("page", ["README.md", "benchmarks/README.md"])
def test_both_pages_have_their_marks(page: str) -> None:
    text = (ROOT / page).read_text()
    assert replaced(text, "x").count("\nx\n") == 1
