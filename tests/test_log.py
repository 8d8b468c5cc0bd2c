"""The log: what strangers cause is logged seldom, what libraries say without their words."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest
from structlog.testing import capture_logs

from monitor import log

SECRET = "tok-3f9a"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[str]]]:
    """Sets the log up; the lines of standard error since."""
    forget_libraries()  # of a command in another test
    log.setup()
    yield lambda: capsys.readouterr().err.splitlines()
    forget_libraries()


def forget_libraries() -> None:
    root = logging.getLogger()
    for each in [handler for handler in root.handlers if isinstance(handler, log._Libraries)]:
        root.removeHandler(each)


def test_once_a_minute_with_how_many_were_left_out():
    clock = Clock()
    seldom = log.Seldom("web", "refused", clock=clock)
    with capture_logs() as logs:
        for now in (1000.0, 1000.1, 1059.9, 1060.0, 1060.1, 1120.0, 1300.0):
            clock.now = now
            seldom.warning(status=400)
    assert [each.get("omitted") for each in logs] == [None, 2, 1, None]
    assert {each["event"] for each in logs} == {"refused"}


def test_a_library_is_heard_without_its_words(lines: Callable[[], list[str]]):
    try:
        raise ValueError(f"bad header: {SECRET}")
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling request: %s", SECRET)
    [written] = lines()
    line = json.loads(written)
    assert (line["part"], line["library"], line["kind"], line["severity"]) == ("library", "aiohttp.server", "ValueError", "error")
    assert line["where"][0].endswith("test_a_library_is_heard_without_its_words")
    assert SECRET not in written


def test_a_flood_of_a_library_is_one_line_for_each_kind(lines: Callable[[], list[str]]):
    for _ in range(500):
        logging.getLogger("asyncio").error("socket.accept() out of system resource %s", SECRET)
    logging.getLogger("asyncio").warning("another")
    logging.getLogger("asyncio").info("not worth a line")
    assert len(lines()) == 2


def test_setting_up_twice_does_not_say_it_twice(lines: Callable[[], list[str]]):
    log.setup()
    logging.getLogger("asyncio").error("once")
    assert len(lines()) == 1
