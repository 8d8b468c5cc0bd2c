"""What becomes of a customer's mail after it came: pure bookkeeping over a state."""

from datetime import UTC, datetime, timedelta

from monitor.connectors._mail.flags import Looks, Wanted
from monitor.connectors._mail.imap_responses import Folder
from monitor.connectors._mail.moves import Fates, account_of, fate_keys, place
from monitor.connectors._mail.threads import Threads
from monitor.domain.event import Event

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
HERE, THERE = place("support@lab.example", "INBOX"), place("anna@lab.example", "INBOX")
KNOWN = {
    "m:" + "a" * 16: "c" * 16 + "c" + "123456789",
    "m:" + "b" * 16: "c" * 16 + "o" + "123456789",
    "c:" + "c" * 16: '[0,0,"first@x","address:support@lab.example",["h1"],[],["h1"],[]]',
}


class Story:
    """The same mail poll after poll, a minute apart."""

    def __init__(self) -> None:
        self.state: dict[str, str] = {}
        self.events: list[Event] = []
        self.now = NOW

    def poll(self) -> Fates:
        self.now += timedelta(minutes=1)
        self.threads = Threads(KNOWN)
        self.fates = Fates(self.threads, self.state, self.now)
        return self.fates

    def stored(self) -> list[str]:
        self.state |= self.fates.changes
        self.events += self.threads.events
        return [e.kind for e in self.threads.events]


def test_thrown_out_and_taken_back_again_and_again_are_events_of_their_own() -> None:
    story, mail = Story(), "a" * 16
    told = []
    for _ in range(2):
        story.poll().thrown_out(mail, "spam")
        told += story.stored()
        story.poll().thrown_out(mail, "deleted")  # from Junk to Trash: it is thrown out already
        told += story.stored()
        story.poll().shown(mail, HERE)
        told += story.stored()
        story.poll().shown(mail, THERE)
        told += story.stored()
    assert told == ["discarded", "restored", "discarded", "restored"]
    assert len({e.id for e in story.events}) == 4
    assert {e.event for e in story.events} == {mail}
    assert [e.reason for e in story.events] == ["spam", None, "spam", None]


def test_the_same_said_twice_of_one_state_has_the_same_ids() -> None:
    first, again = Story(), Story()
    for story in (first, again):
        story.poll().thrown_out("a" * 16, "spam")
        story.stored()
    assert first.events == again.events
    assert first.state == again.state


def test_of_a_mail_that_is_not_known_nothing_is_said() -> None:
    story = Story()
    story.poll().thrown_out("d" * 16, "spam")
    assert story.stored() == []


def test_places_are_kept_once_each_the_newest_eight() -> None:
    story, mail = Story(), "a" * 16
    for number in (*range(10), 9, 5):
        story.poll().shown(mail, place("support@lab.example", f"Folder {number}"))
        story.stored()
    assert story.poll().places(mail) == [place("support@lab.example", f"Folder {n}") for n in range(2, 10)]
    assert all(each.startswith(account_of("support@lab.example")) for each in story.fates.places(mail))
    assert not HERE.startswith(account_of("anna@lab.example"))


def test_a_mail_of_which_no_place_is_known_comes_back_as_well() -> None:
    story, mail = Story(), "a" * 16
    story.poll().thrown_out(mail, "spam")
    story.stored()
    assert "v:" + mail not in story.state
    story.poll().shown(mail, HERE)
    assert story.stored() == ["restored"]


def test_a_flag_is_told_once_and_only_if_it_was_set_since() -> None:
    story = Story()
    story.poll().marked("a" * 16, "answered_flag", since_it_came=False)
    assert story.stored() == []
    story.poll().marked("a" * 16, "no_answer_needed", since_it_came=True)
    assert story.stored() == []
    other = Story()
    other.poll().marked("a" * 16, "no_answer_needed", since_it_came=True)
    assert other.stored() == ["settled"]
    assert (other.events[0].reason, other.events[0].at) == ("no_answer_needed", NOW + timedelta(minutes=1))


def test_only_customers_mails_have_a_fate() -> None:
    assert fate_keys(KNOWN) == {"v:" + "a" * 16, "x:" + "a" * 16, "f:" + "a" * 16}


# flags


def test_which_flags_say_that_no_answer_is_needed() -> None:
    wanted = Wanted(["$NoAnswer", "\\Flagged"], no_sent=False)
    assert wanted.reason(b"\\seen $noanswer") == "no_answer_needed"
    assert wanted.reason(b"\\seen \\flagged") == "no_answer_needed"
    assert wanted.reason(b"\\seen \\answered $noanswers") is None
    assert wanted.reason(b"") is None
    assert Wanted([], no_sent=True).reason(b"\\answered") == "answered_flag"
    assert Wanted(["\\answered"], no_sent=True).reason(b"\\answered") == "no_answer_needed"  # who names it wants it so
    assert not Wanted([], no_sent=False)


def test_what_is_searched_for_goes_back_thirty_days() -> None:
    wanted = Wanted(["$NoAnswer", "\\Flagged"], no_sent=True)
    assert wanted.criteria(NOW.date()) == [
        ("ANSWERED SINCE 19-Oct-2026", "answered_flag"),
        ("KEYWORD $NoAnswer SINCE 19-Oct-2026", "no_answer_needed"),
        ("FLAGGED SINCE 19-Oct-2026", "no_answer_needed"),
    ]


def test_when_a_folder_is_looked_through() -> None:
    looks, inbox = Looks(), Folder("INBOX", frozenset(), uid_validity=7)
    other = inbox._replace(name="Kunden")
    assert looks.due("a", inbox, 0.0)
    for folder in (inbox, other):
        looks.done("a", folder, [1, 2], 0.0)
    assert [looks.due("a", inbox, at) for at in (0.0, 59.9, 60.0)] == [False, False, True]
    assert [looks.due("a", other, at) for at in (0.0, 599.9, 600.0)] == [False, False, True]
    assert looks.due("b", inbox, 1.0)
    assert looks.due("a", inbox._replace(uid_validity=8), 1.0)
    assert looks.new("a", inbox, [2, 3, 1]) == [3]
    assert looks.new("a", inbox._replace(uid_validity=8), [2, 3]) == [2, 3]


def test_a_mark_that_moves_with_flags_says_when_to_look() -> None:
    looks, inbox = Looks(), Folder("INBOX", frozenset(), uid_validity=7, change=40)
    looks.done("a", inbox, [], 0.0)
    assert not looks.due("a", inbox, 9999.0)
    assert looks.due("a", inbox._replace(change=41), 0.0)
