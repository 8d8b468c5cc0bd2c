"""What is asked of the store for pages and for programs, with what to say where it cannot be read or has nothing."""

import asyncio
from collections.abc import Awaitable, Collection
from datetime import date
from typing import Final, TypeVar

from aiohttp import web

from monitor.domain.snapshot import Snapshot
from monitor.errors import StoreUnavailable
from monitor.publish.report.values import WeekReport
from monitor.publish.web.query import OldCursor, refuse_unknown
from monitor.publish.web.services import CONTACT_ID, NO_SUCH_CONTACT, Evidence, Services, SignalsPage, SignalsWanted

T = TypeVar("T")

#: A page waits so long for reports that it can do without.
_SOON_SECONDS: Final = 3.0


async def stored(answer: Awaitable[T], problem: str = "the store cannot be read now: try again in a moment") -> T:
    """What the store answers. Raises HTTPServiceUnavailable, which says `problem`, where it cannot be read."""
    try:
        return await answer
    except StoreUnavailable:
        raise web.HTTPServiceUnavailable(text=problem, headers={"Retry-After": "5"}) from None


async def stored_signals(services: Services, wanted: SignalsWanted) -> SignalsPage:
    """A page of signals. Raises OldCursor, HTTPServiceUnavailable."""
    page = await stored(services.signals(wanted))
    if page is None:
        raise OldCursor
    return page


async def refuse_unheard(services: Services, wanted: SignalsWanted, name: str | None, snapshot: Snapshot) -> None:
    """Raises NoSuchPoint where no contact point is called so, and nothing that is wanted is kept of one that was. None: all are
    wanted."""
    if name is None or any(state.info.name == name for state in snapshot.points.values()):
        return
    if not (await stored_signals(services, wanted._replace(limit=1))).rows:
        await asyncio.to_thread(refuse_unknown, name, snapshot)


async def stored_evidence(services: Services, contact: str) -> Evidence:
    """The evidence of a contact by our id. Raises HTTPNotFound, HTTPServiceUnavailable."""
    found = await stored(services.contact(contact)) if CONTACT_ID.fullmatch(contact) else None
    if found is None:
        raise web.HTTPNotFound(text=NO_SUCH_CONTACT)
    return found


async def stored_report(answer: Awaitable[T]) -> T:
    """The same of what is made of a week's report, which takes a while."""
    return await stored(answer, "the report cannot be read now, or takes longer than usual: try again in a moment")


async def soon_reports(services: Services, mondays: Collection[date]) -> dict[date, WeekReport | None]:
    """The reports of these weeks; None where one cannot be had soon: it is made all the same, for whoever asks next."""

    async def report(monday: date) -> WeekReport | None:
        try:
            async with asyncio.timeout(_SOON_SECONDS):
                return await services.week(monday)
        except (StoreUnavailable, TimeoutError):
            return None

    ordered = sorted(mondays)
    return dict(zip(ordered, await asyncio.gather(*map(report, ordered)), strict=True))
