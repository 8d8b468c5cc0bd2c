"""Stores from before mails had keyed names are brought to them when they are opened."""

from collections.abc import Mapping
from typing import Final

from monitor.config.models import Settings
from monitor.connectors._mail.renaming import MailNames
from monitor.domain.customer import customer_hasher
from monitor.engine.evaluation import renamed
from monitor.store.base import Store

_TYPE: Final = "imap"
_VERSION: Final = "keyed"


class _Renaming(MailNames):
    """The names of one source's mails, in its records too."""

    def record(self, record: str) -> tuple[str, Mapping[str, str]]:
        return renamed(record, self.event)


def key_mail_names(settings: Settings, store: Store, key: bytes) -> None:
    """Each source of mail once, in one transaction; `store` is open, and written with this key.

    Raises StoreUnavailable, StoreBroken.
    """
    from monitor.store.renaming import rename
    from monitor.store.sql import SqlStore

    if isinstance(store, SqlStore):
        for name, source in settings.sources.items():
            if source.type == _TYPE:
                rename(store, name, _Renaming(customer_hasher(key, settings.country)), _VERSION)
