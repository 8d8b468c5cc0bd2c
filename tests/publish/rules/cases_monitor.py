"""Sources that cannot be read or cannot be understood, and the daemon itself."""

from tests.publish.rules.series import JOB, OF_SOURCE, Case, Expected, Scrapes, Series, counted, line, ours

CLOCKS = (
    "pbx (asterisk): its clock and ours differ by 45 s. Waits are measured wrongly by as much. "
    "First: see which of the two is not synchronised."
)
W = Scrapes()
LONG = Scrapes(steps=420)
SLOW = Scrapes(steps=1300, every=240)
PBX = {"source": "pbx", "kind": "asterisk"}
NIGHT = W.constant(0)


def seen(scrapes: Scrapes = W, is_open: str = "", **source: str) -> Series:
    return {**scrapes.daemon(), **scrapes.source(**source), **scrapes.point(is_open=is_open)}


def blind(since: str, lag: str) -> tuple[Expected, ...]:
    return (
        Expected(
            f"pbx (asterisk) feeds 1 contact point. Nothing has been seen of it since {since} ({lag}). Customers may be waiting "
            "there unseen; alerts about them stay as they were. First: see the page of sources for the reason.",
            OF_SOURCE,
        ),
    )


UNSEEN = (
    Case(
        "ContactPointSourceBlind",
        "up, but nothing new for ten minutes",
        seen(watermark="0+60x30 1800x100"),
        "40m",
        blind("Thu 1 Jan 00:30 UTC", "10 min"),
    ),
    Case(
        "ContactPointSourceBlind",
        "down since ten minutes",
        seen(up="1x30 0x100", watermark="0+60x30 1800x100"),
        "40m",
        blind("Thu 1 Jan 00:30 UTC", "10 min"),
    ),
    # 3 x 15 s + 60 s = 105 s
    Case("ContactPointSourceBlind", "a little behind, as a poll is", seen(watermark="-100+60x140"), "40m"),
    Case("ContactPointSourceBlind", "everything it feeds is closed", seen(is_open=NIGHT, watermark="0+60x30 1800x100"), "40m"),
    Case("ContactPointSourceBlind", "one bad minute", seen(up="1x30 0 1x100"), "33m"),
    Case(
        "ContactPointSourceBlind",
        "everything closed while it was blind: it is as blind as before",
        seen(is_open="1x40 0x110", watermark="0+60x30 1800x120"),
        "90m",
        blind("Thu 1 Jan 00:30 UTC", "60 min"),
    ),
    Case("ContactPointSourceBlind", "it is read again", seen(watermark="0+60x30 1800x30 3660+60x90"), "62m"),
    Case(
        "ContactPointSourceBlind",
        "the monitor stopped while it was blind",
        {name: f"{values} stale".replace("x150", "x50") for name, values in seen(watermark="0+60x30 1800x20").items()},
        "90m",
        blind("Thu 1 Jan 00:30 UTC", "60 min"),
    ),
    Case(
        "ContactPointSourceIdle",
        "all that it feeds is closed",
        seen(is_open=NIGHT),
        "10m",
        (
            Expected(
                "pbx (asterisk): all its contact points are closed. Nothing is wrong: while this fires nobody is woken about the "
                "source.",
                OF_SOURCE,
            ),
        ),
    ),
    Case("ContactPointSourceIdle", "one of two is open", {**seen(is_open=NIGHT), **W.point("hotline")}, "10m"),
    Case(
        "ContactPointSourceDown",
        "no attempt worked for six minutes",
        seen(up="1x30 0x100", watermark="0+60x30 1800x100"),
        "38m",
        (
            Expected(
                "pbx (asterisk): no attempt to read it has worked for five minutes or more; "
                "the last good one: Thu 1 Jan 00:30 UTC. First: see the page of sources for the reason.",
                OF_SOURCE,
            ),
        ),
    ),
    Case("ContactPointSourceDown", "every second attempt works", seen(up="0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1"), "18m"),
    Case("ContactPointSourceDown", "Prometheus missed two scrapes", seen(up="1x30 _x2 1x100"), "33m"),
)


def refused(failures: str, polls: str, up: str) -> Series:
    return {
        **seen(up=up, watermark="_x150"),
        **ours("source_poll_failures_total", failures, **PBX, reason="auth"),
        **ours("source_polls_total", polls, **PBX),
    }


LOGIN = (
    Expected(
        "pbx (asterisk): our user name, password or token was refused; after a few tries the monitor waits for a reload. "
        "Last good attempt: not yet. "
        "First: see whether the password was changed or has expired.",
        OF_SOURCE,
    ),
)
REFUSED = (
    Case(
        "ContactPointSourceAuthRefused",
        "the password changed at 00:30",
        refused("0x30 1 2 3x100", "0+1x33 33x100", "1x30 0x100"),
        "60m",
        LOGIN,
    ),
    Case(
        "ContactPointSourceAuthRefused",
        "wrong from the first try: no scrape ever saw zero",
        refused("1x10 2x100", "1x10 2x100", "0x150"),
        "5m",
        LOGIN,
    ),
    Case("ContactPointSourceAuthRefused", "it is down, but not for the password", refused("0x150", "0+1x150", "0x150"), "60m"),
    Case(
        "ContactPointSourceAuthRefused",
        "refused once last month, down for another reason now",
        refused("3x150", "500+1x150", "0x150"),
        "60m",
    ),
    Case("ContactPointSourceAuthRefused", "works again", refused("0x30 1x100", "0+1x150", "1x30 0x5 1x100"), "60m"),
)


def records(rejected: str = "0x420", unmapped: str = "0x420", events: str = "0+10x420") -> Series:
    return {
        **seen(LONG),
        **ours("source_records_rejected_total", rejected, **PBX, reason="malformed"),
        **ours("source_records_rejected_total", LONG.constant(0), **PBX, reason="future"),
        **ours("source_records_unmapped_total", unmapped, **PBX),
        **ours("source_events_total", events, **PBX),
    }


RECORDS = (
    Case(
        "ContactPointRecordsRejected",
        "one in eleven cannot be read any more",
        records(rejected="0+1x420"),
        "70m",
        (
            Expected(
                "pbx (asterisk): records refused in the last hour: 60, more than one in a hundred. "
                "Figures of its contact points are incomplete; the format may have changed. First: see the log for the records.",
                OF_SOURCE,
            ),
        ),
    ),
    Case(
        "ContactPointRecordsRejected", "two spoilt mails in a quiet hour", records(rejected="0x30 2x300", events="0x420"), "60m"
    ),
    Case("ContactPointRecordsRejected", "four of a thousand", records(rejected="0x30 4x300", events="0+20x420"), "60m"),
    Case("ContactPointRecordsRejected", "none", records(), "60m"),
    Case(
        "ContactPointRecordsUnmapped",
        "a new queue that nobody configured",
        records(unmapped="0+1x420"),
        "400m",
        (
            Expected(
                "pbx (asterisk): records of the last six hours without a contact point: 360. "
                'They are counted as "other". '
                "First: see whether a new queue or address is missing in the configuration.",
                OF_SOURCE,
            ),
        ),
        evaluated=300,
    ),
    Case(
        "ContactPointRecordsUnmapped",
        "one in a hundred",
        records(unmapped=counted(420, lambda step: int(step % 10 == 0))),
        "400m",
        evaluated=300,
    ),
    Case("ContactPointRecordsUnmapped", "none", records(), "400m", evaluated=300),
    Case(
        "ContactPointSourceClockSkew",
        "the telephone system is 45 seconds ahead",
        {**seen(), **ours("source_clock_offset_seconds", "45x150", **PBX)},
        "20m",
        (Expected(CLOCKS, OF_SOURCE),),
    ),
    Case(
        "ContactPointSourceClockSkew",
        "or behind",
        {**seen(), **ours("source_clock_offset_seconds", "-45x150", **PBX)},
        "20m",
        (Expected(CLOCKS, OF_SOURCE),),
    ),
    Case(
        "ContactPointSourceClockSkew",
        "thirty seconds are borne",
        {**seen(), **ours("source_clock_offset_seconds", "30x150", **PBX)},
        "20m",
    ),
    Case(
        "ContactPointSourceClockSkew",
        "it does not tell its clock",
        {**seen(), **ours("source_clock_offset_seconds", "_x150", **PBX)},
        "20m",
    ),
)


def mailbox(inbound: str, outbound: str = "", channel: str = "email") -> Series:
    here = {"channel": channel, "contact_point": "info-mail"}
    found = {
        **SLOW.daemon(),
        **SLOW.source("mail", "imap"),
        **SLOW.point("info-mail", channel, source=("mail", "imap")),
        **ours("contacts_total", inbound, **here, direction="inbound"),
    }
    if outbound:
        found |= ours("source_last_outbound_timestamp_seconds", outbound, source="mail", kind="imap")
    return found


MAIL = {"job": "monitor", "source": "mail", "kind": "imap"}
OUTBOUND = (
    Case(
        "ContactPointNoOutbound",
        "a customer every four minutes and no answer since the first evening",
        mailbox("0+1x1300", "36000x1300"),
        "5100m",
        (
            Expected(
                "mail (imap): customers keep writing, but the newest answer of ours seen in it: "
                "Thu 1 Jan 10:00 UTC. If answers go out another way, everything there will look "
                "unanswered. First: write an answer and see in which folder or account it ends up.",
                MAIL,
            ),
        ),
        every=240,
        evaluated=1200,
    ),
    Case(
        "ContactPointNoOutbound",
        "not one answer ever",
        mailbox("0+1x1300"),
        "240m",
        (
            Expected(
                "mail (imap): customers keep writing, but the newest answer of ours seen in it: never. "
                "If answers go out another way, everything there will look "
                "unanswered. First: write an answer and see in which folder or account it ends up.",
                MAIL,
            ),
        ),
        every=240,
        evaluated=1200,
    ),
    Case(
        "ContactPointNoOutbound", "answered two days ago", mailbox("0+1x1300", "150000x1300"), "5100m", every=240, evaluated=1200
    ),
    Case("ContactPointNoOutbound", "nobody writes either", mailbox("0x1300", "36000x1300"), "5100m", every=240, evaluated=1200),
    Case(
        "ContactPointNoOutbound",
        "telephones send no mail",
        mailbox("0+1x1300", channel="phone"),
        "5100m",
        every=240,
        evaluated=1200,
    ),
)

DOWN = {**W.daemon(), **line("up", "1x30 0x100"), **ours("build_info", "1x30 stale", version="1")}
MONITOR = {"job": "monitor"}
UNANSWERED = (
    Expected(
        "The monitor at monitor:9760 does not answer Prometheus. No contact point is being watched through it. "
        "First: see whether its process runs, and start it.",
        JOB,
    ),
)


def down(up: str = "1x30 0x1400") -> Series:
    """A monitor that stops after two hours, scraped every four minutes."""
    return {**line("up", up), **ours("build_info", "1x30 stale", version="1")}


def elsewhere(values: str, **labels: str) -> Series:
    """Another monitor that answers."""
    return {**line("up", values, **labels), **ours("build_info", values, **labels, version="1")}


REFUSES = (
    "The store refuses writes, or has refused some within the last ten minutes. Sources are not read on until it takes them "
    "again; nothing is lost meanwhile. First: see the page of sources for the reason."
)


def stored(failures: str) -> Series:
    return {**W.daemon(), **ours("store_write_failures_total", failures)}


def delays(per_step: tuple[int, int, int], *, started: float = -86400, **source: str) -> Series:
    """Limits counted within 1, 15 and 60 seconds, so many more of each with every scrape."""
    buckets = {"1.0": per_step[0], "15.0": sum(per_step[:2]), "60.0": sum(per_step), "+Inf": sum(per_step)}
    found = {**W.daemon(), **W.source(**source), **line("process_start_time_seconds", W.constant(started))}
    for le, grows in buckets.items():
        found |= ours("detection_delay_seconds_bucket", f"0+{grows}x150", le=le)
    return found | ours("detection_delay_seconds_count", f"0+{sum(per_step)}x150")


DAEMON = (
    Case(
        "ContactPointMonitorDown",
        "it has not answered for five minutes",
        DOWN,
        "36m",
        UNANSWERED,
    ),
    Case("ContactPointMonitorDown", "down for two days: time has mended nothing", down(), "3000m", UNANSWERED, 240, 240),
    Case(
        "ContactPointMonitorDown",
        "down, and fallen out of the targets after an hour",
        down(up="1x30 0x15 stale"),
        "600m",
        UNANSWERED,
        240,
        240,
    ),
    Case("ContactPointMonitorDown", "the same, four days later", down(up="1x30 0x15 stale"), "5700m", UNANSWERED, 240, 240),
    Case("ContactPointMonitorDown", "it answers again after two days", down(up="1x30 0x700 1x600"), "3200m", (), 240, 240),
    Case(
        "ContactPointMonitorDown",
        "fallen out of the targets: another of its job watches",
        down(up="1x30 0x15 stale") | elsewhere("_x45 1x1400", instance="other:9760"),
        "600m",
        (),
        240,
        240,
    ),
    Case(
        "ContactPointMonitorDown",
        "another of its job watches, but this one is a target and down",
        down() | elsewhere("1x1400", instance="other:9760"),
        "3000m",
        UNANSWERED,
        240,
        240,
    ),
    Case(
        "ContactPointMonitorDown",
        "the monitor of another site watches",
        down(up="1x30 0x15 stale") | elsewhere("1x1400", job="other"),
        "1200m",
        UNANSWERED,
        240,
        240,
    ),
    Case(
        "ContactPointMonitorDown",
        "the same for more than three days: it was taken down",
        down(up="1x30 0x15 stale") | elsewhere("1x1400", job="other"),
        "5000m",
        (),
        240,
        240,
    ),
    Case("ContactPointMonitorDown", "a restart of two minutes", {**W.daemon(), **line("up", "1x30 0x1 1x100")}, "33m"),
    Case(
        "ContactPointMonitorDown", "another program is down", {**W.daemon(), 'up{job="mail-server",instance="x"}': "0x100"}, "36m"
    ),
    Case(
        "ContactPointMonitorAbsent",
        "nothing was ever scraped",
        {},
        "12m",
        (
            Expected(
                "Prometheus has no figures of any monitor. It may be down, or have fallen out of Prometheus' targets. "
                "First: see the page of targets in Prometheus."
            ),
        ),
    ),
    Case(
        "ContactPointMonitorAbsent",
        "down for half an hour, which MonitorDown says",
        DOWN,
        "58m",
    ),
    Case(
        "ContactPointMonitorAbsent",
        "fallen out of the targets",
        {**line("up", "1x30 stale"), **ours("build_info", "1x30 stale", version="1")},
        "42m",
        (
            Expected(
                "Prometheus has no figures of any monitor. It may be down, or have fallen out of Prometheus' targets. "
                "First: see the page of targets in Prometheus."
            ),
        ),
    ),
    Case(
        "ContactPointMonitorAbsent",
        "a restart of five minutes",
        {**W.daemon(), **ours("build_info", "1x30 _x5 1x100", version="1")},
        "40m",
    ),
    Case(
        "ContactPointConfigReloadFailed",
        "refused at 00:30",
        {**W.daemon(), **ours("config_last_reload_successful", "1x30 0x100")},
        "45m",
        (
            Expected(
                "The monitor refused the configuration it was last told to read and goes on with the one from "
                "Thu 1 Jan 00:00 UTC. First: run `contact-monitor check`, which names every problem.",
                MONITOR,
            ),
        ),
    ),
    Case(
        "ContactPointConfigReloadFailed",
        "mended at once",
        {**W.daemon(), **ours("config_last_reload_successful", "1x30 0x2 1x100")},
        "45m",
    ),
    Case(
        "ContactPointDetectionDelayed",
        "one in five is counted up to a minute late",
        delays((4, 0, 1)),
        "60m",
        # the 90th of 100 lies in the middle of the bucket from 15 s to 60 s, which holds the last 20
        (
            Expected(
                "One in ten limits that passed in the last half hour was counted 38 s late or later, though no source was "
                "blind. The monitor or its store is overloaded. First: see its load on the dashboard.",
                MONITOR,
            ),
        ),
    ),
    Case("ContactPointDetectionDelayed", "all within a second", delays((5, 0, 0)), "60m"),
    Case("ContactPointDetectionDelayed", "nothing fell: a quiet night", delays((0, 0, 0)), "60m"),
    Case("ContactPointDetectionDelayed", "started half an hour ago and caught up", delays((4, 0, 1), started=1800), "60m"),
    Case(
        "ContactPointDetectionDelayed",
        "a source was blind until a few minutes ago",
        delays((4, 0, 1), up="1x40 0x10 1x100"),
        "60m",
    ),
    Case(
        "ContactPointStoreFailing",
        "some writes are refused",
        stored("0x30 1+4x100"),
        "42m",
        (Expected(REFUSES, MONITOR),),
    ),
    Case(
        "ContactPointStoreFailing",
        "the disk is full: all are refused, and the counter, which is kept there, stands still",
        {**W.daemon(), **ours("store_up", "1x30 0x100")},
        "37m",
        (Expected(REFUSES, MONITOR),),
    ),
    Case(
        "ContactPointStoreFailing",
        "refused for four minutes, and again for as long",
        {**W.daemon(), **ours("store_up", "1x30 0x3 1 0x3 1x100")},
        "39m",
    ),
    Case("ContactPointStoreFailing", "it failed yesterday and not since", stored("90x150"), "60m"),
    Case("ContactPointStoreFailing", "a busy moment twenty minutes ago", stored("0x30 2x100"), "50m"),
    Case(
        "ContactPointMonitorRestarting",
        "five starts in half an hour",
        {**W.daemon(), **line("process_start_time_seconds", "0x30 1860 1860 2040 2040 2220 2220 2400 2400 2580x100")},
        "45m",
        (Expected("The monitor at monitor:9760 has started 5 times in half an hour. First: its log says why.", JOB),),
    ),
    Case(
        "ContactPointMonitorRestarting",
        "one update",
        {**W.daemon(), **line("process_start_time_seconds", "0x30 1860x100")},
        "45m",
    ),
    Case(
        "ContactPointMonitorRestarting",
        "another program restarts",
        {**W.daemon(), 'process_start_time_seconds{job="x",instance="x"}': "0+60x100"},
        "45m",
    ),
    Case(
        "ContactPointWatchdog",
        "always, whatever is there",
        {},
        "5m",
        (Expected("This alert always fires. Whoever receives it should raise the alarm when it stops."),),
    ),
)

CASES = (*UNSEEN, *REFUSED, *RECORDS, *OUTBOUND, *DAEMON)
