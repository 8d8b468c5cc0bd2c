"""`report --send`: the weekly report by mail to those who have not got it, and what became of it."""

from monitor.cli.output import printable
from monitor.clock import Clock, SystemClock
from monitor.config.models import Settings
from monitor.daemon.reporting import letters, make_mailing, pages_of, report_problems
from monitor.errors import ConfigError, MonitorError
from monitor.notify.weekly.book import Asked, Delivery
from monitor.notify.weekly.smtp import MailServerError, session
from monitor.publish.handout.document import made_words
from monitor.publish.report.values import WeekReport
from monitor.store.base import Store
from monitor.store.memory import MemoryStore


def send(settings: Settings, store: Store, made: WeekReport, clock: Clock, *, again: bool) -> None:
    """Sends it, and writes what became of each mail, now or before. Raises ConfigError; MonitorError where one was not taken."""
    mailing = make_mailing(settings, store, clock)
    if mailing is None:
        raise ConfigError("report.to: is missing: name who gets the report, and report.smtp, the mail server that takes it")
    if (problems := report_problems(settings)) != []:
        raise ConfigError(*problems)
    if not made.complete:
        raise MonitorError(f"{made.week} is not over at every contact point: it is not judged, so it is not sent")
    asked = Asked.AGAIN if again else Asked.ONCE
    waiting, trouble = mailing.waiting(made.week, asked), None
    try:
        if waiting:
            mailing.send(made.week, letters(made, set(waiting.values()), pages_of(settings)), asked)
    except MailServerError as error:
        trouble = error
    zone = str(settings.report.timezone or settings.timezone)
    failed = 0
    for recipient, delivery in mailing.standing(made.week).items():
        is_new = recipient in waiting
        print(printable(f"{recipient}: {_said(delivery, made.week, made_words(delivery.at, zone), is_new=is_new)}"))
        failed += is_new and delivery.state != "sent"
    if trouble is not None:
        raise trouble
    if failed:
        raise MonitorError(f"{failed} mail{'s' * (failed != 1)} not known to be taken, see above")


def _said(delivery: Delivery, week: str, at: str, *, is_new: bool) -> str:
    why = f": {delivery.why}" if delivery.why else ""
    if is_new:
        return week + {"sent": " sent", "perhaps": f" perhaps sent{why}"}.get(delivery.state, f" not taken{why}")
    told = {
        "claimed": f"is being sent since {at}, unless that process has ended",
        "sent": f"was sent on {at}; --again sends it once more",
        "perhaps": f"was perhaps sent on {at}{why}; --again sends it once more",
        "refused": f"was refused on {at}{why}; run this again to try it once more",
        "later": f"was not taken on {at}{why}; run this again to try it now",
    }
    return f"{week} {told[delivery.state]}"


def check_report(settings: Settings) -> None:
    """Raises ConfigError where the report cannot be sent. Writes notes on what readers will miss."""
    if not settings.report.to:
        return
    if (problems := report_problems(settings)) != []:
        raise ConfigError(*problems)
    if pages_of(settings) is None:
        print("report: note: alerts.page_url is not set, so mails have no links to the evidence")
    if settings.store.startswith("memory:"):
        print("report: note: store keeps nothing over a restart, so a restart may send the report twice")


def mail_server_answers(settings: Settings) -> bool:
    """Connects to the mail server and logs in, sends nothing, and writes how that went. True also where there is none."""
    mailing = make_mailing(settings, MemoryStore(), SystemClock())
    if mailing is None:
        return True
    server = mailing.plan.server
    try:
        with session(server):
            pass
    except MailServerError as error:
        print(printable(f"report.smtp: FAILED: {error}"))
        return False
    login = f", logged in as {server.username}" if server.username is not None else ""
    print(
        printable(f"report.smtp: ok: {server.host}:{server.port} answers{login}; {len(mailing.plan.recipients)} get the report")
    )
    return True
