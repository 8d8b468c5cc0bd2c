"""Foreign text on its way to a terminal, a program or a spreadsheet."""

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from monitor.cli.commands import SIGNALS_TABLE
from monitor.cli.output import Column, as_json, printable, progress, terminal_width, write_csv, write_json, write_table

HOSTILE = "\x1b[2J\u202e\x07\x9b31m\ud800\x00[red]x[/red]"


def test_printable_shows_what_is_there_and_moves_no_cursor():
    assert printable("Ärger\n\ttab \x1b[2J\u202e\x9b") == "Ärger\n\ttab \\x1b[2J\\u202e\\x9b"


@given(st.text(alphabet=st.characters(), max_size=50))
def test_printable_never_lets_a_control_character_through(text: str):
    assert all(c.isprintable() or c in "\n\t" for c in printable(text))


@given(st.text(alphabet=st.characters(), max_size=50))
def test_json_reads_back_as_it_was_and_is_printable(text: str):
    written = as_json({"a": text})
    assert json.loads(written) == {"a": text}
    assert written.isprintable()


def test_json_keeps_letters():
    assert as_json("Grüße 日本 🙂") == '"Grüße 日本 🙂"'


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", " =1+1", "\t@x"])
def test_a_spreadsheet_sees_no_formula(cell: str):
    out = io.StringIO()
    write_csv(out, ("a", "b"), [{"a": cell, "b": -1.5}])
    assert list(csv.DictReader(io.StringIO(out.getvalue()))) == [{"a": "'" + cell, "b": "-1.5"}]


def test_a_csv_cell_holds_no_control_character():
    out = io.StringIO()
    write_csv(out, ("a",), [{"a": HOSTILE}])
    assert all(c.isprintable() or c == "\n" for c in out.getvalue())


def test_a_table_takes_no_markup_and_no_lines_from_its_cells():
    out = io.StringIO()
    assert write_table(out, (Column("a"),), [(HOSTILE + "\nnext\tand on",)])
    header, row = out.getvalue().splitlines()
    assert header == "a"
    assert row.endswith("[red]x[/red]\\nnext\\tand on")
    assert row.isprintable()


def test_columns_are_as_wide_as_the_first_rows_and_a_longer_cell_pushes_its_line_alone():
    out = io.StringIO()
    rows = [
        ("1", "b", "last"),
        ("日本", "longest", ""),
        *[("1", "b", "x")] * 198,
        ("more than before", "b", "x"),
        ("1", "b", "x"),
    ]
    assert write_table(out, tuple(map(Column, ("a", "of b", "c"))), rows)
    lines = out.getvalue().splitlines()
    assert lines[:3] == ["a     of b     c", "1     b        last", "日本  longest"]  # each of these two signs fills two places
    assert lines[-3:] == ["1     b        x", "more than before  b        x", "1     b        x"]
    assert len(lines) == 203


def test_one_long_cell_does_not_widen_its_column_for_ever():
    out = io.StringIO()
    assert write_table(out, (Column("a"), Column("b")), [("x" * 41, "y"), ("x" * 40, "y"), ("x", "y")])
    assert out.getvalue().splitlines() == [
        "a" + " " * 41 + "b", "x" * 41 + "  y", "x" * 40 + "  y", "x" + " " * 41 + "y",
    ]  # fmt: skip


def test_a_table_without_rows_is_not_written():
    out = io.StringIO()
    assert not write_table(out, (Column("a"), Column("b")), [])
    assert out.getvalue() == ""


#: Signals as they are: the Message-ID of a mail, a call's Linkedid, a contact point of forty letters, a limit in two parts; one
#: rests on another contact.
LISTED = [
    (
        "2026-11-02T09:03:00Z", "0123456789abcdef", "late_reply", "customer-service-mailbox-for-business-uk",
        "6h 12m 9s", "4h", "<CAFx+1=9Zk-8w3_20@mail.example.org>", "00112233445566ff",
    ),
    (
        "2026-11-02T09:00:20Z", "fedcba9876543210", "complaint_overdue", "日本語の窓口です",
        "12d 23h 59m", "1h 30m", "1762075670.15", "",
    ),
]  # fmt: skip


def listed(width: int | None, rows: list[tuple[str, ...]] = LISTED) -> list[str]:
    out = io.StringIO()
    assert write_table(out, SIGNALS_TABLE, rows, width)
    return out.getvalue().splitlines()


def test_at_80_columns_moment_and_id_are_whole_and_the_contact_point_is_told():
    calls = [("2026-11-02T09:03:00Z", "0123456789abcdef", "long_wait", "support-line", "20.016s", "20s", "1762075670.15", "")]
    assert listed(80, calls) == [
        "at                    contact           signal     contact point  waited   limit",
        "2026-11-02T09:03:00Z  0123456789abcdef  long_wait  support-line   20.016s  20s",
    ]  # fmt: skip
    assert listed(80) == [
        "at                    contact           signal             contact point",
        "2026-11-02T09:03:00Z  0123456789abcdef  late_reply         customer-service-mai…",
        "2026-11-02T09:00:20Z  fedcba9876543210  complaint_overdue  日本語の窓口です",
    ]


def test_at_100_columns_names_are_cut_and_the_sources_own_is_left_out():
    assert listed(100) == [
        "at                    contact           signal             contact point         waited       limit",
        "2026-11-02T09:03:00Z  0123456789abcdef  late_reply         customer-service-ma…  6h 12m 9s    4h",
        "2026-11-02T09:00:20Z  fedcba9876543210  complaint_overdue  日本語の窓口です      12d 23h 59m  1h 30m",
    ]


def test_where_there_is_room_the_contact_that_a_signal_rests_on_is_told_and_a_line_ends_with_its_last_letter():
    titles, mail, call = listed(180)
    assert titles.endswith("  rests on")
    assert mail.endswith("mail.example.org>  00112233445566ff")
    assert call.endswith("  1762075670.15")


def test_at_132_columns_the_sources_own_name_is_cut_first():
    titles, mail, call = listed(132)
    before = "2026-11-02T09:03:00Z  0123456789abcdef  late_reply         "
    before += "customer-service-mailbox-for-business-uk  6h 12m 9s    4h      "
    assert len(before) == 122
    assert mail == before + "<CAFx+1=9…"
    assert titles.endswith("  limit   its own n…")
    assert call.endswith("  1h 30m  176207567…")


@pytest.mark.parametrize("width", [20, 68, 69, 70, 80, 81, 82, 90, 91, 100, 131, 132, 133, 157, 158, 1000])
def test_at_every_width_moment_and_id_are_whole_and_no_line_is_wrapped_that_need_not_be(width: int):
    titles, *rows = listed(width)
    for row, (at, contact, *_) in zip(rows, LISTED, strict=True):
        assert row.startswith(f"{at}  {contact}  ")
    assert all(cell_len(line) <= max(width, 69) for line in (titles, *rows))  # 69: what does not give way


def test_in_a_pipe_every_cell_is_whole():
    for row, cells in zip(listed(None)[1:], LISTED, strict=True):
        assert [cell for cell in cells if cell not in row] == []


def test_a_later_longer_cell_is_cut_where_its_column_ends():
    out = io.StringIO()
    columns = (Column("a", 2), Column("b", 2, may_go=True))
    assert write_table(out, columns, [*[("abcd", "x")] * 200, ("abcdef", "abcdef")], 10)
    assert out.getvalue().splitlines()[-2:] == ["abcd  x", "abc…  abc…"]


@given(st.lists(st.tuples(*[st.text(st.characters(), max_size=30)] * 3), min_size=1, max_size=5), st.integers(12, 80))
def test_what_gives_way_always_fits(rows: list[tuple[str, ...]], width: int):
    out = io.StringIO()
    assert write_table(out, (Column("a", 2), Column("b", 2), Column("c", 2, may_go=True)), rows, width)
    assert all(cell_len(line) <= width for line in out.getvalue().split("\n"))


def test_a_pipe_has_no_width():
    assert terminal_width(io.StringIO()) is None


def test_a_terminal_has_the_width_it_says(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "97")
    leader, follower = os.openpty()
    with os.fdopen(leader), os.fdopen(follower, "w") as terminal:
        assert terminal_width(terminal) == 97


@pytest.mark.parametrize("count", [0, 1, 2])
def test_json_is_an_array_with_a_line_for_each_row(count: int):
    out = io.StringIO()
    rows = [{"a": HOSTILE, "n": n, "none": None} for n in range(count)]
    write_json(out, iter(rows))
    assert json.loads(out.getvalue()) == rows
    assert len(out.getvalue().splitlines()) == (count + 2 if count else 1)
    assert all(c.isprintable() or c == "\n" for c in out.getvalue())


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_what_is_listed_is_written_while_it_is_read(form: str):
    """No more rows are held than decide about the widths of a table."""
    out, most = io.StringIO(), 0

    def rows() -> Iterator[dict[str, str]]:
        nonlocal most
        for number in range(1000):
            most = max(most, number - out.getvalue().count("row "))
            yield {"a": f"row {number}"}

    if form == "table":
        write_table(out, (Column("a"),), (tuple(row.values()) for row in rows()))
    elif form == "json":
        write_json(out, rows())
    else:
        write_csv(out, ("a",), rows())
    assert out.getvalue().count("row ") == 1000
    assert most <= (200 if form == "table" else 1)


def test_progress_elsewhere_than_on_a_terminal_is_a_line_every_ten_per_cent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):  # fmt: skip
    file = tmp_path / "file\x1b"
    file.write_bytes(b"x" * 1000)
    with progress(file) as advance:
        for read in (50, 99, 100, 350, 399, 1000):
            advance(read)
    assert capsys.readouterr().err == "file\\x1b: 10 %\nfile\\x1b: 30 %\nfile\\x1b: 100 %\n"
