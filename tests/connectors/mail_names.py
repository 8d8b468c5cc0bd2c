"""Mails by their Message-IDs, as tests write them; what is kept of one is a keyed hash."""

from monitor.connectors._mail.headers import message_event_id
from monitor.domain.customer import customer_hasher

#: That of `monitor.testing.make_context`.
HASHED = customer_hasher(b"a key for tests", "GB")


def kept(message_id: str) -> str:
    """The name under which the mail with this Message-ID, and what begins with it, is kept."""
    return message_event_id(message_id, HASHED)
