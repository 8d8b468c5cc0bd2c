"""import, signals, explain, hours: what they write, where, and with which exit code."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

Write = Callable[[dict[str, Any]], Path]

CONFIG: dict[str, Any] = {
    "sources": {"shop": {"type": "events"}},
    "contact_points": {"support-line": {"source": "shop", "channel": "phone"}},
    "calendars": {"office": {"timezone": "Europe/London", "hours": {"mon-fri": "09:00-17:30"}}},
}
#: Offered at nine, answered after 30 s (limit 20 s), held from 09:01:00 for 150 s (limit 120 s), ended at 09:05.
CALL = [
    ("queued", "2026-11-02T09:00:00Z"), ("answered", "2026-11-02T09:00:30Z"), ("held", "2026-11-02T09:01:00Z"),
    ("unheld", "2026-11-02T09:03:30Z"), ("ended", "2026-11-02T09:05:00Z"),
]  # fmt: skip


def lines(contact: str, events: list[tuple[str, str]], point: str = "support-line") -> str:
    return "".join(
        json.dumps(
            {
                "id": f"{contact}-{number}", "contact": contact, "contact_point": point, "channel": "phone", "kind": kind,
                "at": at, "customer": "+442079460000",
            }
        ) + "\n"
        for number, (kind, at) in enumerate(events)
    )  # fmt: skip


@pytest.fixture
def config(write: Write) -> Path:
    return write(CONFIG)


@pytest.fixture
def imported(config: Path, run: Run, tmp_path: Path) -> Path:
    """A configuration whose store holds the call."""
    (tmp_path / "events.jsonl").write_text(lines("c1", CALL))
    assert run("import", "events.jsonl", "--config", config).code == 0
    return config


class TestImport:
    def test_it_says_what_it_did_and_twice_changes_nothing(self, config: Path, run: Run, tmp_path: Path):
        (tmp_path / "events.jsonl").write_text(lines("c1", CALL))
        first = run("import", "events.jsonl", "--config", config)
        told = "stored into shop, {} were known, 0 refused, complete until 2026-11-02T09:05:00Z"
        assert first.out == f"events.jsonl: 5 events {told.format(0)}\n"
        before = run("signals", "--since", "520w", "--format", "json", "--config", config).out
        second = run("import", "events.jsonl", "--config", config)
        assert second.out == f"events.jsonl: 0 events {told.format(5)}\n"
        assert run("signals", "--since", "520w", "--format", "json", "--config", config).out == before

    def test_progress_goes_to_standard_error(self, config: Path, run: Run, tmp_path: Path):
        (tmp_path / "events.jsonl").write_text(lines("c1", CALL))
        assert run("import", "events.jsonl", "--config", config).err == "events.jsonl: 100 %\n"

    def test_bad_lines_are_named_and_the_rest_is_stored(self, config: Path, run: Run, tmp_path: Path):
        (tmp_path / "events.jsonl").write_text(lines("c1", CALL) + '{"kind": \n' + '{"kind": "\x1b[2J"}\n')
        said = run("import", "events.jsonl", "--config", config)
        assert (said.code, said.out.split(",")[0]) == (0, "events.jsonl: 5 events stored into shop")
        assert "events.jsonl:6: " in said.err
        assert "events.jsonl:7: " in said.err
        assert "\x1b" not in said.all

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("nothing.jsonl",), "nothing.jsonl: cannot read it: No such file or directory\n"),
            (("rubbish",), "rubbish: neither contact events (JSON lines), nor mbox, nor queue_log\n"),
            (("log",), "no source takes queue_log; configure one of type asterisk or queue_log\n"),
            (("events", "--source", "shp"), "--source: 'shp' takes no events; shop would\n"),
            (
                ("events", "--complete-until", "2026-11-02"),
                "--complete-until: '2026-11-02' has no time zone; add Z or an offset as +01:00\n",
            ),
        ],
    )
    def test_wrong_use_is_one_line_and_2(self, config: Path, run: Run, tmp_path: Path, arguments: tuple[str], told: str):
        (tmp_path / "rubbish").write_text("rubbish")
        (tmp_path / "log").write_text("1793610000|1793610000.1|support|NONE|ENTERQUEUE||555|1\n")
        (tmp_path / "events").write_text(lines("c1", CALL))
        said = run("import", *arguments, "--config", config)
        assert (said.code, said.out, said.err) == (2, "", told)

    def test_when_all_is_refused_it_has_failed(self, config: Path, run: Run, tmp_path: Path):
        bad = '{"contact": "c1", "contact_point": "desk", "channel": "email", "kind": "received"}\n{"contact":\n\xe4\n'
        (tmp_path / "bad.jsonl").write_bytes(bad.encode("latin-1"))
        (tmp_path / "good.jsonl").write_text(lines("c1", CALL))
        said = run("import", "bad.jsonl", "good.jsonl", "--config", config)
        assert said.code == 1
        assert [line for line in said.err.splitlines() if "%" not in line] == [
            "bad.jsonl:1: at: is missing; write 2026-11-02T09:00:00Z",
            "bad.jsonl:2: not JSON at column 12: Expecting value; each line is one whole object, {…}",
            "bad.jsonl:3: not UTF-8 from byte 1 on; write the line in UTF-8",
            "bad.jsonl: all that it holds was refused; nothing was stored",
        ]
        assert "good.jsonl: 5 events stored into shop" in said.out

    def test_complete_until_judges_absence_there(self, config: Path, run: Run, tmp_path: Path):
        (tmp_path / "events.jsonl").write_text(lines("c1", CALL[:1]))
        run("import", "events.jsonl", "--config", config)
        assert json.loads(run("signals", "--since", "520w", "--format", "json", "--config", config).out) == []
        run("import", "events.jsonl", "--complete-until", "2026-11-02T09:01:00Z", "--config", config)
        rows = json.loads(run("signals", "--since", "520w", "--format", "json", "--config", config).out)
        assert [row["signal"] for row in rows] == ["long_wait"]


class TestSignals:
    KEYS = (
        "contact", "native_id", "contact_point", "channel", "signal", "at", "waited_seconds", "limit_seconds",
        "limit_opening_days", "related",
    )  # fmt: skip

    def test_json_has_the_keys_of_the_contract_newest_first(self, imported: Path, run: Run):
        rows = json.loads(run("signals", "--since", "520w", "--format", "json", "--config", imported).out)
        assert [tuple(row) for row in rows] == [self.KEYS] * 2
        assert [(row["signal"], row["at"], row["waited_seconds"], row["limit_seconds"]) for row in rows] == [
            ("long_hold", "2026-11-02T09:03:00Z", 150.0, 120.0),
            ("long_wait", "2026-11-02T09:00:20Z", 30.0, 20.0),
        ]

    def test_csv_has_the_same(self, imported: Path, run: Run):
        said = run("signals", "--since", "520w", "--format", "csv", "--config", imported)
        rows = list(csv.DictReader(io.StringIO(said.out)))
        assert tuple(rows[0]) == self.KEYS
        assert [row["signal"] for row in rows] == ["long_hold", "long_wait"]

    def test_the_table_is_for_people(self, imported: Path, run: Run):
        titles, first, second = run("signals", "--since", "520w", "--config", imported).out.splitlines()
        assert titles.split("  ")[0] == "at"
        assert [titles.index(each) for each in ("contact point", "signal", "waited", "limit", "its own name")] == [
            first.index(each) for each in ("support-line", "long_hold", "2m 30s", "2m  ", "c1")
        ]  # fmt: skip
        found = [
            row["contact"] for row in json.loads(run("signals", "--since", "520w", "--format", "json", "--config", imported).out)
        ]
        assert first.split()[:3] == ["2026-11-02T09:03:00Z", found[0], "long_hold"]
        assert second.split()[:3] == ["2026-11-02T09:00:20Z", found[1], "long_wait"]

    @pytest.mark.parametrize(
        ("filters", "signals"),
        [
            (("--signal", "long_hold"), ["long_hold"]),
            (("--contact-point", "support-line"), ["long_hold", "long_wait"]),
            (("--contact-point", "support-line", "--signal", "abandoned"), []),
            (("--since", "2026-11-02T09:03:00Z"), ["long_hold"]),
            (("--since", "2026-11-02T10:03:00+01:00"), ["long_hold"]),
            (("--since", "2026-11-02T09:03:00.000001Z"), []),
        ],
    )
    def test_filters(self, imported: Path, run: Run, filters: tuple[str, ...], signals: list[str]):
        since = () if "--since" in filters else ("--since", "520w")
        rows = json.loads(run("signals", *since, *filters, "--format", "json", "--config", imported).out)
        assert [row["signal"] for row in rows] == signals

    def test_a_contact_point_that_only_events_name_is_known(self, imported: Path, run: Run, tmp_path: Path):
        (tmp_path / "sales.jsonl").write_text(lines("c2", CALL, point="sales"))
        run("import", "sales.jsonl", "--config", imported)
        said = run("signals", "--since", "520w", "--contact-point", "sales", "--format", "csv", "--config", imported)
        assert (said.code, len(said.out.splitlines())) == (0, 3)

    def test_nothing_is_an_empty_list_for_programs_and_a_word_for_people(self, imported: Path, run: Run):
        assert run("signals", "--since", "1s", "--format", "json", "--config", imported).out == "[]\n"
        said = run("signals", "--since", "1s", "--config", imported)
        assert (said.code, said.out, said.err) == (0, "", "no signals in that time\n")

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("--signal", "long_hol"), "--signal: 'long_hol' is no signal; did you mean long_hold?\n"),
            (
                ("--contact-point", "suport-line"),
                "--contact-point: there is no contact point 'suport-line'; did you mean support-line?\n",
            ),
            (("--since", "yesterday"), "--since: 'yesterday' is not a moment; write 7d or 2026-11-02T09:00:00Z\n"),
            (("--since", "9999999d"), "--since: '9999999d' is before all time; write 7d\n"),
            (
                ("--since", "0001-01-01T00:00+14:00"),
                "--since: '0001-01-01T00:00+14:00' is not a moment; write 7d or 2026-11-02T09:00:00Z\n",
            ),
        ],
    )  # fmt: skip
    def test_wrong_use(self, imported: Path, run: Run, arguments: tuple[str, ...], told: str):
        said = run("signals", *arguments, "--config", imported)
        assert (said.code, said.out, said.err) == (2, "", told)

    def test_hostile_names_do_no_harm(self, config: Path, run: Run, tmp_path: Path):
        names = ["\x1b[31mred", "[bold]markup[/bold]", "two\nlines", "=1+1", "right\u202eleft", "\ud800"]
        (tmp_path / "events.jsonl").write_text("".join(lines(name, CALL) for name in names))
        assert run("import", "events.jsonl", "--config", config).code == 0
        for form in ("table", "json", "csv"):
            said = run("signals", "--since", "520w", "--format", form, "--config", config)
            assert said.code == 0
            assert not {"\x1b", "\u202e", "\ud800"} & set(said.all)
        table = run("signals", "--since", "520w", "--config", config).out
        assert "[bold]markup[/bold]" in table
        rows = csv.DictReader(io.StringIO(run("signals", "--since", "520w", "--format", "csv", "--config", config).out))
        assert not [row for row in rows if row["native_id"].startswith("=")]
        told = json.loads(run("signals", "--since", "520w", "--format", "json", "--config", config).out)
        assert {"[bold]markup[/bold]", "=1+1"} <= {row["native_id"] for row in told}


class TestExplain:
    def test_json_is_exactly_the_contract(self, imported: Path, run: Run):
        told = json.loads(run("explain", "c1", "--json", "--config", imported).out)
        ours = told.pop("contact")
        assert told == {
            "native_id": "c1",
            "contact_point": "support-line",
            "channel": "phone",
            "source": "shop",
            "events": [{"kind": kind, "at": at} for kind, at in CALL],
            "waits": [
                {
                    "wait": "queue", "since": "2026-11-02T09:00:00Z", "until": "2026-11-02T09:00:30Z", "waited_seconds": 30.0,
                    "limit_seconds": 20.0, "limit_opening_days": None, "due_at": "2026-11-02T09:00:20Z", "outcome": "breached",
                },
                {
                    "wait": "hold", "since": "2026-11-02T09:01:00Z", "until": "2026-11-02T09:03:30Z", "waited_seconds": 150.0,
                    "limit_seconds": 120.0, "limit_opening_days": None, "due_at": "2026-11-02T09:03:00Z", "outcome": "breached",
                },
            ],
            "marks": [],
            "signals": [
                {"signal": "long_wait", "at": "2026-11-02T09:00:20Z", "related": None},
                {"signal": "long_hold", "at": "2026-11-02T09:03:00Z", "related": None},
            ],
            "others": [],
        }  # fmt: skip
        assert json.loads(run("explain", ours, "--json", "--config", imported).out)["native_id"] == "c1"

    def test_text_shows_the_arithmetic(self, imported: Path, run: Run):
        out = run("explain", " c1 ", "--config", imported).out
        assert "queue: 2026-11-02T09:00:00Z to 2026-11-02T09:00:30Z = 30s around the clock, limit 20s" in out
        assert ", due 2026-11-02T09:00:20Z: breached\n" in out

    @pytest.mark.parametrize(
        ("answered", "told"),
        [
            ("2026-11-02T17:30:00Z", "= 4h on calendar office, limit 4h, due 2026-11-02T17:30:00Z: kept"),
            ("2026-11-02T19:00:00Z", "= 4h on calendar office, limit 4h, due 2026-11-02T17:30:00Z: kept"),
            ("2026-11-03T09:00:00Z", "= 4h on calendar office, limit 4h, due 2026-11-02T17:30:00Z: kept"),
            ("2026-11-03T09:00:00.000001Z", "= 4h 0.000001s on calendar office, limit 4h, due 2026-11-02T17:30:00Z: breached"),
        ],
    )
    def test_an_answer_after_closing_is_held_against_the_opening_hours_that_passed(
        self, answered: str, told: str, write: Write, run: Run, tmp_path: Path
    ):
        """Asked at 13:30, closed from 17:30 to 09:00: until then it has waited exactly 4 h."""
        points = {"info": {"source": "shop", "channel": "email", "calendar": "office"}}
        config = write({**CONFIG, "contact_points": points})
        mail = {"contact": "m1", "contact_point": "info", "channel": "email", "customer": "ann@example.net"}
        events = [
            {"id": "1", "kind": "received", "at": "2026-11-02T13:30:00Z", **mail},
            {"id": "2", "kind": "replied", "at": answered, **mail},
        ]
        (tmp_path / "events.jsonl").write_text("".join(json.dumps(each) + "\n" for each in events))
        assert run("import", "events.jsonl", "--config", config).code == 0
        out = run("explain", "m1", "--config", config).out
        assert f"reply: 2026-11-02T13:30:00Z to {answered} {told}\n" in out
        assert ("2026-11-03T09:00:00Z  late_reply" in out) == told.endswith("breached")

    def test_the_limit_that_is_shown_is_the_one_that_was_compared(self, imported: Path, run: Run, tmp_path: Path):
        """A hold of exactly two minutes is too long; a promise has a moment and no limit."""
        more = [
            ("queued", "2026-11-02T09:00:00Z"), ("answered", "2026-11-02T09:00:10Z"), ("held", "2026-11-02T09:01:00Z"),
            ("unheld", "2026-11-02T09:03:00Z"), ("ended", "2026-11-02T09:05:00Z"),
        ]  # fmt: skip
        promised = {"id": "p", "contact": "c2", "contact_point": "support-line", "channel": "phone", "kind": "promised"}
        line = json.dumps({**promised, "at": "2026-11-02T09:04:00Z", "due": "2026-11-02T10:00:00Z"})
        (tmp_path / "more.jsonl").write_text(lines("c2", more) + line + "\n")
        assert run("import", "more.jsonl", "--config", imported).code == 0
        out = run("explain", "c2", "--config", imported).out
        assert "= 2m around the clock, limit 2m (reaching it is late), due 2026-11-02T09:03:00Z: breached\n" in out
        assert "around the clock, due 2026-11-02T10:00:00Z: open\n" in out

    def test_unknown_is_one_line_and_1(self, imported: Path, run: Run):
        said = run("explain", "\x1b[2Jc2", "--config", imported)
        assert (said.code, said.out, said.err) == (1, "", "\\x1b[2Jc2: no such contact in sqlite:contacts.db\n")

    def test_a_mail_is_found_by_any_message_id_of_its_conversation(self, write: Write, run: Run, tmp_path: Path):
        config = write({"sources": {"mail": {"type": "imap", "host": "x", "username": "info@example.org", "password": "x"}}})
        mbox = (
            "From x Mon Nov  2 09:00:00 2026\nFrom: customer@example.net\nTo: info@example.org\n"
            "Date: Mon, 02 Nov 2026 09:00:00 +0000\nMessage-ID: <question@example.net>\nSubject: a\n\nHello?\n\n"
            "From x Mon Nov  2 10:00:00 2026\nFrom: customer@example.net\nTo: info@example.org\n"
            "Date: Mon, 02 Nov 2026 10:00:00 +0000\nMessage-ID: <again@example.net>\nIn-Reply-To: <question@example.net>\n"
            "References: <question@example.net>\nSubject: Re: a\n\nStill there?\n\n"
        )
        (tmp_path / "mail.mbox").write_text(mbox)
        assert run("import", "mail.mbox", "--config", config).code == 0
        found = [
            json.loads(run("explain", name, "--json", "--config", config).out)
            for name in ("<question@example.net>", "question@example.net", "<again@example.net>")
        ]
        assert found[0] == found[1] == found[2]
        assert [event["kind"] for event in found[0]["events"]] == ["received", "received"]
        assert run("import", "mail.mbox", "--complete-until", "2026-11-03T00:00:00Z", "--config", config).code == 0
        shown = [
            run("explain", "again@example.net", "--config", config),
            run("signals", "--since", "2026-11-02T09:00:00Z", "--format", "csv", "--config", config),
        ]
        assert [found[0]["native_id"] in said.out for said in shown] == [True, True]
        assert not [said for said in shown if "example.net" in said.all]
        assert run("explain", "<nobody@example.net>", "--config", config).code == 1


class TestHours:
    """Monday 2 November 2026; the office opens 09:00 to 17:30 in London, where winter has begun."""

    def hours(self, run: Run, config: Path, *arguments: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(run("hours", "office", *arguments, "--json", "--config", config).out)
        return told

    def test_between(self, config: Path, run: Run):
        told = self.hours(run, config, "--from", "2026-11-02T17:00:00Z", "--to", "2026-11-03T09:15:00Z")
        assert told == {
            "calendar": "office", "timezone": "Europe/London", "from": "2026-11-02T17:00:00Z", "to": "2026-11-03T09:15:00Z",
            "business_seconds": 2700.0,
        }  # fmt: skip

    def test_backwards_is_nothing(self, config: Path, run: Run):
        told = self.hours(run, config, "--from", "2026-11-03T17:00:00Z", "--to", "2026-11-02T09:15:00Z")
        assert told["business_seconds"] == 0.0

    @pytest.mark.parametrize(
        ("added", "key", "amount", "moment"),
        [
            ("4h", "add_seconds", 14400.0, "2026-11-03T12:30:00Z"),
            ("1bd", "add_opening_days", 1, "2026-11-03T17:30:00Z"),
            ("30m", "add_seconds", 1800.0, "2026-11-02T17:30:00Z"),
        ],
    )
    def test_after(self, config: Path, run: Run, added: str, key: str, amount: float, moment: str):
        told = self.hours(run, config, "--from", "2026-11-02T17:00:00+00:00", "--add", added)
        assert (told[key], told["moment"]) == (amount, moment)

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("--to", "2026-12-25T00:00:00Z"), {"business_seconds": 3 * 3600.0}),
            (("--add", "4h"), {"moment": "2026-12-28T10:00:00Z"}),
            (("--add", "1bd"), {"moment": "2026-12-24T12:00:00Z"}),
        ],
    )
    def test_a_date_with_other_hours(self, arguments: tuple[str, ...], told: dict[str, Any], write: Write, run: Run):
        """Thursday 24 December is open from nine to twelve, Friday is closed, Monday is a day like others."""
        office = {**CONFIG["calendars"]["office"], "dates": {"2026-12-24": "09:00-12:00", "2026-12-25": []}}
        config = write({**CONFIG, "calendars": {"office": office}})
        found = self.hours(run, config, "--from", "2026-12-24T08:00:00Z", *arguments)
        assert {key: found[key] for key in told} == told

    def test_people_read_it_in_the_calendars_zone(self, config: Path, run: Run):
        said = run("hours", "office", "--from", "2026-07-01T07:00:00Z", "--add", "1h", "--config", config)
        assert said.out == "2026-07-01 10:00:00 BST\n"
        said = run("hours", "office", "--from", "2026-11-02T17:00:00Z", "--to", "2026-11-03T09:15:00Z", "--config", config)
        assert said.out == "45m\n"

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("ofice", "--add", "1h"), "there is no calendar 'ofice'; did you mean office?"),
            (("office",), "give one of --to and --add"),
            (("office", "--add", "1h", "--to", "2026-11-02T09:00:00Z"), "give one of --to and --add"),
            (("office", "--add", "soon"), "--add: 'soon' is not a duration: write a number and a unit, as 90s, 2m, 4h or 3d"),
            (("office", "--add", "99999999999d"), "--add: '99999999999d' is too long a duration"),
            (("office", "--add", "0bd"), "--add: 0 opening days is no limit: use 1 or more"),
            (("office", "--to", "2026-11-02"), "--to: '2026-11-02' has no time zone; add Z or an offset as +01:00"),
        ],
    )
    def test_wrong_use(self, config: Path, run: Run, arguments: tuple[str, ...], told: str):
        said = run("hours", *arguments, "--from", "2026-11-02T09:00:00Z", "--config", config)
        assert (said.code, said.out, said.err) == (2, "", told + "\n")


class TestTheStore:
    @pytest.mark.parametrize("command", [("signals",), ("explain", "c1")])
    def test_reading_makes_no_store(self, config: Path, run: Run, tmp_path: Path, command: tuple[str, ...]):
        said = run(*command, "--config", config)
        assert (said.code, said.out) == (1, "")
        assert said.err == "contacts.db: there is no store yet; is `store` right, and has the daemon run?\n"
        assert not (tmp_path / "contacts.db").exists()

    @pytest.mark.parametrize("command", [("signals",), ("explain", "c1"), ("import", "events.jsonl")])
    def test_a_damaged_one_is_3(self, config: Path, run: Run, tmp_path: Path, command: tuple[str, ...]):
        (tmp_path / "contacts.db").write_bytes(b"this is no database" * 1000)
        (tmp_path / "events.jsonl").write_text(lines("c1", CALL))
        said = run(*command, "--config", config)
        assert (said.code, said.out) == (3, "")
        assert "not an SQLite database" in said.err
        assert "Traceback" not in said.err
