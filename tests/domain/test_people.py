"""Which names are one customer's: rows of a file, joined where they share a name that is nobody else's."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.people import MOST_LINES, NOBODY, Names, read_people

Rows = list[list[str]]


def together(rows: Sequence[Sequence[str]], *shared: str) -> set[frozenset[str]]:
    people = read_people(rows, str.lower, shared)
    return {frozenset(names) for names in people.ties.values()}


def group(*names: str) -> frozenset[str]:
    return frozenset(names)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], set()),
        ([["ann@example.org", "02079460101"]], {group("ann@example.org", "02079460101")}),
        ([["Ann", "ANN@example.org ", " 020 7946 0101", "12", "since 2019"]], {group("ann@example.org", "020 7946 0101")}),
        ([["name", "mail", "phone"], ["Bob", "bob@example.org", ""]], set()),  # a heading; one name alone
        ([["a@x", "b@x"], ["b@x", "c@x"], ["d@x", "e@x"]], {group("a@x", "b@x", "c@x"), group("d@x", "e@x")}),
        ([["a@x", "b@x"], ["c@x", "d@x"], ["a@x", "d@x"]], {group("a@x", "b@x", "c@x", "d@x")}),
        ([["a@x", "a@x"]], set()),
        ([["ann@example.org", "not a number 020 7946 0101"]], set()),
    ],
)
def test_what_stands_in_a_row_is_one_customers(rows: Rows, expected: set[frozenset[str]]) -> None:
    assert together(rows) == expected


def test_a_name_of_many_ties_nobody() -> None:
    """The switchboard stands beside everybody of the firm: as often as may be, and once more."""
    rows = [[f"{n}@x", "02079460000"] for n in range(MOST_LINES)]
    assert together(rows) == {group("02079460000", *(f"{n}@x" for n in range(MOST_LINES)))}
    assert together([*rows, ["one more@x", "02079460000"]]) == set()
    assert together([*rows, ["z@x", "y@x", "02079460000"]]) == {group("z@x", "y@x")}
    assert read_people([*rows, ["z@x", "02079460000"]], str.lower).shared == 1


def test_a_name_that_is_said_to_be_shared_ties_nobody_however_rare() -> None:
    rows = [["a@x", "02079460000"], ["b@x", "02079460000", "c@x"]]
    assert together(rows, "02079460000") == {group("b@x", "c@x")}
    people = read_people(rows, str.lower, ["02079460000", "nowhere@x"])
    assert (people.lines, people.shared) == (2, 1)
    assert set(people.names_of("02079460000")) == {"02079460000"}
    assert set(people.names_of("c@x")) == {"b@x", "c@x"}


def test_a_chain_of_thousands_of_rows_is_one_customer() -> None:
    rows = [[f"{n}@x", f"{n + 1}@x"] for n in range(20_000)]
    people = read_people(rows, str.lower)
    assert len(people.names_of("7@x")) == 20_001
    assert people.names_of("7@x") is people.names_of("19999@x")  # kept once, not once for each name


def test_without_a_file_everybody_is_alone() -> None:
    assert set(NOBODY.names_of("a")) == {"a"}


@given(st.lists(st.lists(st.sampled_from([f"{n}@x" for n in range(12)]), max_size=4), max_size=20).flatmap(
    lambda rows: st.tuples(st.just(rows), st.permutations(rows))
))  # fmt: skip
def test_the_order_of_the_rows_makes_no_difference_and_everybody_is_in_one_group(both: tuple[Rows, Rows]) -> None:
    groups = together(both[0])
    assert together(both[1]) == groups
    assert sum(map(len, groups)) == len(set().union(*groups, set()))


class TestRecords:
    """What stands in one record of a helpdesk is one customer's."""

    def test_names_of_one_record_and_of_the_file_belong_together(self) -> None:
        names = Names(read_people([["a@x", "1@x"], ["b@x", "2@x"]], str.lower))
        assert set(names.of("a@x")) == {"a@x", "1@x"}
        assert names.put("r", ["a@x", "b@x"])
        for name in ("a@x", "b@x", "1@x", "2@x"):
            assert set(names.of(name)) == {"a@x", "b@x", "1@x", "2@x"}
        assert list(names.of("z@x")) == ["z@x"]

    def test_a_record_that_changes(self) -> None:
        names = Names()
        assert names.put("r", ["a@x", "b@x"])
        assert not names.put("r", ["b@x", "a@x"])
        assert not names.put("r", ["a@x"])  # nothing is tied by that
        assert set(names.of("a@x")) == {"a@x"}
        assert set(names.of("b@x")) == {"b@x"}
        assert not names.put("s", ["c@x"])

    def test_a_name_in_many_records_ties_nobody(self) -> None:
        names = Names()
        for n in range(MOST_LINES):
            names.put(f"r{n}", [f"{n}@x", "switchboard"])
        assert set(names.of("0@x")) >= {"0@x", "switchboard"}
        names.put("one more", ["z@x", "y@x", "switchboard"])
        assert set(names.of("0@x")) == {"0@x"}
        assert set(names.of("switchboard")) == {"switchboard"}
        assert set(names.of("z@x")) == {"z@x", "y@x"}

    def test_what_is_said_to_be_shared_ties_nobody(self) -> None:
        names = Names(read_people([], str.lower, ["switchboard"]))
        assert not names.put("r", ["a@x", "switchboard"])
        assert set(names.of("a@x")) == {"a@x"}
