"""Values as people write them -> the domain's own: shares, limits, durations, zones, addresses. All raise ValueError."""

import ipaddress
import re
from typing import Annotated, Final
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, PlainSerializer

from monitor.domain.durations import parse_duration, parse_opening_days
from monitor.domain.policy import Limit
from monitor.errors import did_you_mean
from monitor.store import StoreUrl

DAY: Final = 86400.0
#: A longer limit than a year is a slip of the pen, and a hundred years overflow no calendar.
_MAX_LIMIT: Final = 366 * DAY
_MAX_OPENING_DAYS: Final = 260
MAX_SECONDS: Final = 100 * 366 * DAY


def _share(value: object) -> float:
    """`90%` or `0.9` -> 0.9."""
    text = str(value).strip()
    try:
        share = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a share: write 90% or 0.9") from None
    if not 0 < share <= 1:
        raise ValueError(f"{text!r} is no share above 0% and up to 100%: write 90% or 0.9")
    return share


def _limit(value: object) -> Limit:
    days = parse_opening_days(value)
    if days is not None:
        if not 0 < days <= _MAX_OPENING_DAYS:
            raise ValueError(f"{value!r} is no limit: write 1bd to {_MAX_OPENING_DAYS}bd")
        return Limit(opening_days=days)
    seconds = _seconds(value)
    if not 0 < seconds <= _MAX_LIMIT:
        raise ValueError(f"{value!r} is no limit: it must be longer than 0s and at most 366d")
    return Limit(seconds)


def _seconds(value: object) -> float:
    """Seconds of a duration, as a number in Python or as text in a file."""
    seconds = float(value) if isinstance(value, float) else parse_duration(value).total_seconds()
    if seconds > MAX_SECONDS:
        raise ValueError(f"{value!r} is longer than a hundred years")
    return seconds


def _web_address(value: object) -> str:
    """`https://host/path`, without the slash at its end."""
    text = str(value).strip()
    if not re.fullmatch(r"https?://[^\s/?#{}]+(/[^\s?#{}]*)?", text):
        raise ValueError(f"{text!r} is no address of a web page: write https://monitor.example.org")
    return text.rstrip("/")


def _zone(value: object) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    text, known = str(value), available_timezones()
    if text not in known:
        cities = {name.rpartition("/")[2]: name for name in sorted(known) if not re.search("[0-9]", name)}
        near = did_you_mean(text.rpartition("/")[2].title().replace(" ", "_"), cities) if text else ""
        name = cities.get(near.removeprefix("; did you mean ").removesuffix("?"))
        hint = f"; did you mean {name}?" if name else "; write one such as Europe/London"
        raise ValueError(f"{text!r} is no time zone{hint}")
    return ZoneInfo(text)


def _retention(value: object) -> float:
    seconds = _seconds(value)
    if seconds < DAY:
        raise ValueError(f"{value!r} is too short: keep at least 1d")
    return seconds


def _shown_store(address: str) -> str:
    return StoreUrl.parse(address).shown


def _digits(value: object) -> object:
    """Queues and extensions are often numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Share = Annotated[float, BeforeValidator(_share)]
LimitValue = Annotated[Limit, BeforeValidator(_limit)]
WebAddress = Annotated[str, BeforeValidator(_web_address)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Seconds = Annotated[float, BeforeValidator(_seconds)]
Retention = Annotated[float, BeforeValidator(_retention)]
StoreAddress = Annotated[str, PlainSerializer(_shown_store)]
Label = Annotated[str, BeforeValidator(_digits)]


def split_address(listen: str) -> tuple[str, int]:
    """`127.0.0.1:9760`, `[::1]:9760`, `:9760` -> host and port. Raises ValueError."""
    host, colon, port = listen.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65535 or (":" in host and not bracketed):
        raise ValueError(f"{listen!r} is no address: write HOST:PORT, as 127.0.0.1:9760")
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host written so."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
