"""What each folder is for: by special use, by name in the languages of mail programs, by what it lies in."""

from collections.abc import Iterable

import pytest

from monitor.connectors._mail.folder_names import BY_NAME, Role, comparable
from monitor.connectors._mail.folders import Folders, sorted_out
from monitor.connectors._mail.imap_responses import Folder


def named(*names: str, delimiter: str | None = "/") -> list[Folder]:
    """Folders; a special use or other attribute of LIST may stand behind the name: `Out \\Sent`."""
    made = []
    for each in names:
        name, _, use = each.partition(" \\")
        made.append(Folder(name, frozenset(use.lower().replace("\\", "").split()), delimiter=delimiter))
    return made


def sort(*names: str, delimiter: str | None = "/", wanted: list[str] | None = None, ignored: Iterable[str] = ()) -> Folders:
    return sorted_out(named(*names, delimiter=delimiter), wanted, list(ignored))


def roles(*names: str, delimiter: str | None = "/") -> dict[str, Role]:
    found = sort(*names, delimiter=delimiter)
    return {f.name: f.role for f in (*found.read, *found.watched, *found.left_out, *found.closed)}


# by name


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Gesendete Elemente", "sent"),
        ("&AMk-l&AOk-ments envoy&AOk-s", "sent"),  # Éléments envoyés
        ("Posta inviata", "sent"),
        ("&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-", "sent"),  # Отправленные
        ("G&APY-nderilmi&AV8- &ANY-&AR8-eler", "sent"),  # Gönderilmiş Öğeler
        ("&kAFP4W4IMH8wojCkMMYw4A-", "sent"),  # 送信済みアイテム
        ("Posta indesiderata", "junk"),
        ("Correo no deseado", "junk"),
        ("Roskaposti", "junk"),
        ("Wiadomo&AVs-ci-&AVs-mieci", "junk"),  # Wiadomości-śmieci
        ("Spamverdacht", "junk"),
        ("&ATA-stenmeyen E-posta", "junk"),  # İstenmeyen E-posta: a capital with a dot of its own
        ("Gel&APY-schte Objekte", "trash"),
        ("Elementy usuni&ARk-te", "trash"),
        ("Slettet post", "trash"),
        ("Itens Exclu&AO0-dos", "trash"),
        ("Entw&APw-rfe", "drafts"),
        ("Kalender", "no mail"),
        ("Contactpersonen", "no mail"),
        ("Conversation History", "no mail"),
        ("Problemi di sincronizzazione", "no mail"),
        ("Boîte d'envoi".encode("utf-7").decode().replace("+", "&"), "no mail"),
        ("Kunden", "plain"),
        ("Unbekannt", "plain"),  # where web.de puts first mails of strangers
        ("Archive", "plain"),
        ("Sentinel", "plain"),
    ],
)
def test_usual_names(name: str, role: str) -> None:
    assert roles("INBOX", name)[name] == role


def test_capitals_and_composed_letters_make_no_difference() -> None:
    assert roles("Entwu&Awg-rfe")["Entwu&Awg-rfe"] == "drafts"  # u and a combining diaeresis
    assert roles("SENT ITEMS")["SENT ITEMS"] == "sent"
    assert roles("Inbox") == {"Inbox": "inbox"}


@pytest.mark.parametrize("role", ["sent", "junk", "trash", "drafts", "no mail"])
def test_every_name_is_one_that_can_be_found(role: Role) -> None:
    names = [name for name, each in BY_NAME.items() if each == role]
    assert len(names) > 60
    assert all(comparable(name) == name for name in names)


# where a name counts


@pytest.mark.parametrize(
    ("name", "delimiter", "role"),
    [
        ("INBOX.Spam", ".", "junk"),
        ("INBOX/Sent", "/", "sent"),
        ("INBOX.Sent.2013", ".", "sent"),
        ("Sent/2026", "/", "sent"),
        ("Junk/caught-by-rule", "/", "junk"),
        ("Trash/Old/Customers", "/", "trash"),
        ("Sync Issues/Conflicts", "/", "no mail"),
        ("[Gmail]/Spam", "/", "junk"),
        ("[Google Mail]/Papierkorb", "/", "trash"),
        ("[Gmail]/Alle Nachrichten", "/", "all"),
        ("[Gmail]/Destacados", "/", "view"),
        ("Customers/Spam Ltd", "/", "plain"),
        ("Customers/Spam", "/", "plain"),
        ("Projects/Calendar", "/", "plain"),
        ("Fa. Roe/Sent.v2", "/", "plain"),
        ("Fa. Sent", "/", "plain"),
        ("Projects.Sent", "/", "plain"),  # the dot is part of the name there
        ("Projects.Sent", ".", "plain"),
        ("Important", "/", "plain"),  # Gmail's view is one only below Gmail's parent
    ],
)
def test_where_a_name_means_something(name: str, delimiter: str, role: str) -> None:
    assert roles("INBOX", name, delimiter=delimiter)[name] == role


def test_without_a_delimiter_a_name_is_one_name() -> None:
    assert roles("INBOX", "INBOX.Sent", delimiter=None)["INBOX.Sent"] == "plain"


# special use


def test_a_special_use_wins_over_a_name_and_goes_to_children() -> None:
    found = roles(
        "INBOX", r"Papierkorb \Archive", r"Weg damit \Trash", "Weg damit/2025", r"Ausgang \HasChildren \Sent", "Ausgang/Alt"
    )
    assert found == {
        "INBOX": "inbox",
        "Papierkorb": "plain",
        "Weg damit": "trash",
        "Weg damit/2025": "trash",
        "Ausgang": "sent",
        "Ausgang/Alt": "sent",
    }


def test_beside_the_sent_of_the_server_another_one_by_name_is_sent_as_well() -> None:
    found = sort("INBOX", r"Sent \Sent", "Sent Items")
    assert [(f.name, f.by_use) for f in found.sent] == [("Sent", True), ("Sent Items", False)]


def test_what_holds_copies_of_everything_and_views_are_told_apart() -> None:
    found = sort("INBOX", r"[Gmail]/Alles \All", r"[Gmail]/Sterne \Flagged", r"[Gmail]/Wichtig \Important", r"[Gmail] \Noselect")
    assert [f.name for f in found.read] == ["INBOX", "[Gmail]/Alles"]
    assert [f.name for f in found.left_out] == ["[Gmail]/Sterne", "[Gmail]/Wichtig"]


# the order of reading


def test_questions_come_before_answers() -> None:
    assert [f.name for f in sort(r"Sent \Sent", "Kunden", "INBOX").read] == ["INBOX", "Kunden", "Sent"]


def test_where_one_folder_holds_everything_labels_come_after_sent() -> None:
    found = sort("Customers/Roe", r"[Gmail]/All Mail \All", r"[Gmail]/Gesendet \Sent", "INBOX")
    assert [f.name for f in found.read] == ["INBOX", "[Gmail]/Gesendet", "Customers/Roe", "[Gmail]/All Mail"]
    assert [f.shows_sent for f in found.read] == [False, False, True, True]


# what the configuration names


def test_named_folders_are_all_that_is_read_and_win_over_what_they_are() -> None:
    found = sort("INBOX", "Sent", "Junk", "Kunden", "Trash", wanted=["inbox", "Junk", "SENT"])
    assert [(f.name, f.role) for f in found.read] == [("INBOX", "inbox"), ("Junk", "plain"), ("Sent", "sent")]
    assert [f.name for f in found.watched] == ["Trash"]


@pytest.mark.parametrize("name", ["INBOX.Entwürfe.Kunden", "INBOX/Entwürfe/Kunden", "entwürfe/kunden", "Entwürfe.Kunden"])
def test_a_folder_is_named_as_people_see_it(name: str) -> None:
    found = sort("INBOX", "INBOX.Entw&APw-rfe.Kunden", delimiter=".", wanted=[name])
    assert [f.role for f in found.read] == ["plain"]


def test_ignored_folders_are_watched_with_their_children() -> None:
    found = sort("INBOX", "Lists", "Lists/Python", "Listserver", "INBOX/Shop", "Shop-Alt", "Shop-Neu", ignored=["lists", "shop*"])
    assert [f.name for f in found.read] == ["INBOX", "Listserver"]
    assert {f.name: f.role for f in found.watched} == dict.fromkeys(
        ["Lists", "Lists/Python", "INBOX/Shop", "Shop-Alt", "Shop-Neu"], "ignored"
    )


def test_inbox_as_everybodys_parent_ignores_nothing_below_it() -> None:
    found = sort("INBOX", "INBOX.Kunden", delimiter=".", ignored=["INBOX"])
    assert [f.name for f in found.read] == ["INBOX.Kunden"]


def test_a_named_folder_is_read_though_a_pattern_ignores_it() -> None:
    assert [f.name for f in sort("INBOX", "Shop", wanted=["INBOX", "Shop"], ignored=["*"]).read] == ["INBOX", "Shop"]


def test_a_folder_that_cannot_be_opened_is_kept_apart() -> None:
    found = sort("INBOX", r"Sent \Noselect", "Sent/2026", r"Kunden \Noselect")
    assert [f.name for f in found.sent] == ["Sent/2026"]
    assert [(f.name, f.role) for f in found.closed] == [("Kunden", "plain"), ("Sent", "sent")]
    assert found.names == {"INBOX", "Sent/2026"}


def test_what_may_be_said_of_a_folder_is_no_name_of_a_customer() -> None:
    found = sort("INBOX", "Roe Ltd", r"Raus \Sent", r"Müll \Trash")
    assert [f.kind for f in (*found.read, *found.watched)] == ["INBOX", "a folder", "Sent", "Trash"]
