"""The report as a mail: the news first, text that reads well alone, HTML whose pictures come with it, the PDF."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import ConfigError
from monitor.publish.handout import mail
from monitor.publish.handout.mail import as_letter
from monitor.publish.handout.page import ROOM
from monitor.publish.letter import Letter, as_bytes
from tests.publish.handout.test_document import HOSTILE, Reader, titled
from tests.publish.report.sample import BILLING, REPORT

PAGES = "https://monitor.example"
NEWS = "Billing line: 431 of 1,104 callers waited too long (60 % kept, the objective is 80 %, 78 % the week before)"
Image: Any = pytest.importorskip("PIL.Image")


@pytest.fixture(scope="module")
def letter() -> Letter:
    return as_letter(REPORT, PAGES)


def test_subject_and_first_line_are_the_news(letter: Letter):
    assert letter.subject.replace("\N{NO-BREAK SPACE}", " ") == (
        "Billing line: callers wait too long, 60 % kept after 78 % – week 46"
    )
    assert letter.text.replace("\N{NO-BREAK SPACE}", " ").startswith(NEWS)
    assert letter.html is not None
    assert Reader(letter.html).words.count(NEWS) == 2  # title and heading


def test_the_text_alone_says_it_all(letter: Letter):
    for said in ("What needs somebody", "Promises due: 38", f"{PAGES}/contacts/00000000000000a1", "60.9"):
        assert said in letter.text


def test_the_html_has_its_styles_inside_and_its_pictures_with_it(letter: Letter, tmp_path: Path):
    assert letter.html is not None
    read = Reader(letter.html)
    assert not {"style", "link", "script", "svg"} & {tag for tag, _ in read.tags}
    assert not [attributes for _, attributes in read.tags if "class" in attributes]
    shown = [attributes for tag, attributes in read.tags if tag == "img"]
    assert sorted(str(each["src"]) for each in shown) == sorted(f"cid:{picture.name}" for picture in letter.pictures)
    assert all(each["alt"] for each in shown)
    for picture in letter.pictures:
        (tmp_path / f"{picture.name}.png").write_bytes(picture.png)
        drawn = Image.open(BytesIO(picture.png)).convert("RGB")
        assert drawn.getpixel((drawn.width - 1, drawn.height - 1)) == (255, 255, 255)  # readable where mails are shown on black
    heat = Image.open(BytesIO(next(each.png for each in letter.pictures if each.name.endswith("heat")))).convert("RGB")
    # days and hours are written, not only cells drawn: the names of days begin at the left edge
    assert heat.crop((0, 0, 60, heat.height)).convert("L").getextrema()[0] < 120


def test_the_pdf_goes_with_it(letter: Letter):
    (file,) = letter.files
    assert (file.name, file.kind, file.data[:5]) == ("week-2026-W46.pdf", "application/pdf", b"%PDF-")


def test_names_are_text_and_no_header():
    bad = replace(BILLING, title=f"{HOSTILE}\r\nBcc: all@example.org \u202eevil")
    letter = as_letter(replace(REPORT, contact_points=(bad,)), PAGES)
    assert letter.html is not None
    read = Reader(letter.html)
    assert "script" not in {tag for tag, _ in read.tags}
    assert all(str(attributes["src"]).startswith("cid:") for tag, attributes in read.tags if tag == "img")
    sent = message_from_bytes(
        as_bytes(letter, "monitor@example.org", "lead@example.org", datetime(2026, 11, 16, tzinfo=UTC), "x"),
        policy=policy.default,
    )
    assert sent["Bcc"] is None
    assert "\n" not in str(sent["Subject"])
    assert "\u202e" not in letter.text  # it would turn the line around


def test_a_mail_of_many_contact_points_stays_small():
    """Some mail programs cut off what is longer than 100 KB."""
    letter = as_letter(replace(REPORT, contact_points=tuple(titled(BILLING, number) for number in range(120))), PAGES)
    assert letter.html is not None
    assert len(letter.html.encode()) < 100_000
    assert len(letter.pictures) == ROOM * 3
    assert "36 more contact points are in the attached PDF." not in letter.html  # 120 - 6 at length - 60 in a line
    assert re.search(r"\b54 more contact points are in the attached PDF\.", letter.html)


def test_without_the_libraries_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mail, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"pip install 'contact-monitor\[report\]'"):
        as_letter(REPORT)
