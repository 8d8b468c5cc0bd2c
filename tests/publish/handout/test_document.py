"""The report as HTML: one file that needs nothing else, and says in words and figures what its pictures show."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from monitor.publish.handout.document import as_fragment, as_html
from monitor.publish.handout.page import MOST_AT_LENGTH, ROOM, page_of
from monitor.publish.report.teams import for_teams
from monitor.publish.report.values import PointWeek, WeekReport
from tests.publish.report.sample import BILLING, COUNTER, ORDERS, REPORT

PAGES = "https://monitor.example"
HOSTILE = '"><script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)>'


class Reader(HTMLParser):
    """What stands where."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split()).replace("\N{NO-BREAK SPACE}", " ")

    def links(self) -> list[str]:
        return [attributes["href"] or "" for tag, attributes in self.tags if "href" in attributes]


def titled(point: PointWeek, number: int) -> PointWeek:
    return replace(point, contact_point=f"{point.contact_point}-{number}", title=f"{point.title} {number}")


def many(*points: PointWeek) -> WeekReport:
    return replace(REPORT, contact_points=points)


def test_the_first_heading_and_the_title_are_the_news():
    read = Reader(as_html(REPORT, PAGES))
    news = "Billing line: 431 of 1,104 callers waited too long (60 % kept, the objective is 80 %, 78 % the week before)"
    assert [tag for tag, _ in read.tags].count("h1") == 1
    assert read.words.startswith(news)  # the title
    assert read.words.count(news) == 2


def test_it_loads_nothing_and_runs_nothing():
    html = as_html(REPORT, PAGES)
    read = Reader(html)
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & {tag for tag, _ in read.tags}
    assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on") or name in ("src", "style")]
    assert all(link.startswith(("https://monitor.example/", "#")) for link in read.links())
    assert "url(" not in html
    assert "@import" not in html


def test_links_lead_to_the_evidence_where_pages_are_known():
    assert "https://monitor.example/contacts/00000000000000a1" in Reader(as_html(REPORT, PAGES)).links()
    assert "https://monitor.example/contact-points/billing" in Reader(as_html(REPORT, PAGES)).links()
    assert "https://monitor.example/weeks/2026-W46" in Reader(as_html(REPORT, PAGES)).links()
    assert Reader(as_html(REPORT)).links() == []
    assert "/contacts/00000000000000a1" in Reader(as_fragment(page_of(REPORT, ""))).links()


def test_what_pictures_show_stands_in_words_and_tables():
    html = as_html(REPORT, PAGES)
    read = Reader(html)
    assert "431 of 1,104 missed 60.9 % 80 %" in read.words
    assert "9 weeks, per cent kept: 81, 81, 81, 81, 81, 81, 81, 78 (below), 60 (below); objective 80" in html
    assert "44 of 60" in read.words  # Tuesday at nine
    for tag, attributes in read.tags:
        if tag == "svg" and attributes.get("class") in ("trend", "heat"):
            assert attributes["aria-label"]


def test_a_heat_names_what_its_numbers_count():
    """Those who look at it do not see its alternative text."""
    shown = [point for point in REPORT.contact_points if point.heat is not None]
    captions = re.findall("<figcaption>(.*?)</figcaption>", as_html(REPORT))
    assert len(captions) == len(shown) > 0
    assert captions[0] == "Waited too long in the queue, by weekday and hour"


def test_a_share_says_in_words_how_it_stands():
    """Nothing is told by colour alone."""
    read = Reader(as_html(REPORT, PAGES))
    for verdict in ("missed", "met", "not judged"):
        assert f" {verdict} " in read.words


def test_names_are_text():
    point = replace(BILLING, title=HOSTILE, team=HOSTILE, contact_point=HOSTILE)
    read = Reader(as_html(many(point, replace(COUNTER, team="B")), PAGES))
    assert "script" not in {tag for tag, _ in read.tags}
    assert "img" not in {tag for tag, _ in read.tags}
    assert HOSTILE in read.words
    assert all(re.fullmatch(r"https://monitor\.example/[A-Za-z0-9%/._-]*", link) for link in read.links())


def test_a_gap_is_told_at_the_head_and_at_its_contact_point():
    words = Reader(as_html(REPORT, PAGES)).words
    assert "mail was not seen for a part of the week" in words
    assert "Not seen: Thu 12 Nov 10:20 to 14:05, source mail." in words


def test_a_running_week_says_so_and_judges_nothing():
    points = tuple(
        replace(point, signals=tuple(replace(line, met=None, change=None, lasting=None) for line in point.signals))
        for point in REPORT.contact_points
    )
    words = Reader(as_html(replace(REPORT, complete=False, contact_points=points), PAGES)).words
    assert "This week is not over: figures are as of now, and nothing of it is judged." in words
    assert "the objective is" not in words
    assert " missed " not in words
    assert " met " not in words.replace("Objectives met", "")


def test_lines_in_which_nothing_went_wrong_are_one_sentence():
    calm = tuple(replace(COUNTER.signals[0], signal=signal, judged=200, breached=0) for signal in ("turned_away", "handed_on"))
    one, two = (replace(COUNTER, signals=(COUNTER.signals[0], *calm[:number])) for number in (1, 2))
    [section] = page_of(many(two), PAGES).sections
    assert [row.title[:15] for row in section.rows] == ["Waited too long"]
    assert section.sentences[-1] == "Nothing went wrong: turned away (of 200), handed on (of 200)."
    [section] = page_of(many(one), PAGES).sections
    assert len(section.rows) == 2
    [section] = page_of(many(replace(COUNTER, signals=calm)), PAGES).sections
    assert len(section.rows) == 2  # all is calm: figures stay figures


def test_of_a_running_week_all_stand_at_length():
    running = replace(many(*(titled(COUNTER, n) for n in range(ROOM + 2))), complete=False)
    assert len(page_of(running, PAGES).sections) == ROOM + 2


class TestManyContactPoints:
    def test_those_with_news_stand_first_and_at_length_the_rest_in_one_line(self):
        page = page_of(many(*(titled(COUNTER, n) for n in range(8)), BILLING, ORDERS), PAGES)
        assert [section.title for section in page.sections] == ["Billing line", "Orders <mailbox>"]
        assert len(page.others) == 8
        assert page.others[0].kept.startswith("97.0")

    def test_up_to_six_all_stand_at_length(self):
        page = page_of(many(*(titled(COUNTER, n) for n in range(ROOM - 1)), BILLING), PAGES)
        assert [section.title for section in page.sections][:2] == ["Billing line", "Front counter 0"]
        assert (len(page.sections), page.others) == (ROOM, [])

    def test_a_catastrophe_is_bounded(self):
        page = page_of(many(*(titled(BILLING, n) for n in range(200))), PAGES)
        assert (len(page.sections), len(page.others), len(page.needs)) == (MOST_AT_LENGTH, 200 - MOST_AT_LENGTH, 7)
        assert page.needs[-1] == "and 395 more, below"  # 200 by two lines and a complaint, less the six that are shown

    def test_nothing_at_all(self):
        words = Reader(as_html(many(), PAGES)).words
        assert "Nothing was judged in week 46" in words


class TestForTeams:
    def test_a_team_gets_its_contact_points_their_gaps_and_complaints(self):
        billing = for_teams(REPORT, {"Billing"})
        assert [point.contact_point for point in billing.contact_points] == ["billing"]
        assert (billing.gaps, billing.complaints) == ((), ())
        orders = for_teams(REPORT, {"Orders"})
        assert (orders.gaps, orders.complaints) == (REPORT.gaps, REPORT.complaints)
        assert "Billing" not in as_html(orders, PAGES)

    @pytest.mark.parametrize("teams", [frozenset(), frozenset(("Billing", "Orders", ""))])
    def test_all(self, teams: frozenset[str]):
        assert for_teams(REPORT, teams).contact_points == REPORT.contact_points
