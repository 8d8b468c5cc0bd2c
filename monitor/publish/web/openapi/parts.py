"""What several schemas have in common."""

from typing import Final, get_args

from monitor.domain.channels import SIGNALS
from monitor.domain.contact import WaitKind
from monitor.domain.event import CHANNELS
from monitor.publish.web.openapi.values import count, one_of, or_null, seconds, text

CONTACT: Final = text("Our id of the contact: /contacts/ID is its evidence.", pattern="^[0-9a-f]{16}$")
POINT: Final = text("Name of the contact point.")
CHANNEL: Final = one_of("By which the customer came.", CHANNELS)
SIGNAL: Final = one_of("What went wrong.", SIGNALS)
WAIT: Final = one_of("What is waited for.", get_args(WaitKind))
OPENING_DAYS: Final = or_null(count("The limit in whole opening days, where it counts in these.", 1))
LIMIT: Final = or_null(seconds("The limit."), "it has none in seconds")
