"""What is sent next: what each receiver was not told yet, grouped, at the pace it allows. Pure: (state, judgement) -> messages.

Nothing is queued. A message is made of what holds when its turn comes; only what was delivered counts as told (`delivered`).
So a receiver that cannot be reached is told how things stand when it can be again. A daemon that is killed while a message is
on its way says it again, or says that it has ended, for it may have arrived: at least once.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from monitor.notify.alerting import tellable
from monitor.notify.values import (
    GROUP_INTERVAL,
    GROUP_WAIT,
    Alert,
    AlertId,
    Budget,
    GroupState,
    Judgement,
    Message,
    Receiver,
    State,
)

_HOUR: Final = timedelta(hours=1)
#: Changes of one receiver: by group, what fires and what has ended that it was not told.
_Changes = dict[str, dict[AlertId, Alert]]


def plan(state: State, judgement: Judgement, receivers: Iterable[Receiver], busy: Set[str]) -> tuple[State, tuple[Message, ...]]:
    """The next message of each receiver, if it is time for one. `busy`: those that cannot be sent any just now."""
    receivers = tuple(receivers)
    loud = tellable(judgement, state.alerts)
    groups: dict[tuple[str, str], GroupState] = {}
    budgets = {receiver.name: refilled(state.budgets.get(receiver.name), receiver, judgement.at) for receiver in receivers}
    messages: list[Message] = []
    for receiver in receivers:
        changes = _changes(receiver, loud)
        groups.update(_groups(state, receiver.name, changes, judgement.at))
        due = [name for name in changes if _is_due(groups[receiver.name, name], changes[name], judgement.at)]
        if due and receiver.name not in busy and budgets[receiver.name].messages >= 1:
            first = min(due, key=lambda name: _urgency(groups[receiver.name, name], changes[name], name))
            waiting = sum(len(changes[name]) for name in due if name != first)
            messages.append(_message(state, receiver, first, changes[first], waiting))
    alerts = dict(state.alerts)
    for message in messages:
        for of in message.firing:
            alerts[of] = replace(alerts[of], tried=alerts[of].tried | {message.receiver})
    return replace(state, alerts=alerts, groups=groups, budgets=budgets), tuple(messages)


def refilled(budget: Budget | None, receiver: Receiver, at: datetime) -> Budget:
    """What a receiver may be sent now: half an hour's worth at once and half by and by, so that no hour has more than all."""
    full = max(1.0, receiver.messages_per_hour / 2)
    if budget is None:
        return Budget(full, at)
    passed = max(timedelta(0), at - budget.at)
    return Budget(min(full, budget.messages + passed / _HOUR * receiver.messages_per_hour / 2), at)


def _changes(receiver: Receiver, alerts: Mapping[AlertId, Alert]) -> _Changes:
    found: _Changes = {}
    for of, alert in alerts.items():
        is_new = alert.fires and receiver.name not in alert.told and receiver.wants(of, alert.team)
        is_over = alert.ended_at is not None and receiver.name in alert.told | alert.tried
        if is_new or is_over:
            found.setdefault(of.group, {})[of] = alert
    return found


def _groups(state: State, receiver: str, changes: _Changes, at: datetime) -> dict[tuple[str, str], GroupState]:
    """Since when each group has something to tell; what has nothing is forgotten once its interval is over.

    A clock that was set back must not silence anybody for as long: what lies in the future counts as now.
    """
    found = {}
    for (name, group), before in state.groups.items():
        last = min(before.last, at) if before.last is not None else None
        if name == receiver and (group in changes or (last is not None and at - last < GROUP_INTERVAL)):
            found[name, group] = GroupState(before.since if group in changes else None, last)
    for group in changes:
        before = found.get((receiver, group), GroupState())
        found[receiver, group] = replace(before, since=min(before.since or at, at))
    return found


def _is_due(group: GroupState, changes: Mapping[AlertId, Alert], at: datetime) -> bool:
    wait = GROUP_WAIT[next(iter(changes)).facts.family]
    is_ripe = group.since is not None and at - group.since >= wait
    return is_ripe and (group.last is None or at - group.last >= GROUP_INTERVAL)


def _urgency(group: GroupState, changes: Mapping[AlertId, Alert], name: str) -> tuple[bool, datetime | None, str]:
    """Critical ones go first, then what has waited longest."""
    is_critical = any(alert.fires and of.facts.severity == "critical" for of, alert in changes.items())
    return not is_critical, group.since, name


def _message(state: State, receiver: Receiver, group: str, changes: Mapping[AlertId, Alert], waiting: int) -> Message:
    told = [of for of, alert in state.alerts.items() if of.group == group and alert.fires and receiver.name in alert.told]
    fire = [*told, *(of for of, alert in changes.items() if alert.fires)]
    return Message(
        receiver=receiver.name,
        group=group,
        firing={of: alert for of, alert in changes.items() if alert.fires},
        resolved={of: alert for of, alert in changes.items() if not alert.fires},
        still_firing={of: of.facts.severity for of in fire},
        missed=state.missed.get(receiver.name, 0),
        waiting=waiting,
        messages_per_hour=receiver.messages_per_hour,
    )


def delivered(state: State, message: Message, at: datetime) -> State:
    """The state after a receiver has taken a message."""
    name, alerts = message.receiver, dict(state.alerts)
    for of in message.firing.keys() & alerts.keys():
        alerts[of] = replace(alerts[of], told=alerts[of].told | {name}, tried=alerts[of].tried - {name})
    for of in message.resolved.keys() & alerts.keys():
        alerts[of] = replace(alerts[of], told=alerts[of].told - {name}, tried=alerts[of].tried - {name})
    budget = state.budgets[name]
    return replace(
        state,
        alerts=alerts,
        groups={**state.groups, (name, message.group): GroupState(last=at)},
        budgets={**state.budgets, name: replace(budget, messages=budget.messages - 1)},
        missed={**state.missed, name: state.missed.get(name, 0) - message.missed},
    )


def refused(state: State, message: Message) -> State:
    """The state after a receiver did not take a message: what has ended meanwhile came and went untold."""
    name, alerts, untold = message.receiver, dict(state.alerts), 0
    for of in message.firing.keys() & alerts.keys():
        alerts[of] = replace(alerts[of], tried=alerts[of].tried - {name})
        untold += not alerts[of].fires and name not in alerts[of].told
    return replace(state, alerts=alerts, missed={**state.missed, name: state.missed.get(name, 0) + untold})
