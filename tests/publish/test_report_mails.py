"""The weekly report by mail, as metrics tell it."""

from dataclasses import replace
from datetime import timedelta

from monitor.domain.snapshot import ReportMails
from monitor.publish.metrics import families
from tests.publish.snapshots import NOW, snapshot

NAMES = ("report_due_timestamp_seconds", "report_mails", "report_last_sent_timestamp_seconds")


def samples(mails: ReportMails | None) -> list[tuple[str, dict[str, str], float]]:
    """Of the report's families; NOW is 1793611800 (2026-11-02T09:30Z)."""
    shot = replace(snapshot(), report_mails=mails)
    wanted = {f"contactpoint_{name}" for name in NAMES}
    return [
        (each.name.removeprefix("contactpoint_report_"), each.labels, each.value)
        for family in families(shot)
        if family.name in wanted
        for each in family.samples
    ]


def test_where_nobody_gets_it_there_are_no_series() -> None:
    assert samples(None) == []


def test_what_is_not_known_yet_is_absent_and_the_last_sending_is_not() -> None:
    assert samples(ReportMails(NOW)) == [("last_sent_timestamp_seconds", {}, 1793611800.0)]
    assert samples(ReportMails(None)) == []


def test_every_state_is_there_from_the_first_scrape() -> None:
    found = samples(ReportMails(None, NOW - timedelta(seconds=800), {"sent": 3, "perhaps": 1}))
    assert found == [
        ("due_timestamp_seconds", {}, 1793611000.0),
        ("mails", {"state": "waiting"}, 0.0),
        ("mails", {"state": "claimed"}, 0.0),
        ("mails", {"state": "sent"}, 3.0),
        ("mails", {"state": "perhaps"}, 1.0),
        ("mails", {"state": "refused"}, 0.0),
        ("mails", {"state": "later"}, 0.0),
    ]
