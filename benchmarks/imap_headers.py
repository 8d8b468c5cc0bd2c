"""How long does the first read of a large mailbox take, headers to events, beside other ways to fetch the headers?

    python -m benchmarks.imap_headers [MESSAGES] [ROUNDS]

Starts a real Dovecot, puts the messages there as Maildir files, lets it index them once, and reads them with
- floor: imaplib, header bytes fetched and left as they are,
- ours: the connector, from login to events and state, and with the texts of our answers, a third of the mails,
- imap-tools: its bulk header fetch, two headers evaluated at,
- imap-tools, same headers: the same, looking at those that ours needs (and still without conversations or events).
Prints the best of the rounds of each, and the ratios. All run in the same process against the same server, in turns.
"""

import asyncio
import contextlib
import gc
import imaplib
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import imap_tools

from benchmarks._measure import Cost, figure, machine, median
from monitor.clock import SystemClock
from monitor.connector import Context, NoState
from monitor.connectors._mail.headers import FIELDS
from monitor.connectors.imap import Settings, connect
from monitor.domain.customer import customer_hasher
from tests.servers.dovecot import PASSWORD, Dovecot, running_dovecot

USER = "bulk@lab.example"
BATCH = 500


def message(number: int, at: datetime) -> bytes:
    """Every third mail begins a conversation, one is chased, one is answered (a copy of the answer lies in INBOX)."""
    thread, place = divmod(number, 3)
    customer = f'"Customer {thread}" <c{thread}@customer.example>'
    sender, to = (customer, USER) if place < 2 else (USER, customer)
    refs = f"In-Reply-To: <bulk.{number - 1}@x.example>\nReferences: <bulk.{number - place}@x.example>\n" if place else ""
    return (
        f"Return-Path: <c{thread}@customer.example>\n"
        f"Received: from relay.invalid by mail.lab.example with ESMTP id {number}; {format_datetime(at)}\n"
        f"From: {sender}\nTo: {to}\nSubject: {'Re: ' if place else ''}Case {thread} in the bulk mailbox\n"
        f"Date: {format_datetime(at)}\nMessage-ID: <bulk.{number}@x.example>\n{refs}MIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\n\n" + "Lorem ipsum dolor sit amet, consectetur.\n" * (5 + number % 40)
    ).encode()


def floor(server: Dovecot) -> int:
    """imaplib, batches of 500, bytes as they are."""
    with imaplib.IMAP4(server.host, server.port) as client:
        client.login(USER, PASSWORD)
        client.select("INBOX", readonly=True)
        uids = client.uid("SEARCH", "ALL")[1][0].split()
        count = 0
        for i in range(0, len(uids), BATCH):
            part = uids[i : i + BATCH]
            items = f"(UID FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS ({FIELDS})])"
            count += sum(isinstance(x, tuple) for x in client.uid("FETCH", f"{part[0].decode()}:{part[-1].decode()}", items)[1])
    return count


def ours(server: Dovecot) -> int:
    """The connector: login, folders, headers, conversations, events."""
    given = {"type": "imap", "host": server.host, "port": server.port, "tls": "none", "username": USER, "password": PASSWORD}
    settings = Settings.model_validate(given | {"domains": ["lab.example"], "history": "3650d"})
    context = Context("mail", SystemClock(), ZoneInfo("UTC"), "GB", customer_hasher(b"key", "GB"), NoState())

    async def read() -> int:
        connector = connect(settings, context)
        count = 0
        async for batch in connector.read(None):
            count += len(batch.events)
        connector.close()
        return count

    return asyncio.run(read())


def bulk_fetch(server: Dovecot) -> int:
    """imap-tools as its documentation has it for many messages; two headers are evaluated at."""
    return _bulk_fetch(server, lambda mail: bool(mail.subject and mail.from_))


def bulk_fetch_all(server: Dovecot) -> int:
    """The same, looking at the headers that tell who wrote to whom, when, and in answer to what."""

    def used(mail: imap_tools.MailMessage) -> bool:
        told = mail.headers.get("message-id"), mail.headers.get("references"), mail.headers.get("auto-submitted")
        return bool(mail.subject and mail.from_ and (mail.to or mail.cc or mail.reply_to) and mail.date and told)

    return _bulk_fetch(server, used)


def _bulk_fetch(server: Dovecot, used: Callable[[imap_tools.MailMessage], bool]) -> int:
    count = 0
    with imap_tools.MailBoxUnencrypted(server.host, server.port).login(USER, PASSWORD, initial_folder=None) as mailbox:
        mailbox.folder.set("INBOX", readonly=True)
        for mail in mailbox.fetch(headers_only=True, mark_seen=False, bulk=BATCH):
            count += used(mail)
    return count


def main() -> None:
    """Prints one line each and the ratios."""
    print(machine())
    gc.freeze()  # as `contact-monitor run` does, for all ways alike
    gc.set_threshold(100_000, 20, 100)
    messages, rounds = (int(a) for a in [*sys.argv[1:], *("10000", "5")[len(sys.argv) - 1 :]])
    now = datetime.now(UTC)
    with running_dovecot() as server:
        moments = (now - timedelta(minutes=7 * (messages - i)) for i in range(messages))
        server.put_files(USER, "INBOX", [(at, message(i, at)) for i, at in enumerate(moments)])
        floor(server)
        ways: dict[str, Callable[[Dovecot], int]] = {
            "floor": floor,
            "ours": ours,
            "imap-tools": bulk_fetch,
            "imap-tools, same headers": bulk_fetch_all,
        }
        costs: dict[str, list[Cost]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                began, cpu_began = time.perf_counter(), time.process_time()
                count = way(server)
                costs[name].append(Cost(time.process_time() - cpu_began, time.perf_counter() - began))
                if count != messages:
                    raise SystemExit(f"{name} gave {count} of {messages}")
    middle = {name: median(each) for name, each in costs.items()}
    for name, (cpu, wall) in middle.items():
        print(f"{name:24} {wall:6.2f} s  {messages / wall:8.0f} messages/s  {cpu:6.2f} s of our own CPU")
    for name in ("floor", "imap-tools", "imap-tools, same headers"):
        times, cpus = (other / own for other, own in zip(reversed(middle[name]), reversed(middle["ours"]), strict=True))
        print(f"{name} takes {times:.2f} of the time and {cpus:.2f} of the CPU of ours")
    figure("imap.ours", f"{middle['ours'].wall:.2f} s")
    figure("imap.other", f"{middle['imap-tools, same headers'].wall:.2f} s")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
