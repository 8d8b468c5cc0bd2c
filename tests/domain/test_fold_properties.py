"""What holds for every story: any order, repetition and batching gives the same contact; counting is exactly-once."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from monitor.domain.channels import OUTCOMES_OF, SIGNALS_OF, WAITS_OF
from monitor.domain.event import (
    AFTERWARDS_KINDS,
    CHANNELS,
    KINDS,
    LEAVE_REASONS,
    LIVE_KINDS,
    MICROSECOND,
    WRITTEN_KINDS,
    Event,
    pack,
    unpack,
)
from monitor.domain.fold import fold
from monitor.domain.judge import judge, reported_seconds
from monitor.domain.limits import waited_seconds
from monitor.domain.merging import merge
from tests.domain.contact_lines import START, Books, at, folded, policy

EXAMPLES = settings(max_examples=150, deadline=None)

#: Few different moments, so that many coincide, and the edges of the limits among them.
_OFFSETS = (0, 0.000001, 1, 2, 5, 12, 12.5, 14, 20, 20.000001, 21, 60, 120, 140, 3600, 14400, 14401, 86400, 400000, 605000)
MOMENTS = st.sampled_from([START + timedelta(seconds=offset) for offset in _OFFSETS])

_STRAIGHT = tuple(kind for kind in WRITTEN_KINDS if kind not in ("reopened", "complained"))
#: Not what takes back what was true when it was told: restored, bounced, retracted, spam, a resolution undone, a complaint
#: corrected, another rating.
PLAUSIBLE = {
    "phone": (*LIVE_KINDS, "called_out", "promised", "fulfilled", "settled", "discarded", "lost", "reached"),
    "counter": LIVE_KINDS,
    "chat": ("queued", "answered", "left", "ended", "received", "replied", "auto_replied", "promised", "fulfilled", "lost"),
    "email": (*_STRAIGHT, "settled", "discarded", "lost"),
    "ticket": (*_STRAIGHT, "settled", "discarded", "lost"),
}
POLICIES = {(channel, hours): policy(channel, hours=hours) for channel in CHANNELS for hours in (True, False)}


@st.composite
def events(
    draw: st.DrawFn, channel: str, kinds: tuple[str, ...], *, unique: bool, moments: st.SearchStrategy[datetime] = MOMENTS,
    reasons: tuple[str, ...] = ("deleted",),
) -> list[Event]:  # fmt: skip
    """Events of one contact with any details missing; not `unique`: some tell of the same thing differently."""

    def event(number: int) -> Event:
        return Event(
            id=f"e{number if unique else draw(st.integers(0, 6))}",
            contact="c",
            place="p",
            channel=channel,
            kind=draw(st.sampled_from(kinds)),
            at=draw(moments),
            how=draw(st.sampled_from((None, "blind", "consult"))),
            to=draw(st.sampled_from((None, "ann", "bob"))),
            reason=draw(st.sampled_from((None, *LEAVE_REASONS, "same_call", *reasons))),
            due=draw(st.none() | MOMENTS),
            sector=draw(st.sampled_from((None, "finance", "telecoms"))),
            answered=draw(st.sampled_from((None, True, False))),
            raised=draw(st.sampled_from((None, True, False))),
            courtesy=draw(st.booleans()),
            into_queue=draw(st.booleans()),
            rough=draw(st.booleans()),
            score=draw(st.sampled_from((None, 0.0, 0.5))),
            event=draw(st.sampled_from((None, *(f"e{each}" for each in range(9))))),
            by=draw(st.sampled_from((None, "ann", "agent", "customer", "rule", "bot"))),
            queue=draw(st.sampled_from((None, "first", "second"))),
            name=draw(st.sampled_from((None, "due"))),
            agreed=draw(st.sampled_from((None, True))),
            on=draw(st.sampled_from((None, "customer", "third_party"))),
            until=draw(st.none() | MOMENTS),
            seq=draw(st.sampled_from((None, 1, 2))),
            automatic=draw(st.booleans()),
            withdrawn=draw(st.booleans()),
        )

    return [event(number) for number in range(draw(st.integers(1, 9)))]


_REASONS = ("spam", "deleted")
ANY = st.sampled_from(CHANNELS).flatmap(lambda channel: events(channel, tuple(sorted(KINDS)), unique=False, reasons=_REASONS))
#: Messages, and what is said of them afterwards.
_AFTERWARDS = st.sampled_from(("email", "ticket")).flatmap(
    lambda channel: events(channel, ("received", "replied", "resolved", *AFTERWARDS_KINDS), unique=True, reasons=_REASONS)
)
ANY |= _AFTERWARDS
#: What must often meet to show anything: pauses around the closing of the third opening day (203,400 s).
_PAUSES = events(
    "ticket",
    ("received", "pending", "resumed", "resolved"),
    unique=True,
    moments=st.sampled_from([START + timedelta(seconds=offset) for offset in (0, 86400, 203400, 259200, 345600, 400000)]),
)
STORIES = st.sampled_from(CHANNELS).flatmap(lambda channel: events(channel, PLAUSIBLE[channel], unique=True)) | _PAUSES


def in_pieces(told: list[Event], cuts: list[int]) -> list[list[Event]]:
    edges = [0, *sorted({cut % (len(told) + 1) for cut in cuts}), len(told)]
    return [told[a:b] for a, b in pairwise(edges)]


def as_stored(told: list[Event]) -> list[Event]:
    return [unpack(pack(event), event.contact, event.channel) for event in told]


@EXAMPLES
@given(told=ANY, data=st.data())
def test_any_order_repetition_and_batching_gives_the_same_contact_and_verdicts(told: list[Event], data: st.DataObject) -> None:
    channel = told[0].channel
    other = data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told), max_size=4))))
    known: list[Event] = []
    for piece in in_pieces(other, data.draw(st.lists(st.integers(0, 20), max_size=4))):
        known = as_stored(merge(known, piece) or known)
    rules, evaluation_time = POLICIES[channel, data.draw(st.booleans())], data.draw(MOMENTS)
    contact = fold(channel, known, reachable=True)
    assert contact == folded(told)
    assert judge(contact, rules, evaluation_time) == judge(folded(told), rules, evaluation_time)
    assert merge(known, told) is None


@EXAMPLES
@given(told=ANY, evaluation_time=st.sampled_from([at("-1793610000"), *(START + timedelta(seconds=s) for s in _OFFSETS)]))
def test_no_story_is_too_strange_to_be_judged_and_no_label_is_invented(told: list[Event], evaluation_time: object) -> None:
    channel = told[0].channel
    contact = folded(told)
    for hours in (True, False):
        rules = POLICIES[channel, hours]
        judgement = judge(contact, rules, evaluation_time)
        assert {each.signal for each in judgement.verdicts} <= set(SIGNALS_OF[channel])
        assert {each.outcome for each in judgement.outcomes} <= set(OUTCOMES_OF[channel])
        assert {each.wait for each in (*judgement.measured, *judgement.running)} <= set(WAITS_OF[channel])
        assert all(each.seconds >= 0 for each in judgement.measured)
        names = Counter((each.signal, each.key) for each in judgement.verdicts)
        assert set(names.values()) <= {1}, "two verdicts of the same name would be counted as one"
        for verdict in judgement.verdicts:
            assert (verdict.at is None) == (verdict.state in ("open", "void"))
            waited, _ = reported_seconds(verdict, contact, rules, evaluation_time)
            assert waited is None or waited >= 0
        for wait in contact.waits:
            assert wait.until is None or wait.until >= wait.since
            assert waited_seconds(wait, wait.until or contact.last, rules) >= 0


@EXAMPLES
@given(told=ANY, hours=st.booleans())
def test_as_time_passes_open_becomes_breached_and_nothing_else_changes(told: list[Event], hours: bool) -> None:
    channel = told[0].channel
    contact, rules = folded(told), POLICIES[channel, hours]
    evaluation_time = contact.begun
    before = judge(contact, rules, evaluation_time)
    for _ in range(12):
        if before.deadline is None:
            break
        assert before.deadline > evaluation_time
        just_before = judge(contact, rules, before.deadline - MICROSECOND)
        assert just_before == before
        evaluation_time = before.deadline
        after = judge(contact, rules, evaluation_time)
        changed = [(a, b) for a, b in zip(before.verdicts, after.verdicts, strict=True) if a != b]
        assert changed
        assert all((a.state, b.state, b.at) == ("open", "breached", evaluation_time) for a, b in changed)
        assert (after.outcomes, after.measured) == (before.outcomes, before.measured)
        before = after
    assert before.deadline is None


@EXAMPLES
@given(told=STORIES, hours=st.booleans(), data=st.data())
def test_looking_often_counts_what_one_look_at_the_end_counts(told: list[Event], hours: bool, data: st.DataObject) -> None:
    """Looks while the story happens, absence known up to some moment not after what comes next: all totals are equal.

    All are counted at the end: what fell longer ago is history, whenever it was looked at.
    """
    rules = POLICIES[told[0].channel, hours]
    told = merge((), told) or []
    assume(told[0].kind not in AFTERWARDS_KINDS)  # nothing is said of a contact before there is one
    end = told[-1].at + timedelta(days=40)
    often, once = Books(rules), Books(rules)
    pieces = in_pieces(told, data.draw(st.lists(st.integers(0, 20), max_size=6)))
    for piece, following in pairwise(pieces):
        if piece:
            limit = following[0].at if following else piece[-1].at
            often.evaluate(piece, data.draw(st.sampled_from([START - timedelta(days=1), piece[-1].at, limit])), end)
            assert often.total("signals_total") <= often.total("assessed_total")
            assert often.total("history_signals_total") <= often.total("history_assessed_total")
    often.evaluate(told, end)
    often.evaluate((), end)
    once.evaluate(told, end)
    assert often.total("signals_retracted_total") == 0
    assert dict(often.deltas.totals) == dict(once.deltas.totals)
    assert often.weeks() == once.weeks()
    assert often.counted == once.counted


@EXAMPLES
@given(told=ANY, hours=st.booleans(), data=st.data())
def test_whatever_comes_late_signals_less_retractions_and_weeks_tell_the_truth(
    told: list[Event], hours: bool, data: st.DataObject
) -> None:
    """Any order of arrival, absence judged before everything has come: corrections make good for it."""
    rules = POLICIES[told[0].channel, hours]
    books, once = Books(rules), Books(rules)
    for piece in in_pieces(data.draw(st.permutations(told)), data.draw(st.lists(st.integers(0, 20), max_size=5))):
        if piece:
            books.evaluate(piece, data.draw(MOMENTS))
            seen = dict(books.deltas.totals), books.weeks(), books.counted
            assert books.evaluate(piece, books.evaluation_time) == []
            assert (dict(books.deltas.totals), books.weeks(), books.counted) == seen
    once.evaluate(told, books.evaluation_time)
    assert books.weeks() == once.weeks()
    for signal in SIGNALS_OF[told[0].channel]:
        standing = books.total("signals_total", signal) - books.total("signals_retracted_total", signal)
        assert standing == once.total("signals_total", signal)
        assert once.total("signals_total", signal) <= once.total("assessed_total", signal)
    assert books.total("contacts_total") == 1


@EXAMPLES
@given(told=ANY)
def test_what_is_packed_is_unpacked(told: list[Event]) -> None:
    for event in told:
        back = unpack(pack(event), "c", event.channel)
        assert back == event._replace(place="", customer=None)
        assert [type(value) for value in back] == [type(value) for value in event._replace(place="", customer=None)]


@EXAMPLES
@given(told=ANY)
def test_telling_half_of_what_is_known_again_adds_nothing(told: list[Event]) -> None:
    known = merge((), told)
    assert known is not None
    assume(len(known) > 1)
    assert merge(known, known[: len(known) // 2]) is None
    for earlier, later in pairwise(known):  # a rough moment may stand after an exact one of its second
        assert earlier.at <= later.at or (later.rough and earlier.at - later.at < timedelta(seconds=1))
