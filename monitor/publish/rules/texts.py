"""What alerts say, as templates of Prometheus: titles, local time, lengths of time and counts in people's words.

A template looks values up when the alert fires. What is not known then (the monitor stopped, the source is silent) is left out
or said to be unknown: an alert that goes on while nobody sees anything shows no old figure as if it were new.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from monitor.publish.alert_facts import LENGTHS, LONGEST, OPENING_DAYS_FROM
from monitor.publish.rules.values import quoted
from monitor.publish.words import ALARMS, COUNTED, PROMISED

#: In expressions below: the labels by which the alert's own series is found; the template fills them in, whatever they hold.
HERE: Final = "$here"
POINT_LABELS: Final = ("channel", "contact_point")


#: Lengths of time are written by a template of their own: Go's templates cannot divide, so a query does.
def _length() -> str:
    def shown(size: int, unit: str) -> str:
        if size == 1:
            return f'{{{{ printf "%.0f {unit}" . }}}}'
        return f'{{{{ printf "vector(%f / {size})" . | query | first | value | printf "%.0f {unit}" }}}}'

    below = "{{ else ".join(f"if lt . {limit:.1f} }}}}{shown(size, unit)}" for limit, size, unit in LENGTHS)
    return f'{{{{ define "length" }}}}{{{{ {below}{{{{ else }}}}{shown(*LONGEST)}{{{{ end }}}}{{{{ end }}}}'


_LENGTH: Final = _length()
_USES_LENGTH: Final = '{{ template "length"'


def with_definitions(text: str) -> str:
    """A finished text, with the templates that it calls."""
    return text + _LENGTH if _USES_LENGTH in text else text


def asked(expression: str, labels: Sequence[str] = POINT_LABELS) -> str:
    """A pipeline with what `expression` finds now; `$here` in it stands for the alert's job and these labels of it."""
    own = ("job", *labels)
    matchers = ",".join(f"{label}=%q" for label in own)
    values = " ".join(f"$labels.{label}" for _ in range(expression.count(HERE)) for label in own)
    return f"printf {quoted(expression.replace('%', '%%').replace(HERE, matchers))} {values} | query"


def told(expression: str, shown: str, otherwise: str = "unknown", labels: Sequence[str] = POINT_LABELS) -> str:
    """The first sample that the expression finds, as `shown` writes it, or `otherwise`."""
    found = f"{{{{ with . | first }}}}{shown}{{{{ end }}}}"
    return f"{{{{ with {asked(expression, labels)} }}}}{found}{{{{ else }}}}{otherwise}{{{{ end }}}}"


COUNT: Final = '{{ . | value | printf "%.0f" }}'
LENGTH: Final = '{{ template "length" (. | value) }}'
#: A moment, in the zone that its series names, else in UTC.
STAMP: Final = '{{ (. | value | toTime).Format "Mon 2 Jan 15:04" }} {{ or (. | label "zone") "UTC" }}'
_PER_CENT: Final = '{{ . | value | printf "%.3g" }}'
#: The value of the alert as a whole number or as a length of time: for alerts that never fire without one.
NUMBER: Final = '{{ $value | printf "%.0f" }}'
VALUE_LENGTH: Final = '{{ template "length" $value }}'


def number(expression: str, otherwise: str = "unknown", labels: Sequence[str] = POINT_LABELS) -> str:
    """A whole number."""
    return told(expression, COUNT, otherwise, labels)


def length(expression: str, otherwise: str = "an unknown time", labels: Sequence[str] = POINT_LABELS) -> str:
    """A length of time: 45 s, 26 min, 4 h, 14 days."""
    return told(expression, LENGTH, otherwise, labels)


def local_moment(expression: str, otherwise: str = "an unknown moment", labels: Sequence[str] = POINT_LABELS) -> str:
    """A moment at a contact point as its people's clocks show it: "Sat 28 Nov 02:07 CET". UTC where the zone is not known."""
    offset = "on (job, channel, contact_point) group_left (zone) max without (instance, pod) (contactpoint_utc_offset_seconds)"
    return told(f"{expression} + {offset} or ignoring (zone) {expression}", STAMP, otherwise, labels)


def opening_time(seconds: str, labels: Sequence[str] = POINT_LABELS) -> str:
    """How much opening time: "3 opening days", or "5 h of opening time" below two days."""
    day = "max without (instance, pod) (contactpoint_opening_day_seconds)"
    days = f"{seconds} / on (job, channel, contact_point) group_left () {day} >= {OPENING_DAYS_FROM}"
    less = length(seconds, labels=labels) + " of opening time"
    return told(days, '{{ . | value | printf "%.0f" }} opening days', less, labels)


_TITLED: Final = "contactpoint_info{$here} or on (job, channel, contact_point) last_over_time(contactpoint_info{$here}[3d])"
#: The contact point as people call it. What it was called yesterday will do when the monitor is gone.
TITLE: Final = (
    f"{{{{ with {asked(_TITLED)} }}}}"
    '{{ or (. | first | label "title") $labels.contact_point }}{{ else }}{{ $labels.contact_point }}{{ end }}'
)
SOURCE: Final = "{{ $labels.source }} ({{ $labels.kind }})"
_CALLERS: Final = '{{ if eq $labels.channel "phone" }}callers{{ else }}customers{{ end }}'


def callers(text: str) -> str:
    """Callers are customers where nobody calls."""
    return text.replace("callers", _CALLERS)


def alarm() -> str:
    """What goes wrong, by the alert's signal: "callers wait too long"."""
    alarms = {signal: callers(text) for signal, text in ALARMS.items()}
    return _by_label("signal", alarms, '{{ reReplaceAll "_" " " $labels.signal }}')


def promised() -> str:
    """How a promise was made, by the alert's channel: "made in a ticket"."""
    return _by_label("channel", PROMISED, "made")


def _by_label(label: str, texts: Mapping[str, str], otherwise: str) -> str:
    head = "".join(
        f'{{{{ {"else if" if number else "if"} eq $labels.{label} "{value}" }}}}{text}'
        for number, (value, text) in enumerate(texts.items())
    )
    return f"{head}{{{{ else }}}}{otherwise}{{{{ end }}}}"


def counted(signal: str, bad: str, all_: str, allowed: str, window: str) -> str:
    """ "64 of 115 callers waited over 20 s in the last 20 minutes; 20 % are allowed." Nothing where nothing was counted.

    `bad`, `all_`, `allowed` (per cent): expressions with `$here` for the alert's labels.
    """
    found = f"{COUNT} of {number(all_)} {_what(signal)} in the last {window}; {told(allowed, _PER_CENT)} % are allowed. "
    return told(f"{bad} and {all_} > 0", found, "")


def counted_by_signal(bad: str, all_: str, allowed: str, window: str) -> str:
    """The same for whatever signal the alert has; the expressions name it by the alert's own label."""
    labels = (*POINT_LABELS, "signal")
    what = _by_label("signal", {signal: _what(signal) for signal in COUNTED}, "contacts went wrong")
    found = f"{number(bad, labels=labels)} of {COUNT} {what} in the last {window}"
    return told(f"{all_} > 0", f"{found}; {told(allowed, _PER_CENT, labels=labels)} % are allowed. ", "", labels)


def _what(signal: str) -> str:
    words = COUNTED[signal]
    limit = f'max without (instance, pod) (contactpoint_limit_seconds{{{HERE},signal="{signal}"}})'
    did = told(limit, f"{words.beyond} {LENGTH}", words.did) if words.beyond else words.did
    return f"{callers(words.who)} {did}"
