"""What replies promise, whatever is read first: by the hours of the place that the customer wrote to."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.connectors._mail.our_words import MailWords
from monitor.connectors._mail.threads import Threads, conversation_keys, state_keys
from monitor.domain.event import Channel, Event
from monitor.domain.hours import Calendar, parse_week
from monitor.domain.text_reading import TextReader
from tests.connectors.mail.test_threads import CAROL, SUPPORT, kept, mail

#: Wednesday 18 November 2026, 12:00, is the present there. Alice's own address is no configured place, and closes at 17:30.
OFFICE = Calendar("office", UTC, parse_week({"mon-fri": "09:00-17:30"}))
LATE = Calendar("late", UTC, parse_week({"mon-fri": "09:00-20:00"}))
PLACES = ("address:sales@lab.example", f"address:{SUPPORT}")
ALICE = "alice@lab.example"
MAILS = (
    (mail("q", CAROL, SUPPORT, hours=9), ""),
    (mail("a", ALICE, CAROL, "Re: Order", refs="q", hours=8), "I'll call you tomorrow.\n\nAlice"),
    (mail("k", CAROL, SUPPORT, "Re: Order", refs="q a", hours=7), ""),
    (mail("b", ALICE, CAROL, "Re: Order", refs="q a k", hours=6), "That is not so."),
    (mail("c", ALICE, CAROL, "Re: Order", refs="q a k b", hours=5), "We will send it."),
)
PROMISED = {
    kept("a"): [("call", datetime(2026, 11, 19, 20, 0, tzinfo=UTC))],
    kept("b"): [],
    kept("c"): [("send", None)],
}


def hours_of(place: str, _channel: Channel) -> Calendar:
    return LATE if place == f"address:{SUPPORT}" else OFFICE


@settings(max_examples=100)
@given(st.permutations(range(5)), st.sets(st.integers(1, 4)))
def test_any_order_in_any_batches_gives_the_same_promises(order: list[int], cuts: set[int]) -> None:
    state: dict[str, str] = {}
    events: list[Event] = []
    for start, end in pairwise((0, *sorted(cuts), 5)):
        batch = [(p, text) for p, text in (MAILS[i] for i in order[start:end]) if p is not None]
        known = {key: state[key] for key in state_keys(p for p, _ in batch) if key in state}
        known |= {key: state[key] for key in conversation_keys(known) if key in state}
        threads = Threads(known)
        for p, text in batch:
            threads.add(p, words=MailWords(TextReader(hours_of), PLACES, p, text.encode()) if p.ours else None)
        events += threads.events
        state |= threads.changes()
    replies = {e.id: [(each.deed, each.due) for each in e.gist.promises] if e.gist else [] for e in events if e.kind == "replied"}
    assert replies == PROMISED
    assert "call you" not in repr(state)
