"""The reference of the metrics names each of them once, with what the catalogue says of it."""

from monitor.publish.catalogue import METRICS
from tools.metrics_reference import reference


def test_every_metric_has_one_row() -> None:
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [spec.full_name for spec in METRICS]


def test_a_row_names_type_labels_meaning_and_stability() -> None:
    [row] = [line for line in reference().splitlines() if line.startswith("| `contactpoint_source_gap_seconds_total`")]
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "`contactpoint_source_gap_seconds_total`",
        "counter",
        "`source`, `kind`",
        "Length of the spans of which the source could tell nothing any more. Kept in the store.",
        "experimental",
    ]


def test_a_metric_without_labels_shows_a_dash() -> None:
    [row] = [line for line in reference().splitlines() if line.startswith("| `contactpoint_store_size_bytes`")]
    assert row.split("|")[3].strip() == "–"
