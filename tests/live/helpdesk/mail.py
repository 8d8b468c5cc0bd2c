"""Mails of customers, as helpdesks get them."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from tests.servers.helpdesk import DOMAIN

CUSTOMERS = "customer.example"


def customer_mail(name: str, to: str, subject: str, at: datetime, text: str = "Please help.") -> EmailMessage:
    """From `name`@customer.example to `to`@desk.example."""
    mail = EmailMessage()
    mail["From"] = f"{name.title()} Customer <{name}@{CUSTOMERS}>"
    mail["To"] = f"{to}@{DOMAIN}"
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(domain=CUSTOMERS)
    mail.set_content(text)
    return mail
