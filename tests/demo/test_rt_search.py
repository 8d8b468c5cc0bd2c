"""TicketSQL of the demo's Request Tracker."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.demo.rt_search import BadQuery, condition

FIELDS = frozenset({"id", "LastUpdated", "Queue", "Status"})
ROW = {"id": 17, "LastUpdated": "2026-11-02 12:00:00", "Queue": "Bob's \\ queue", "Status": "open", "__Inactive__": False}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("id > 16", True),
        ("id>17", False),
        ("id >= 17 AND id <= 17", True),
        ("id < 17 or id = 17", True),
        ("id != 17", False),
        ("id = 'seventeen'", False),
        ("LastUpdated >= '2026-11-02 12:00:00'", True),
        ("LastUpdated >= '2026-11-02 12:00:01'", False),
        ("Queue = 'Bob\\'s \\\\ queue'", True),
        ("Queue = 'Bob'", False),
        ("Status = 'OPEN'", True),
        ("Status = '__Inactive__'", False),
        ("Status != '__Inactive__'", True),
        ("Status = '__Active__'", False),
        ("id = 1 OR id = 17 AND Status = 'new'", False),
        ("(id = 1 OR id = 17) AND Status = 'open'", True),
        ("((id = 17))", True),
    ],
)
def test_a_condition_holds_or_not(query: str, found: bool):
    assert condition(query, FIELDS)(ROW) is found


@pytest.mark.parametrize(
    "query",
    ["", "id", "id =", "id 17", "Nonsense = 1", "id = 1 AND", "(id = 1", "id = 1)", "id = 'x", "id = (", "id = =",
     "id = 1 id = 2", "(" * 21 + "id = 1" + ")" * 21, "(" * 9_000],
)  # fmt: skip
def test_what_is_not_understood_is_said(query: str):
    with pytest.raises(BadQuery):
        condition(query, FIELDS)


@given(st.lists(st.sampled_from(["id", "Status", "=", ">", "(", ")", "AND", "OR", "'x'", "17", "'", "é"]), max_size=12))
def test_any_query_is_a_condition_or_refused(words: list[str]):
    with suppress(BadQuery):
        assert condition(" ".join(words), FIELDS)(ROW) in (True, False)
