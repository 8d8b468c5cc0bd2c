"""JSON that others wrote."""

from typing import Any

import pytest

from monitor.connectors._http.fields import items, name, number, optional_items, optional_name, part, whole
from monitor.errors import DataError

DATA = {"a": [{"b": "x"}, 5], "n": None}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("a", 0, "b"), "x"),
        (("a", 1), 5),
        (("a", 2), None),
        (("a", -1), 5),
        (("a", "b"), None),
        ((0,), None),
        (("n", "b"), None),
        ((), DATA),
    ],
)
def test_a_path_leads_somewhere_or_nowhere(path: tuple[Any, ...], found: Any):
    assert part(DATA, *path) == found


def test_a_list_is_one_or_an_error():
    assert items(DATA, "a") == DATA["a"]
    for path in (("n",), ("missing",), ("a", 0)):
        with pytest.raises(DataError, match="no list"):
            items(DATA, *path)


def test_a_list_that_need_not_be_there():
    assert optional_items(DATA, "a") == DATA["a"]
    assert optional_items(DATA, "n") == optional_items(DATA, "missing") == []
    for other in ("", 0, {}, "x"):
        with pytest.raises(DataError, match="no list"):
            optional_items({"a": other}, "a")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Support", "Support"),
        (17, "17"),
        ("Support\u00a0EU", "Support EU"),
        ("evil\u202etxt\ud800", "evil?txt?"),
        ("  padded\n", "padded"),
        ("x" * 300, "x" * 200),
        ("", None),
        ("\n", None),
        (None, None),
    ],
)
def test_a_name_is_fit_to_be_shown(value: Any, found: str | None):
    assert optional_name({"a": value}, "a") == found
    if found is None:
        with pytest.raises(DataError, match="no a"):
            name({"a": value}, "a")


@pytest.mark.parametrize("value", [True, 1.5, [], {}])
def test_what_is_no_name(value: Any):
    with pytest.raises(DataError, match="is no name"):
        optional_name({"a": value}, "a")


@pytest.mark.parametrize(("value", "found"), [(5, 5), ("5", 5), ("0", 0), (-3, -3)])
def test_a_number_may_come_as_text(value: Any, found: int):
    assert whole({"a": value}, "a") == found


def test_the_number_by_which_something_is_known():
    assert number({"a": 17}, "a") == number({"a": "17"}, "a") == "17"
    with pytest.raises(DataError, match="no number"):
        number({"a": "17/audits"}, "a")


@pytest.mark.parametrize("value", [None, "", "x", "1.5", 1.5, True, [], "9" * 16, "٣", 1 << 63, 10**40])
def test_what_is_no_number(value: Any):
    with pytest.raises(DataError, match="no number"):
        whole({"a": value}, "a")
