"""The report as PDF, by WeasyPrint, an optional library over Pango."""

import logging
from importlib.util import find_spec
from typing import Any, Final

from monitor.errors import ConfigError
from monitor.publish.handout.document import as_html
from monitor.publish.report.values import WeekReport

#: What installs what is wanted.
INSTALL: Final = "pip install 'contact-monitor[report]'"
PANGO: Final = "apt install libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"


def as_pdf(report: WeekReport, pages: str | None = None) -> bytes:
    """The document on A4. Raises ConfigError where the library, or Pango, is not there."""
    weasyprint = _library()
    document = weasyprint.HTML(string=as_html(report, pages), url_fetcher=_nothing_outside)
    return bytes(document.write_pdf())


def pdf_problem() -> str | None:
    """Why no PDF can be made, with the remedy; None where it can. The library is loaded for it, which takes half a second."""
    try:
        _library()
    except ConfigError as error:
        return str(error)
    return None


def _library() -> Any:
    if find_spec("weasyprint") is None:
        raise ConfigError(f"the report as PDF needs a library that is not installed: {INSTALL}")
    for name in ("weasyprint", "fontTools"):  # what they say of our own sheet is for us, not for an operator
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        import weasyprint
    except OSError:
        raise ConfigError(f"the report as PDF needs Pango, which is not installed: {PANGO}") from None
    return weasyprint


def _nothing_outside(url: str, *_: Any, **__: Any) -> Any:
    """Everything stands in the document: whatever a name would have loaded is not."""
    raise ValueError(f"{url}: nothing is loaded")
