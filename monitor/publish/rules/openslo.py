"""Objectives as OpenSLO v1 documents, for tools that read them. Names and shapes follow the JSON schemas of OpenSLO/OpenSLO.

An objective of 100 % is left out: OpenSLO's target must be below 1, and such a signal has no budget to speak of.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from monitor.publish.rules.generate import dump
from monitor.publish.rules.values import PointObjectives, selector

_SOURCE: Final = "prometheus"
#: Any Monday at midnight: weeks are ISO weeks in the contact point's zone.
_FIRST_WEEK: Final = "2024-01-01 00:00:00"
#: OpenSLO wants a zone with an area; UTC itself has none.
_AREA_OF_UTC: Final = "Africa/Abidjan"


def documents(points: Iterable[PointObjectives]) -> Iterator[dict[str, Any]]:
    """The data source, then for each contact point and channel its service and one objective for each signal."""
    yield _document(
        "DataSource", _SOURCE, "Prometheus", {"type": "Prometheus", "connectionDetails": {"url": "http://127.0.0.1:9090"}}
    )
    for point in points:
        service = _name(point.contact_point, point.channel)
        title = f"{point.contact_point} ({point.channel})"
        yield _document("Service", service, title, {"description": f"Contact point {title}"})
        for signal, objective in point.objectives.items():
            if objective < 1:
                yield _objective(point, service, title, signal, objective)


def render(points: Iterable[PointObjectives]) -> str:
    """The documents as one YAML stream."""
    return dump(*documents(points))


def _objective(point: PointObjectives, service: str, title: str, signal: str, objective: float) -> dict[str, Any]:
    """One SLO: the share of contacts without the signal, counted over a calendar week of the contact point's zone."""
    name = _name(point.contact_point, point.channel, signal)
    labels = {"channel": point.channel, "contact_point": point.contact_point, "signal": signal}
    ratio = {
        "counter": True,
        "bad": _counter(selector("signals_total", **labels)),
        "total": _counter(selector("assessed_total", **labels)),
    }
    zone = point.timezone if "/" in point.timezone else _AREA_OF_UTC
    return _document(
        "SLO",
        name,
        f"{title}: {signal}",
        {
            "description": f"Contacts at {title} without the signal {signal}",
            "service": service,
            "indicator": {"metadata": {"name": name}, "spec": {"ratioMetric": ratio}},
            "timeWindow": [
                {"duration": "1w", "isRolling": False, "calendar": {"startTime": _FIRST_WEEK, "timeZone": zone}},
            ],
            "budgetingMethod": "Occurrences",
            "objectives": [{"displayName": f"without {signal}", "target": objective}],
        },
    )


def _counter(query: str) -> dict[str, Any]:
    return {"metricSource": {"metricSourceRef": _SOURCE, "type": "Prometheus", "spec": {"query": query}}}


def _document(kind: str, name: str, display: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "openslo/v1", "kind": kind, "metadata": {"name": name, "displayName": display}, "spec": spec}


def _name(*parts: str) -> str:
    """A name as OpenSLO allows it: small letters, digits, dots and dashes."""
    return re.sub(r"[^a-z0-9.]+", "-", "-".join(parts).lower()).strip("-.")
