"""`notify --test`: a message to each configured receiver; what `check` says of them."""

import os
from typing import Annotated, Final

import typer

from monitor.cli.options import ConfigFile
from monitor.config.loading import load
from monitor.config.models import Settings
from monitor.daemon.notifying import receiver_problems
from monitor.errors import ConfigError, MonitorError, did_you_mean
from monitor.notify.delivery import AppriseSender, is_in_clear, is_loopback
from monitor.notify.wording import Worded

_TEST: Final = Worded(
    "TEST: contact-monitor",
    "This is a test: whoever reads it would also have been told what is wrong. Nothing is.",
    "info",
)


def notify(
    receiver: Annotated[str | None, typer.Argument(help="A receiver of the configuration; without it all of them.")] = None,
    test: Annotated[bool, typer.Option("--test", help="Send a test message now.")] = False,
    config: ConfigFile = None,
) -> None:
    """Sends a test message to the receivers under `notify`. The daemon sends the others."""
    settings = load(config, os.environ)
    chosen = settings.notify.receivers
    if not test:
        raise ConfigError("the daemon sends what there is to tell; to try the way there: contact-monitor notify --test")
    if not chosen:
        raise ConfigError("notify: there is no receiver; name one under notify.receivers, as docs/notify.md says")
    if receiver is not None and receiver not in chosen:
        raise ConfigError(f"there is no receiver {receiver!r}{did_you_mean(receiver, chosen)}")
    problems = receiver_problems(settings)
    if problems:
        raise ConfigError(*problems)
    failed = 0
    for name in [receiver] if receiver is not None else chosen:
        trouble = AppriseSender(chosen[name].url.get_secret_value()).send(_TEST, "test")
        print(f"{name}: ok: the test message was taken" if trouble is None else f"{name}: FAILED: {trouble}")
        failed += trouble is not None
    if failed:
        raise MonitorError(f"{failed} receiver{'s' * (failed != 1)} FAILED, see above")


def check_receivers(settings: Settings) -> None:
    """Raises ConfigError where nothing can be sent to a receiver. Writes a note on Alertmanager, and on what is sent in clear."""
    problems = receiver_problems(settings)
    if problems:
        raise ConfigError(*problems)
    if settings.notify.receivers:
        print(
            "notify: note: people are told by the monitor itself: an Alertmanager with our rules would tell them the same again; "
            "use one of the two"
        )
    for name, each in settings.notify.receivers.items():
        url = each.url.get_secret_value()
        if is_in_clear(url) and not is_loopback(url):
            print(f"notify.receivers.{name}.url: note: messages, and a password in it, go out in clear: use the form with TLS")
