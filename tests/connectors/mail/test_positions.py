"""How far folders were read, and what of them must not be missing."""

from monitor.connector import Cursor
from monitor.connectors._mail.folders import Folders, sorted_out
from monitor.connectors._mail.imap_responses import Folder
from monitor.connectors._mail.positions import Missing, Positions, incomplete
from tests.connectors.mail.test_folders import named

WHO = "support@lab.example"


def folders(*names: str, wanted: list[str] | None = None, ignored: tuple[str, ...] = ()) -> Folders:
    return sorted_out([f._replace(uid_next=5, uid_validity=7) for f in named(*names)], wanted, ignored)


def missing(
    before: Cursor, *now: str, wanted: list[str] | None = None, ignored: tuple[str, ...] = ()
) -> tuple[list[Missing], list[str] | None]:
    """What is told to be missing, and the folders that the new cursor names, None if it has not moved."""
    positions = Positions({WHO: before})
    found = positions.missing(WHO, folders(*now, wanted=wanted, ignored=ignored), wanted, ignored)
    cursor = positions.cursor_if_moved()
    return found, None if cursor is None else sorted(cursor[WHO])


def test_all_there() -> None:
    assert missing({"INBOX": [7, 5], "Sent": [7, 5, "sent"]}, "INBOX", "Sent", "New") == ([], None)


def test_sent_is_missed_until_it_or_another_one_is_there() -> None:
    before = {"INBOX": [7, 5], "Raus": [7, 5, "sent"]}
    gone = Missing(WHO, "Sent", True)
    assert missing(before, "INBOX") == ([gone], None)
    assert missing(before, "INBOX", "Raus 2025") == ([gone], None)  # renamed to what nobody knows as Sent
    assert missing(before, "INBOX", "Sent Items") == ([], ["INBOX"])
    assert missing(before, "INBOX", r"Raus 2025 \Sent") == ([], ["INBOX"])


def test_sent_as_a_cursor_of_0_1_knows_it_is_missed_by_its_name() -> None:
    assert missing({"INBOX": [7, 5], "Sent": [7, 5]}, "INBOX") == ([Missing(WHO, "Sent", True)], None)


def test_inbox_is_missed_and_a_listing_without_it_forgets_nothing() -> None:
    assert missing({"INBOX": [7, 5], "Roe": [7, 5]}) == ([Missing(WHO, "INBOX", True)], None)


def test_inbox_is_the_same_however_it_is_written() -> None:
    assert missing({"INBOX": [7, 5]}, "Inbox") == ([], None)


def test_folders_of_customers_come_and_go() -> None:
    assert missing({"INBOX": [7, 5], "Done": [7, 5], "Junk": [7, 1, "junk"]}, "INBOX", "Finished 2026") == ([], ["INBOX"])


def test_what_the_configuration_names_is_missed_and_what_it_names_no_longer_is_not() -> None:
    before = {"INBOX": [7, 5], "Orders": [7, 5], "Sent": [7, 5, "sent"]}
    assert missing(before, "INBOX", "Sent", wanted=["INBOX", "Orders", "Sent"]) == ([Missing(WHO, "a folder", True)], None)
    assert missing(before, "INBOX", "Sent", wanted=["INBOX", "Sent"]) == ([], ["INBOX", "Sent"])
    assert missing(before, "INBOX", "Orders", wanted=["INBOX", "Orders"]) == ([], ["INBOX", "Orders"])
    assert missing(before, "INBOX", "Orders", ignored=("Sent",)) == ([], ["INBOX", "Orders"])


def test_a_sent_that_cannot_be_selected_is_missed_unless_one_below_it_can() -> None:
    assert missing({}, "INBOX", r"Sent \Noselect")[0] == [Missing(WHO, "Sent", False)]
    assert missing({}, "INBOX", r"Sent \Noselect", "Sent/2026")[0] == []
    assert missing({"Sent": [7, 5, "sent"]}, "INBOX", r"Sent \Noselect")[0] == [Missing(WHO, "Sent", False)]


# positions


def test_a_folder_that_is_read_for_another_purpose_now_begins_anew() -> None:
    positions = Positions({WHO: {"Lists": [7, 5]}})
    [read] = folders("Lists").read
    [ignored] = folders("Lists", ignored=("Lists",)).watched
    assert positions.first_uid(WHO, read, 7) == (5, True)
    assert not positions.moved(WHO, read)
    assert positions.first_uid(WHO, ignored, 7) == (1, False)
    assert positions.moved(WHO, ignored)
    positions.at(WHO, ignored, 7, 5)
    assert positions.cursor_if_moved() == {WHO: {"Lists": [7, 5, "ignored"]}}
    assert positions.cursor_if_moved() is None
    assert positions.first_uid(WHO, read, 7) == (1, False)


def test_an_account_is_new_until_the_next_poll() -> None:
    positions = Positions(None)
    [inbox] = folders("INBOX").read
    positions.at(WHO, inbox, 7, 5)
    assert positions.is_new(WHO)
    assert not Positions(positions.cursor_if_moved()).is_new(WHO)


def test_a_server_without_marks_is_always_asked() -> None:
    positions = Positions({WHO: {"INBOX": [7, 5]}})
    [inbox] = sorted_out([Folder("INBOX", frozenset())], None, ()).read
    assert positions.moved(WHO, inbox)


# the line


def test_one_line_says_sent_first_and_names_no_customer() -> None:
    told = [Missing(f"a{n}@lab.example", "a folder", False) for n in range(4)] + [Missing(WHO, "Sent", True)]
    error = incomplete(told)
    text = str(error)
    assert text.startswith(f"Sent of {WHO} is gone, a folder of a0@lab.example cannot be opened, ")
    assert "2 more: which answers were sent is not known" in text
    assert "`folders`" in text
    assert "\n" not in text
    assert error.reason == "protocol"


def test_what_cannot_be_opened_has_another_remedy() -> None:
    text = str(incomplete([Missing(WHO, "INBOX", False)] * 2))
    assert text.startswith(f"INBOX of {WHO} cannot be opened: what came in is not known")
    assert "right to read" in text
