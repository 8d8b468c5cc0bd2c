"""Small stories as helpdesks really tell them, from pushed lines to counted signals. Each names where the fact is from.

A line is `HH:MM[:SS] kind key=value …`, on Tuesday 6 October 2026, or `DD@HH:MM` on another day of October; the moments are UTC,
London is an hour ahead. `support` answers within 4 h, follows up within 8 h and solves within 24 h, round the clock; `vip`
answers within 1 h, `desk` works Monday to Friday from 9 to 5 in London. `p1` answers within 1 h, `gold` within 30 min.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.connectors._event_lines import parse_lines
from monitor.domain.event import Event
from monitor.store.memory import MemoryStore
from tests.engine.scenarios import ingest_run

ROUND_THE_CLOCK = {"late_follow_up": {"after": "8h"}, "late_resolution": {"after": "24h"}}
CONFIG: dict[str, Any] = {
    "timezone": "Europe/London",
    "calendars": {"office": {"hours": {"mon-fri": "09:00-17:00"}}},
    "contact_points": {
        name: {"source": "pbx", "channel": "ticket", "policy": name} for name in ("support", "vip", "desk", "suspending")
    },
    "policies": {
        "support": {"late_reply": {"after": "4h"}, **ROUND_THE_CLOCK},
        "vip": {"late_reply": {"after": "1h"}, **ROUND_THE_CLOCK},
        "p1": {"late_reply": {"after": "1h"}, **ROUND_THE_CLOCK},
        "gold": {"late_reply": {"after": "30m"}, **ROUND_THE_CLOCK},
        "desk": {"calendar": "office", "late_reply": {"after": "1h"}, "late_resolution": {"after": "2h"}},
        "suspending": {
            "late_reply": {"after": "2h", "pauses": True}, "late_resolution": {"after": "2h"}, "bots": "before",
            "agent_opened": False,
        },
    },
}  # fmt: skip
END = datetime(2026, 10, 31, tzinfo=UTC)
_VALUES: dict[str, object] = {"true": True, "null": None}


def moment(text: str) -> str:
    day, sign, clock = text.rpartition("@")
    return f"2026-10-{int(day) if sign else 6:02}T{clock}Z"


def events(lines: tuple[str, ...]) -> list[Event]:
    """The events that these lines are, one contact's; the first line may say where, as `in desk`."""
    point, told = "support", []
    for number, line in enumerate(lines):
        if line.startswith("in "):
            point = line.removeprefix("in ")
            continue
        at, kind, *keys = line.split()
        said: dict[str, object] = dict(key.split("=", 1) for key in keys)
        said = {key: _VALUES.get(str(value), value) for key, value in said.items()}
        for key in ("due", "until", "received", "after"):
            if "@" in str(said.get(key)):
                said[key] = moment(str(said[key]))
        said = {
            key: int(str(value)) if key == "seq" else float(str(value)) if key == "score" else value
            for key, value in said.items()
        }
        event = {
            "id": f"row-{number}",
            "contact": 4711,
            "contact_point": point,
            "channel": "ticket",
            "kind": kind,
            "at": moment(at),
        }
        told.append(json.dumps({**event, **said}).encode())
    parsed = list(parse_lines(enumerate(told, 1), str, END, frozenset(CONFIG["policies"])))
    assert all(isinstance(each, Event) for each in parsed), parsed
    return [each for each in parsed if isinstance(each, Event)]


def fallen(lines: tuple[str, ...]) -> list[str]:
    """`signal@contact_point DD HH:MM:SS`, in the order in which they fell."""
    run = ingest_run(MemoryStore(), **CONFIG)
    for event in events(lines):  # one by one, as polls bring them
        run.store_batch([event])
    run.sweep(END)
    rows = sorted((each.row for each in run.store.signals()), key=lambda row: (row.at, row.signal))
    return [f"{row.signal}@{row.contact_point} {datetime.fromtimestamp(row.at // 1_000_000, UTC):%d %H:%M:%S}" for row in rows]


STORIES: dict[str, tuple[tuple[str, ...], list[str]]] = {
    # --- the limit that holds: RT t/sla/due.t, t/sla/priority_to_sla.t; glpi-project/glpi#6902; fivetran/dbt_zendesk DECISIONLOG
    "RT: a new level counts from creation": (
        ("08:00 received policy=p1", "08:30 prioritised policy=null to=low", "11:59 replied", "12:00 resolved"), [],
    ),
    "RT: priority 50, then 100": (
        ("08:00 received", "10:00 prioritised policy=p1 to=100 raised=true", "10:30 replied", "10:31 resolved"),
        ["escalated@support 06 10:00:00", "late_reply@support 06 10:00:00"],
    ),
    "RT: and down again before it was late": (
        ("08:00 received policy=p1", "08:59 prioritised policy=null", "09:30 replied", "09:31 resolved"), [],
    ),
    "GLPI: a limit that does not pause comes to hold while it is pending": (
        ("in suspending", "08:00 received", "08:20 pending",
         "09:40 noted policy=gold", "10:00 resumed",
         "10:05 replied", "10:06 resolved"),
        ["late_reply@suspending 06 09:40:00"],  # gold does not pause: 30 min were over as it came to hold
    ),
    "a gold customer": (("08:00 received policy=gold", "08:30 replied", "08:31 resolved"), []),
    "a gold customer, a second late": (
        ("08:00 received policy=gold", "08:30:01 replied", "08:31 resolved"), ["late_reply@support 06 08:30:00"],
    ),
    # --- moves: frappe/helpdesk#1895 (who used the time up?), GLPI#1911, ServiceNow's retroactive start
    "L1 uses the time up before L2 has it": (
        ("08:00 received", "12:30 moved to=vip", "12:31 replied contact_point=vip", "12:32 resolved contact_point=vip"),
        ["late_reply@support 06 12:00:00"],
    ),
    "a slower queue has the rest of its longer time": (
        ("08:00 received contact_point=vip", "08:59 moved to=support", "11:59 replied", "12:00 resolved"), [],
    ),
    "a follow-up goes along": (
        ("08:00 received", "08:10 replied", "09:00 received", "10:00 moved to=vip", "17:00:01 replied contact_point=vip",
         "17:01 resolved contact_point=vip"),
        ["late_follow_up@vip 06 17:00:00"],
    ),
    "moved after it was solved": (
        ("08:00 received", "08:10 replied", "08:10 resolved", "09:00 moved to=vip", "09:30 received contact_point=vip",
         "09:40 replied contact_point=vip", "09:40 resolved contact_point=vip"),
        ["reopened@support 06 09:30:00"],  # where it was solved: there it was assessed
    ),
    "thrice": (
        ("08:00 received", "08:01 moved to=vip", "08:02 moved to=desk", "08:03 moved to=support", "08:04 replied",
         "08:05 resolved"),
        ["passed_around@support 06 08:03:00"],
    ),
    # --- whose turn: RT t/sla/due.t
    "RT: a second message of the requestor moves nothing": (
        ("08:00 received", "08:10 replied", "09:00 received", "12:00 received", "17:00:01 replied", "17:01 resolved"),
        ["late_follow_up@support 06 17:00:00"],
    ),
    "RT: two answers in a row": (("08:00 received", "08:10 replied", "08:20 replied", "08:30 resolved"), []),
    "RT: replies do not move the resolution": (
        ("08:00 received", "08:10 replied", "20:00 received", "20:10 replied", "7@08:00:01 resolved"),
        ["late_resolution@support 07 08:00:00"],
    ),
    "RT: opened by staff, nobody waits": (
        ("in suspending", "08:00 opened by=agent", "09:59 replied",
         "10:00 resolved"),
        [],
    ),
    "RT: what the owner writes first is no answer to anybody": (("08:00 replied", "09:00 received", "10:00 replied",
    "10:01 resolved"), []),
    # --- pending: RT t/sla/ignore-on-statuses.t; Znuny EscalationSuspend's own example; zammad-documentation general-ticket
    "RT: stalled does not excuse the missing answer": (
        ("08:00 received", "08:10 pending", "13:00 replied", "13:00 resolved"), ["late_reply@support 06 12:00:00"],
    ),
    "RT: ExcludeTimeOnIgnoredStatuses": (
        ("in suspending", "08:00 received", "08:10 pending", "11:10 resumed",
         "13:00 replied", "13:00 resolved"),
        [],
    ),
    "Znuny: pending from 9 to 10:05, due at 11:05 instead of 10": (
        ("in suspending", "08:00 received", "08:30 replied",
         "09:00 pending on=customer", "10:05 received",
         "10:06 replied", "10:06 resumed",
         "11:05:01 resolved"),
        ["late_resolution@suspending 06 11:05:00"],
    ),
    "Zammad: a pending reminder runs on when its time is reached": (
        ("in suspending", "08:00 received", "08:30 replied",
         "09:00 pending on=time until=6@10:00", "11:00:01 resolved"),
        ["late_resolution@suspending 06 11:00:00"],
    ),
    "Zammad: pending close": (
        ("08:00 received", "08:30 replied", "08:30 pending on=time until=20@08:30", "20@08:30 resolved by=rule as=timeout"), [],
    ),
    "Redmine: Feedback that nobody takes back": (
        ("08:00 received", "09:00 replied", "09:00 pending", "10:00 received", "10:30 replied", "20@10:00 resolved"), [],
    ),
    # --- undone: zammad ticket_sla_test 'suspend close reopen bug', Zammad#188, osTicket PR 5206
    "closed and opened again within a minute": (
        ("08:00 received", "08:10 resolved", "08:11 reopened by=agent", "12:00:59 replied", "12:01 resolved"), [],
    ),
    "and too late": (
        ("08:00 received", "08:10 resolved", "08:11 reopened by=agent", "12:01:01 replied", "12:02 resolved"),
        ["late_reply@support 06 12:01:00"],
    ),
    "closed overnight by mistake": (
        ("08:00 received", "08:10 replied", "18:00 resolved", "7@06:00 reopened by=agent", "7@20:00:01 resolved"),
        ["late_resolution@support 07 20:00:00"],  # 24 h and the twelve in which it was closed
    ),
    "the customer brings it back": (
        ("08:00 received", "08:10 replied", "08:10 resolved", "09:00 reopened by=customer", "09:30 resolved"),
        ["reopened@support 06 09:00:00"],
    ),
    "a promise on a ticket that was closed for half a minute": (
        ("7@08:00 received", "7@08:01 replied", "7@08:01 promised due=9@16:00", "7@09:00 resolved",
         "7@09:00:30 reopened by=agent",
         "7@09:01 pending"),
        ["slipped_promise@support 09 16:00:00"],
    ),
    # --- hand-overs: Zendesk group_stations and assignee_stations; zammad#2455; RT writes an owner's change twice
    "Zendesk: a group with every person": (
        ("08:00 received", "08:00 assigned queue=support", "08:05 assigned to=ann queue=support",
         "08:10 assigned to=bob queue=billing",
         "08:20 replied", "08:20 resolved"),
        [],
    ),
    "RT: the same change in two rows": (
        ("08:00 received", "08:01 assigned to=ann", "08:01 assigned to=ann", "08:02 assigned to=bob", "08:02 assigned to=bob",
         "08:03 assigned to=cy", "08:03 assigned to=cy", "08:04 replied", "08:04 resolved"),
        [],
    ),
    "Zammad: taken from the owner at each follow-up": (
        ("08:00 received", "08:01 assigned to=ann", "08:02 replied", "08:10 received", "08:10 assigned to=null",
         "08:11 assigned to=ann",
         "08:12 replied", "08:20 received", "08:20 assigned to=null", "08:21 assigned to=ann", "08:22 replied",
         "08:23 resolved"),
        [],
    ),
    "three people after the first": (
        ("08:00 received", "08:01 assigned to=a", "08:02 assigned to=b", "08:03 assigned to=c", "08:04 assigned to=d",
         "08:05 replied",
         "08:05 resolved"),
        ["passed_around@support 06 08:04:00"],
    ),
    "three queues after the first": (
        ("08:00 received", *(f"08:0{n} assigned queue=q{n}" for n in range(1, 5)), "08:05 replied", "08:05 resolved"),
        ["passed_around@support 06 08:04:00"],
    ),
    # --- within one second: estuary/connectors#5205; whole-second clocks of RT and Redmine
    "a rule closes the thank-you again": (
        ("08:00 received", "08:10 replied", "08:10 resolved", "09:00 reopened seq=1 by=rule", "09:00 resolved seq=2 by=rule"),
        ["reopened@support 06 09:00:00"],
    ),
    "the thank-you is known": (
        ("08:00 received", "08:10 replied", "08:10 resolved", "09:00 received courtesy=true seq=1",
         "09:00 reopened seq=2 by=rule"), [],
    ),
    "solved and waiting for the customer in one update": (
        ("08:00 received", "08:10 replied", "08:10 resolved", "09:00 reopened by=agent", "09:00 replied", "09:00 pending"), [],
    ),
    "a robot wakes it and sends it back to sleep": (
        ("08:00 received", "08:10 replied", "08:10 pending", "7@08:00 resumed", "7@08:00 pending", "20@08:00 resolved"), [],
    ),
    "asked again in the second of the answer": (
        ("08:00 received id=a", "08:10 replied id=bb", "08:10 received id=ccc", "16:10:01 replied id=dddd", "16:11 resolved"),
        ["late_follow_up@support 06 16:10:00"],
    ),
    # --- merged, deleted, spam: zammad#904, fivetran/dbt_zendesk#100, Zendesk closed_by_merge, RT EffectiveId
    "Zendesk: merged and closed in one update": (("08:00 received", "09:00 merged into=17", "09:00 resolved by=rule"), []),
    "merged when it was late": (("08:00 received", "13:00 merged into=17"), ["late_reply@support 06 12:00:00"]),
    "a test ticket that was deleted the next day": (("08:00 received", "7@09:00 discarded reason=deleted"), []),
    "spam, and taken back": (
        ("08:00 received", "08:05 discarded reason=spam", "09:00 restored", "12:00:01 replied", "12:01 resolved"),
        ["late_reply@support 06 12:00:00"],
    ),
    "a queue that went out of sight": (("08:00 received", "09:00 discarded reason=out_of_sight"), []),
    # --- dates: RT and Redmine due dates, SLA robots (FACTS 2), Jira and Redmine days
    "RT: the SLA robot moves Due with every mail": (
        ("08:00 received", "08:00 promised due=6@12:00 name=due by=rule", "08:30 replied",
         "08:30 promised due=7@08:00 name=due by=rule",
         "7@07:00 resolved"),
        [],
    ),
    "Redmine: a day, in summer time": (
        ("08:00 received", "08:30 replied", "08:30 pending", "08:30 promised due=2026-10-09 name=due_date"),
        ["slipped_promise@support 09 23:00:00"],
    ),
    "Redmine: a day, after the clocks went back": (
        ("08:00 received", "08:30 replied", "08:30 pending", "08:30 promised due=2026-10-26 name=due_date"),
        ["slipped_promise@support 27 00:00:00"],
    ),
    "two fields, one kept": (
        ("5@08:00 received", "5@09:00 replied", "5@09:00 promised due=6@16:00 name=call",
         "5@09:00 promised due=9@16:00 name=refund",
         "5@09:00 pending", "6@10:00 fulfilled name=call"),
        ["slipped_promise@support 09 16:00:00"],
    ),
    "emptied after it passed": (
        ("5@08:00 received", "5@09:00 replied", "5@09:00 promised due=6@16:00 name=due", "5@09:00 pending",
         "6@17:00 promised due=null name=due"),
        ["slipped_promise@support 06 16:00:00"],
    ),
    # --- opening hours: zammad ticket_sla_test (created at night, answered at opening: 0 minutes)
    "created at night, answered as we open": (
        ("in desk", "5@23:49 received", "6@08:00:03 replied", "6@08:01 resolved"), [],
    ),
    "closed just over the limit of two hours": (
        ("in desk", "6@08:00 received", "6@08:30 replied", "6@10:00:01 resolved"),
        ["late_resolution@desk 06 10:00:00"],
    ),
    # --- bots and machines: Zendesk AI agents, Chatwoot PR 13181; PostHog#69209
    "a bot talks, a human is late from the hand-over on": (
        ("in suspending", "08:00 received", "08:01 replied by=bot",
         "09:00 handed_over", "11:00:01 replied",
         "11:00:02 resolved by=customer"),
        ["late_reply@suspending 06 11:00:00", "late_resolution@suspending 06 10:00:00"][::-1],
    ),
    "where bots are no answer": (
        ("08:00 received", "08:01 replied by=bot", "12:00:01 replied", "12:01 resolved"), ["late_reply@support 06 12:00:00"],
    ),
    "out of office": (
        ("08:00 received", "08:10 replied", "08:10 resolved", "08:11 received automatic=true", "08:11 reopened by=rule"), [],
    ),
    "our answer bounced": (
        ("08:00 received", "08:10 replied id=ours", "08:12 bounced event=ours", "12:00:01 replied", "12:01 resolved"),
        ["late_reply@support 06 12:00:00"],
    ),
    "auto-solved unanswered is in no share": (("08:00 received", "10:00 resolved by=rule"), []),
    # --- satisfaction: Chatwoot#4526 (changed within 14 days)
    "rated badly": (
        ("08:00 received", "08:10 replied", "08:10 resolved", "7@08:00 rated score=0.25"), ["low_rating@support 07 08:00:00"],
    ),
    "rated badly, then well": (
        ("08:00 received", "08:10 replied", "08:10 resolved", "7@08:00 rated score=0", "8@08:00 rated score=1"), [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "signals"), STORIES.values(), ids=STORIES.keys())
def test_what_falls_and_where(lines: tuple[str, ...], signals: list[str]) -> None:
    assert fallen(lines) == signals


class TestComplaints:
    """Received in July; nothing else waits. The signal falls seven days before the deadline, which ends with a London day."""

    @pytest.mark.parametrize(
        ("told", "falls"),
        [
            (["2026-07-01T08:00:00Z complained", "2026-07-01T09:00:00Z complained sector=telecoms"], ["05 23:00:00"]),  # 5 August
            (["2026-07-10T08:00:00Z complained sector=telecoms received=2026-07-01T08:00:00Z"], ["05 23:00:00"]),
            (["2026-07-01T08:00:00Z complained sector=payments"], ["15 23:00:00"]),  # 22 July, the fifteenth business day
            (
                ["2026-07-01T08:00:00Z complained sector=finance", "2026-07-02T08:00:00Z complained due=2026-07-31"],
                ["24 23:00:00"],
            ),
            (["2026-07-01T08:00:00Z complained", "2026-07-02T08:00:00Z complained withdrawn=true"], []),
            (["2026-07-01T08:00:00Z complained", "2026-07-02T08:00:00Z final_answer"], []),
            (["2026-07-01T08:00:00Z complained id=x", "2026-09-02T08:00:00Z retracted event=x"], []),
        ],
    )
    def test_they_fall_by_what_is_known_at_last(self, told: list[str], falls: list[str]) -> None:
        run = ingest_run(MemoryStore(), **CONFIG)
        lines = []
        for number, line in enumerate(told):
            at, kind, *keys = line.split()
            said: dict[str, object] = {key: _VALUES.get(value, value) for key, value in (each.split("=", 1) for each in keys)}
            event = {"id": f"c-{number}", "contact": "c", "contact_point": "support", "channel": "email", "kind": kind, "at": at}
            lines.append(json.dumps({**event, **said}).encode())
        parsed = list(parse_lines(enumerate(lines, 1), str, END))
        assert all(isinstance(each, Event) for each in parsed), parsed
        for event_ in parsed:
            assert isinstance(event_, Event)
            run.store_batch([event_])
        run.sweep(END)
        assert [f"{datetime.fromtimestamp(each.row.at // 1_000_000, UTC):%d %H:%M:%S}" for each in run.store.signals()] == falls
