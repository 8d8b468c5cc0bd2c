"""History judged anew by other limits: weeks tell the new past, counters keep what they held, also when more is told later."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.channels import SIGNALS_OF
from monitor.domain.event import CHANNELS, Event
from monitor.domain.fold import fold
from monitor.domain.ledger import shown_of
from monitor.domain.policy import Policy
from tests.domain.contact_lines import Books, at, call, policy, ticket
from tests.domain.test_fold_properties import ANY, EXAMPLES, MOMENTS, in_pieces

MONDAY = "2026-11-02"
LAX: Policy = policy("phone", long_wait={"after": "30s"}, slow_answer={"rings": 20})
STRICT: Policy = policy("phone", long_wait={"after": "10s"}, slow_answer={"rings": 20})
ANSWERED_AT_15 = call("queued 0", "answered 15", "ended 60")


def judged_anew(books: Books, rules: Policy) -> Books:
    """The same books after history was judged anew by these rules; no counter has moved."""
    before = dict(books.deltas.totals)
    books.rules = rules
    books.evaluate((), books.evaluation_time, anew=True)
    assert dict(books.deltas.totals) == before
    return books


def after(rules: Policy, events: list[Event], look: str = "100") -> Books:
    books = Books(rules)
    books.evaluate(events, at(look))
    return books


def standing(books: Books, signal: str) -> tuple[float, float, float]:
    return tuple(books.total(f"{name}_total", signal) for name in ("assessed", "signals", "signals_retracted"))  # type: ignore[return-value]


def test_a_stricter_limit_makes_a_signal_of_the_week_and_none_of_the_counters() -> None:
    books = judged_anew(after(LAX, ANSWERED_AT_15), STRICT)
    assert books.weeks()["long_wait", MONDAY] == (1, 1)
    assert standing(books, "long_wait") == (1, 0, 0)


def test_a_laxer_limit_takes_it_out_of_the_week_and_retracts_nothing() -> None:
    books = judged_anew(after(STRICT, ANSWERED_AT_15), LAX)
    assert books.weeks()["long_wait", MONDAY] == (1, 0)
    assert standing(books, "long_wait") == (1, 1, 0)


def test_there_and_back_is_as_if_nothing_had_happened() -> None:
    books = after(LAX, ANSWERED_AT_15)
    kept = books.counted, books.judged, books.weeks()
    judged_anew(judged_anew(books, STRICT), LAX)
    assert (books.counted, books.judged, books.weeks()) == kept
    assert books.judged is None


def test_doing_it_twice_changes_nothing() -> None:
    books = judged_anew(after(LAX, ANSWERED_AT_15), STRICT)
    kept = books.counted, books.judged, books.weeks()
    judged_anew(books, STRICT)
    assert (books.counted, books.judged, books.weeks()) == kept


def test_what_is_told_later_of_such_a_contact_counts_nothing_that_was_judged_anew() -> None:
    for first, then in ((LAX, STRICT), (STRICT, LAX)):
        books = judged_anew(after(first, ANSWERED_AT_15), then)
        before, week = standing(books, "long_wait"), books.weeks()["long_wait", MONDAY]
        books.evaluate([call("rated 900")[0]._replace(score=0.1)], at("1000"))
        assert standing(books, "long_wait") == before
        assert books.weeks()["long_wait", MONDAY] == week
        assert standing(books, "low_rating") == (1, 1, 0)  # which is news


def test_a_late_correction_of_a_signal_that_no_counter_holds_retracts_nothing() -> None:
    """He was answered at 9 s: no signal under the limit of 10 s either."""
    books = judged_anew(after(LAX, call("queued 0", "answered 15 id=a rough", "ended 60")), STRICT)
    books.evaluate(call("answered 9 id=a"), at("100"))
    assert books.weeks()["long_wait", MONDAY] == (1, 0)
    assert standing(books, "long_wait") == (1, 0, 0)


def test_a_late_correction_that_makes_a_judged_away_signal_true_again_is_not_counted_twice() -> None:
    """He was answered at 35 s: a signal also under the limit of 30 s. The counters have held it all the time."""
    books = judged_anew(after(STRICT, call("queued 0", "answered 15 id=a rough", "ended 60")), LAX)
    books.evaluate(call("answered 35 id=a"), at("100"))
    assert books.weeks()["long_wait", MONDAY] == (1, 1)
    assert standing(books, "long_wait") == (1, 1, 0)
    books.evaluate(call("answered 8 id=a rough"), at("100"))  # a rough moment changes nothing
    assert standing(books, "long_wait") == (1, 1, 0)


def test_a_late_correction_of_a_signal_that_holds_under_both_limits_is_retracted() -> None:
    books = judged_anew(after(STRICT, call("queued 0", "answered 40 id=a rough", "ended 60")), LAX)
    books.evaluate(call("answered 12 id=a"), at("100"))
    assert books.weeks()["long_wait", MONDAY] == (1, 0)
    assert standing(books, "long_wait") == (1, 1, 1)


def test_a_signal_that_comes_later_on_what_was_only_judged_anew_counts_with_its_assessment() -> None:
    """`reopened` was off when it was solved: judged anew it is assessed in the week alone; then the customer comes back."""
    books = after(policy("ticket", reopened=False), ticket("received 0", "replied 5", "resolved 10"), "20")
    judged_anew(books, policy("ticket"))
    assert (standing(books, "reopened"), books.weeks()["reopened", MONDAY]) == ((0, 0, 0), (1, 0))
    books.evaluate(ticket("received 30 id=again"), at("40"))
    assert (standing(books, "reopened"), books.weeks()["reopened", MONDAY]) == ((1, 1, 0), (1, 1))


def test_a_limit_that_has_fallen_in_a_wait_that_still_runs_is_news_and_counts() -> None:
    """25 s in the queue, still waiting: whoever waits now is no history. A running daemon has counted him already."""
    books = after(LAX, call("queued 0"), "25")
    books.rules = STRICT
    assert books.evaluate((), at("25"), anew=True) == ["long_wait"]
    assert (standing(books, "long_wait"), books.weeks()) == ((1, 1, 0), {("long_wait", MONDAY): (1, 1)})


def test_another_zone_moves_a_contact_to_its_week_there() -> None:
    """Monday, nine in London, is still Sunday in Honolulu."""
    books = after(STRICT, call("queued 0", "answered 15", "ended 60"))
    honolulu = policy("phone", long_wait={"after": "10s"}, slow_answer={"rings": 20})
    judged_anew(books, replace(honolulu, timezone=ZoneInfo("Pacific/Honolulu")))
    assert {week for _, week in books.weeks()} == {"2026-10-26"}
    assert books.weeks()["long_wait", "2026-10-26"] == (1, 1)


OTHER_LIMITS = {
    "long_wait": {"after": "12s"}, "slow_answer": {"rings": 3}, "long_hold": False, "abandoned": {"ignore_under": "13s"},
    "missed_callback": {"after": "1m"}, "handed_on": {"times": 0}, "late_reply": {"after": "1m"}, "late_follow_up": False,
    "slipped_promise": {"grace": "4h"}, "late_resolution": {"after": "1bd", "pauses": False}, "passed_around": {"times": 0},
    "escalated": False, "low_rating": {"below": 0.9},
}  # fmt: skip
OTHERS = {
    channel: policy(channel, hours=True, **{name: OTHER_LIMITS[name] for name in SIGNALS_OF[channel] if name in OTHER_LIMITS})
    for channel in CHANNELS
}
POLICIES = {channel: (policy(channel), OTHERS[channel]) for channel in CHANNELS}


def signal_names(books: Books) -> list[str]:
    return [name for name in books.counted if name.startswith("s:")]


@EXAMPLES
@given(told=ANY, first=st.sampled_from((0, 1)), data=st.data())
def test_weeks_are_as_if_judged_so_from_the_start_and_counters_only_by_what_changes_later(
    told: list[Event], first: int, data: st.DataObject
) -> None:
    """Whatever came before, is judged anew in between, and comes later in any order."""
    before, then = POLICIES[told[0].channel][first], POLICIES[told[0].channel][1 - first]
    pieces = in_pieces(data.draw(st.permutations(told)), data.draw(st.lists(st.integers(0, 20), max_size=5)))
    turn = data.draw(st.integers(0, len(pieces)))
    books, once = Books(before), Books(then)
    for piece in pieces[:turn]:
        if piece:
            books.evaluate(piece, data.draw(MOMENTS))
    if books.events:
        totals, runs = dict(books.deltas.totals), _runs(books, then)
        books.rules = then
        books.evaluate((), books.evaluation_time, anew=True)
        _only_running(totals, books, runs)
        seen = dict(books.deltas.totals), books.weeks(), books.counted, books.judged
        books.evaluate((), books.evaluation_time, anew=True)
        books.evaluate((), books.evaluation_time)
        assert (dict(books.deltas.totals), books.weeks(), books.counted, books.judged) == seen
        once.evaluate(books.events, books.evaluation_time)
        assert books.weeks() == once.weeks()
    books.rules = then
    for piece in pieces[turn:]:
        if piece:
            totals = dict(books.deltas.totals)
            books.evaluate(piece, data.draw(MOMENTS))
            assert all(books.deltas.totals[key] >= value for key, value in totals.items())
    fresh = Books(then)
    fresh.evaluate(told, books.evaluation_time)
    assert books.weeks() == fresh.weeks()
    if books.judged is not None:
        assert books.judged == shown_of(fresh.counted)
    assert books.total("signals_total") - books.total("signals_retracted_total") == len(signal_names(books))
    for signal in SIGNALS_OF[told[0].channel]:
        assert books.total("signals_total", signal) >= books.total("signals_retracted_total", signal)


def _runs(books: Books, rules: Policy) -> int:
    """How many waits of the contact go on."""
    return sum(wait.until is None for wait in fold(books.events[0].channel, books.events, reachable=True).waits)


def _only_running(before: dict[object, float], books: Books, runs: int) -> None:
    grown = {key: value - before.get(key, 0.0) for key, value in books.deltas.totals.items() if value != before.get(key, 0.0)}
    assert {name for name, _ in grown} <= {"assessed_total", "signals_total", "history_assessed_total", "history_signals_total"}
    assert all(value > 0 for value in grown.values())
    assert sum(value for (name, _), value in grown.items() if name == "signals_total") <= runs
