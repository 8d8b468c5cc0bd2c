"""`settle`: no answer is needed in a contact any more, for it was settled otherwise."""

import getpass
import os
from typing import Annotated

import typer

from monitor.cli.options import ConfigFile, event_ids_of, open_store
from monitor.cli.output import printable
from monitor.clock import SystemClock
from monitor.config.loading import load
from monitor.config.models import Settings
from monitor.config.policies import PolicyResolver, calendars, make_directory
from monitor.domain.said import said
from monitor.errors import ConfigError, MonitorError
from monitor.store import StoreUrl
from monitor.store.base import FoundContact, Store


def settle(
    contact: Annotated[str, typer.Argument(help="Our id, or the source's own: Message-ID of any mail of it, ticket number.")],
    reason: Annotated[str, typer.Option(help="Why no answer is needed, as `by phone`; kept in the evidence.")],
    by: Annotated[str | None, typer.Option(help="Who says so; kept in the evidence. Without it your login name.")] = None,
    config: ConfigFile = None,
) -> None:
    """No answer is needed: what waits there ends now, what was late stays late. May run beside the daemon."""
    from monitor.engine.ingest import Ingest

    settings = load(config, os.environ)
    why, who = _said("--reason", reason), _said("--by", by if by is not None else _login_name())
    with open_store(settings, must_be_there=True) as store:
        found = find_one(settings, store, contact)
        book = PolicyResolver(settings, calendars(settings))
        ingest = Ingest(store, make_directory(settings, book), book.bounds())
        row = found.row
        settled = ingest.settle(found.source, (row.contact, row.contact_point), SystemClock().now(), why, who)
    if settled.waits is None:
        raise MonitorError(f"{contact}: is not kept any more")
    if settled.waits:
        became = f"settled; what waited there: {', '.join(settled.waits)}"
    else:
        became = "nothing waits there that could be settled; nothing was changed"
    print(printable(f"contact {row.id} at {row.contact_point}: {became}"))


def find_one(settings: Settings, store: Store, contact: str) -> FoundContact:
    """The contact that is called so. Raises MonitorError where there is none, or several."""
    from monitor.engine.known import find

    found = find(store, contact, event_ids_of(settings)(contact))
    if not found:
        raise MonitorError(f"{contact}: no such contact in {StoreUrl.parse(settings.store).shown}")
    if len(found) > 1:
        listed = (f"  {each.row.id}  {each.row.channel} at {each.row.contact_point}, source {each.source}" for each in found)
        raise MonitorError("\n".join((f"{contact}: may be any of these; name one by its id", *listed)))
    return found[0]


def _said(option: str, text: str) -> str:
    try:
        return said(text)
    except ValueError as error:
        raise ConfigError(f"{option} {error}") from None


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        raise ConfigError("--by NAME is needed: your login has no name") from None
