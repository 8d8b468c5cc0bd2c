"""Capabilities and LIST answers as servers in the world gave them, with where they were seen. Folders of customers are made up.

`reads` is what is to be read, in the order in which it is; `sent`, `junk`, `trash` what is taken for these.
"""

from typing import NamedTuple


class Recorded(NamedTuple):
    """One server. `listing`: lines without `* LIST `."""

    before: str
    after: str
    delimiter: str
    listing: tuple[str, ...]
    reads: tuple[str, ...]
    sent: str
    junk: str
    trash: str


#: imapsync/imapsync#338 (capabilities once authenticated); folders and their uses as Gmail's German labels.
GMAIL_DE = Recorded(
    "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 XYZZY SASL-IR AUTH=XOAUTH2 AUTH=PLAIN "
    "AUTH=PLAIN-CLIENTTOKEN AUTH=OAUTHBEARER",
    "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE ENABLE MOVE CONDSTORE ESEARCH "
    "UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584",
    "/",
    (
        r'(\HasNoChildren) "/" "INBOX"',
        r'(\HasNoChildren) "/" "Kunden"',
        r'(\HasChildren \Noselect) "/" "[Gmail]"',
        r'(\All \HasNoChildren) "/" "[Gmail]/Alle Nachrichten"',
        r'(\Drafts \HasNoChildren) "/" "[Gmail]/Entw&APw-rfe"',
        r'(\HasNoChildren \Sent) "/" "[Gmail]/Gesendet"',
        r'(\Flagged \HasNoChildren) "/" "[Gmail]/Markiert"',
        r'(\HasNoChildren \Trash) "/" "[Gmail]/Papierkorb"',
        r'(\HasNoChildren \Junk) "/" "[Gmail]/Spam"',
        r'(\HasNoChildren \Important) "/" "[Gmail]/Wichtig"',
    ),
    ("INBOX", "[Gmail]/Gesendet", "Kunden", "[Gmail]/Alle Nachrichten"),
    "[Gmail]/Gesendet",
    "[Gmail]/Spam",
    "[Gmail]/Papierkorb",
)

#: owncloud-archive/mail#1341: LIST-STATUS without SPECIAL-USE, and folders that mail programs have made beside Gmail's own.
#: Names alone tell; Spanish.
GMAIL_ES_WITHOUT_SPECIAL_USE = Recorded(
    "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 XYZZY SASL-IR AUTH=XOAUTH2 AUTH=PLAIN "
    "AUTH=PLAIN-CLIENTTOKEN AUTH=OAUTHBEARER AUTH=XOAUTH",
    "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE ENABLE MOVE CONDSTORE ESEARCH "
    "UTF8=ACCEPT APPENDLIMIT=35882577 LIST-EXTENDED LIST-STATUS",
    "/",
    (
        r'(\HasNoChildren) "/" "Deleted Messages"',
        r'(\HasNoChildren) "/" "Drafts"',
        r'(\HasNoChildren) "/" "INBOX"',
        r'(\HasNoChildren) "/" "Privat"',
        r'(\HasChildren \Noselect) "/" "[Gmail]"',
        r'(\HasNoChildren) "/" "[Gmail]/Borradores"',
        r'(\HasNoChildren) "/" "[Gmail]/Destacados"',
        r'(\HasNoChildren) "/" "[Gmail]/Enviados"',
        r'(\HasNoChildren) "/" "[Gmail]/Importantes"',
        r'(\HasNoChildren) "/" "[Gmail]/Papelera"',
        r'(\HasNoChildren) "/" "[Gmail]/Spam"',
        r'(\HasNoChildren) "/" "[Gmail]/Todos"',
    ),
    ("INBOX", "[Gmail]/Enviados", "Privat", "[Gmail]/Todos"),
    "[Gmail]/Enviados",
    "[Gmail]/Spam",
    "[Gmail]/Papelera",
)

#: The same with everything in English and Google's name for Britain and Germany of old.
GOOGLE_MAIL = GMAIL_DE._replace(
    listing=(
        r'(\HasNoChildren) "/" "INBOX"',
        r'(\HasChildren \Noselect) "/" "[Google Mail]"',
        r'(\All \HasNoChildren) "/" "[Google Mail]/All Mail"',
        r'(\HasNoChildren \Junk) "/" "[Google Mail]/Spam"',
        r'(\HasNoChildren \Sent) "/" "[Google Mail]/Sent Mail"',
        r'(\HasNoChildren \Trash) "/" "[Google Mail]/Bin"',
    ),
    reads=("INBOX", "[Google Mail]/Sent Mail", "[Google Mail]/All Mail"),
    sent="[Google Mail]/Sent Mail",
    junk="[Google Mail]/Spam",
    trash="[Google Mail]/Bin",
)

#: facts-cloud 1.1 (wire logs in mscdex/node-imap#689, simonrob/email-oauth2-proxy#74); default folders as exchangelib knows them.
EXCHANGE_DE = Recorded(
    "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+",
    "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CLIENTACCESSRULES CLIENTNETWORKPRESENCELOCATION "
    "BACKENDAUTHENTICATE CHILDREN IDLE NAMESPACE LITERAL+",
    "/",
    (
        r'(\Marked \HasNoChildren) "/" Archiv',
        r'(\HasNoChildren) "/" Aufgaben',
        r'(\HasNoChildren) "/" Entw&APw-rfe',
        r'(\HasChildren) "/" "Gel&APY-schte Elemente"',
        r'(\HasNoChildren) "/" "Gel&APY-schte Elemente/Alt"',
        r'(\HasNoChildren) "/" "Gesendete Elemente"',
        r'(\Marked \HasChildren) "/" INBOX',
        r'(\HasNoChildren) "/" INBOX/Kunden',
        r'(\HasNoChildren) "/" Journal',
        r'(\HasNoChildren) "/" Junk-E-Mail',
        r'(\HasChildren) "/" Kalender',
        r'(\HasNoChildren) "/" Kalender/Feiertage',
        r'(\HasChildren) "/" Kontakte',
        r'(\HasNoChildren) "/" "Kontakte/Recipient Cache"',
        r'(\HasNoChildren) "/" Notizen',
        r'(\HasNoChildren) "/" Postausgang',
        r'(\HasChildren) "/" Synchronisierungsprobleme',
        r'(\HasNoChildren) "/" Synchronisierungsprobleme/Konflikte',
        r'(\HasNoChildren) "/" "Aufgezeichnete Unterhaltungen"',
    ),
    ("INBOX", "Archiv", "INBOX/Kunden", "Gesendete Elemente"),
    "Gesendete Elemente",
    "Junk-E-Mail",
    "Gel&APY-schte Elemente",
)

EXCHANGE_EN = EXCHANGE_DE._replace(
    listing=(
        r'(\HasNoChildren) "/" Archive',
        r'(\HasChildren) "/" Calendar',
        r'(\HasNoChildren) "/" "Calendar/United Kingdom holidays"',
        r'(\HasNoChildren) "/" Contacts',
        r'(\HasNoChildren) "/" "Conversation Action Settings"',
        r'(\HasChildren) "/" "Conversation History"',
        r'(\HasNoChildren) "/" "Conversation History/Team Chat"',
        r'(\HasNoChildren) "/" "Deleted Items"',
        r'(\HasNoChildren) "/" Drafts',
        r'(\Marked \HasNoChildren) "/" INBOX',
        r'(\HasNoChildren) "/" "Junk Email"',
        r'(\HasNoChildren) "/" Outbox',
        r'(\HasNoChildren) "/" "RSS Feeds"',
        r'(\HasNoChildren) "/" "Sent Items"',
        r'(\HasChildren) "/" "Sync Issues"',
        r'(\HasNoChildren) "/" "Sync Issues/Local Failures"',
        r'(\HasNoChildren) "/" Tasks',
    ),
    reads=("INBOX", "Archive", "Sent Items"),
    sent="Sent Items",
    junk="Junk Email",
    trash="Deleted Items",
)

#: owncloud-archive/mail#1320, nextcloud/mail#167: Courier, everything below INBOX and parted by dots.
COURIER = Recorded(
    "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE AUTH=PLAIN ACL ACL2=UNION",
    "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE AUTH=PLAIN ACL ACL2=UNION",
    ".",
    (
        r'(\HasNoChildren) "." "INBOX.Sent.2012"',
        r'(\HasChildren) "." "INBOX.Sent"',
        r'(\HasNoChildren) "." "INBOX.Drafts"',
        r'(\HasNoChildren) "." "INBOX.NO-SPAM"',
        r'(\HasNoChildren) "." "INBOX.Spam"',
        r'(\HasNoChildren) "." "INBOX.Trash"',
        r'(\HasNoChildren) "." "INBOX.Offen.Anfragen"',
        r'(\Unmarked \HasChildren) "." "INBOX"',
    ),
    ("INBOX", "INBOX.NO-SPAM", "INBOX.Offen.Anfragen", "INBOX.Sent.2012", "INBOX.Sent"),
    "INBOX.Sent",
    "INBOX.Spam",
    "INBOX.Trash",
)

#: owncloud-archive/mail#658 (Cyrus 2.4), without SPECIAL-USE; names below INBOX as nextcloud/mail#2000 and #2105 tell.
CYRUS = COURIER._replace(
    before="IMAP4rev1 LITERAL+ ID ENABLE STARTTLS AUTH=PLAIN SASL-IR",
    after="IMAP4rev1 LITERAL+ ID ENABLE ACL RIGHTS=kxte QUOTA MAILBOX-REFERRALS NAMESPACE UIDPLUS NO_ATOMIC_RENAME UNSELECT "
    "CHILDREN MULTIAPPEND BINARY CATENATE CONDSTORE ESEARCH SORT SORT=MODSEQ SORT=DISPLAY THREAD=ORDEREDSUBJECT",
    listing=(
        r'(\HasChildren) "." "INBOX"',
        r'(\HasNoChildren) "." "INBOX.Deleted Items"',
        r'(\HasNoChildren) "." "INBOX.Junk"',
        r'(\HasNoChildren) "." "INBOX.Kunden"',
        r'(\HasNoChildren) "." "INBOX.Sent Items"',
    ),
    reads=("INBOX", "INBOX.Kunden", "INBOX.Sent Items"),
    sent="INBOX.Sent Items",
    junk="INBOX.Junk",
    trash="INBOX.Deleted Items",
)

#: Folders as programs for GMX name them; web.de has `Unbekannt`, mails of strangers (chatmail/provider-db#69). The capabilities
#: are from general knowledge, no recording of them was found.
GMX = Recorded(
    "IMAP4rev1 LITERAL- SASL-IR ID AUTH=LOGIN AUTH=PLAIN",
    "IMAP4rev1 CHILDREN ENABLE ID IDLE LIST-EXTENDED LIST-STATUS LITERAL- MOVE NAMESPACE OBJECTID SASL-IR SORT SPECIAL-USE "
    "THREAD=ORDEREDSUBJECT UIDPLUS UNSELECT WITHIN",
    "/",
    (
        r'(\Drafts \HasNoChildren) "/" Entw&APw-rfe',
        r'(\Sent \HasNoChildren) "/" Gesendet',
        r'(\Trash \HasNoChildren) "/" Gel&APY-scht',
        r'(\HasNoChildren) "/" INBOX',
        r'(\HasNoChildren) "/" OUTBOX',
        r'(\Junk \HasNoChildren) "/" Spamverdacht',
        r'(\HasNoChildren) "/" Unbekannt',
    ),
    ("INBOX", "Unbekannt", "Gesendet"),
    "Gesendet",
    "Spamverdacht",
    "Gel&APY-scht",
)

#: owncloud-archive/mail#1333: no STATUS in LIST, INBOX in small letters with a use of its own.
YAHOO = Recorded(
    "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER ID MOVE NAMESPACE",
    "IMAP4rev1 ID MOVE NAMESPACE X-ID-ACLID UIDPLUS LITERAL+ XAPPLEPUSHSERVICE XYMHIGHESTMODSEQ",
    "/",
    (
        r'(\Junk \HasNoChildren) "/" "Bulk Mail"',
        r'(\Archive \HasNoChildren) "/" "Archive"',
        r'(\Drafts \HasNoChildren) "/" "Draft"',
        r'(\HasNoChildren) "/" "FW logs 06"',
        r'(\Inbox \HasNoChildren) "/" "Inbox"',
        r'(\Sent \HasNoChildren) "/" "Sent"',
        r'(\Trash \HasNoChildren) "/" "Trash"',
    ),
    ("Inbox", "Archive", "FW logs 06", "Sent"),
    "Sent",
    "Bulk Mail",
    "Trash",
)

ALL = {
    "Gmail, German": GMAIL_DE,
    "Gmail, Spanish, without special use": GMAIL_ES_WITHOUT_SPECIAL_USE,
    "Google Mail": GOOGLE_MAIL,
    "Exchange, German": EXCHANGE_DE,
    "Exchange, English": EXCHANGE_EN,
    "Courier": COURIER,
    "Cyrus": CYRUS,
    "GMX": GMX,
    "Yahoo": YAHOO,
}
