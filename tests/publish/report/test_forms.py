"""What a report says in words, as text, Markdown, rows and JSON. The sample's figures are worked out in `sample.py`."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.publish.report.as_csv import CSV_COLUMNS, csv_rows
from monitor.publish.report.as_json import as_json_value
from monitor.publish.report.as_markdown import as_markdown, escaped
from monitor.publish.report.as_text import LISTED, as_text, needs_somebody
from monitor.publish.report.values import Change, JudgedAnew, Lasting, SignalWeek, WeekReport
from monitor.publish.report.words import (
    changes_words,
    duration,
    gap_words,
    kept_percent,
    lasting_words,
    news,
    objective_percent,
    percent,
    plain,
    span_words,
    subject,
    total_words,
)
from tests.publish.report.sample import BILLING, COUNTER, GAP, ORDERS, REPORT


def only(*points: object, **changes: object) -> WeekReport:
    return replace(REPORT, contact_points=points, **changes)  # type: ignore[arg-type]


def test_the_first_line_is_the_news_and_so_is_the_subject() -> None:
    # 673 of 1,104 kept are 60.96 %, 861 of 1,090 before 78.99 %: rounded down
    assert plain(news(REPORT)) == (
        "Billing line: 431 of 1,104 callers waited too long (60 % kept, the objective is 80 %, 78 % the week before); "
        "Orders <mailbox> missed an objective too"
    )
    assert plain(subject(REPORT)) == "Billing line: callers wait too long, 60 % kept after 78 % – week 46"
    assert as_text(REPORT).splitlines()[0] == plain(news(REPORT))


def test_a_good_week_is_news_too() -> None:
    assert news(only(COUNTER, gaps=())) == subject(only(COUNTER, gaps=())) == "Every objective was met in week 46, 1 of 1"


def test_a_good_week_with_a_gap_says_so() -> None:
    assert news(only(COUNTER)) == "Every objective was met in week 46, 1 of 1; mail could not be seen for a part of it"


def test_a_running_week_an_empty_one_and_one_that_nobody_saw() -> None:
    assert news(only(BILLING, complete=False)) == "Week 46 still runs: 1,204 contacts so far, not judged yet"
    empty = replace(COUNTER, contacts=0, signals=(replace(COUNTER.signals[0], judged=0, breached=0, met=None),))
    assert news(only(empty, gaps=())) == "Nothing was judged in week 46"
    blind = replace(ORDERS, signals=(ORDERS.signals[0],))
    assert news(only(blind)) == "Week 46 cannot be judged: mail could not be seen for a part of it"


def test_what_got_worse_by_more_than_chance_goes_before_what_is_only_low() -> None:
    low = replace(COUNTER, signals=(replace(COUNTER.signals[0], judged=9000, breached=8000, met=False, change=None),))
    assert news(only(low, BILLING)).startswith("Billing line:")
    assert news(only(low, BILLING)).endswith("; Front counter missed an objective too")


def test_dates_and_totals() -> None:
    assert span_words(REPORT) == "Week 46, Mon 9 to Sun 15 Nov 2026, Europe/London"
    assert total_words(REPORT) == "3 contact points, 1,873 contacts, 551 of them with a signal; 1 objective met of 5"


def test_shares_are_rounded_down_and_nothing_judged_is_a_dash() -> None:
    assert [plain(kept_percent(*each)) for each in ((1000, 101), (1000, 100), (3, 1), (0, 0))] == ["89 %", "90 %", "66 %", "–"]
    assert plain(kept_percent(1104, 431, 1)) == "60.9 %"
    assert [plain(percent(each)) for each in (0.29, 0.57, 1.0, None)] == ["29 %", "57 %", "100 %", "–"]
    assert [plain(objective_percent(each)) for each in (0.95, 0.995, 1.0)] == ["95 %", "99.5 %", "100 %"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"), (17, "0:17"), (161, "2:41"), (599, "9:59"), (600, "10 min"), (3599, "59 min"), (13260, "3 h 41"),
        (86399, "23 h 59"), (295200, "3 d 10 h"),
    ],
)  # fmt: skip
def test_lengths_of_time_are_short(seconds: float, text: str) -> None:
    assert plain(duration(seconds)) == text


def test_chance_in_plain_words() -> None:
    # 78 -> 74 % of 230: the client's own sentence
    line = replace(BILLING.signals[0], judged=230, breached=60, change=Change(200, 43, 0.28, more_than_chance=False))
    assert changes(line) == ["No long wait in the queue: 78 → 73 % of 230 calls is within what chance gives."]
    assert changes(BILLING.signals[0]) == [
        "No long wait in the queue: 78 → 60 % of 1,104 calls is worse by more than chance gives."
    ]


def test_all_that_may_be_chance_stands_in_one_sentence_after_what_is_not() -> None:
    wait = BILLING.signals[0]
    chance = replace(wait, judged=230, breached=60, change=Change(200, 43, 0.28, more_than_chance=False))
    hold = replace(wait, signal="long_hold", judged=20, breached=1, change=Change(10, 1, 0.9, more_than_chance=False))
    gave_up = replace(wait, signal="abandoned", judged=100, breached=20, change=Change(100, 10, 0.9, more_than_chance=True))
    assert changes(chance, hold, gave_up) == [
        "Not given up: 90 → 80 % of 100 calls is worse by more than chance gives.",
        "No long wait in the queue: 78 → 73 % of 230 calls; no long hold: 90 → 95 % of 20 holds are within what chance gives.",
    ]


def changes(*lines: SignalWeek) -> list[str]:
    return [plain(sentence) for sentence in changes_words(replace(BILLING, signals=lines))]


def test_a_change_too_small_for_whole_per_cent_has_one_more_digit() -> None:
    # 905 of 1,000, then 903 of 1,000
    line = replace(BILLING.signals[0], judged=1000, breached=97, change=Change(1000, 95, 0.905, more_than_chance=True))
    assert "90.5 → 90.3 %" in changes(line)[0]


def test_what_lasted_in_words() -> None:
    assert list(map(plain, lasting_words(COUNTER))) == [
        "13 weeks in a row at or above the objective: no long wait in the queue 97 %."
    ]
    line = COUNTER.signals[0]
    several = replace(
        COUNTER,
        signals=(
            replace(line, lasting=Lasting("sustained", 5, "2026-W42")),
            replace(line, signal="abandoned", judged=100, breached=0),
            replace(line, signal="late_reply", lasting=Lasting("better", 6, "2026-W09", 0.84)),
            replace(line, signal="turned_away", judged=100, breached=1),
        ),
    )
    assert list(map(plain, lasting_words(several))) == [
        "First replies in time: at or above the objective since week 9, 97 % this week; 84 % before, worse by more than chance "
        "gives.",
        "13 weeks in a row at or above the objective: not given up 100 %, not turned away 99 %.",
        "5 weeks in a row at or above the objective: no long wait in the queue 97 %.",
    ]


def test_gaps_in_words() -> None:
    assert gap_words(GAP, "Europe/London") == ("Not seen: Thu 12 Nov 10:20 to 14:05, source mail. These hours are in no figure.")
    assert gap_words(GAP._replace(open=True), "Europe/Berlin") == (
        "Not seen since Thu 12 Nov 11:20: source mail. What happened since is in no figure."
    )


def test_that_it_was_judged_anew_stands_under_the_dates() -> None:
    anew = replace(REPORT, judged_anew=JudgedAnew(datetime(2026, 11, 18, 9, tzinfo=UTC), whole=True))
    said = "Judged anew on Wed 18 Nov 09:00 by the limits of that moment: an earlier report may have other figures."
    assert said in as_text(anew).splitlines()
    assert f"**{said}**" in as_markdown(anew)
    assert as_json_value(anew)["judged_anew"] == {"at": "2026-11-18T09:00:00Z", "whole": True}
    part = replace(anew, judged_anew=JudgedAnew(anew.made_at, whole=False))
    assert "Judged anew in part on Mon 16 Nov 07:00" in as_text(part)


def test_text_reads_from_the_worst_to_the_well() -> None:
    text = plain(as_text(REPORT, "https://monitor.example.org/"))
    order = [
        text.index(part) for part in ("What needs somebody", "What went well", "Billing line (phone", "Front counter (counter)")
    ]
    assert order == sorted(order)
    assert "at least 423 conversations" in text
    assert "Promises due: 38, of them 33 kept, 3 late, 2 broken." in text
    assert "https://monitor.example.org/contacts/00000000000000a1" in text
    assert "132 of 431 came on Tuesday between 9 and 12, of 190 calls then." in text
    assert "not called back" not in text  # nothing was judged


def test_what_needs_somebody_is_bounded_the_heaviest_first() -> None:
    points = [
        replace(
            COUNTER,
            title=f"p{bad}",
            signals=(replace(COUNTER.signals[0], judged=100, breached=50 + bad, met=False, change=None),),
        )
        for bad in range(14)
    ]
    report = only(*points, complaints=())
    assert [line.partition(":")[0] for line in needs_somebody(report)] == [f"p{bad}" for bad in reversed(range(14))]
    shown = as_text(report).partition("What needs somebody\n")[2].partition("\n\n")[0].splitlines()
    assert len(shown) == LISTED + 1 == 13
    assert shown[-1] == "- and 2 more, below"
    assert "- and 2 more, below" in as_markdown(report)


def test_no_form_but_pages_has_unbreakable_spaces() -> None:
    for text in (as_text(REPORT), as_markdown(REPORT), json.dumps(as_json_value(REPORT)), subject(REPORT)):
        assert "\N{NO-BREAK SPACE}" not in text
        assert "\\u00a0" not in text


def test_markdown_has_tables_and_takes_names_for_text() -> None:
    text = plain(as_markdown(REPORT))
    assert "## Orders \\<mailbox\\>" in text
    assert "| gave up | 97 of 1,168 | 91.6 % | 95 % | missed | – – – – 95 95 95 95 95 95 95 95 91 |" in text
    assert "| Billing | 1,204 | 512 | 0 of 2 |" in text
    hostile = replace(BILLING, title="[x](http://evil) | <b>\n# y", team="`a`")
    text = as_markdown(only(hostile))
    assert "\\[x\\](http\\://evil) \\| \\<b\\> \\# y" in text
    assert "\\`a\\`" in text


def test_markup_is_escaped_where_it_is_markup() -> None:
    assert escaped("- 1") == "\\- 1"
    assert escaped("1. a-b") == "1\\. a-b"
    assert escaped("**b** _c_ ~d~ &lt;") == "\\*\\*b\\*\\* \\_c\\_ \\~d\\~ \\&lt;"


def test_rows_are_all_weeks_of_all_lines_that_have_a_record() -> None:
    rows = list(csv_rows(REPORT))
    # three lines of billing since nine weeks; two of orders for thirteen and one for one; the counter's for thirteen
    assert len(rows) == 3 * 9 + 2 * 13 + 1 + 13
    assert all(tuple(row) == CSV_COLUMNS for row in rows)
    now = next(row for row in rows if row["contact_point"] == "orders" and row["week"] == "2026-W46")
    assert [now[key] for key in ("judged", "breached", "gap", "met", "contacts")] == [412, 25, "yes", None, 423]
    before = next(row for row in rows if row["contact_point"] == "billing" and row["week"] == "2026-W38")
    assert [before[key] for key in ("judged", "breached", "share", "met", "contacts")] == [1000, 190, 0.81, None, None]


def test_contacts_that_are_not_kept_any_more_are_said() -> None:
    text = as_text(only(replace(COUNTER, kept=False)))
    assert "at least 246 visitors" in text
    assert "Contacts of then are not all kept any more" in text
    assert as_json_value(only(replace(COUNTER, kept=False)))["contact_points"][0]["contacts_kept"] is False


def test_json_says_all_of_it_and_is_json() -> None:
    value = json.loads(json.dumps(as_json_value(REPORT)))
    point = value["contact_points"][0]
    assert point["signals"][0]["change"]["more_than_chance"] is True
    assert point["causes"]["hours"][0]["breached"] == 132
    assert value["gaps"] == [{"source": "mail", "from": "2026-11-12T10:20:00Z", "to": "2026-11-12T14:05:00Z", "open": False}]
    assert value["contact_points"][1]["promises"] == {"due": 38, "kept": 33, "late": 3, "broken": 2}
    assert value["contact_points"][2]["signals"][0]["lasting"]["weeks"] == 13
    assert value["teams"][0]["objectives_judged"] == 2
