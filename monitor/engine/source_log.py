"""Lines in the log about what a batch says of its source."""

from monitor import log
from monitor.connector import Batch, Untold
from monitor.domain.durations import format_duration


def log_untold(source: str, before: Untold, batch: Batch) -> None:
    """What the source cannot tell, as far as that is new."""
    if batch.untold is not None:
        for each in batch.untold.why:
            if each not in before.why:
                log.get("source").warning(each, source=source)
        if before.why and not batch.untold.why:
            log.get("source").info("what was missing comes after all", source=source)


def log_gap(source: str, batch: Batch) -> None:
    """A span of which it can tell nothing any more."""
    if batch.gap is not None:
        length = format_duration((batch.gap.until - batch.gap.since).total_seconds())
        span = {"since": batch.gap.since.isoformat(), "until": batch.gap.until.isoformat()}
        if batch.gap.unknown is None:
            said = "a gap nothing can fill: what happened then stays unknown"
        else:
            said = f"a gap that is filled in part: {batch.gap.unknown} of that time stay unknown"
        log.get("source").warning(said, source=source, length=length, **span)
