"""Messages as people read them, worded as in config/alertmanager/contact-monitor.tmpl: FIRING or RESOLVED, and what to do."""

from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from monitor.domain.snapshot import LocalZone
from monitor.notify.judge import said_moment
from monitor.notify.values import Alert, AlertId, Message
from monitor.publish.rules.values import Links

#: Of a kind so many are shown.
_SHOWN: Final = 10
_RANKS: Final = {"critical": 0, "warning": 1, "info": 2}
#: How bad it is, as receivers colour it. `success`: nothing of this group fires any more.
Level = Literal["failure", "warning", "info", "success"]
_LEVELS: Final[Mapping[str, Level]] = {"critical": "failure", "warning": "warning", "info": "info"}


class Worded(NamedTuple):
    """What a receiver shows."""

    title: str
    text: str
    level: Level


def worded(message: Message, links: Links) -> Worded:
    """The message in words. Runbooks are left out where `links` has none."""
    firing, resolved = _ordered(message.firing), _ordered(message.resolved)
    alone = len(firing) + len(resolved) == 1
    blocks = [
        (f"{status}: {_plain(alert.summary)}\n" if not alone else "") + _said(of, alert, ended=status == "RESOLVED", links=links)
        for status, alerts in (("FIRING", firing), ("RESOLVED", resolved))
        for of, alert in alerts[:_SHOWN]
    ]
    if len(firing) > _SHOWN or len(resolved) > _SHOWN:
        blocks.append(f"{len(firing) + len(resolved)} in all; ten of a kind are shown.")
    blocks += _notes(message)
    return Worded(_title(firing, resolved), "\n\n".join(blocks), _level(message))


def _ordered(alerts: Mapping[AlertId, Alert]) -> list[tuple[AlertId, Alert]]:
    """The worst first, then the oldest."""
    return sorted(alerts.items(), key=lambda each: (_RANKS.get(each[0].facts.severity, 9), each[1].pending_since, each[0]))


def _title(firing: list[tuple[AlertId, Alert]], resolved: list[tuple[AlertId, Alert]]) -> str:
    everything, shown = firing + resolved, firing or resolved
    status, summary = "FIRING" if firing else "RESOLVED", _plain(shown[0][1].summary)
    if len(everything) == 1:
        said = summary
    elif len({alert.summary for _, alert in everything}) == 1:
        said = f"{summary} ({_count(firing, resolved)})"
    else:
        others = "" if len({(of.channel, of.subject) for of, _ in everything}) == 1 else " and others"
        said = f"{summary.rpartition(': ')[0] or summary}{others}: {_count(firing, resolved)}"
    return f"{status}: {said}".translate({ord("<"): None, ord(">"): None})


def _count(firing: list[tuple[AlertId, Alert]], resolved: list[tuple[AlertId, Alert]]) -> str:
    if not firing:
        return f"{len(resolved)} alerts"
    return f"{len(firing)} alert{'s' * (len(firing) != 1)}" + (f", {len(resolved)} resolved" if resolved else "")


def _said(of: AlertId, alert: Alert, *, ended: bool, links: Links) -> str:
    """What is over says when, and repeats no figure of then."""
    text = _plain(alert.description)
    if ended and alert.firing_since is not None and alert.ended_at is not None:
        zone: LocalZone = LocalZone(*alert.zone)
        text = f"It began on {said_moment(alert.firing_since, zone)} and ended on {said_moment(alert.ended_at, zone)}."
    runbook = f"\nRunbook: {links.runbook(of.name)}" if links.runbooks else ""
    return f"{text}\nPage: {links.page}{alert.page}{runbook}"


def _notes(message: Message) -> Iterator[str]:
    before = len(message.still_firing) - len(message.firing)
    if before:
        yield f"Firing here since before: {before}."
    if message.missed:
        yield f"Alerts that came and went before they could be told: {message.missed}."
    if message.waiting:
        pace = f"no more than {message.messages_per_hour} messages an hour are sent"
        yield f"Alerts that wait for their turn, as {pace}: {message.waiting}."


def _level(message: Message) -> Level:
    if not message.still_firing:
        return "success"
    return _LEVELS[min(message.still_firing.values(), key=lambda severity: _RANKS.get(severity, 9))]


def _plain(text: str) -> str:
    """On one line, whatever names from outside hold."""
    return "".join(each if each.isprintable() else " " for each in text)
