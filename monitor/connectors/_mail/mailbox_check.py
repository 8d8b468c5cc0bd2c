"""What `check` says of one account: which folders it would read, what it took them for and why, and whether they open."""

from collections.abc import Iterable, Sequence
from typing import Final

from monitor.connector import Finding
from monitor.connectors._mail.account import Mailbox
from monitor.connectors._mail.folders import Folders, Known, sorted_out
from monitor.connectors._mail.imap_responses import folder_title

_SHOWN: Final = 20  # folders that one line names


def examined(mailbox: Mailbox, wanted: Sequence[str] | None, ignored: Sequence[str]) -> list[Finding]:
    """Logs in, lists the folders, opens each that would be read, read-only, and logs out. Raises SourceError."""
    who = mailbox.account.username
    folders = sorted_out(mailbox.survey(), wanted, ignored)
    read = f"would read {_names(folders.read)}" if folders.read else "would read no folder at all"
    findings = [Finding(True, f"{who}: logged in"), Finding(bool(folders.read), f"{who}: {read}")]
    findings += [Finding(None, f"{who}: leaves out {_names(folders.left_out)}")] if folders.left_out else []
    findings += [_about_sent(who, folders), *_about_watched(who, folders.watched)]
    findings += _opened(mailbox, folders.read)
    mailbox.logout()
    return findings


def _about_sent(who: str, folders: Folders) -> Finding:
    """Where our answers are looked for, and how many lie there: without them all looks unanswered."""
    remedy = "name the folder of your answers in `folders`, unless they lie in another account: else all looks unanswered"
    sent = folders.sent
    if not sent:
        closed = any(f.role == "sent" for f in folders.closed)
        return Finding(None, f"{who}: {'Sent cannot be opened' if closed else 'no Sent folder among these'}; {remedy}")
    count = sum(f.folder.messages or 0 for f in sent)
    if count == 0 and all(f.folder.messages is not None for f in sent):
        return Finding(None, f"{who}: Sent is empty ({_names(sent)}); {remedy}")
    counted = (
        f"{count} mails" if any(f.folder.messages is not None for f in sent) else "a number of mails the server does not tell"
    )
    return Finding(True, f"{who}: takes as Sent {', '.join(_with_reason(f) for f in sent[:_SHOWN])}: {counted}")


def _about_watched(who: str, watched: Sequence[Known]) -> list[Finding]:
    named = [
        f"{label} {_names(found)}"
        for label, role in (("as Junk", "junk"), ("as Trash", "trash"), ("to be ignored", "ignored"))
        if (found := [f for f in watched if f.role == role])
    ]
    return [Finding(None, f"{who}: takes {'; '.join(named)}: mail moved there asks nothing any more")] if named else []


def _opened(mailbox: Mailbox, folders: Sequence[Known]) -> list[Finding]:
    who = mailbox.account.username
    closed: list[Known] = []
    writable = False
    for known in folders:
        opened = mailbox.open(known.name)
        if opened is None:
            closed.append(known)
        elif not opened.read_only:
            writable = True
    findings = []
    if closed:
        remedy = "give the account the right to read, or leave them out by `ignore: {folders: [...]}`"
        findings.append(Finding(False, f"{who}: cannot be opened: {_names(closed)}; {remedy}"))
    if writable:
        findings.append(Finding(False, f"{who}: the server does not confirm that EXAMINE is read-only"))
    elif len(closed) < len(folders):
        findings.append(Finding(True, f"{who}: folders open read-only (EXAMINE)"))
    return findings


def _names(folders: Iterable[Known]) -> str:
    titles = [folder_title(f.name) for f in folders]
    return ", ".join(titles[:_SHOWN]) + (" …" if len(titles) > _SHOWN else "")


def _with_reason(known: Known) -> str:
    return f"{folder_title(known.name)} ({'the server says so' if known.by_use else 'by its name'})"
