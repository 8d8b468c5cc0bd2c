"""Logs: one line when the state of something changes, for people on a terminal, as JSON elsewhere.

Messages of libraries may quote what strangers sent: of those there is the logger, the kind of error and where it was raised.
"""

import logging
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, Final

import structlog

#: What may be repeated by strangers is logged at most once in so many seconds.
SELDOM_SECONDS: Final = 60.0
_MAX_FRAMES: Final = 5
_MAX_LIBRARIES: Final = 100


def setup(*, verbose: bool = False) -> None:
    """Sends structured lines to standard error; JSON unless that is a terminal."""
    console = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # whatever it is then, not what it was at set-up
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _Libraries) for handler in root.handlers):
        root.addHandler(_Libraries(logging.WARNING))


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    """The logger of one part of the house."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(part=name)
    return logger


class Seldom:
    """One warning that strangers can cause as often as they like: logged at most once a minute, with how many were not."""

    def __init__(self, logger: str, event: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._logger = logger
        self._event = event
        self._clock = clock
        self._logged_at: float | None = None
        self._omitted = 0

    def warning(self, **values: Any) -> None:
        """Logs it, or counts it for the next line. `omitted` is how many were counted since the last one."""
        now = self._clock()
        if self._logged_at is not None and now - self._logged_at < SELDOM_SECONDS:
            self._omitted += 1
            return
        if self._omitted:
            values["omitted"] = self._omitted
        self._logged_at, self._omitted = now, 0
        get(self._logger).warning(self._event, **values)


def where(error: BaseException) -> list[str]:
    """The innermost places that an error came through, `file:line function`; nothing of its message."""
    frames = traceback.extract_tb(error.__traceback__)[-_MAX_FRAMES:]
    return [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


class _Libraries(logging.Handler):
    """Warnings and errors of libraries as structured lines without their message."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self._seldom: dict[tuple[str, str], Seldom] = {}

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        kind = type(error).__name__ if error is not None else f"{PurePath(record.pathname).name}:{record.lineno}"
        if len(self._seldom) >= _MAX_LIBRARIES:
            self._seldom.clear()
        seldom = self._seldom.setdefault((record.name, kind), Seldom("library", "a library reports a problem"))
        seldom.warning(library=record.name, severity=record.levelname.lower(), kind=kind, where=where(error) if error else [])
