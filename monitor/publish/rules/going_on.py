"""When an alert about a contact point begins, and what it goes on by: it ends when that was earned, not when nobody looks.

An alert begins in opening hours, at a contact point that is seen. It goes on

- while its condition holds, open or closed;
- while the figures by which it could end are missing: the source is silent, or (figures of opening hours) the desk is closed;
- while no monitor runs, though one did within the last three days.

Prometheus remembers what fires in the series ALERTS. A contact point that is taken out of the configuration ends its alerts.
"""

from monitor.publish.rules.values import was_firing
from monitor.publish.rules.windows import MONITOR_GONE, OPEN_AND_SEEN, TEAM


def where_open_and_seen(condition: str, *own: str) -> str:
    """The condition where the contact point is open and seen, with its team. `own`: labels that only the condition has."""
    return _with_team(condition, own, OPEN_AND_SEEN)


def _with_team(condition: str, own: tuple[str, ...], facts: str) -> str:
    return f"(\n{indented(condition)}\n)\n* ignoring ({', '.join((*own, 'team'))}) group_left (team) {facts}"


def indented(text: str) -> str:
    """Every line two spaces further in."""
    return "\n".join("  " + line for line in text.split("\n"))


def lasting(
    name: str,
    condition: str,
    own: tuple[str, ...],
    figures: str,
    *,
    begins: str = OPEN_AND_SEEN,
    goes_on: str = "",
    added: tuple[str, ...] = (),
) -> str:
    """The expression of an alert that begins and goes on as said above.

    `condition` has the labels of a contact point and `own`. `figures`: matching (`ignoring (…)`) and expression that has a
    series while the alert could end. `begins`: where it may begin. `goes_on`: a weaker condition that keeps it. `added`:
    labels that the rule adds to its series.
    """
    of_point, of_monitor = f"ignoring ({', '.join(own)})", f"ignoring ({', '.join((*own, 'channel', 'contact_point', 'team'))})"
    fired, fires_here = was_firing(name, *added), was_firing(name, *added, *own)
    if goes_on:
        lasts = f"and {of_point} {begins}\nor\n{_with_team(goes_on, own, TEAM)}\nand {of_point} {fires_here}"
    else:
        lasts = f"and {of_point} ({begins} or {fires_here})"
    return (
        f"{_with_team(condition, own, TEAM)}\n{lasts}\n"
        f"or\n{fired}\nand {of_point} {TEAM}\nunless {figures}\n"
        f"or\n{fired}\nand {of_monitor} {MONITOR_GONE}"
    )


def unless_told(*names: str, begins: str = OPEN_AND_SEEN, within: str = "") -> str:
    """`begins`, but not where one of these alerts speaks of the contact point, or did `within` this time.

    One trouble is one message, and so is its echo in a longer window.
    """
    firing = was_firing("|".join(names), "team", "signal", "wait", within=within)
    return f"({begins} unless ignoring (team) {firing})"


def lasting_of_source(name: str, condition: str, goes_on: str = "") -> str:
    """The same for an alert about a source: it goes on where `goes_on` holds, and while no monitor runs."""
    fired = was_firing(name)
    kept = f"\nor\n{fired}\nand {goes_on}" if goes_on else ""
    return f"{condition}{kept}\nor\n{fired}\nand ignoring (source, kind) {MONITOR_GONE}"


def lasting_of_monitor(name: str, condition: str) -> str:
    """The same for an alert about the monitor itself: its end is not the end of the trouble."""
    return f"{condition}\nor\n{was_firing(name)}\nand {MONITOR_GONE}"
