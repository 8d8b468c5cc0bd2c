"""The section `report`: when the weekly report is sent, to whom, and by which mail server."""

import re
from collections.abc import Mapping
from datetime import time
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from monitor.config.strict import Strict
from monitor.config.values import Seconds, Zone, is_loopback
from monitor.connectors._reaching import Tls

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: In `to`: who gets the report of all contact points.
EVERYTHING: Final = "*"
#: More addresses than these are a mailing list, which has one of its own.
MOST_RECIPIENTS: Final = 200

_CLOCK_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_ATOM: Final = r"""[^\s@<>,.;:"()\[\]\\\x00-\x1f\x7f]+"""
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"(?!.{{255}})(?!.{{65,}}@){_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})*")


def _clock_time(value: object) -> time:
    found = _CLOCK_TIME.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(f'{value!r} is no time of day: write "07:00"')
    return time(int(found[1]), int(found[2]))


def _day(value: object) -> object:
    """`Mon` and `Monday` are `monday`."""
    text = str(value).strip().lower()
    return next((day for day in WEEKDAYS if text in (day, day[:3])), value)


def _address(value: object) -> str:
    """`a@example.org` or `Name <a@example.org>`, as it was written."""
    text = str(value).strip()
    name, address = parseaddr(text)
    written_alone = text == address
    if not _ADDRESS.fullmatch(address) or not address.isascii() or not (written_alone or text.endswith(f"<{address}>")):
        raise ValueError(f"{text!r} is no mail address: write manager@example.org, in ASCII (a domain with umlauts as xn--…)")
    if not name.isprintable():
        raise ValueError(f"{text!r}: the name before an address is one line of text")
    return text


def _by_team(value: object) -> object:
    """A list stands for recipients of everything."""
    if isinstance(value, str):
        raise ValueError("write a list of addresses, or teams with a list each, as {Support: [manager@example.org]}")
    return {EVERYTHING: value} if isinstance(value, list | tuple) else value


Address = Annotated[str, BeforeValidator(_address)]


class SmtpSettings(Strict):
    """The mail server that takes the report."""

    host: str = Field(min_length=1, description="The mail server.")
    port: int | None = Field(None, ge=1, le=65535, description="Default 587, with `tls: implicit` 465, with `tls: none` 25.")
    tls: Tls = Field("starttls", description="The server's certificate is always checked. `none`: only on this machine.")
    ca_file: Path | None = Field(None, description="Certificate authority of the server, if it is not a public one.")
    username: str | None = Field(None, description="Where the server wants a login.")
    password: SecretStr | None = None
    sender: Address | None = Field(
        None, alias="from", description="The report's sender. Default: `username`, where it is an address."
    )
    timeout: Seconds = Field(30.0, gt=0, le=120, description="Longest wait for an answer of the server.")

    @property
    def chosen_port(self) -> int:
        """The port, given or by the kind of TLS."""
        return self.port or {"implicit": 465, "starttls": 587, "none": 25}[self.tls]

    @property
    def chosen_sender(self) -> str:
        """The sender, given or the user."""
        return self.sender or self.username or ""

    @model_validator(mode="after")
    def _complete(self) -> "SmtpSettings":
        if (self.username is None) != (self.password is None):
            raise ValueError("give username and password (or password_file), or neither where the server wants no login")
        if self.sender is None and (self.username is None or not _ADDRESS.fullmatch(self.username)):
            raise ValueError(".from: is missing: give the address that the report comes from, as monitor@example.org")
        if self.tls == "none" and not is_loopback(self.host):
            raise ValueError(".tls: none sends report and password in clear through the network: write starttls or implicit")
        return self


class ReportSettings(Strict):
    """The weekly report, sent by mail; without `to` nobody gets it, and it is there on the pages and by `report`."""

    day: Annotated[
        Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], BeforeValidator(_day)
    ] = Field("monday", description="The day on which last week's report is sent.")
    at: Annotated[time, BeforeValidator(_clock_time)] = Field(time(7), description="The time of that day, in quotes.")
    timezone: Zone | None = Field(
        None, description="Where that day and time are meant. Default: the `timezone` of the whole file."
    )
    to: Annotated[dict[str, list[Address]], BeforeValidator(_by_team)] = Field(
        default_factory=dict,
        description="Addresses; or by team, each gets its contact points only, and those under `*` all.",
    )
    smtp: SmtpSettings | None = Field(None, description="The mail server; wanted with `to`.")

    @model_validator(mode="after")
    def _can_be_sent(self) -> "ReportSettings":
        problems = []
        if self.to and self.smtp is None:
            problems.append(".smtp: is missing: name the mail server that takes the report, as {host: mail.example.org, …}")
        if self.smtp is not None and not self.to:
            problems.append(".to: is missing: name who gets the report, as [manager@example.org]")
        problems += [f".to.{team}: name at least one address" for team, addresses in self.to.items() if not addresses]
        if len(self.recipients) > MOST_RECIPIENTS:
            problems.append(f".to: more than {MOST_RECIPIENTS} addresses: give a mailing list, which has one")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @property
    def recipients(self) -> Mapping[str, frozenset[str]]:
        """Each address once, as it was first written, with its teams; empty: all contact points."""
        teams: dict[str, set[str]] = {}
        written: dict[str, str] = {}
        for team, addresses in self.to.items():
            for each in addresses:
                bare = parseaddr(each)[1].casefold()
                written.setdefault(bare, each)
                teams.setdefault(bare, set()).add(team)
        return {written[bare]: frozenset() if EVERYTHING in of else frozenset(of) for bare, of in teams.items()}
