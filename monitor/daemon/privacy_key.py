"""The secret of the customer hash: read, made once beside the store, and held against what the store was written with."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from monitor.config.models import Settings
from monitor.daemon.mail_names import key_mail_names
from monitor.domain.privacy_key import check_value, parse_hex, parse_key
from monitor.errors import ConfigError
from monitor.store import StoreUrl
from monitor.store.base import Store

_KEY_BYTES = 32


def customer_key(settings: Settings) -> bytes:
    """The secret: the configured one, or one that is made once and kept beside the store.

    Raises ConfigError when it can neither be read nor made.
    """
    url = StoreUrl.parse(settings.store)
    if settings.privacy.key is None and url.key_file is not None and not url.key_file.exists():
        url.check_directory()
        _make(url.key_file)
    found = known_key(settings)
    # A database that needs a configured key has got one, config.cross_check sees to it; what is in memory has no need.
    return secrets.token_bytes(_KEY_BYTES) if found is None else found


def known_key(settings: Settings) -> bytes | None:
    """The secret, as far as there is one: none is made. Raises ConfigError where its file holds no whole one."""
    if settings.privacy.key is not None:
        return parse_key(settings.privacy.key.get_secret_value())
    file = StoreUrl.parse(settings.store).key_file
    if file is None or not file.exists():
        return None
    try:
        return parse_hex(file.read_text(encoding="ascii").strip())
    except OSError as error:
        raise ConfigError(f"{file}: the privacy key cannot be read: {error.strerror}; look at its owner and mode") from None
    except ValueError as error:
        why = "is no text" if isinstance(error, UnicodeError) else str(error)
        raise ConfigError(
            f"{file}: the privacy key {why}; restore it from a backup, or remove the file to have a new one made: "
            "customers from before are strangers then"
        ) from None


def take_up(settings: Settings, store: Store, key: bytes) -> None:
    """Makes an open store ready for connectors: `fit`, and names of mails as they are kept now.

    Raises ConfigError where it was written with another key, StoreUnavailable, StoreBroken.
    """
    fit(settings, store, key)
    key_mail_names(settings, store, key)


def fit(settings: Settings, store: Store, key: bytes) -> None:
    """Notes in an open store that it is written with this key. Raises ConfigError where it was written with another one."""
    value = check_value(key)
    if store.keep_key_check(value) != value:
        raise ConfigError(misfit(settings))


def misfit(settings: Settings) -> str:
    """What to do where the store was written with another key than the one in use."""
    url = StoreUrl.parse(settings.store)
    where = "privacy.key" if settings.privacy.key is not None else str(url.key_file)
    return (
        f"store {url.shown}: its customers were hashed with another privacy key than the one in {where}: restore the old key, "
        "or, where it is lost, accept this one (contact-monitor store accept-key): customers from before are strangers then"
    )


def _make(file: Path) -> None:
    """A new secret, in a file that is whole or not there. Where another process is quicker, its secret stays."""
    try:
        descriptor, name = mkstemp(prefix=f"{file.name}.", dir=file.parent)  # for its owner alone
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as out:
                out.write(secrets.token_hex(_KEY_BYTES))
                out.flush()
                os.fsync(descriptor)
            with suppress(FileExistsError):
                os.link(name, file)  # unlike a renaming it takes the place of nothing
        finally:
            os.unlink(name)
        directory = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise ConfigError(
            f"{file}: cannot make a privacy key there: {error.strerror}; make room or look at the directory's owner and mode, "
            "or name a key of your own as privacy.key_file"
        ) from None
