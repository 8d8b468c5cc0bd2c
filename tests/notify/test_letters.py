"""Letters, promises, sources: what waits for opening hours, and what is told of sources."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain.event import Channel
from monitor.domain.snapshot import PointState, Running, SourceState
from tests.notify.watch import Totals, Watch, line, read, receiver
from tests.publish.snapshots import NOW, point, source, waits

HOUR = 3600.0
DAY = 10 * HOUR  # a desk that is open for ten hours


def desk(running: dict[str, Running] | None, *, is_open: bool = True, soon: bool = False) -> PointState:
    state = point("desk", "ticket", running, title="Service desk", limits={"late_reply": 4 * HOUR}, is_open=is_open)
    return replace(state, info=replace(state.info, opening_day_seconds=DAY))


VERY_LATE = {"reply": waits(7, 3, 4 * HOUR + DAY + 1)}
LATE = {"reply": waits(7, 3, 4 * HOUR + DAY)}
ANSWERED = {"reply": waits(0)}


def test_a_message_that_is_unanswered_a_day_past_its_limit() -> None:
    watch = Watch()
    watch.pass_time(HOUR, desk(VERY_LATE))
    assert [(seconds, said.title) for seconds, _, said in watch.sent] == [
        (310, "FIRING: Service desk: a message has stayed unanswered for days")
    ]
    assert watch.sent[0][2].text.startswith(
        "The oldest unanswered message has waited 14 h of opening time, since Sun 1 Nov 19:29 GMT; messages over their limit: 3. "
    )


def test_a_day_past_its_limit_and_no_second_more_is_not_told() -> None:
    watch = Watch()
    watch.pass_time(HOUR, desk(LATE))
    assert watch.sent == []


def test_letters_wait_for_the_morning_and_so_does_their_end() -> None:
    watch = Watch()
    watch.pass_time(200, desk(VERY_LATE))
    watch.pass_time(8 * HOUR, desk(VERY_LATE, is_open=False), step=60)
    assert watch.sent == []  # it had not held for five minutes when the desk closed, so it did not begin
    watch.pass_time(400, desk(VERY_LATE))
    assert len(watch.sent) == 1
    watch.pass_time(2 * HOUR, desk(ANSWERED, is_open=False), step=60)
    assert len(watch.sent) == 1
    watch.pass_time(60, desk(ANSWERED))
    assert watch.titles[1:] == ["RESOLVED: Service desk: a message has stayed unanswered for days"]


def test_what_began_just_before_closing_is_told_in_the_morning() -> None:
    watch = Watch()
    watch.pass_time(305, desk(VERY_LATE))
    watch.pass_time(8 * HOUR, desk(VERY_LATE, is_open=False), step=60)
    assert watch.sent == []
    watch.pass_time(15, desk(VERY_LATE))
    assert len(watch.sent) == 1


def test_what_ended_in_the_night_before_anybody_was_told_is_told_to_nobody() -> None:
    watch = Watch()
    watch.pass_time(305, desk(VERY_LATE))
    watch.pass_time(2 * HOUR, desk(ANSWERED, is_open=False), step=60)
    watch.pass_time(HOUR, desk(ANSWERED))
    assert watch.sent == []


def test_customers_whose_limit_falls_soon() -> None:
    watch = Watch()
    watch.pass_time(600, desk({"reply": waits(3, 0, HOUR, 900, 2)}))
    assert watch.titles == ["FIRING: Service desk: customers are about to wait over the limit"]
    assert watch.sent[0][2].text.startswith(
        "Customers whose limit falls within the warning time (warn_before): 2, the first Mon 2 Nov 09:45 GMT. "
    )


@pytest.mark.parametrize(("due", "told"), [(3600, False), (3599, True), (71, True), (70, False)])
def test_a_promise_that_falls_due_within_the_hour_is_for_those_who_want_to_know_everything(due: float, told: bool) -> None:
    watch = Watch(receiver(), receiver("review", severities=["info"]))
    for seconds in (60, 10, 1):  # looked at after 0, 60 and 70 s: it must be so for a minute, and its group waits for 10 s
        watch.pass_time(seconds, desk({"promise": waits(2, 0, 60, due)}), step=seconds)
    assert [message.receiver for _, message, _ in watch.sent] == ["review"] * told


CHANNELS: list[tuple[Channel, str]] = [
    ("phone", "made on the phone"), ("email", "made by e-mail"), ("ticket", "made in a ticket"), ("chat", "made in a chat"),
]  # fmt: skip


def promised(
    overdue: int, age: float | None, due: float | None = None, channel: Channel = "ticket", *, is_open: bool = True
) -> PointState:
    """A desk with two promises. `age`: opening time since the newest of those that are overdue was broken."""
    running = {"promise": replace(waits(2, overdue, 5 * HOUR, due), broken_business_seconds=age)}
    state = point("desk", channel, running, title="Service desk", is_open=is_open)
    return replace(state, info=replace(state.info, opening_day_seconds=DAY))


@pytest.mark.parametrize(("channel", "made"), CHANNELS)
def test_a_promise_that_was_not_kept_is_told_after_five_minutes_with_the_channel_in_which_it_was_made(
    channel: Channel, made: str
) -> None:
    watch = Watch()
    watch.pass_time(HOUR, promised(1, 1800.0, channel=channel))
    [(seconds, _, said)] = watch.sent
    assert (seconds, said.title, said.level) == (310, f"FIRING: Service desk: a promise {made} was not kept", "warning")
    assert said.text == (
        f"Promises {made} that are past their moment and not kept yet: 1; the newest for 30 min of opening time, "
        "the oldest open one was made Mon 2 Nov 04:30 GMT. First: keep them, or tell the customers when you will.\n"
        "Page: http://monitor.example/contact-points/desk"
    )


@pytest.mark.parametrize(("channel", "made"), CHANNELS)
def test_a_promise_that_falls_due_soon_names_its_channel_and_its_moment(channel: Channel, made: str) -> None:
    watch = Watch(receiver(severities=["info"]))
    watch.pass_time(75, promised(0, None, 1800, channel=channel))
    [said] = [each for _, _, each in watch.sent]
    assert said.title == f"FIRING: Service desk: a promise {made} falls due within the hour"
    assert said.text.startswith(
        f"The next promise {made} falls due in 29 min, Mon 2 Nov 10:00 GMT. Promises open: 2, past due: 0. "
    )


@pytest.mark.parametrize(("age", "told"), [(3 * DAY - 1, True), (3 * DAY, False), (None, False)])
def test_what_was_broken_three_opening_days_ago_is_no_news(age: float | None, told: bool) -> None:
    watch = Watch()
    watch.pass_time(HOUR, promised(2, age))
    assert bool(watch.sent) is told


def test_a_promise_broken_at_the_closing_is_told_as_the_desk_opens_and_over_half_an_hour_after_it_was_kept() -> None:
    watch = Watch()
    watch.pass_time(12 * HOUR, promised(1, 0.0, is_open=False), step=60)
    assert watch.sent == []
    watch.pass_time(600, promised(1, 60.0))
    assert watch.titles == ["FIRING: Service desk: a promise made in a ticket was not kept"]
    watch.pass_time(29 * 60, promised(0, None))
    assert len(watch.sent) == 1
    watch.pass_time(120, promised(0, None))
    assert watch.titles[1:] == ["RESOLVED: Service desk: a promise made in a ticket was not kept"]


def test_a_helpdesk_that_falls_silent_has_kept_no_promise() -> None:
    watch = Watch()
    watch.pass_time(400, promised(1, 60.0))
    watch.pass_time(4 * HOUR, replace(promised(1, 60.0), running=None), step=60)
    assert watch.titles == ["FIRING: Service desk: a promise made in a ticket was not kept"]


def test_a_complaint_near_its_deadline() -> None:
    watch = Watch()
    watch.pass_time(300, desk({"complaint": waits(2, 1, 60)}))
    assert [(seconds, said.title) for seconds, _, said in watch.sent] == [
        (70, "FIRING: Service desk: a complaint nears its deadline")
    ]


DOWN = replace(source(up=False), since=NOW)


def test_a_blind_source_is_told_after_two_minutes_and_says_what_it_feeds() -> None:
    watch = Watch()
    watch.pass_time(600, line(), desk(None), sources=[DOWN])
    assert [(seconds, said.title, said.level) for seconds, _, said in watch.sent] == [
        (150, "FIRING: pbx: this source cannot be read", "failure")
    ]
    assert watch.sent[0][2].text == (
        "pbx (asterisk) feeds 2 contact points. Nothing has been seen of it since Mon 2 Nov 09:29 UTC (3 min). "
        "Customers may be waiting there unseen; alerts about them stay as they were. "
        "First: see the page of sources for the reason.\nPage: http://monitor.example/sources"
    )


def test_a_source_of_a_closed_desk_wakes_nobody_and_is_told_when_the_desk_opens() -> None:
    watch = Watch()
    shut = [replace(line(), open=False, running=None)]
    watch.pass_time(8 * HOUR, *shut, sources=[DOWN], step=60)
    assert watch.sent == []
    watch.pass_time(300, *(replace(each, open=True) for each in shut), sources=[DOWN])
    assert watch.titles == [
        "FIRING: pbx: no attempt to read this source works",  # known since the night
        "FIRING: pbx: this source cannot be read",  # may be missing customers only from now on
    ]


def test_a_source_that_feeds_nothing_is_told_to_be_down() -> None:
    watch = Watch()
    watch.pass_time(900, sources=[DOWN])
    assert [(seconds, said.title) for seconds, _, said in watch.sent] == [
        (390, "FIRING: pbx: no attempt to read this source works")
    ]


def test_five_sources_that_fall_silent_together_are_one_message() -> None:
    watch = Watch()
    names = [f"pbx-{number}" for number in range(5)]
    points = [replace(line(), running=None, info=replace(line().info, name=name, sources=(name,))) for name in names]
    watch.pass_time(600, *points, sources=[replace(DOWN, name=name) for name in names])
    assert watch.titles == ["FIRING: pbx-0 and others: 5 alerts"]
    assert watch.sent[0][2].text.count("FIRING: ") == 5


def test_a_restart_does_not_end_the_trouble_of_a_source_that_was_not_tried_yet() -> None:
    watch = Watch()
    closed = replace(line(), running=None)
    watch.pass_time(600, closed, sources=[DOWN])
    watch.restart()
    untried = SourceState("pbx", "asterisk", None, False, 15.0)
    watch.pass_time(120, closed, sources=[untried])
    watch.pass_time(120, closed, sources=[replace(DOWN, since=watch.now)])
    assert len(watch.sent) == 1
    watch.pass_time(600, line())
    assert watch.titles[1:] == ["RESOLVED: pbx: this source cannot be read"]


def refused(times: float, polls: float) -> Totals:
    kind = ("mail", "imap")
    return {("source_poll_failures_total", (*kind, "auth")): times, ("source_polls_total", kind): polls}


def test_refused_credentials_are_the_reason_and_are_told_beside_it() -> None:
    watch = Watch()
    mail = replace(source("mail", "imap", False), since=NOW)
    blind = replace(desk(None), info=replace(desk(None).info, sources=("mail",)))
    watch.pass_time(5, desk(ANSWERED), sources=[read(NOW, "mail", "imap")], totals=refused(2, 1000))
    watch.pass_time(600, blind, sources=[mail], totals=refused(3, 1001))
    assert watch.titles == [
        "FIRING: mail: this source refuses our credentials",
        "FIRING: mail: this source cannot be read",
    ]


def test_a_new_source_whose_first_login_was_refused_is_told_also_by_a_daemon_that_did_not_see_it() -> None:
    watch = Watch()
    watch.pass_time(300, sources=[replace(source("mail", "imap", False), since=NOW)], totals=refused(4, 5))
    assert watch.titles == ["FIRING: mail: this source refuses our credentials"]


@pytest.mark.parametrize(("offset", "told"), [(30.0, False), (30.1, True), (-31.0, True), (None, False)])
def test_clocks_that_differ_by_more_than_thirty_seconds(offset: float | None, told: bool) -> None:
    watch = Watch()
    skewed = replace(source(), clock_offset_seconds=offset, last_success=NOW, watermark=NOW + timedelta(hours=1))
    watch.pass_time(700, line(), sources=[skewed])
    assert watch.titles == ["FIRING: pbx: its clock and ours differ"] * told
