"""Hands messages to Apprise, an optional library that speaks e-mail, webhooks, Slack, Teams, PagerDuty, ntfy and many others.

An address holds passwords and tokens, and the library's own log lines hold what it was given: none of them is shown. Of what
it says only an HTTP status is taken.
"""

import logging
import re
from hashlib import blake2b
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlencode

from monitor.notify.wording import Worded

if TYPE_CHECKING:
    from apprise import NotifyBase

#: What installs the library.
INSTALL: Final = "pip install 'contact-monitor[notify]'"
_STATUS: Final = re.compile(r"\berror=([1-5]\d\d)\b")


class Sender(Protocol):
    """One receiver's address."""

    def send(self, said: Worded, group: str) -> str | None:
        """Sends a message; blocks. Why it was not taken, without a secret; None: it was. Never raises."""


def is_installed() -> bool:
    """Whether the library is there."""
    return find_spec("apprise") is not None


def problem(url: str) -> str | None:
    """What is wrong with an address, without showing it; None where a message can be sent there."""
    service = _service(url)
    if service is None:
        return "is no address that Apprise understands: https://appriseit.com/services/ says how each service writes it"
    if not service.verify_certificate:
        return "certificates are always checked: take verify=no out"
    return None


def is_in_clear(url: str) -> bool:
    """Whether what is sent there crosses the network without TLS, though the service can be spoken to with it."""
    service = _service(url)
    if service is None:
        return False
    mode = getattr(service, "secure_mode", None)  # mail: STARTTLS is as good as TLS
    return mode == "insecure" if mode is not None else bool(service.protocol and service.secure_protocol and not service.secure)


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine."""
    service = _service(url)
    return service is not None and service.host in ("localhost", "127.0.0.1", "::1")


class AppriseSender:
    """An address of Apprise."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, said: Worded, group: str) -> str | None:
        try:
            return self._send(said, group)
        except Exception as error:  # of one of a hundred services of the library; its text and traceback may show the address
            return f"the library failed with {type(error).__name__}, a bug of its own"

    def _send(self, said: Worded, group: str) -> str | None:
        import apprise

        service = _service(_with_incident(self._url, group))
        if service is None or not service.verify_certificate:
            return "its address cannot be used: contact-monitor check says why"
        desk = apprise.Apprise(asset=service.asset)
        desk.add(service)
        level, form = apprise.NotifyType(said.level), apprise.NotifyFormat.TEXT
        result = desk.notify(body=said.text, title=said.title, notify_type=level, body_format=form)
        if result:
            return None
        logged = " ".join(str(entry.message) for attempts in result for attempt in attempts for entry in attempt.logs)
        status = _STATUS.search(logged)
        return f"it answers with HTTP status {status[1]}" if status else "it cannot be reached, or does not take the message"


def _with_incident(url: str, group: str) -> str:
    """PagerDuty resolves an incident by its key: each group has one, unless the address names its own."""
    if not url.lower().startswith("pagerduty:") or "dedup=" in url:
        return url
    key = blake2b(group.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'action': 'map', 'dedup': key})}"


def _service(url: str) -> "NotifyBase | None":
    """The service that an address names; None where it is none. One call is one attempt in the caller's own thread.

    Nothing is kept on disk, redirects are not followed, and its log lines go nowhere.
    """
    import apprise

    logger = logging.getLogger("apprise")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    asset = apprise.AppriseAsset(
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        async_mode=False,
        service_timeout=0,
        http_redirects=False,
        secure_logging=True,
        app_id="contact-monitor",
        app_desc="contact-monitor",
        app_url="",
        image_url_mask=None,  # no pictures from a server elsewhere
        image_url_logo=None,
    )
    return apprise.Apprise.instantiate(url, asset=asset)
