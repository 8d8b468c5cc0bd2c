"""Why a contact is or is not a signal: its events, waits, limits and arithmetic (contract section 2, `explain`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypedDict

from monitor.domain.contact import Contact
from monitor.domain.durations import format_exactly, format_opening_days
from monitor.domain.event import AGAIN, RETURNS, Event, from_micros
from monitor.domain.judge import Judgement, Verdict, fell_at, related_to, reported_seconds
from monitor.domain.limits import limit_opening_days, limit_seconds, under, waited_seconds
from monitor.domain.moments import iso
from monitor.domain.policy import DEFAULTS, SIGNAL_OF_WAIT
from monitor.engine.answers_shown import grounds, words_of
from monitor.engine.arithmetic import Arithmetic, arithmetic_of, opening_hours
from monitor.engine.directory import Directory
from monitor.engine.evaluation import Whereabouts, examine, read_record, whereabouts
from monitor.engine.others import Other, others
from monitor.engine.promises_shown import OfPromise, keeping_in_words, promise_in_words, promise_shown, promises_of
from monitor.engine.transaction import NamesOf
from monitor.publish.said import grounds_in_words, said_in_words
from monitor.store.base import FoundContact, ListedSignal, SignalRow, Store


class ExplainedWait(OfPromise, Arithmetic):
    """One wait of the contact. `calendar`, the arithmetic and what is said of a promise is shown to people only."""

    wait: str
    since: str
    until: str | None  # None: it goes on
    waited_seconds: float
    limit_seconds: float | None
    limit_opening_days: int | None  # a limit in whole opening days has no seconds
    due_at: str | None
    outcome: str  # kept, breached, open or void
    calendar: str | None  # None: around the clock


class Explanation(TypedDict):
    """One contact with the contract's keys, and what is shown to people only (`_FOR_PEOPLE`). Moments are ISO texts."""

    contact: str
    native_id: str
    contact_point: str
    channel: str
    source: str
    timezone: str
    seen_until: str
    events: list[dict[str, Any]]
    waits: list[ExplainedWait]
    marks: list[dict[str, Any]]
    signals: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]
    others: list[Other]  # contacts of the same customer
    open: list[list[str]] | None  # [since, until] of opening hours from its beginning on; None: no wait runs on a calendar


def explain(
    directory: Directory,
    store: Store,
    found: FoundContact,
    names_of: NamesOf = lambda name: (name,),
    seen_until: datetime | None = None,
) -> Explanation:
    """One contact, judged under the policies that `directory` holds now; changes nothing there. `names_of`: all names of the
    customer who has one; `seen_until`: up to when a daemon sees its source, which is stored with the next batch only."""
    row, record = found.row, read_record(found.row)
    where = whereabouts(record, record.events, directory.look_up)
    source = store.cursor_row(found.source)
    seen = from_micros(source.watermark) if source.watermark is not None else record.evaluation_time
    evaluation_time = max(seen, record.evaluation_time, seen_until or seen)
    examined = examine(record, record.events, where, evaluation_time)
    *_, evaluation_time, contact, judgement = examined
    return {
        "contact": row.id,
        "native_id": row.contact,
        "contact_point": row.contact_point,
        "channel": row.channel,
        "source": found.source,
        "timezone": str(where.policies[-1].timezone),
        "seen_until": iso(evaluation_time),
        "events": _events(record.events),
        "waits": _waits(contact, judgement, where, evaluation_time, record.events),
        "marks": [{"mark": mark.mark, "at": _iso(mark.at), "reason": mark.reason} for mark in contact.marks],
        "signals": [
            {
                "signal": verdict.signal,
                "at": _iso(fell_at(verdict)),
                "related": related_to(verdict, contact),
                **grounds(verdict, contact.answers),
            }
            for verdict in judgement.verdicts
            if verdict.state == "breached"
        ],
        "outcomes": [{"outcome": each.outcome, "in_target": each.in_target, "at": _iso(each.at)} for each in judgement.outcomes],
        "others": others(directory, store, found, examined, names_of),
        "open": opening_hours(contact, judgement, where.policies, evaluation_time),
    }


def signal_row(listed: ListedSignal, directory: Directory) -> dict[str, Any]:
    """One row of `signals` (contract section 2), and `related`: our id of another contact that it rests on.

    A limit in opening days is not stored with its signal: it is the one that holds at the contact point now.
    """
    return {
        "contact": listed.contact_id,
        "native_id": listed.row.contact,
        "contact_point": listed.row.contact_point,
        "channel": listed.row.channel,
        "signal": listed.row.signal,
        "at": _iso(from_micros(listed.row.at)),
        "waited_seconds": listed.row.waited_seconds,
        "limit_seconds": listed.row.limit_seconds,
        "limit_opening_days": _opening_days_now(listed.row, directory) if listed.row.limit_seconds is None else None,
        "related": listed.row.related,
    }


def _opening_days_now(row: SignalRow, directory: Directory) -> int | None:
    """Of a signal whose limit has no seconds."""
    if DEFAULTS[row.signal].wait is None:
        return None
    rule = directory.look_up(row.contact_point, row.channel).rules.get(row.signal)  # type: ignore[arg-type]  # a stored channel
    return None if rule is None else limit_opening_days(rule)


#: Our reading beside the contract's keys, for people only.
_FOR_PEOPLE: Final = ("timezone", "seen_until", "outcomes", "open")
_OF_WAITS_FOR_PEOPLE: Final = frozenset(("calendar", *OfPromise.__annotations__, *Arithmetic.__annotations__))


def as_contract(explanation: Explanation) -> dict[str, Any]:
    """What `explain` found, with exactly the keys of the contract."""
    waits = [{key: value for key, value in wait.items() if key not in _OF_WAITS_FOR_PEOPLE} for wait in explanation["waits"]]
    return {key: value for key, value in explanation.items() if key not in _FOR_PEOPLE} | {"waits": waits}


def _events(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Each with what its source says beside the moment.

    `about`: the moment of the event of this contact that it speaks of; `contact_point`: where it was, of a contact that has
    moved; `policy`: whose limits hold from then on; `not_before`: the earliest moment it can have happened; `deed`: what was
    promised; `channel` and `contact` (our id) of `reached`: in which other contact we spoke with the customer or wrote to him,
    of `came_again` and `started_anew`: with which he came before, or where he waits, and `since`: when that ended, or since when
    he does; `promises`: what its text promises; what else it says is that of `words_of`.
    """
    moments = {event.id: iso(event.at) for event in events}
    rows = []
    for event in events:
        if event.reason == "over":
            continue
        said = {
            "reason": event.reason, "by": event.by, "about": moments.get(event.event) if event.event is not None else None,
            "contact_point": event.point, "policy": event.policy, "not_before": _iso(event.after), "deed": event.deed,
            "promises": promises_of(event), **words_of(event),
        }  # fmt: skip
        if event.kind == "reached" or event.kind in RETURNS:
            said |= {"channel": event.how, "contact": event.to, "since": _iso(event.since)}
        dealt_with = {"answered": True} if event.kind == "received" and event.answered else {}
        rows.append({"kind": event.kind, "at": iso(event.at), **{key: text for key, text in said.items() if text}, **dealt_with})
    return rows


def _waits(
    contact: Contact, judgement: Judgement, where: Whereabouts, evaluation_time: datetime, events: Sequence[Event]
) -> list[ExplainedWait]:
    verdicts = {(v.wait.kind, v.wait.key): v for v in judgement.verdicts if v.wait is not None}
    rows: list[ExplainedWait] = []
    for wait in contact.waits:
        verdict: Verdict | None = verdicts.get((wait.kind, wait.key))
        policy = where.policies[wait.stay if verdict is None else verdict.stay]
        wait = under(wait, policy)
        rule = policy.rules.get(SIGNAL_OF_WAIT[wait.kind])
        waited, limit = waited_seconds(wait, max(wait.until or evaluation_time, wait.since), policy), None
        if verdict is not None:
            reported, limit = reported_seconds(verdict, contact, policy, evaluation_time)
            waited = reported if reported is not None else waited
        elif rule is not None:
            limit = limit_seconds(rule, policy)
        calendar = rule.calendar.name if rule is not None and rule.calendar is not None else None
        rows.append(
            {
                "wait": wait.kind,
                "since": iso(wait.since if verdict is None or verdict.wait is None else verdict.wait.since),
                "until": _iso(wait.until),
                "waited_seconds": round(waited, 6),
                "limit_seconds": limit,
                "limit_opening_days": limit_opening_days(rule) if rule is not None else None,
                "due_at": _iso(verdict.due_at) if verdict is not None else None,
                "outcome": verdict.state if verdict is not None else "void",  # nobody waits, or nothing is held against it
                "calendar": calendar,
                **promise_shown(wait, verdict, events),
                **arithmetic_of(wait if verdict is None or verdict.wait is None else verdict.wait, policy, evaluation_time),
            }
        )
    return rows


def as_text(explanation: Explanation) -> str:
    """The same for people."""
    lines = [
        f"contact {explanation['contact']} ({explanation['channel']}) at {explanation['contact_point']}",
        f"{explanation['source']} calls it {explanation['native_id']!r}",
        f"absence is judged up to {explanation['seen_until']}",
        "",
        "events",
        *(f"  {event['at']}  {event['kind']}{_notes(event)}" for event in explanation["events"]),
        "",
        "waits",
        *(_wait_as_text(wait) for wait in explanation["waits"]),
    ]
    marks = [
        f"  {each['at']}  {each['mark']}" + (f" ({each['reason']})" if each["reason"] else "") for each in explanation["marks"]
    ]
    lines += ["", "marks", *marks]
    signals = [f"  {each['at']}  {each['signal']}{_rests_on(each)}" for each in explanation["signals"]]
    lines += ["", "signals", *(signals or ["  none: nothing went wrong so far"])]
    if explanation["others"]:
        lines += ["", "other contacts of the customer", *map(_other_as_text, explanation["others"])]
    return "\n".join(lines)


def _rests_on(signal: Mapping[str, Any]) -> str:
    """On what, in words: another contact, or what our words said."""
    on = [f"rests on contact {signal['related']}"] if signal["related"] else []
    why = grounds_in_words(signal)
    said = ", ".join([*on, *([why] if why else [])])
    return f" ({said})" if said else ""


def _other_as_text(other: Other) -> str:
    stands = f"waiting ({', '.join(other['waits'])})" if other["waits"] else other["stands"]
    notes = "".join(f", {each}" for each in (*other["signals"], *other["relations"]))
    return f"  {other['begun']}  {other['channel']} contact {other['contact']} at {other['contact_point']}: {stands}{notes}"


def _notes(event: Mapping[str, Any]) -> str:
    is_mail = event["kind"] in ("received", "replied")
    notes = [
        *([f"moment from its {event['reason']}" if is_mail else event["reason"]] if "reason" in event else ()),
        *([f"by {event['by']}"] if "by" in event else ()),
        *([f"of what came at {event['about']}"] if "about" in event else ()),
        *(["dealt with when it was first read"] if "answered" in event else ()),
        *([f"at {event['contact_point']}"] if "contact_point" in event else ()),
        *([f"under the policy {event['policy']}"] if "policy" in event else ()),
        *([f"not before {event['not_before']}"] if "not_before" in event else ()),
        *([f"to {event['deed']}"] if "deed" in event and "promises" not in event else ()),
        *(promise_in_words(each) for each in event.get("promises", ())),
        *said_in_words(event),
        *([_other_contact(event)] if "channel" in event else ()),
    ]
    return f"  ({', '.join(notes)})" if notes else ""


def _other_contact(event: Mapping[str, Any]) -> str:
    other = f"{event['channel']} contact {event['contact']}"
    if "since" not in event:
        return f"in {other}"
    return f"after {other}, until {event['since']}" if event["kind"] == AGAIN else f"of {other}, since {event['since']}"


def _wait_as_text(wait: ExplainedWait) -> str:
    clock = f" on calendar {wait['calendar']}" if wait["calendar"] else " around the clock"
    due = f", due {wait['due_at']}" if wait["due_at"] else ""
    span = f"{wait['since']} to {wait['until'] or 'now'} = {format_exactly(wait['waited_seconds'])}"
    return f"  {wait['wait']}: {span}{clock}{_limit_as_text(wait)}{due}: {wait['outcome']}{keeping_in_words(wait)}"


def _limit_as_text(wait: ExplainedWait) -> str:
    """The limit that the waited time was held against; promises and complaints are held against `due` alone."""
    limit, days = wait["limit_seconds"], wait["limit_opening_days"]
    if days is not None:
        return f", limit {format_opening_days(days)}"
    if wait["wait"] == "promise" or (limit is None and wait["due_at"] is not None):
        return ""
    if limit is None:
        return ", no limit"
    edge = " (reaching it is late)" if DEFAULTS[SIGNAL_OF_WAIT[wait["wait"]]].inclusive else ""
    return f", limit {format_exactly(limit)}{edge}"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)
