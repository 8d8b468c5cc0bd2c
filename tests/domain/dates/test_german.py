"""Date expressions in German, seen from Thursday, 26 February 2026, 8:15 in Berlin."""

import pytest

from monitor.domain.dates.german import GERMAN
from tests.domain.dates.reading import told

SPANS = {
    "heute": ("2026-02-26T00:00", "2026-02-26T23:59"),
    "morgen": ("2026-02-27T00:00", "2026-02-27T23:59"),
    "übermorgen": ("2026-02-28T00:00", "2026-02-28T23:59"),
    "am Freitag": ("2026-02-27T00:00", "2026-02-27T23:59"),
    "nächsten Freitag": ("2026-03-06T00:00", "2026-03-06T23:59"),
    "bis Dienstag nächster Woche": ("2026-03-03T00:00", "2026-03-03T23:59"),
    "am 10. März": ("2026-03-10T00:00", "2026-03-10T23:59"),
    "am 5.1.": ("2027-01-05T00:00", "2027-01-05T23:59"),
    "bis zum 13.03.2026": ("2026-03-13T00:00", "2026-03-13T23:59"),
    "nächste Woche": ("2026-03-02T00:00", "2026-03-08T23:59"),
    "Ende März": ("2026-03-21T00:00", "2026-03-31T23:59"),
    "bis Jahresende": ("2026-12-31T00:00", "2026-12-31T23:59"),
    "morgen um 10 Uhr": ("2026-02-27T10:00", "2026-02-27T10:00"),
    "am Freitag um halb zehn": ("2026-02-27T09:30", "2026-02-27T09:30"),
    "um Viertel nach drei": ("2026-02-26T15:15", "2026-02-26T15:15"),
    "heute Nachmittag": ("2026-02-26T12:00", "2026-02-26T18:00"),
    "morgen früh": ("2026-02-27T06:00", "2026-02-27T12:00"),
    "Freitagnachmittag": ("2026-02-27T12:00", "2026-02-27T18:00"),
    "nächsten Montagnachmittag": ("2026-03-02T12:00", "2026-03-02T18:00"),
    "am Sonnabendabend": ("2026-02-28T16:00", "2026-02-28T21:00"),
    "am neunundzwanzigsten Mai": ("2026-05-29T00:00", "2026-05-29T23:59"),
    "vom 4. bis zum 23.": ("2026-03-04T00:00", "2026-03-23T23:59"),
    "am Montag zwischen 8 und 12 Uhr": ("2026-03-02T08:00", "2026-03-02T12:00"),
    "in zwei Stunden": ("2026-02-26T10:15", "2026-02-26T10:15"),
    "in einer halben Stunde": ("2026-02-26T08:45", "2026-02-26T08:45"),
    "innerhalb von 48 Stunden": ("2026-02-26T08:15", "2026-02-28T08:15"),
    "in den nächsten Tagen": ("2026-02-26T08:15", "2026-03-01T08:15"),
    "in drei Tagen": ("2026-03-01T00:00", "2026-03-01T23:59"),
    "in einundzwanzig Tagen": ("2026-03-19T00:00", "2026-03-19T23:59"),
    "in der KW 12": ("2026-03-16T00:00", "2026-03-22T23:59"),
    "Ostermontag": ("2026-04-06T00:00", "2026-04-06T23:59"),
}


@pytest.mark.parametrize(("text", "span"), SPANS.items())
def test_an_expression(text: str, span: tuple[str, str]):
    assert told(text, "2026-02-26T08:15", "Europe/Berlin", GERMAN) == [span]


@pytest.mark.parametrize("text", ["gestern", "seit Montag", "jeden Freitag", "guten Morgen", "so ist es", "Version 3.11 ist da"])
def test_what_is_past_or_no_date_is_left_out(text: str):
    assert told(text, "2026-02-26T08:15", "Europe/Berlin", GERMAN) == []
