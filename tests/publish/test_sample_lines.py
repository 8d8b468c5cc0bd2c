"""Each family's lines are those of prometheus-client, whatever labels and numbers there are."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.utils import floatToGoString

from monitor.publish.catalogue import METRICS, SPEC, MetricSpec
from monitor.publish.metrics import Distribution, Labels, families, family
from monitor.publish.sample_lines import sample_lines
from tests.publish.pages import as_openmetrics, as_text
from tests.publish.snapshots import contact_centre

HOSTILE = [
    '"',
    "\\",
    "\n",
    "\\n",
    '\\"',
    'x"} 1\n',
    "{0}",
    "{",
    "}",
    "%s",
    "%",
    "",
    " ",
    "\x00",
    "\r",
    "\x85",
    "\u2028",
    "é",
    "日本",
    "😀",
]
label_values = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(HOSTILE)
numbers = (
    st.floats()
    | st.integers(-(10**20), 10**20)
    | st.booleans()
    | st.sampled_from(
        [0.0, -0.0, 0.1, 1e-5, 1e-4, 999_999.9, 1e6, 1_000_000.5, -1e6, 1e15, 1e16, 1e21, float("inf"), float("-inf")]
    )
)


@st.composite
def distributions(draw: st.DrawFn) -> Distribution:
    bounds = sorted(draw(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=4, unique=True)))
    les = [floatToGoString(bound) for bound in (*bounds, float("inf"))]  # type: ignore[no-untyped-call]
    return Distribution(tuple((le, draw(numbers)) for le in les), draw(numbers))


def values_of(spec: MetricSpec) -> st.SearchStrategy[float | Distribution]:
    if spec.type == "histogram":
        return distributions()
    return st.just(1.0) if spec.type == "info" else numbers  # the client writes 1 for an info, whatever it is given


@pytest.mark.parametrize("spec", METRICS, ids=lambda spec: spec.name)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_lines_are_the_clients_in_both_formats(spec: MetricSpec, data: st.DataObject):
    labels = st.tuples(*(label_values for _ in spec.labels))
    rows: list[tuple[Labels, float | Distribution]] = data.draw(st.lists(st.tuples(labels, values_of(spec)), max_size=4))
    lines = sample_lines(spec, rows)
    assert as_text(family(spec)) + lines == as_text(family(spec, rows))
    assert as_openmetrics(family(spec)) + lines == as_openmetrics(family(spec, rows))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (3, "3.0"),
        (True, "1.0"),
        (-0.0, "-0.0"),
        (0.00001, "1e-05"),
        (999_999.5, "999999.5"),
        (1_000_000.0, "1e+06"),
        (1_000_000.5, "1.0000005e+06"),
        (-1_000_000.0, "-1000000.0"),
        (1e16, "1e+16"),
        (float("inf"), "+Inf"),
        (float("-inf"), "-Inf"),
        (float("nan"), "NaN"),
    ],
)
def test_a_number_is_written_as_go_writes_it(value: float, written: str):
    assert sample_lines(SPEC["store_size_bytes"], [((), value)]) == f"contactpoint_store_size_bytes {written}\n".encode()


def test_labels_stand_in_the_order_of_their_names_and_le_among_them():
    buckets = Distribution((("5.0", 1.0), ("+Inf", 2.0)), 9.5)
    assert sample_lines(SPEC["wait_seconds"], [(("phone", 'a"b', "ring"), buckets)]).decode().splitlines() == [
        r'contactpoint_wait_seconds_bucket{channel="phone",contact_point="a\"b",le="5.0",wait="ring"} 1.0',
        r'contactpoint_wait_seconds_bucket{channel="phone",contact_point="a\"b",le="+Inf",wait="ring"} 2.0',
        r'contactpoint_wait_seconds_count{channel="phone",contact_point="a\"b",wait="ring"} 2.0',
        r'contactpoint_wait_seconds_sum{channel="phone",contact_point="a\"b",wait="ring"} 9.5',
    ]
    assert sample_lines(SPEC["source_up"], [(("pbx", "asterisk"), 1.0)]) == (
        b'contactpoint_source_up{kind="asterisk",source="pbx"} 1.0\n'
    )


def test_half_a_character_becomes_a_question_mark():
    assert sample_lines(SPEC["open"], [(("phone", "a\ud800b"), 1.0)]) == (
        b'contactpoint_open{channel="phone",contact_point="a?b"} 1.0\n'
    )


def test_what_the_writer_takes_for_granted_of_our_families():
    plain = re.compile("[a-z_]+")
    assert all(plain.fullmatch(name) for spec in METRICS for name in (spec.full_name, *spec.labels))
    samples = [sample for metric in families(contact_centre()) for sample in metric.samples]
    assert {(sample.timestamp, sample.exemplar, sample.native_histogram) for sample in samples} == {(None, None, None)}
    assert not [sample for sample in samples if sample.name.endswith(("_created", "_gsum", "_gcount"))]
