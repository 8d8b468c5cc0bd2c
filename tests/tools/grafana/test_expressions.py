"""Every expression of every board parses, names what the catalogue holds, and computes as the rules ask."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import promql_parser as promql
import pytest

from monitor.publish.catalogue import METRICS
from tests.tools.grafana.committed import boards, everything, filled_in, panels, queries

#: Sample name -> labels, for everything the daemon exports.
LABELS: dict[str, set[str]] = {"process_start_time_seconds": set(), "process_resident_memory_bytes": set()}
LABELS["process_cpu_seconds_total"] = set()
COUNTERS = {"process_cpu_seconds_total"}
for spec in METRICS:
    if spec.type == "histogram":
        LABELS |= {f"{spec.full_name}_{suffix}": set(spec.labels) for suffix in ("sum", "count")}
        LABELS[f"{spec.full_name}_bucket"] = {*spec.labels, "le"}
        COUNTERS |= {f"{spec.full_name}_{suffix}" for suffix in ("sum", "count", "bucket")}
    else:
        LABELS[spec.full_name] = set(spec.labels)
        if spec.type == "counter":
            COUNTERS.add(spec.full_name)

#: Windows that mean something, and the word by which the description of the panel says so.
MEANT = {"20m": "20 minutes", "1h": "hour", "1d": "day", "7d": "seven days", "14d": "14 days"}
OF_GRAFANA = {"$__rate_interval", "$__range"}
#: How much a counter that never falls has grown, in whole numbers: what it is now less what it was first in the window.
GROWN = re.compile(
    r"max by \((?P<by>[\w, ]+)\) \((?P<counter>\w+\{[^}]*\})\) - min by \((?P=by)\) \(min_over_time\((?P=counter)\[[^\]]+\]\)\)"
)


def _all() -> list[Any]:
    return [pytest.param(query, id=query.name) for board in boards().values() for query in queries(board)]


def _descriptions() -> dict[tuple[str, str], str]:
    return {(uid, panel["title"]): panel.get("description", "") for uid, board in boards().items() for panel in panels(board)}


@lru_cache(maxsize=256)
def parsed(expr: str) -> Any:
    return promql.parse(filled_in(expr, everything()))


def nodes(tree: Any) -> Iterator[Any]:
    found: list[Any] = []
    promql.walk(tree, lambda node: found.append(node))
    return iter(found)


def selectors(tree: Any) -> Iterator[Any]:
    return (node for node in nodes(tree) if isinstance(node, promql.VectorSelector))


@pytest.mark.parametrize("query", _all())
def test_it_parses_and_names_only_what_the_catalogue_holds(query: Any) -> None:
    found = list(selectors(parsed(query.expr)))
    assert found
    for selector in found:
        assert selector.name in LABELS
        for matcher in selector.matchers.matchers:
            assert matcher.name in LABELS[selector.name]


@pytest.mark.parametrize("query", _all())
def test_a_counter_is_never_shown_as_it_stands(query: Any) -> None:
    """target-counter-agg: by `increase`, `rate` or exact growth. The counts of a histogram may tell which series exist."""
    bare = re.sub(r"(increase|rate)\(\w+(\{[^}]*\})?\[[^\]]+\]\)", "", GROWN.sub("", query.expr))
    shown = {name for name in re.findall(r"\b(?:contactpoint|process)_\w+", bare) if name in COUNTERS}
    assert shown <= {"contactpoint_wait_seconds_count"}
    if shown:
        assert "and on (channel, contact_point, wait) contactpoint_wait_seconds_count" in bare


@pytest.mark.parametrize("query", _all())
def test_windows_follow_the_picture_or_mean_something(query: Any) -> None:
    """target-rate-interval: in a range `$__rate_interval`, unless the description of the panel names the window."""
    described = _descriptions()[query.board, query.panel]
    for window in re.findall(r"\[([^\]]+)\]", query.expr):
        if window in MEANT:
            assert MEANT[window] in described
        else:
            assert window == ("$__range" if query.instant else "$__rate_interval")


@pytest.mark.parametrize("query", _all())
def test_no_ratio_is_averaged_and_nothing_invents_a_zero(query: Any) -> None:
    assert not re.search(r"\bavg|_over_time|vector\(", GROWN.sub("", query.expr))


@pytest.mark.parametrize("query", _all())
def test_nothing_is_divided_by_what_may_be_nothing(query: Any) -> None:
    for node in nodes(parsed(query.expr)):
        if isinstance(node, promql.BinaryExpr) and str(node.op) == "/":
            divisor = node.rhs.prettify()
            constant = re.fullmatch(r"[\d.]+", divisor)
            assert float(divisor) > 0 if constant else re.search(r">\s*0\b", divisor)


@pytest.mark.parametrize("query", _all())
def test_counts_that_people_read_are_whole_numbers(query: Any) -> None:
    """`increase` extrapolates: rounded wherever it is neither spread into quantiles nor the shade of a heatmap."""
    heat = "sum by (le)" in query.expr and "$__rate_interval" in query.expr
    which = "source_gap_seconds_total" in query.expr  # asked only whether there was one
    if "increase(" in query.expr and "histogram_quantile" not in query.expr and not heat and not which:
        opened = [found.start() for found in re.finditer(r"increase\(", query.expr)]
        assert all(re.search(r"round\(sum( by \([^)]*\) )?\($", query.expr[:at]) for at in opened)


@pytest.mark.parametrize("uid", sorted(boards()))
def test_variables_and_annotations_name_what_the_catalogue_holds(uid: str) -> None:
    board = boards()[uid]
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            asked = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["definition"])
            assert asked
            (selector,) = selectors(parsed(asked[1]))
            assert asked[2] in LABELS[selector.name]
    for annotation in board["annotations"]["list"]:
        for selector in selectors(parsed(annotation["expr"])):
            assert selector.name in LABELS
            assert set(re.findall(r"{{(\w+)}}", annotation["textFormat"])) <= LABELS[selector.name]
