"""The connector on a real Znuny."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from monitor.connectors import znuny as connector_module
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.errors import AuthError, TransientError
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.live.helpdesk.conftest import STORIES
from tests.live.helpdesk.judged import by_contact, differences, read_whole
from tests.live.helpdesk.mail import mail_from
from tests.live.helpdesk.player import Player
from tests.live.helpdesk.story import COMPLAINTS_QUEUE, COMPLAINTS_SECTOR, ESCALATION_QUEUE, NOW
from tests.servers.helpdesk import AGENTS, BOT, DOMAIN, READER, STRANGER
from tests.servers.znuny import REAL_SERVER, Znuny

pytestmark = [*REAL_SERVER, pytest.mark.waits(40)]
ANSWER = {
    "Subject": "Re", "Body": "Here.", "ContentType": "text/plain; charset=utf8", "SenderType": "agent", "IsVisibleForCustomer": 1,
    "CommunicationChannel": "Email", "HistoryType": "SendAnswer", "HistoryComment": "%%",
}  # fmt: skip
_A_DAY = """
$Kernel::OM->Get('Kernel::System::DynamicField')->DynamicFieldAdd(
    Name => 'Day', Label => 'Day', FieldOrder => 9, FieldType => 'Date', ObjectType => 'Ticket',
    Config => { DefaultValue => 0, YearsPeriod => 0 }, ValidID => 1, UserID => 1,
) or die;
"""
_A_STATUS = """
my $state = $Kernel::OM->Get('Kernel::System::State');
$state->StateAdd(Name => 'done by fax', TypeID => 3, ValidID => 1, UserID => 1) or die;
"""
_VALID = """
my ($login, $valid) = @ARGV;
my $user = $Kernel::OM->Get('Kernel::System::User');
my %known = $user->GetUserData(User => $login);
delete $known{UserPw};    # else it becomes the new password
$user->UserUpdate(%known, ValidID => $valid, ChangeUserID => 1) or die;
"""
_MOVE = """
my ($ticket, $queue) = @ARGV;
$Kernel::OM->Get('Kernel::System::Ticket')->TicketQueueSet(TicketID => $ticket, Queue => $queue, UserID => 1) or die;
"""
_WITHOUT_RIGHTS = """
my %none = map { $_ => 0 } qw(ro move_into create note owner priority rw);
my $group = $Kernel::OM->Get('Kernel::System::Group');
my $secret = $group->GroupAdd(Name => 'secret', ValidID => 1, UserID => 1) or die;
$group->PermissionGroupUserAdd(GID => $secret, UID => 1, UserID => 1, Permission => { %none, rw => 1 });
my $queue = $Kernel::OM->Get('Kernel::System::Queue');
my %projects = $queue->QueueGet(Name => 'Projects');
$queue->QueueUpdate(%projects, GroupID => $secret, UserID => 1) or die;
"""


def keys(server: Znuny) -> dict[str, Any]:
    """Of a source that reads it, as the stories have it."""
    return {
        "type": "znuny", "url": server.url, "username": READER, "password": server.password(), "timeout": "60s",
        "backfill": "120d", "promise_fields": ["DueBy", "PromisedBy"], "robots": [f"{BOT}@{DOMAIN}"],
        "staff": [f"{each}@{DOMAIN}" for each in AGENTS], "escalation": {"queues": [ESCALATION_QUEUE]},
        "complaints": [{"queue": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}], "requests_per_minute": 60_000,
    }  # fmt: skip


def connector(server: Znuny, clock: FakeClock, state: FakeState, **more: Any) -> HelpdeskConnector:
    settings = connector_module.Settings.model_validate(keys(server) | more)
    return connector_module.connect(settings, make_context(clock=clock, state=state))


@pytest.mark.timeout(900)  # a whole story on a busy machine
@pytest.mark.parametrize("system", ["znuny"])
@pytest.mark.parametrize("story", STORIES)
async def test_what_is_read_is_what_happened(played: Player, znuny: Znuny, story: str):
    state = FakeState()
    batches = await read_whole(connector(znuny, FakeClock(NOW), state), state)
    assert [rejected for batch in batches for rejected in batch.rejected] == []
    assert batches[-1].untold is None or batches[-1].untold.why == ()
    different = differences(STORIES[story], "znuny", played.numbers, by_contact(batches))
    assert not different, "\n".join(different)


@pytest.fixture
def server(znuny: Znuny) -> Znuny:
    znuny.wind_back()
    znuny.clock.stand_at(NOW)
    return znuny


def ask(server: Znuny, name: str = "carol", queue: str = "support") -> tuple[str, str]:
    """A new ticket: its id and its number."""
    server.deliver(mail_from(name, queue, "Where is it?", server.clock.now()))
    service = server.service()
    found = service.call("POST", "/Ticket/Search", {"SortBy": "TicketNumber", "OrderBy": "Down", "Limit": 1})["TicketID"][0]
    return found, service.call("GET", f"/Ticket/{found}")["Ticket"][0]["TicketNumber"]


def change(server: Znuny, ref: str, **what: Any) -> None:
    """What alice does to a ticket."""
    server.service("alice").call("PATCH", f"/Ticket/{ref}", what)


async def server_and_we_wait(server: Znuny, clock: FakeClock, time: timedelta) -> None:
    server.clock.advance(time)
    await clock.advance(time.total_seconds())


async def test_only_what_changed_is_read_again(server: Znuny):
    clock, state = FakeClock(NOW), FakeState()
    reader = connector(server, clock, state)
    (first, number), (_, other) = ask(server), ask(server, "dave")
    await server_and_we_wait(server, clock, timedelta(seconds=15))
    assert set(by_contact(await read_whole(reader, state))) == {number, other}
    change(server, first, Article=ANSWER)
    await server_and_we_wait(server, clock, timedelta(seconds=15))
    assert set(by_contact(await read_whole(reader, state))) == {number}
    await server_and_we_wait(server, clock, timedelta(seconds=15))
    assert by_contact(await read_whole(reader, state)) == {}


async def test_what_is_deleted_moved_hidden_or_merged_is_noticed(server: Znuny):
    clock, state = FakeClock(NOW), FakeState()
    reader = connector(server, clock, state)
    deleted, moved, merged, into = (ask(server, name) for name in ("carol", "dave", "erin", "frank"))
    server.perl(_WITHOUT_RIGHTS)
    await server_and_we_wait(server, clock, timedelta(seconds=60))
    await read_whole(reader, state)
    server.delete(deleted[0])
    server.perl(_MOVE, moved[0], "Projects")
    server.merge(merged[0], into[0], "alice")
    await server_and_we_wait(server, clock, timedelta(seconds=60))
    told = by_contact(await read_whole(reader, state))
    assert {
        number: (events[-1].kind, events[-1].reason, events[-1].to) for number, events in told.items() if number != into[1]
    } == {
        deleted[1]: ("discarded", "out_of_sight", None),
        moved[1]: ("discarded", "out_of_sight", None),
        merged[1]: ("merged", None, into[1]),
    }
    assert [event.kind for event in told[into[1]]] == ["opened", "assigned", "auto_replied", "received", "auto_replied"]


async def test_days_own_statuses_and_reminders(server: Znuny):
    server.perl(_A_DAY)
    server.perl(_A_STATUS)
    clock, state = FakeClock(NOW), FakeState()
    ref, number = ask(server)
    server.clock.advance(timedelta(minutes=1))
    change(server, ref, DynamicField=[{"Name": "Day", "Value": "2026-11-23 00:00:00"}])
    until = {"Year": 2026, "Month": 11, "Day": 25, "Hour": 9, "Minute": 30}
    change(server, ref, Ticket={"State": "pending reminder", "PendingTime": until})
    server.clock.advance(timedelta(minutes=1))
    change(server, ref, Ticket={"State": "done by fax"})
    await clock.advance(180)
    server.clock.advance(timedelta(minutes=1))
    told = by_contact(await read_whole(connector(server, clock, state, promise_fields=["Day"]), state))[number]
    assert [(e.kind, e.due, e.until) for e in told if e.kind in ("promised", "pending", "resolved")] == [
        ("promised", date(2026, 11, 23), None),
        ("pending", None, datetime(2026, 11, 25, 9, 30, tzinfo=UTC)),
        ("resolved", None, None),
    ]


async def test_what_znuny_closes_when_a_time_has_come_is_a_rules_doing(server: Znuny):
    clock, state = FakeClock(NOW), FakeState()
    ref, number = ask(server)
    change(server, ref, Ticket={"State": "pending auto close+", "PendingTime": {"Diff": 60}})
    server.clock.advance(timedelta(minutes=61))
    server.console("Maint::Ticket::PendingCheck")
    server.clock.advance(timedelta(minutes=1))
    await clock.advance(62 * 60)
    told = by_contact(await read_whole(connector(server, clock, state), state))[number]
    assert [(e.kind, e.on, e.by) for e in told if e.kind in ("pending", "resolved")] == [
        ("pending", "customer", "agent"),
        ("resolved", None, "rule"),
    ]


@pytest.mark.parametrize(
    ("text", "html", "file", "courtesy"),
    [
        ("Thank you!", None, None, True),
        (None, "<html><body><p>Thank <b>you</b>!</p></body></html>", None, True),
        ("Thank you!", "<html><body><p>Thank <b>you</b>!</p></body></html>", None, True),
        ("Thank you!", None, b"\x89PNG", False),
        ("It does not fit.", None, None, False),
    ],
)
async def test_a_thank_you_in_a_real_mail(server: Znuny, text: str | None, html: str | None, file: bytes | None, courtesy: bool):
    clock, state = FakeClock(NOW), FakeState()
    ref, number = ask(server)
    change(server, ref, Article=ANSWER)
    await server_and_we_wait(server, clock, timedelta(minutes=1))
    mail = mail_from("carol", "support", f"Re: [Ticket#{number}]", server.clock.now(), text or "")
    if html is not None and text is not None:
        mail.add_alternative(html, subtype="html")
    elif html is not None:
        mail.set_content(html, subtype="html")
    if file is not None:
        mail.add_attachment(file, maintype="image", subtype="png", filename="screen.png")
    server.deliver(mail)
    await server_and_we_wait(server, clock, timedelta(minutes=1))
    told = by_contact(await read_whole(connector(server, clock, state), state))[number]
    assert [event.courtesy for event in told if event.kind == "received"] == [courtesy]


@pytest.fixture
def in_berlin(server: Znuny) -> Iterator[Znuny]:
    server.live_in("Europe/Berlin")
    yield server
    server.live_in("UTC")


@pytest.mark.parametrize("now", [NOW, datetime(2026, 10, 25, 0, 50, tzinfo=UTC), datetime(2026, 3, 29, 0, 50, tzinfo=UTC)])
async def test_the_zone_of_the_server(in_berlin: Znuny, now: datetime):
    """Also where an hour comes twice, or never, while it is read."""
    server, clock, state = in_berlin, FakeClock(now), FakeState()
    server.clock.stand_at(now)
    ref, number = ask(server)
    reader = connector(server, clock, state, timezone="Europe/Berlin")
    for _ in range(5):
        await server_and_we_wait(server, clock, timedelta(minutes=5))
        change(server, ref, Article=ANSWER)
        said = server.clock.now()
        await server_and_we_wait(server, clock, timedelta(seconds=15))
        told = by_contact(await read_whole(reader, state))[number]
        assert (told[0].at, told[-1].kind, told[-1].at) == (now, "replied", said)


async def test_a_zone_that_is_not_the_servers_stops_the_source(in_berlin: Znuny):
    ask(in_berlin)
    with pytest.raises(TransientError, match=r"server's times are UTC\+01:00, not UTC: set timezone"):
        await read_whole(connector(in_berlin, FakeClock(NOW), FakeState()), FakeState())


async def test_check_on_the_real_one(server: Znuny):
    ref, _ = ask(server)
    change(server, ref, Article=ANSWER)
    named = {"queues": ["Support", "Sales"], "escalation": {"queues": ["Managers"]}}
    findings = [finding async for finding in connector(server, FakeClock(NOW), FakeState(), **named).check()]
    assert [finding.text for finding in findings if finding.ok is not True][1:] == [
        "queue Managers: this account finds no ticket there; unless it is empty, check the account's rights",
        "queue Sales: Znuny has none of this name; write it as it is written there",
    ]
    assert "staff: 1 accounts by sender type agent" in " ".join(finding.text for finding in findings)


async def test_an_account_that_sees_nothing_is_told_by_check(server: Znuny):
    ask(server)
    stranger = {"username": STRANGER, "password": server.password(STRANGER)}
    findings = [finding async for finding in connector(server, FakeClock(NOW), FakeState(), **stranger).check()]
    assert "queues that this account sees: 0" in [finding.text for finding in findings if finding.ok is False]


async def test_an_account_that_is_shut_out_and_a_server_that_stops_lose_nothing(server: Znuny):
    clock, state = FakeClock(NOW), FakeState()
    reader = connector(server, clock, state)
    ref, number = ask(server)
    await server_and_we_wait(server, clock, timedelta(seconds=60))
    told = by_contact(await read_whole(reader, state))
    change(server, ref, Article=ANSWER)
    server.perl(_VALID, READER, "2")
    with pytest.raises(AuthError, match="does not accept the password"):
        await read_whole(reader, state)
    server.perl(_VALID, READER, "1")
    server.stop()
    with pytest.raises(TransientError, match="cannot be reached"):
        await read_whole(reader, state)
    server.start()
    await server_and_we_wait(server, clock, timedelta(seconds=600))
    told[number] += by_contact(await read_whole(reader, state))[number]
    kinds = [event.kind for event in told[number] if not event.id.endswith(":first")]
    assert kinds == ["opened", "auto_replied", "opened", "auto_replied", "replied"]


async def test_wrong_passwords_and_wrong_addresses(server: Znuny):
    for more, expected in (
        ({"password": "wrong"}, "does not accept the password"),
        ({"url": server.url + "-not"}, "url names no valid web service"),
    ):
        with pytest.raises((AuthError, TransientError), match=expected):
            [finding async for finding in connector(server, FakeClock(NOW), FakeState(), **more).check()]
