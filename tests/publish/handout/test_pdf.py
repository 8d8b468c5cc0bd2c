"""The report on paper: its text is read back, its pages are drawn into the run's temporary directory, to be looked at."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import ConfigError
from monitor.publish.handout import pdf
from monitor.publish.handout.pdf import as_pdf, pdf_problem
from tests.publish.report.sample import BILLING, COUNTER, REPORT

pypdfium2: Any = pytest.importorskip("pypdfium2")
A4 = (595, 842)  # points


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Loggers of libraries stay as they were for other tests."""
    loggers = [logging.getLogger(name) for name in ("weasyprint", "fontTools")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def pages(data: bytes, to: Path) -> list[str]:
    """The text of each page; each is drawn as page-N.png."""
    document = pypdfium2.PdfDocument(data)
    texts = []
    for number in range(len(document)):
        page = document[number]
        assert tuple(round(side) for side in page.get_size()) == A4
        page.render(scale=1.5).to_pil().save(to / f"page-{number + 1}.png")
        texts.append(" ".join(page.get_textpage().get_text_range().split()).replace("\N{NO-BREAK SPACE}", " "))
    return texts


def test_what_the_report_says_stands_on_paper(tmp_path: Path):
    data = as_pdf(REPORT, "https://monitor.example")
    (tmp_path / "week.pdf").write_bytes(data)
    texts = pages(data, tmp_path)
    whole = " ".join(texts)
    for said in (
        "Week 46, Mon 9 to Sun 15 Nov 2026, Europe/London.",
        "Billing line: 431 of 1,104 callers waited too long (60 % kept, the objective is 80 %, 78 % the week before)",
        "Front counter: 13 weeks in a row at or above the objective: no long wait in the queue 97 %.",
        "431 of 1,104 60.9 % 80 % 0:17 2:41 4:00",
        "Not seen: Thu 12 Nov 10:20 to 14:05, source mail. These hours are in no figure.",
        "Promises due: 38, of them 33 kept, 3 late, 2 broken.",
        "Tue 10 Nov 10:41 waited too long in the queue, 9:31",
        "Orders <mailbox>",
    ):
        assert said in whole
    assert texts[-1].endswith(f"page {len(texts)} of {len(texts)}")
    assert "By weekday and hour, as a table" not in whole


def test_six_contact_points_are_two_pages(tmp_path: Path):
    points = REPORT.contact_points
    more = tuple(replace(each, contact_point=f"{each.contact_point}-2", title=f"{each.title} two") for each in points)
    assert len(pages(as_pdf(replace(REPORT, contact_points=(*points, *more))), tmp_path)) == 2


def test_the_others_stand_under_their_heading_and_over_as_many_pages_as_they_need(tmp_path: Path):
    # the third page has room for a part of them
    with_news = tuple(replace(BILLING, contact_point=f"b{number}", title=f"Billing {number}") for number in range(8))
    others = tuple(replace(COUNTER, contact_point=f"c{number}", title=f"Counter {number:02}", gaps=()) for number in range(70))
    texts = pages(as_pdf(replace(REPORT, contact_points=(*with_news, *others))), tmp_path)
    [heading] = [text for text in texts if "No news of these" in text]
    assert "Billing 7" in heading
    assert "Counter 05" in heading
    assert "Counter 69" not in heading
    assert len([text for text in texts if "Counter 69" in text]) == 1


def test_nothing_is_loaded_from_outside():
    with pytest.raises(ValueError, match="nothing is loaded"):
        pdf._nothing_outside("http://evil.example/x.png")


def test_without_the_library_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "find_spec", lambda _: None)
    assert pdf_problem() == ("the report as PDF needs a library that is not installed: pip install 'contact-monitor[report]'")
    with pytest.raises(ConfigError, match="not installed"):
        as_pdf(REPORT)


def test_without_pango_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch):
    import builtins

    real = builtins.__import__

    def no_pango(name: str, *rest: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", no_pango)
    assert pdf_problem() == (
        "the report as PDF needs Pango, which is not installed: apt install libpangoft2-1.0-0 libharfbuzz-subset0 "
        "fonts-dejavu-core"
    )
