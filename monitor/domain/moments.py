"""Moments as programs write them: ISO 8601 with a zone, `2026-11-02T09:00:00Z`."""

from datetime import UTC, datetime


def parse_moment(value: object, also: str = "") -> datetime:
    """The moment in UTC.

    Raises ValueError whose text goes on where the value was shown ("… is not a moment; write …"), and OverflowError for
    a moment that no calendar holds. `also`: what else may be written there, as `7d or `.
    """
    try:
        moment = datetime.fromisoformat(value)  # type: ignore[arg-type]  # a TypeError is an answer too
    except (TypeError, ValueError):
        raise ValueError(f"is not a moment; write {also}2026-11-02T09:00:00Z") from None
    if moment.tzinfo is None:
        raise ValueError("has no time zone; add Z or an offset as +01:00")
    return moment.astimezone(UTC)


def iso(moment: datetime) -> str:
    """The moment as text, with `Z` where it is in UTC."""
    return moment.isoformat().replace("+00:00", "Z")
