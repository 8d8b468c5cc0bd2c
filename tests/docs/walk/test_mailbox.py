"""docs/connect-mailbox.md followed with a real Dovecot: a mail that waits shows, and old mail can be imported."""

import mailbox
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.connectors.app_keys import service_account_file
from tests.docs.walk.markdown import Block
from tests.docs.walk.plan import Exempt
from tests.docs.walk.walker import PAGE_SECONDS, Walk, type_it
from tests.docs.walk.ways import after, lines_with, variant
from tests.servers.dovecot import Dovecot, running_dovecot

pytestmark = [pytest.mark.live, pytest.mark.timeout(PAGE_SECONDS)]
PAGE = "docs/connect-mailbox.md"
#: Late by any calendar: asked four weeks ago, and not answered.
ASKED_AT = datetime.now(UTC) - timedelta(days=28)


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as server:
        yield server


def question(at: datetime) -> EmailMessage:
    """A customer's, to the page's contact point."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "customer@example.net", "info@example.org", "Where is my order?"
    mail["Date"], mail["Message-ID"] = format_datetime(at), f"<{int(at.timestamp())}@example.net>"
    mail.set_content("I have waited for two weeks.")
    return mail


def shows_what_waits(walk: Walk, block: Block) -> None:
    said = walk.type(block.text)
    assert len(lines_with(said, "info-mail", "late_reply")) == 1, said
    assert "customer@example.net" not in said


def with_old_mail(walk: Walk) -> None:
    """An mbox file with one mail that lies in no mailbox."""
    box = mailbox.mbox(walk.directory() / "old-mail.mbox")
    box.add(question(ASKED_AT - timedelta(days=7)))
    box.close()


def names_the_mailboxes_of_the_configuration(walk: Walk, block: Block) -> None:
    """Each mailbox that gets the right is one that the next configuration reads, and the account's ID is asked for by name."""
    assert set(re.findall(r"-Identity (\S+@\S+)", block.text)) == {"info@example.org", "anna@example.org"}
    assert {"CLIENT_ID", "OBJECT_ID"} <= set(re.findall(r"[A-Z]+_ID", block.text))


def service_account(walk: Walk, block: Block) -> None:
    """The key file that Google's console gives: JSON with a private key."""
    service_account_file(walk.directory()).rename(walk.directory() / "service-account.json")
    variant()(walk, block)


def test_the_page_leads_to_the_mail_that_nobody_answered(tmp_path: Path, dovecot: Dovecot):
    dovecot.append("info@example.org", "INBOX", [(ASKED_AT, question(ASKED_AT).as_bytes())], flags="")
    dovecot.maildir("anna@example.org")
    source = "CONTACT_MONITOR__SOURCES__MAIL__"
    server = {"HOST": dovecot.host, "PORT": str(dovecot.tls_port), "CA_FILE": str(dovecot.ca_file)}
    ways = {
        "contact-monitor signals": shows_what_waits,
        "contact-monitor import": after(with_old_mail, type_it),
        "Connect-ExchangeOnline": Exempt(
            "PowerShell of Exchange Online, which answers to tenants of Microsoft alone", names_the_mailboxes_of_the_configuration
        ),
        "no_answer_needed": variant(),
        "type: microsoft": variant(microsoft_secret="made-up"),
        "type: google": service_account,
    }
    with Walk(
        tmp_path,
        replaced={"CHANGE-ME": dovecot.password},
        environment={source + key: value for key, value in server.items()},
    ) as walk:
        walk.follow(PAGE, ways)
    assert dovecot.unseen("info@example.org") == 1
