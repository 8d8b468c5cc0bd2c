"""Which alerts are pending, fire and have ended, and which may be told now. Pure: (state, judgement) -> state."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from monitor.domain.durations import parse_duration
from monitor.notify.values import FACTS, GROUP_WAIT, Alert, AlertId, Finding, GroupState, Judgement, Receiver, State
from monitor.publish import alert_facts
from monitor.publish.rules.burn import ON_THE_LINE

_BLIND: Final = alert_facts.SOURCE_BLIND.name
_UNANSWERED: Final = alert_facts.QUEUE_UNANSWERED.name
_NOBODY: Final = alert_facts.NOBODY_THERE.name
#: What is said by another alert about the same source already.
_SAID_BY_BLIND: Final = frozenset((alert_facts.SOURCE_DOWN.name, alert_facts.SOURCE_CLOCK_SKEW.name))
#: Of alerts about one signal, the worse silences those below.
_WORSE: Final[Mapping[str, frozenset[str]]] = {
    "warning": frozenset(("critical",)),
    "info": frozenset(("critical", "warning")),
}
_NONE: Final = timedelta(0)
#: How long each must hold before it fires, and how long it goes on when it no longer holds.
_HOLD: Final = {name: parse_duration(facts.hold) if facts.hold else _NONE for name, facts in FACTS.items()}
_KEEP: Final = {name: parse_duration(facts.keep) if facts.keep else _NONE for name, facts in FACTS.items()}


def advance(state: State, judgement: Judgement, receivers: Iterable[Receiver]) -> State:
    """The alerts after this judgement. What ended before all could be told of it is counted in `missed`, of those due."""
    receivers = tuple(receivers)
    names = frozenset(receiver.name for receiver in receivers)
    alerts: dict[AlertId, Alert] = {}
    missed = {name: count for name, count in state.missed.items() if name in names}
    for of in (*state.alerts, *(of for of in judgement.findings if of not in state.alerts)):
        before = state.alerts.get(of)
        after = _next(of, before, judgement, state.alerts)
        if after is None:
            continue
        if not (after.told | after.tried) <= names:
            after = replace(after, told=after.told & names, tried=after.tried & names)
        if before is not None and before.fires and not after.fires:
            for receiver in receivers:
                if _was_due(state, receiver, of, before, judgement.at):
                    missed[receiver.name] = missed.get(receiver.name, 0) + 1
        if after.ended_at is None or after.told or after.tried:
            alerts[of] = after
    return replace(state, alerts=alerts, missed=missed)


def _was_due(state: State, receiver: Receiver, of: AlertId, alert: Alert, at: datetime) -> bool:
    """Whether a receiver should have been told by now that this fires, and was not."""
    if receiver.name in alert.told | alert.tried or not receiver.wants(of, alert.team):
        return False
    since = state.groups.get((receiver.name, of.group), GroupState()).since
    return since is not None and at - since >= GROUP_WAIT[of.facts.family]


def _next(of: AlertId, alert: Alert | None, judgement: Judgement, alerts: Mapping[AlertId, Alert]) -> Alert | None:
    """What becomes of one alert; None: it neither is pending nor fires, nor did it."""
    at, finding = judgement.at, judgement.findings.get(of)
    begins = finding is not None and finding.holds is True and finding.begins
    if of.name == _UNANSWERED:  # one trouble is one message
        begins = begins and not _fires(alerts, of._replace(name=_NOBODY))
    if alert is not None and alert.firing_since is not None:
        return _of_firing(of, alert, finding, at, begins)
    if finding is None or not begins:
        return None
    standing = judgement.standings[of.channel, of.subject]
    pending_since = min(alert.pending_since, at) if alert is not None else at  # clocks are set back
    return Alert(
        team=standing.team,
        page=standing.page,
        zone=standing.zone,
        summary=finding.summary,
        description=finding.description,
        pending_since=pending_since,
        firing_since=at if at - pending_since >= _HOLD[of.name] else None,
    )


def _of_firing(of: AlertId, alert: Alert, finding: Finding | None, at: datetime, begins: bool) -> Alert:
    if alert.ended_at is not None:  # what begins again before its end was told goes on
        return replace(alert, ended_at=None, false_since=None) if begins else alert
    if finding is not None and finding.holds:
        return replace(alert, false_since=None, summary=finding.summary, description=finding.description)
    if finding is not None and finding.holds is None:
        return replace(alert, false_since=None)
    false_since = min(alert.false_since or at, at)
    return replace(alert, false_since=false_since, ended_at=at if at - false_since >= _KEEP[of.name] else None)


def _fires(alerts: Mapping[AlertId, Alert], of: AlertId) -> bool:
    found = alerts.get(of)
    return found is not None and found.fires


def tellable(judgement: Judgement, alerts: Mapping[AlertId, Alert]) -> dict[AlertId, Alert]:
    """The alerts of which people may be told now, that they fire or that they have ended.

    As in config/alertmanager/alertmanager.yml: what is no matter of minutes waits for opening hours, here those of the contact
    point itself; what cannot be seen is not told of; of two alerts that say the same, one is told.
    """
    firing = {of for of, alert in alerts.items() if alert.fires}
    signals = {(of.channel, of.subject, of.signal, of.facts.severity) for of in firing if of.signal}
    return {
        of: alert
        for of, alert in alerts.items()
        if not _waits(of, judgement) and not _is_said_by_another(of, firing) and not _is_outdone(of, signals)
    }


def _waits(of: AlertId, judgement: Judgement) -> bool:
    """Whether it waits until its contact point is open, or is seen."""
    standing, facts = judgement.standings.get((of.channel, of.subject)), of.facts
    if standing is None:  # taken out of the configuration: it has ended
        return False
    if facts.family == "source":
        return not standing.is_open
    if not standing.is_seen:
        return facts is not alert_facts.CRITICAL_SIGNAL
    return not standing.is_open and facts.severity != "critical" and of.signal not in ON_THE_LINE


def _is_said_by_another(of: AlertId, firing: Set[AlertId]) -> bool:
    if of.name == _NOBODY:
        return of._replace(name=_UNANSWERED) in firing
    return of.name in _SAID_BY_BLIND and of._replace(name=_BLIND) in firing


def _is_outdone(of: AlertId, signals: Set[tuple[str, str, str, str]]) -> bool:
    """Whether a worse alert about the same signal fires."""
    worse = _WORSE.get(of.facts.severity, frozenset())
    return any((of.channel, of.subject, of.signal, severity) in signals for severity in worse)
