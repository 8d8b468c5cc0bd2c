"""`ignore`: which mails the configuration leaves out, and which it does not though they look alike."""

from datetime import UTC, datetime

import pytest

from monitor.connectors._mail.headers import parse_mail
from monitor.connectors._mail.ignored import Ignored
from tests.connectors.mail_names import HASHED

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
RULES = Ignored(
    ["Scanner@lab.example", "*@shop-*.example"],
    ["paper.example", "@News.example"],
    ["*out of stock*", "Backup ? finished", "[ABC] done"],
    {"X-Our-Tool": "*", "X-Priority-Class": "low*"},
)


def left_out(*lines: str) -> bool:
    block = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return RULES.covers(parse_mail(block, NOW, NOW, HASHED), block)


@pytest.mark.parametrize(
    "lines",
    [
        ["From: Scan <scanner@LAB.example>"],
        ["From: scanner+floor2@lab.example"],
        ["From: a@shop-7.example"],
        ["From: service@paper.example"],
        ["From: service@mail.paper.example"],
        ["From: x@news.example"],
        ["From: c@x.example", "Subject: Item 12 OUT OF STOCK since today"],
        ["From: c@x.example", "Subject: =?utf-8?B?QmFja3VwIDcgZmluaXNoZWQ=?="],  # Backup 7 finished
        ["From: c@x.example", "Subject: B done"],
        ["From: c@x.example", "X-Our-Tool: anything"],
        ["From: c@x.example", "x-priority-class: Low (batch)"],
    ],
)
def test_what_is_left_out(lines: list[str]) -> None:
    assert left_out(*lines)


@pytest.mark.parametrize(
    "lines",
    [
        ["From: scanner@lab.example.org"],
        ["From: my-scanner@lab.example"],
        ["From: a@shop.example"],
        ["From: service@notpaper.example"],
        ["From: c@x.example", "Subject: Re: Backup 7 finished"],
        ["From: c@x.example", "Subject: Backup 10 finished"],
        ["From: c@x.example", "X-Priority-Class: high"],
        ["From: c@x.example", "Subject: X-Our-Tool: anything"],
        ["Subject: no sender"],
    ],
)
def test_what_is_not(lines: list[str]) -> None:
    assert not left_out(*lines)


def test_no_rules_leave_nothing_out() -> None:
    block = b"From: c@x.example\r\nSubject: \r\n\r\n"
    assert not Ignored([], [], [], {}).covers(parse_mail(block, NOW, NOW, HASHED), block)
