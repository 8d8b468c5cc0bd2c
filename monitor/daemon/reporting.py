"""Settings -> what sends the weekly report by mail; nothing where nobody is to get it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from monitor.clock import Clock
from monitor.config.models import Settings
from monitor.config.reporting import WEEKDAYS
from monitor.domain.snapshot import ReportMails
from monitor.domain.weeks import parse_week
from monitor.notify.weekly.book import Book, Delivery, State
from monitor.notify.weekly.due import Appointment
from monitor.notify.weekly.mailing import Mailing, Plan, Teams
from monitor.notify.weekly.service import WeeklyMail
from monitor.notify.weekly.smtp import Server
from monitor.publish.handout.mail import as_letter, mail_problem
from monitor.publish.letter import Letter
from monitor.publish.report.teams import for_teams
from monitor.publish.report.values import WeekReport
from monitor.publish.web.services import MailCount
from monitor.store.base import Store

#: The report of the week that begins on a Monday, as of a moment. Blocks; raises StoreUnavailable.
MakeReport = Callable[[date, datetime], WeekReport]


def report_problems(settings: Settings) -> list[str]:
    """Why the report cannot be sent; empty where it can, or where nobody is to get it. Blocks: libraries are loaded for it."""
    if not settings.report.to:
        return []
    problem = mail_problem()
    return [] if problem is None else [f"report.to: {problem}"]


def make_mailing(settings: Settings, store: Store, clock: Clock) -> Mailing | None:
    """The mailing of reports; None: nobody is to get any."""
    chosen = settings.report
    if chosen.smtp is None:
        return None
    smtp = chosen.smtp
    password = smtp.password.get_secret_value() if smtp.password is not None else None
    ca_file = str(smtp.ca_file) if smtp.ca_file is not None else None
    server = Server(smtp.host, smtp.chosen_port, smtp.tls, ca_file, smtp.username, password, smtp.timeout)
    return Mailing(Plan(chosen.recipients, smtp.chosen_sender, server), Book(store), clock)


def pages_of(settings: Settings) -> str | None:
    """Where readers of a mail reach the pages; None where nobody said: the default leads nowhere from their desks."""
    return settings.alerts.page_url if "page_url" in settings.alerts.model_fields_set else None


def letters(report: WeekReport, wanted: Iterable[Teams], pages: str | None) -> Mapping[Teams, Letter]:
    """One letter for each set of teams. Blocks for a second each: pictures and PDF are drawn. Raises ConfigError."""
    return {teams: as_letter(for_teams(report, teams), pages) for teams in wanted}


def make_weekly_mail(
    settings: Settings, store: Store, clock: Clock, make_report: MakeReport, is_ready: Callable[[], bool],
    show: Callable[[ReportMails], None],
) -> WeeklyMail | None:  # fmt: skip
    """What sends the report on its morning, once `is_ready`, and tells `show` how its mails stand; None: nobody is to get it."""
    mailing = make_mailing(settings, store, clock)
    if mailing is None:
        return None
    chosen = settings.report
    zone: ZoneInfo = chosen.timezone or settings.timezone

    def compose(week: str, wanted: Iterable[Teams]) -> Mapping[Teams, Letter] | None:
        report = make_report(parse_week(week), clock.now())
        is_told = report.complete and report.has_any_record
        return letters(report, wanted, pages_of(settings)) if is_told else None

    return WeeklyMail(Appointment(WEEKDAYS.index(chosen.day), chosen.at, zone), mailing, compose, clock, is_ready, show)


def mail_counts(deliveries: Iterable[Delivery]) -> list[MailCount]:
    """How many mails stand how, for the pages: nobody's address."""
    by_state: dict[State, list[datetime]] = {}
    for each in deliveries:
        by_state.setdefault(each.state, []).append(each.at)
    return [MailCount(state, len(moments), max(moments)) for state, moments in sorted(by_state.items())]
