"""Finds promises in a text: the sentences that commit somebody of ours to a deed, and by when."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from monitor.domain.dates.english import ENGLISH as ENGLISH_DATES
from monitor.domain.dates.expressions import expressions
from monitor.domain.dates.german import GERMAN as GERMAN_DATES
from monitor.domain.dates.past import is_past
from monitor.domain.dates.resolving import Expression
from monitor.domain.event import Deed
from monitor.domain.hours import Calendar
from monitor.domain.promises.english import ENGLISH
from monitor.domain.promises.german import GERMAN
from monitor.domain.promises.rules import DeedRule, Rules, Way
from monitor.domain.promises.sentences import MOST_CHARACTERS, Place, sentences

#: Opening days after which a promise without a stated time is due, unless the policy says otherwise.
UNSTATED_DAYS: Final = 2
_LANGUAGES: Final = {"en": (ENGLISH, ENGLISH_DATES), "de": (GERMAN, GERMAN_DATES)}
_GERMAN: Final = re.compile(
    r"(?<!\w)(?:ich|wir|sie|ihnen|ihr|ihre|der|die|das|und|nicht|ist|sind|wird|werden|mit|für|von|bis|bei|den|dem|ein|eine"
    r"|einen|um|uhr"
    r"|morgen|heute|bitte|wenn|kunde|kd|rückruf|auf|zu|im|am|es)(?!\w)"
)
_ENGLISH: Final = re.compile(
    r"(?<!\w)(?:i|we|you|the|and|not|is|are|will|with|for|of|to|by|at|a|an|in|on|if|it|your|our|be|this|that|have|has|am"
    r"|us)(?!\w)"
)
_BY: Final = re.compile(r"(?:by|before|until|till|no later than|latest|bis|spätestens)[\w ]{0,12}$")
#: Characters before a date in which its verb is looked for, and what parts them from what was said before.
_CLAUSE: Final = 80
_CLAUSE_END: Final = re.compile(r"[.!?;:\n]\s|,\s(?=(?:but|and|so|i|we|you|aber|und|ich|wir)\b)|\n")
_SPOKEN: Final = timedelta(minutes=3)
#: Ways of somebody who writes down what he has said: no talk, though written without capitals and stops.
_NOTES: Final = frozenset(("noted", "note of ours", "note of a date"))


class Promise(NamedTuple):
    """What was promised. `due` is in UTC; `inferred` where no time was stated; `rule` names what found it; `start`, `stop`:
    where the sentence stands in the text."""

    due: datetime
    inferred: bool
    deed: Deed
    rule: str
    start: int
    stop: int


class Found(NamedTuple):
    """`dates`: all date expressions of the text that are not over."""

    promises: list[Promise]
    dates: list[Expression]


class _Named(NamedTuple):
    """A deed that somebody committed himself to; `committed`: where the words of the commitment end."""

    way: Way
    rule: DeedRule
    start: int
    stop: int
    committed: int


class _Candidate(NamedTuple):
    deed: Deed
    rule: str
    date: Expression | None


def language_of(text: str) -> str:
    """`en` or `de`, by the small words; English in doubt."""
    lowered = text[:5_000].lower()
    return "de" if len(_GERMAN.findall(lowered)) > len(_ENGLISH.findall(lowered)) else "en"


def find(text: str, at: datetime, calendar: Calendar, language: str | None = None, unstated: int = UNSTATED_DAYS) -> Found:
    """What an agent who wrote this at `at` (aware) promised. The calendar has the writer's zone and the opening hours.

    `language`: a tag as `en` or `de-AT`; of others, and without one, the words decide. `unstated`: opening days after which
    a promise without a stated time is due. Raises ValueError for a naive moment; no text is an error.
    """
    if at.utcoffset() is None:
        raise ValueError(f"{at} has no time zone: pass an aware moment")
    text = text[:MOST_CHARACTERS]
    rules, words = _LANGUAGES.get((language or "").partition("-")[0].lower(), _LANGUAGES[language_of(text)])
    lowered = _lowered(text)
    dates = [each for each in expressions(text, at, calendar, words) if not _is_past(lowered, each)]
    transcript = text == lowered and not any(sign in text for sign in ".,!?;:")
    found: list[Promise] = []
    for place in sentences(text):
        inside = [date for date in dates if place.start <= date.start < place.stop]
        for candidate in _in_sentence(lowered, place, rules, inside, at, transcript=transcript):
            date = candidate.date
            due = date.due if date is not None else None
            if due is None:
                due = _unstated(at, calendar, unstated)
            found.append(Promise(due, date is None, candidate.deed, candidate.rule, place.start, place.stop))
    return Found(found, dates)


def _lowered(text: str) -> str:
    """In lower case, of the same length, with one kind of apostrophe and space."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := each.lower()) == 1 else each for each in text)
    return lowered.replace("’", "'").replace("‘", "'").replace("\xa0", " ")


def _is_past(lowered: str, date: Expression) -> bool:
    before = lowered[max(0, date.start - _CLAUSE) : date.start]
    return is_past(_CLAUSE_END.split(before)[-1], lowered[date.start : date.stop])


def _unstated(at: datetime, calendar: Calendar, days: int) -> datetime:
    try:
        return calendar.closing_of_day(at, days)
    except ValueError:
        return at.astimezone(UTC) + timedelta(days=days)  # a calendar that stays closed


def _in_sentence(
    lowered: str, place: Place, rules: Rules, dates: list[Expression], at: datetime, *, transcript: bool
) -> list[_Candidate]:
    sentence = lowered[place.start : place.stop].replace("\n", " ").rstrip()
    if rules.sentence_traps.search(sentence):
        return []
    moved = [date._replace(start=date.start - place.start, stop=date.stop - place.start) for date in dates]
    usable = [date for date in moved if date.due is not None and date.due > at]
    deeds: list[_Named] = []
    taken = 0
    for way, match in _commitments(sentence, rules):
        if match.start() >= taken and (named := _named(sentence, way, match, rules)):
            deeds += named
            taken = match.end()
    found: list[_Candidate] = []
    for number, deed in enumerate(deeds):
        following = deeds[number + 1].start if number + 1 < len(deeds) else len(sentence)
        date = _date_of(sentence, usable, deed, max(following, deed.stop), deeds[0])
        if not _only_talk(sentence, deed, date, rules, at, transcript=transcript):
            found.append(_Candidate(deed.rule.deed, f"{deed.way.name}: {deed.rule.name}", date))
    return _merged(found)


def _commitments(sentence: str, rules: Rules) -> list[tuple[Way, re.Match[str]]]:
    found = [(way, match) for way in rules.ways for match in way.words.finditer(sentence)]
    return sorted(found, key=lambda each: (each[1].start(), -each[1].end()))


def _merged(found: list[_Candidate]) -> list[_Candidate]:
    """Of several promises in a sentence those with a time of their own, or else the first that says something."""
    dated = [each for each in found if each.date is not None]
    if not dated:
        told = [each for each in found if each.deed in ("write", "call")]
        return (told or found)[:1]
    kept: dict[datetime, _Candidate] = {}
    for each in dated:
        if each.date is not None:
            kept.setdefault(each.date.due or each.date.end, each)
    return list(kept.values())


def _named(sentence: str, way: Way, match: re.Match[str], rules: Rules) -> list[_Named]:
    """The deeds that follow a commitment, which may be none."""
    before = sentence[: match.start()]
    if rules.before.search(before) and way.name not in ("noted", "note of ours"):
        return []
    begin = max((each.end() for each in rules.clauses.finditer(before)), default=0)
    boundary = rules.clauses.search(sentence, match.end())
    stop = boundary.start() if boundary else len(sentence)
    if rules.clause_traps.search(sentence[begin:stop]) or rules.after.match(sentence, match.end()):
        return []
    found: list[_Named] = []
    for number, (start, end) in enumerate(_parts(sentence, match.end(), stop, rules)):
        rule = _deed(sentence, begin if way.anywhere else start, end, way)
        if rule is None:
            if number == 0 and way.name in ("expect", "it arrives"):
                break
        elif not rules.after.match(sentence, start):
            found.append(_Named(way, rule, begin if way.anywhere else start, end, match.end()))
    return found


def _parts(sentence: str, begin: int, stop: int, rules: Rules) -> list[tuple[int, int]]:
    parts = []
    for joint in rules.joins.finditer(sentence, begin, stop):
        parts.append((begin, joint.start()))
        begin = joint.end()
    return [*parts, (begin, stop)]


def _deed(sentence: str, start: int, end: int, way: Way) -> DeedRule | None:
    for rule in way.deeds:
        found = rule.words.search(sentence, start, end) if way.anywhere else rule.words.match(sentence, start, end)
        if found:
            return rule
    return None


def _date_of(sentence: str, usable: list[Expression], deed: _Named, stop: int, first: _Named) -> Expression | None:
    """The date that belongs to a deed: of those behind it one that says by when, or the last; else the last before all deeds."""
    behind = [date for date in usable if deed.start <= date.start < stop]
    limits = [date for date in behind if _BY.search(sentence, max(0, date.start - 25), date.start)]
    ahead = [date for date in usable if date.start < first.committed]
    chosen = limits or behind or ahead
    return chosen[-1] if chosen else None


def _only_talk(sentence: str, deed: _Named, date: Expression | None, rules: Rules, at: datetime, *, transcript: bool) -> bool:
    """Whether it is done while one talks, or wants a time that is not stated."""
    rule = deed.rule
    transcript = transcript and deed.way.name not in _NOTES
    if date is None:
        if rule.dated or deed.way.dated or (transcript and not rule.spoken):
            return True
        return rules.talk.search(sentence, deed.start, deed.stop) is not None
    if transcript and (rule.name in ("do by", "call again") or (not rule.spoken and not date.exact and date.begin <= at)):
        return True  # what is done today is done while one talks
    return date.due is not None and date.due - at < _SPOKEN
