"""How a contact point stands now, in words and colours, with its title: for the boards of now and of detail."""

from typing import Final

from grafana_foundation_sdk.models import dashboard

from tools.grafana.looks import BAD, UNKNOWN, WARN, between
from tools.grafana.queries import AT_RISK, CLOSED, FINE, LATE, OVER, UNSEEN, first_signal, service_level, standing, titled

#: The six ways in which a contact point stands, each from this number on; what is used of the limit is added to it.
_WAYS: Final = (
    (OVER, "▲ over the limit", BAD),
    (LATE, "▲ late", BAD),
    (AT_RISK, "◆ at risk", WARN),
    (UNSEEN, "? not known", UNKNOWN),
    (FINE, "✓ fine", None),
    (CLOSED, "▭ closed", None),
)


def standing_words(plain: str) -> list[dashboard.RangeMap]:
    """The words for how a contact point stands; `plain`: the colour of what needs nobody."""
    return [between(start, start + 99_999, word, color or plain) for start, word, color in _WAYS]


TITLED_STANDING: Final = titled(standing())
#: The share kept of the first signal in the chosen time, and its objective, by contact point.
LEVEL: Final = f"max by (channel, contact_point) ({service_level('$__range')})"
OBJECTIVE: Final = f"max by (channel, contact_point) ({first_signal()})"
