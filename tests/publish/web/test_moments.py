"""What clock a page shows: that of the contact point which is spoken of."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.publish.web.moments import Moment, common_moment, first_and_last
from monitor.publish.web.point_pages import contact_point_page
from monitor.publish.web.responses import Pages
from monitor.publish.web.services import Gap, SignalsPage
from monitor.publish.web.sources import sources_page
from tests.publish.snapshots import ago, point, snapshot, source
from tests.publish.web.answers import signal_row

LONDON, BERLIN, VIENNA, COLOMBO = "Europe/London", "Europe/Berlin", "Europe/Vienna", "Asia/Colombo"


def page(template: str, values: dict[str, Any]) -> str:
    return " ".join(Pages().render(template, {**values, "refresh": True}).decode().split())


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-11-02T09:28:05Z", "2026-11-02T09:31:40Z", ("Mon 2 Nov 2026, 10:28:05", "10:31:40 CET")),
        ("2026-11-02T09:28:05Z", "2026-11-02T09:28:05Z", ("Mon 2 Nov 2026, 10:28:05 CET", "10:28:05 CET")),
        ("2026-11-02T22:59:59Z", "2026-11-02T23:00:00Z", ("Mon 2 Nov 2026, 23:59:59 CET", "Tue 3 Nov 2026, 00:00:00 CET")),
        # clocks go back from 3:00 to 2:00
        ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", ("Sun 25 Oct 2026, 02:30:00 CEST", "Sun 25 Oct 2026, 02:30:00 CET")),
    ],
)
def test_the_day_and_the_zone_of_a_story_are_said_once(first: str, last: str, said: tuple[str, str]):
    begun, ended = first_and_last(first, last, ZoneInfo(BERLIN))
    assert (begun.words, ended.words) == said


@pytest.mark.parametrize(
    ("zones", "shown"),
    [
        ((), ("Mon 2 Nov 2026, 09:30:00 UTC", "2026-11-02T09:30:00+00:00")),
        ((BERLIN,), ("Mon 2 Nov 2026, 10:30:00 CET", "2026-11-02T10:30:00+01:00")),
        ((BERLIN, BERLIN, VIENNA), ("Mon 2 Nov 2026, 10:30:00 CET", "2026-11-02T10:30:00+01:00")),  # their clocks show the same
        ((LONDON, BERLIN), ("Mon 2 Nov 2026, 09:30:00 UTC", "2026-11-02T09:30:00+00:00")),
        ((COLOMBO,), ("Mon 2 Nov 2026, 15:00:00 +0530", "2026-11-02T15:00:00+05:30")),  # has no abbreviation
    ],
)  # fmt: skip
def test_what_concerns_several_contact_points_is_shown_by_their_clocks_if_they_agree(
    zones: tuple[str, ...], shown: tuple[str, str]
):
    points = [point(str(number), timezone=zone) for number, zone in enumerate(zones)]
    assert common_moment(datetime(2026, 11, 2, 9, 30, tzinfo=UTC), points) == Moment(*shown)


class TestContactPoint:
    def test_each_channel_has_the_zone_of_its_own_calendar(self):
        states = {"desk": point("desk", "ticket", timezone=COLOMBO), "desk/email": point("desk", "email", timezone=BERLIN)}
        rows = [signal_row(channel=channel) for channel in ("ticket", "email", "phone")]
        text = page("contact_point.html", contact_point_page(states, SignalsPage(rows), snapshot(*states.values())))
        assert 'As of <time datetime="2026-11-02T09:30:00+00:00">Mon 2 Nov 2026, 09:30:00 UTC</time>' in text
        assert "ticket · open at 15:00 +0530" in text
        assert "e-mail · open at 10:30 CET" in text
        assert '<th role="columnheader" scope="col">When</th>' in text
        # a channel that it has no more is shown by the first one's
        for shown in ("14:58:25 +0530", "10:28:25 CET", "14:58:25 +0530"):
            text = text[text.index(f"{shown}</time>") :]


class TestSources:
    def test_gaps_are_shown_by_the_clocks_of_what_the_source_feeds(self):
        points = point("a", timezone=BERLIN), point("b", timezone=COLOMBO, sources=("desk",))
        current = snapshot(*points, sources=(source(), source("desk"), source("new")))
        gaps = [Gap(name, ago(600), ago(300)) for name in ("pbx", "desk", "new")]
        text = page("sources.html", sources_page(current, gaps))
        assert 'As of <time datetime="2026-11-02T09:30:00+00:00">Mon 2 Nov 2026, 09:30:00 UTC</time>' in text
        for shown in ("14:50:00 +0530", "09:20:00 UTC", "10:20:00 CET"):  # desk, new, pbx
            text = text[text.index(f"{shown}</time> to <time") :]
