"""What is kept of a contact says the same however it came to be written: at once, piece by piece, corrected."""

import pytest

from monitor.domain.event import Event
from monitor.domain.ledger import Counting, Deltas
from monitor.domain.merging import merge
from monitor.domain.snapshot import BUCKETS
from monitor.engine.evaluation import Record, Whereabouts, evaluate, examine, read_record
from tests.domain.contact_lines import at, email, policy

WHERE = Whereabouts(("desk",), (policy("email"),))

STORY = email("received 0", "replied 10 reason=sent", "received 20 courtesy", "promised 30 due=90", "fulfilled 40")


def stored(*pieces: list[Event]) -> list[Event]:
    """The events that are read after these pieces were written, one after the other."""
    record = Record("c1", "desk", "email")
    for piece in pieces:
        events = merge(record.events, piece) or list(record.events)
        written = evaluate("mail", examine(record, events, WHERE, at("50")), Counting(Deltas(), BUCKETS, at("50")))
        record = read_record(written.row)
    return list(record.events)


PIECES = {
    "at once": [STORY],
    "one by one": [[event] for event in STORY],
    "backwards": [[event] for event in reversed(STORY)],
    "nothing new": [STORY, STORY, []],
    "one between": [STORY[:1] + STORY[2:], STORY[1:2]],
    "one corrected": [[STORY[0]._replace(at=at("5")), *STORY[1:]], STORY[:1]],
}


@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES.keys())
def test_all_of_it_is_read_again(pieces: list[list[Event]]) -> None:
    assert stored(*pieces) == [event._replace(place="") for event in STORY]


def test_a_record_that_was_never_stored_is_written_with_its_events() -> None:
    record = Record("c1", "desk", "email", STORY)
    written = evaluate("mail", examine(record, STORY, WHERE, at("50")), Counting(Deltas(), BUCKETS, at("50")))
    assert [event.id for event in read_record(written.row).events] == [event.id for event in STORY]
