"""Mails, as helpdesks get them."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from tests.servers.helpdesk import AGENTS, DOMAIN

CUSTOMERS = "customer.example"
AWAY = "I am out of the office."


def mail_from(
    name: str, to: str, subject: str, at: datetime, text: str = "Please help.", *, automatic: bool = False
) -> EmailMessage:  # fmt: skip
    """To `to`@desk.example from a customer, or from a colleague where `name` is an agent's."""
    domain = DOMAIN if name in AGENTS else CUSTOMERS
    mail = EmailMessage()
    mail["From"] = f"{name.title()} <{name}@{domain}>"
    mail["To"] = f"{to}@{DOMAIN}"
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(domain=domain)
    if automatic:
        mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(text)
    return mail
