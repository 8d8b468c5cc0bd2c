"""The Asterisk connector over real sockets on loopback, against a scripted AMI server."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from monitor.clock import SystemClock
from monitor.connector import Batch, Context, Finding
from monitor.connectors._asterisk.session import Timing
from monitor.connectors.asterisk import Asterisk, Settings, connect
from monitor.domain.event import Event, from_micros
from monitor.errors import AuthError, SourceError, TransientError
from tests.connectors.asterisk.test_queue_log import StoredState
from tests.connectors.asterisk.test_tracker import stories, word
from tests.connectors.asterisk_recordings import chunks, follow, hashed
from tests.connectors.scripted_ami import SECRET, ScriptedAmi, block, listening

QUICK = Timing(ping=0.05, silence=0.3, retry=0.02, loading=2.0)
#: All that is ever sent.
ALLOWED = {"Challenge", "Login", "Ping", "QueueStatus", "CoreShowChannels", "ListCommands", "Logoff"}


def make(ami: ScriptedAmi, entries: StoredState | None = None, timing: Timing = QUICK, **keys: Any) -> Asterisk:
    settings = Settings(type="asterisk", host="127.0.0.1", port=ami.port, username="monitor", password=SECRET, **keys)
    return Asterisk(settings, Context("pbx", SystemClock(), UTC, "GB", hashed, entries or StoredState()), timing)


class Reading:
    """One `read`, and all it has given so far."""

    def __init__(self, connector: Asterisk, entries: StoredState) -> None:
        self.batches: list[Batch] = []
        self._stream = connector.read(entries.cursor)
        self._notes = entries

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch.events]

    @property
    def words(self) -> list[str]:
        return [word(event) for event in self.events]

    async def until(self, enough: Callable[["Reading"], bool]) -> "Reading":
        async with asyncio.timeout(60):
            while not enough(self):
                batch = await anext(self._stream)
                self._notes.take(batch)
                self.batches.append(batch)
        return self

    async def to_the_end(self) -> SourceError:
        with pytest.raises(SourceError) as error:
            await self.until(lambda _: False)
        return error.value

    async def aclose(self) -> None:
        await self._stream.aclose()


@asynccontextmanager
async def reading(ami: ScriptedAmi, entries: StoredState | None = None, **keys: Any) -> AsyncIterator[Reading]:
    entries = entries or StoredState()
    async with aclosing(Reading(make(ami, entries, **keys), entries)) as running:
        await running.until(lambda r: bool(r.batches))
        yield running


def has(*words: str) -> Callable[[Reading], bool]:
    return lambda reading: all(reading.words.count(each) >= words.count(each) for each in words)


def join(ami: ScriptedAmi, uid: str, at: float | None = None, queue: str = "support", number: str = "5551") -> None:
    ami.say(
        "QueueCallerJoin", at, Uniqueid=uid, Linkedid=uid, Channel="PJSIP/trunk-00000001", CallerIDNum=number, Queue=queue
    )  # fmt: skip


def talk(ami: ScriptedAmi, uid: str, agent: str) -> None:
    """A caller who is with an agent who then presses hold."""
    join(ami, uid)
    ami.say("AgentConnect", Uniqueid=uid, Linkedid=uid, Queue="support")
    ami.say("Hold", Uniqueid=agent, Linkedid=uid, Channel="PJSIP/1001-00000002")


# --- login ------------------------------------------------------------------------------------------


async def test_it_logs_in_by_challenge_and_the_secret_never_goes_out() -> None:
    async with listening(ScriptedAmi()) as ami, reading(ami) as running:
        assert running.batches[0].live_lag is not None
    assert ami.wire[0]["Action"] == "Challenge"
    assert all(SECRET not in value for asked in ami.wire for value in asked.values())


async def test_where_there_is_no_challenge_it_logs_in_plainly() -> None:
    async with listening(ScriptedAmi(challenge=False)) as ami, reading(ami):
        assert ami.logins == 1


async def test_nothing_is_ever_sent_but_questions() -> None:
    async with listening(ScriptedAmi()) as ami:
        async with reading(ami) as running:
            talk(ami, "1.1", "1.2")
            await running.until(has("held"))
        async for _ in make(ami).check():
            pass
        await asyncio.sleep(0)
    assert {asked["Action"] for asked in ami.wire} <= ALLOWED


@pytest.mark.parametrize("challenge", [True, False])
async def test_a_wrong_password_is_an_auth_error_that_says_where(challenge: bool) -> None:
    async with listening(ScriptedAmi(challenge=challenge)) as ami:
        settings = Settings(type="asterisk", host="127.0.0.1", port=ami.port, username="monitor", password="wrong-one")
        connector = connect(settings, Context("pbx", SystemClock(), UTC, "GB", hashed, StoredState()))
        with pytest.raises(AuthError) as error:
            await anext(connector.read(None))
    assert f"127.0.0.1:{ami.port}" in str(error.value)
    assert "manager.conf" in str(error.value)
    assert "wrong-one" not in str(error.value)


async def test_an_account_that_is_in_use_is_worth_another_try() -> None:
    async with listening(ScriptedAmi(refusal="Login Already In Use")) as ami:
        with pytest.raises(TransientError, match="allowmultiplelogin"):
            await anext(make(ami).read(None))


async def test_nobody_there_is_a_transient_error() -> None:
    async with listening(ScriptedAmi()) as ami:
        pass
    with pytest.raises(TransientError, match=f"cannot connect to 127.0.0.1:{ami.port}") as error:
        await anext(make(ami).read(None))
    assert error.value.reason == "connect"


@pytest.mark.parametrize("banner", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_another_protocol_is_named_as_such(banner: bytes) -> None:
    async with listening(ScriptedAmi(banner=banner)) as ami:
        with pytest.raises(TransientError, match="does not speak AMI") as error:
            await anext(make(ami).read(None))
    assert error.value.reason == "protocol"


async def test_a_server_that_says_nothing_is_given_up() -> None:
    async with listening(ScriptedAmi(banner=b"")) as ami:
        with pytest.raises(
            TransientError, match=r"no AMI greeting within 0\.2 s; if this is its port of TLS, set tls to implicit$"
        ) as error:
            await anext(make(ami, timeout="200ms").read(None))
    assert error.value.reason == "timeout"


async def test_tls_towards_a_plain_port_says_so() -> None:
    async with listening(ScriptedAmi()) as ami:
        with pytest.raises(TransientError, match=r"what listens at 127\.0\.0\.1:[0-9]+ speaks no TLS; set port to ") as error:
            await anext(make(ami, tls=True).read(None))
    assert error.value.reason == "tls"


CERTIFICATES = Path(__file__).parent / "certificates"


def server_side(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / name)
    return context


async def test_over_tls_with_our_own_authority() -> None:
    async with (
        listening(ScriptedAmi(), server_side("valid.pem")) as ami,
        reading(ami, tls=True, ca_file=CERTIFICATES / "valid.pem") as running,
    ):
        join(ami, "1.1")
        await running.until(has("queued"))


@pytest.mark.parametrize(
    ("name", "ca_file", "words"),
    [("valid.pem", None, "self-signed"), ("expired.pem", CERTIFICATES / "expired.pem", "certificate has expired")],
)
async def test_a_certificate_that_is_not_accepted_says_why(name: str, ca_file: Path | None, words: str) -> None:
    async with listening(ScriptedAmi(), server_side(name)) as ami:
        with pytest.raises(TransientError, match=words) as error:
            await anext(make(ami, tls=True, ca_file=ca_file).read(None))
    assert error.value.reason == "tls"


def test_the_password_is_wanted_and_never_shown() -> None:
    keys = {"type": "asterisk", "host": "pbx", "username": "monitor"}
    with pytest.raises(ValidationError, match="Field required"):
        Settings.model_validate(keys)
    assert "s3cret" not in repr(Settings.model_validate(keys | {"password": "s3cret"}))


# --- live -------------------------------------------------------------------------------------------


async def test_events_bear_asterisks_clock_and_the_lag_says_how_far_it_is_off() -> None:
    async with listening(ScriptedAmi(ahead=100.0)) as ami, reading(ami) as running:
        at = round(ami.now(), 3)  # a moment that survives being written with six digits
        join(ami, "1.1", at)
        await running.until(has("queued"))
        assert running.events[0].at == from_micros(round(at * 1_000_000))
        lag, offset = running.batches[-1].live_lag, running.batches[-1].clock_offset
    assert lag is not None
    assert timedelta(seconds=-100) < lag < timedelta(seconds=-99.5)
    assert offset is not None
    assert 99.9 < offset < 100.1


async def test_without_time_stamps_the_arrival_counts_in_our_clock() -> None:
    async with listening(ScriptedAmi(ahead=100.0)) as ami, reading(ami) as running:
        begun = time.time()
        ami.send(block({"Event": "QueueCallerJoin", "Uniqueid": "1.1", "Linkedid": "1.1", "Queue": "support"}))
        await running.until(has("queued"))
        assert begun <= running.events[0].at.timestamp() <= time.time()
        lag = running.batches[-1].live_lag
    assert lag is not None
    assert timedelta(0) < lag < timedelta(seconds=1)


@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_a_real_session_in_pieces_of_any_size(size: int) -> None:
    name = "attended_transfer_feature"
    data = b"".join(data for _, data in chunks(name))
    data = data[data.index(b"Event: ") :]
    then = chunks(name)[-1][0] / 1_000_000
    async with listening(ScriptedAmi(ahead=then - time.time())) as ami, reading(ami) as running:
        for start in range(0, len(data), size):
            ami.send(data[start : start + size])
            if start % 500 == 0:
                await asyncio.sleep(0)
        await running.until(has("ended"))
    assert set(running.events) == set(follow(chunks(name)))


async def test_many_events_come_in_batches_the_store_can_take() -> None:
    async with listening(ScriptedAmi()) as ami, reading(ami) as running:
        for number in range(5000):
            join(ami, f"1.{number}")
        await running.until(lambda r: r.words.count("queued") == 5000)
    assert max(len(batch.events) for batch in running.batches) <= 2000


class Gathering(SystemClock):
    """Instead of the time in which one batch is gathered, `meanwhile` happens, once."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def sleep(self, seconds: float) -> None:
        meanwhile, self.meanwhile = self.meanwhile, None
        await (super().sleep(seconds) if meanwhile is None else meanwhile())


async def test_nothing_is_proven_past_a_message_that_still_waits_to_be_put_in_order() -> None:
    """A ping is answered at once, a message waits 20 ms for earlier ones: absence judged meanwhile would be judged too early."""
    clock, entries = Gathering(), StoredState()
    async with listening(ScriptedAmi()) as ami:
        settings = Settings(type="asterisk", host="127.0.0.1", port=ami.port, username="monitor", password=SECRET)
        connector = Asterisk(settings, Context("pbx", clock, UTC, "GB", hashed, entries), Timing(ping=5.0, silence=15.0))
        async with aclosing(Reading(connector, entries)) as running:
            await running.until(lambda r: bool(r.batches))
            prove = running.batches[-1].prove

            async def a_second_caller_and_a_sign_of_life() -> None:
                join(ami, "1.2")
                assert prove is not None
                prove()
                for _ in range(100):  # turns of the loop in which the answer arrives
                    await asyncio.sleep(0)

            clock.meanwhile = a_second_caller_and_a_sign_of_life
            join(ami, "1.1")
            await running.until(has("queued", "queued"))
            last = max(event.at for event in running.events)
            await running.until(lambda r: (r.batches[-1].proven or last) > last)
    proven = [batch.proven for batch in running.batches if batch.proven is not None]
    assert len(proven) == len(running.batches)
    assert proven == sorted(proven)
    later = list(zip(proven, running.batches[1:], strict=False))
    assert [event for before, batch in later for event in batch.events if event.at <= before] == []


async def test_a_quiet_source_says_that_it_is_complete_and_stores_nothing() -> None:
    async with listening(ScriptedAmi()) as ami, reading(ami) as running:
        await running.until(lambda r: len(r.batches) == 2)
    first, second = running.batches
    assert first.cursor is not None
    assert second.live_lag is not None
    assert (second.events, second.cursor, second.state, second.gap) == ([], None, {}, None)


async def test_silence_is_taken_for_a_dead_connection() -> None:
    async with listening(ScriptedAmi()) as ami, reading(ami) as running:
        ami.pongs = False
        error = await running.to_the_end()
    assert isinstance(error, TransientError)
    assert error.reason == "timeout"
    assert "said nothing for 0.3 s" in str(error)


async def test_a_connection_closed_in_the_middle_of_a_message_keeps_what_came_before() -> None:
    async with listening(ScriptedAmi()) as ami, reading(ami) as running:
        join(ami, "1.1")
        ami.send(b"Event: AgentConnect\r\nUniqueid: 1.1\r\nQue")
        ami.hang_up()
        error = await running.to_the_end()
    assert running.words == ["queued"]
    assert isinstance(error, TransientError)
    assert error.reason == "connect"


# --- gaps -------------------------------------------------------------------------------------------


async def after_a_gap(
    ami: ScriptedAmi, before: Callable[[], None], meanwhile: Callable[[], None], words: tuple[str, ...], **keys: Any
) -> tuple[Reading, StoredState]:
    """Until `words` were told, then a killed monitor, then what a new one makes of the rest on its first look."""
    entries = StoredState()
    async with reading(ami, entries, **keys) as first:
        before()
        await first.until(has(*words))
    meanwhile()
    async with reading(ami, entries, **keys) as second:
        pass
    return second, entries


def shown(uid: str, linked: str | None = None) -> dict[str, str]:
    return {"Uniqueid": uid, "Linkedid": linked or uid, "Channel": "PJSIP/trunk-00000001"}


def waits(uid: str, seconds: int, queue: str = "support") -> dict[str, Any]:
    return {"Queue": queue, "Uniqueid": uid, "Channel": "PJSIP/trunk-00000001", "CallerIDNum": "5551", "Wait": seconds}


async def test_the_first_time_there_is_no_gap_and_who_waits_is_observed_late() -> None:
    ami = ScriptedAmi(entries=[waits("1.1", 30)], channels=[shown("1.1", "1.0")])
    async with listening(ami), reading(ami) as running:
        (event,) = running.events
    assert (event.kind, event.rough, event.contact, event.id) == ("queued", True, "1.0", "1.1/support/1/queued")
    assert 29.9 < time.time() - event.at.timestamp() < 31
    assert running.batches[0].gap is None


async def test_a_caller_who_still_waits_goes_on_waiting_after_a_gap() -> None:
    async with listening(ScriptedAmi()) as ami:

        def meanwhile() -> None:
            ami.entries, ami.channels = [waits("1.1", 0)], [shown("1.1")]

        running, entries = await after_a_gap(ami, lambda: join(ami, "1.1"), meanwhile, ("queued",))
        assert running.words == []
        assert running.batches[0].gap is not None
        async with reading(ami, entries) as third:
            ami.say("AgentConnect", Uniqueid="1.1", Linkedid="1.1", Queue="support")
            await third.until(has("answered"))
    assert third.events[0].id == "1.1/support/1/answered"


async def test_a_caller_who_is_gone_after_a_gap_is_lost_not_abandoned() -> None:
    async with listening(ScriptedAmi()) as ami:
        running, entries = await after_a_gap(ami, lambda: join(ami, "1.1"), lambda: None, ("queued",))
    assert running.words == ["lost(gap)", "ended"]
    assert entries.kept == {}


async def test_who_left_the_same_queue_and_came_back_begins_anew() -> None:
    async with listening(ScriptedAmi()) as ami:

        def meanwhile() -> None:
            ami.entries, ami.channels = [waits("1.1", 20)], [shown("1.1")]

        running, _ = await after_a_gap(ami, lambda: join(ami, "1.1", ami.now() - 60), meanwhile, ("queued",))
    assert running.words == ["lost(gap)", "queued"]
    assert running.events[1].id == "1.1/support/2/queued"


async def test_a_hold_over_a_gap_is_lost_and_the_call_goes_on() -> None:
    async with listening(ScriptedAmi(channels=[shown("1.1")])) as ami:
        running, entries = await after_a_gap(ami, lambda: talk(ami, "1.1", "1.2"), lambda: None, ("held",))
        assert running.words == ["lost(gap)"]
        async with reading(ami, entries) as third:
            ami.say("Unhold", Uniqueid="1.2", Linkedid="1.1", Channel="PJSIP/1001-00000002")
            ami.say("Hold", Uniqueid="1.2", Linkedid="1.1", Channel="PJSIP/1001-00000002")
            ami.say("Hangup", Uniqueid="1.1", Linkedid="1.1", Channel="PJSIP/trunk-00000001")
            await third.until(has("ended"))
    assert third.words == ["held", "unheld", "ended"]
    assert third.events[0].id == "1.2/held/2"


async def test_a_talk_that_is_over_after_a_gap_ended_roughly_now() -> None:
    async with listening(ScriptedAmi()) as ami:
        running, _ = await after_a_gap(ami, lambda: talk(ami, "1.1", "1.2"), lambda: None, ("held",))
    assert running.words == ["lost(gap)", "ended"]
    assert running.events[1].rough


async def test_an_account_that_may_not_see_channels_still_hears_of_a_talk_that_goes_on() -> None:
    async with listening(ScriptedAmi(channels=None)) as ami:
        running, entries = await after_a_gap(ami, lambda: talk(ami, "1.1", "1.2"), lambda: None, ("held",))
        assert running.words == ["lost(gap)"]
        async with reading(ami, entries) as third:
            ami.say("Hold", Uniqueid="1.2", Linkedid="1.1", Channel="PJSIP/1001-00000002")
            await third.until(has("held"))


async def test_a_talk_nobody_can_see_is_let_go_after_half_a_day() -> None:
    async with listening(ScriptedAmi(channels=None)) as ami:
        ami.ahead = -13 * 3600.0
        entries = StoredState()
        async with reading(ami, entries) as first:
            join(ami, "1.1")
            ami.say("AgentConnect", Uniqueid="1.1", Linkedid="1.1", Queue="support")
            await first.until(has("answered"))
        ami.ahead = 0.0
        async with reading(ami, entries) as second:
            assert second.words == []
        assert entries.kept == {}


@pytest.mark.parametrize("by", ["uptime", "loading"])
async def test_a_restart_while_we_were_away_is_nobodys_decision(by: str) -> None:
    async with listening(ScriptedAmi()) as ami:

        def before() -> None:
            join(ami, "1.1")
            talk(ami, "1.3", "1.4")

        def meanwhile() -> None:
            ami.uptime, ami.loading = (0, 0) if by == "uptime" else (None, 3)

        running, entries = await after_a_gap(ami, before, meanwhile, ("queued", "queued", "held"))
    assert sorted(running.words) == ["ended", "ended", "left(restart)", "lost(gap)"]
    assert entries.kept == {}


async def test_what_happens_between_login_and_the_first_look_counts() -> None:
    """A caller who joins while the answers are on their way is neither doubled nor lost."""
    ami = ScriptedAmi()
    fields = {**shown("1.1"), "Queue": "support", "CallerIDNum": "5551"}
    late = {"Event": "QueueCallerJoin", **fields}
    ami.after_channels = lambda: block({**late, "Timestamp": f"{ami.now():.6f}"})
    async with listening(ami), reading(ami) as running:
        await running.until(has("queued"))
        ami.say("AgentConnect", **fields)
        await running.until(has("answered"))
    assert running.words == ["queued", "answered"]


def log_line(verb: str, *data: object, uid: str = "1.1", at: float | None = None) -> bytes:
    return "|".join(str(x) for x in (int(at or time.time()), uid, "support", "Alice", verb, *data)).encode() + b"\n"


async def test_queue_log_fills_the_gap(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(log_line("ENTERQUEUE", "", "5559", 1, uid="0.9"))
    async with listening(ScriptedAmi()) as ami:

        def meanwhile() -> None:
            with path.open("ab") as file:
                file.write(log_line("CONNECT", 3, "1.2", 2))
                file.write(log_line("ENTERQUEUE", "", "5552", 1, uid="1.7"))
            path.rename(tmp_path / "queue_log.0")
            path.write_bytes(
                log_line("CONFIGRELOAD", "", uid="NONE")
                + log_line("ABANDON", 1, 1, 9, uid="1.7")
                + log_line("COMPLETEAGENT", 3, 5, 1)
            )

        running, entries = await after_a_gap(ami, lambda: join(ami, "1.1"), meanwhile, ("queued",), queue_log=path)
    told: dict[str, list[str]] = {e.contact: [] for e in running.events}
    for event in running.events:
        told[event.contact].append(word(event))
    assert told == {"1.1": ["ringing", "answered", "ended"], "1.7": ["queued", "left(caller)", "ended"]}
    assert all(event.rough for event in running.events)
    gap = running.batches[0].gap
    assert gap is not None
    assert gap.unknown == "holds, direct numbers, transfers between phones and call backs"
    assert entries.kept == {}


async def test_queue_log_tells_of_a_restart_in_the_gap(tmp_path: Path) -> None:
    """After a crash its lines simply stop, and the account reads no class system."""
    path = tmp_path / "queue_log"
    path.write_bytes(log_line("CONFIGRELOAD", "", uid="NONE"))
    async with listening(ScriptedAmi(uptime=None)) as ami:

        def before() -> None:
            join(ami, "1.1")
            talk(ami, "1.3", "1.4")

        def meanwhile() -> None:
            with path.open("ab") as file:
                file.write(log_line("QUEUESTART", "", uid="NONE", at=time.time() + 2))

        running, entries = await after_a_gap(ami, before, meanwhile, ("queued", "queued", "held"), queue_log=path)
    assert sorted(running.words) == ["ended", "ended", "left(restart)", "lost(gap)"]
    assert running.batches[0].gap is not None
    assert entries.kept == {}


async def test_a_log_that_was_removed_meanwhile_leaves_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(log_line("CONFIGRELOAD", "", uid="NONE"))
    async with listening(ScriptedAmi()) as ami:

        def meanwhile() -> None:
            other = tmp_path / "other"
            other.write_bytes(log_line("QUEUESTART", "", uid="NONE", at=1_795_000_000))
            other.rename(path)

        running, _ = await after_a_gap(ami, lambda: join(ami, "1.1"), meanwhile, ("queued",), queue_log=path)
    gap = running.batches[0].gap
    assert gap is not None
    assert gap.unknown is None
    assert running.words == ["lost(gap)", "ended"]


async def test_queue_log_tells_why_a_caller_left(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.touch()
    async with listening(ScriptedAmi()) as ami, reading(ami, queue_log=path) as running:
        join(ami, "1.1")
        ami.say("QueueCallerAbandon", Uniqueid="1.1", Linkedid="1.1", Queue="support")
        with path.open("ab") as file:
            file.write(log_line("EXITEMPTY", 1, 1, 3))
        await running.until(lambda r: any(e.kind == "left" for e in r.events))
    assert running.words == ["queued", "left(no_agents)"]


async def test_a_log_that_cannot_be_read_does_not_stop_ami(tmp_path: Path) -> None:
    async with listening(ScriptedAmi()) as ami, reading(ami, queue_log=tmp_path / "none") as running:
        join(ami, "1.1")
        await running.until(has("queued"))


async def test_a_broken_note_is_thrown_away() -> None:
    entries = StoredState()
    entries.kept = {"call:1.9": "{]", "call:1.8": '{"legs": 5}'}
    async with listening(ScriptedAmi()) as ami, reading(ami, entries):
        assert entries.kept == {}


async def test_the_same_session_told_by_a_recording_across_a_restart() -> None:
    """Our recording of `core restart now`: the second connection begins before app_queue is loaded."""
    told = stories(follow(chunks("restart")) + follow(chunks("restart", connection=2)))
    assert told["5550092", "queue:support"] == "queued left(restart) ended"
    assert told["5550093", "queue:support"] == "queued ringing answered held unheld ended"


# --- check ------------------------------------------------------------------------------------------


async def findings(ami: ScriptedAmi, **keys: Any) -> list[Finding]:
    return [finding async for finding in make(ami, timing=QUICK, **keys).check()]


async def test_check_names_what_it_would_watch_and_that_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "queue_log").write_bytes(log_line("ENTERQUEUE", "", "5559", 1))
    ami = ScriptedAmi(entries=[waits("1.1", 3, "sales")])
    come = [{"Event": name, "Timestamp": "1795298988.95"} for name in ("Hangup", "QueueCallerJoin")]
    ami.after_channels = lambda: b"".join(map(block, come))
    async with listening(ami):
        found = await findings(ami, queue_log=tmp_path / "queue_log")
    assert [f.ok for f in found] == [True] * 6
    texts = " / ".join(f.text for f in found)
    assert "sales, support" in texts
    assert "cannot place, redirect or end calls" in texts
    assert "read classes seen: agent, call, system" in texts
    assert SECRET not in texts


async def test_check_finds_an_account_that_may_change_things() -> None:
    async with listening(ScriptedAmi(commands={"Originate": "x", "Ping": "x", "Hangup": "x"}, channels=None)) as ami:
        found = await findings(ami)
    bad = [f.text for f in found if f.ok is False]
    assert len(bad) == 1
    assert "(Hangup, Originate)" in bad[0]


async def test_check_warns_of_missing_time_stamps_and_classes() -> None:
    ami = ScriptedAmi(uptime=None)
    ami.after_channels = lambda: block({"Event": "Hangup", "Privilege": "call,all"})
    async with listening(ami):
        texts = " / ".join(f.text for f in await findings(ami) if f.ok is None)
    assert "timestampevents=yes" in texts
    assert "a restart is not recognised" in texts


# --- who could answer -------------------------------------------------------------------------------


def told(reading: Reading) -> list[dict[str, int]]:
    """What was told of the queue, in order."""
    return [dict(batch.agents["queue:support"]) for batch in reading.batches if batch.agents]


def member(ami: ScriptedAmi, name: str = "Status", **fields: str) -> None:
    ami.say(
        f"QueueMember{name}", Queue="support", Interface="PJSIP/1001", **{"Status": "1", "Paused": "0", "InCall": "0", **fields}
    )


async def test_the_first_batch_tells_who_could_answer_and_events_go_on_from_there() -> None:
    free = {"Status": "1", "Paused": "0", "InCall": "0"}
    async with listening(ScriptedAmi(members=["PJSIP/1001", "PJSIP/1002"], member=free)) as ami, reading(ami) as running:
        assert told(running) == [{"ready": 2, "busy": 0, "paused": 0, "away": 0}]
        member(ami, Status="6")
        await running.until(lambda r: len(told(r)) == 2)
        member(ami, "Pause", Status="6", Paused="1")
        await running.until(lambda r: len(told(r)) == 3)
        member(ami, "Removed")
        await running.until(lambda r: len(told(r)) == 4)
    assert told(running)[1:] == [
        {"ready": 1, "busy": 1, "paused": 0, "away": 0},
        {"ready": 1, "busy": 0, "paused": 1, "away": 0},
        {"ready": 1, "busy": 0, "paused": 0, "away": 0},
    ]
    assert "PJSIP/1001" not in repr(running.batches)


async def test_members_that_come_without_an_event_are_seen_by_asking_again() -> None:
    free = {"Status": "1", "Paused": "0", "InCall": "0"}
    timing = Timing(ping=0.05, silence=0.3, retry=0.02, loading=2.0, members=0.2)
    entries = StoredState()
    async with (
        listening(ScriptedAmi(member=free)) as ami,
        aclosing(Reading(make(ami, entries, timing), entries)) as running,
    ):
        await running.until(lambda r: bool(r.batches))
        ami.members = ["PJSIP/1009"]
        await running.until(lambda r: len(told(r)) == 2)
        join(ami, "1.1")
        await running.until(has("queued"))
    assert told(running) == [{"ready": 0, "busy": 0, "paused": 0, "away": 0}, {"ready": 1, "busy": 0, "paused": 0, "away": 0}]


async def test_an_account_that_is_told_of_no_member_says_nothing_once_that_is_proven() -> None:
    timing = Timing(ping=0.05, silence=0.3, retry=0.02, loading=2.0, members=0.2)
    entries = StoredState()
    async with (
        listening(ScriptedAmi(members=["PJSIP/1001"], member={"Status": "1"})) as ami,
        aclosing(Reading(make(ami, entries, timing), entries)) as running,
    ):
        await running.until(lambda r: bool(r.batches))
        ami.member = {"Status": "2"}
        await running.until(lambda r: r.batches[-1].agents == {})
