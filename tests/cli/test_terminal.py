"""Foreign text on its way to a terminal, a program or a spreadsheet."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli.output import as_json, printable, progress, write_csv, write_table

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


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x"])
def test_a_spreadsheet_sees_no_formula(cell: str):
    out = io.StringIO()
    write_csv(out, ("a", "b"), [{"a": cell, "b": -1.5}])
    assert list(csv.DictReader(io.StringIO(out.getvalue()))) == [{"a": "'" + cell, "b": "-1.5"}]


def test_a_csv_cell_holds_no_control_character():
    out = io.StringIO()
    write_csv(out, ("a",), [{"a": HOSTILE}])
    assert all(c.isprintable() or c == "\n" for c in out.getvalue())


def test_a_table_takes_no_markup_and_no_lines_from_its_cells(capsys: pytest.CaptureFixture[str]):
    write_table(("a",), [(HOSTILE + "\nnext",)])
    out = capsys.readouterr().out
    assert "[red]x[/red]\\nnext" in out
    assert all(c.isprintable() or c == "\n" for c in out)


def test_progress_elsewhere_than_on_a_terminal_is_a_line_every_ten_per_cent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):  # fmt: skip
    file = tmp_path / "file\x1b"
    file.write_bytes(b"x" * 1000)
    with progress(file) as advance:
        for read in (50, 99, 100, 350, 399, 1000):
            advance(read)
    assert capsys.readouterr().err == "file\\x1b: 10 %\nfile\\x1b: 30 %\nfile\\x1b: 100 %\n"
