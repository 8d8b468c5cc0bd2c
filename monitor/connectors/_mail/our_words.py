"""The text of a mail -> the gist of its event. The text is held while one batch is made, and goes no further."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from monitor.connector import ReadText
from monitor.connectors._mail.mime import LONG, SHORT, Part, Parts, parts, text, unflowed
from monitor.connectors._mail.parties import ClassifiedMail
from monitor.connectors._mail.text import html_text
from monitor.domain.event import Event, from_micros, to_micros
from monitor.domain.gist import Gist, pack_gist, unpack_gist

#: To more people than this a mail that answers nobody is a mailing: nothing in it is promised to one of them.
MAILING: Final = 3
_TEXTS: Final = ("text/plain", "text/html")

#: Place -> packed gist, of a mail whose conversation has no place yet. Under no name: of every place that is not there.
Gists = Mapping[str, Mapping[str, Any]]


def is_answer(p: ClassifiedMail) -> bool:
    """Whether the headers say that it answers something."""
    return bool(p.mail.references) or p.mail.thread_reply or p.subject.answers


def may_promise(p: ClassifiedMail) -> bool:
    """Whether somebody of ours wrote this mail to somebody in particular."""
    return p.ours and not p.automatic and (len(p.others) <= MAILING or is_answer(p))


def bytes_of_ours(p: ClassifiedMail) -> int:
    """How much of a mail of ours to look at. Own words stand at the top, and a plain text before its page: SHORT is enough, even
    in base64, for 5,700 characters. A page alone begins with the styles of its program, which Outlook lets grow to tens of KiB.
    """
    kind = p.mail.content_type.lower()
    alone = kind.startswith(b"text/html") or (kind.startswith(b"multipart/related") and b"text/html" in kind)
    return LONG if alone else SHORT


def is_cut(p: ClassifiedMail, body: bytes) -> bool:
    """Whether a body ends, at SHORT bytes, within a page that is all the text there is, so that own words may follow."""
    if len(body) < SHORT or bytes_of_ours(p) == LONG:
        return False
    shown = [part.kind for part in _texts(_parts(p, body)) if text(part).strip()]
    return shown[:1] == ["text/html"]


class MailWords:
    """What a mail says, to be read when it is known which events it makes."""

    def __init__(self, read: ReadText, places: Collection[str], p: ClassifiedMail, body: bytes) -> None:
        """`places`: those that configuration names, each with its hours; `body`: its beginning."""
        self._read = read
        self._places = places
        self._text = words_of(p, body)

    def told(self, event: Event) -> Event:
        """The event with its gist."""
        return self._read(event, self._text) if self._text else event

    def by_place(self, event: Event) -> Gists:
        """Its gists where nobody knows yet at which place, thus by whose hours, it was said. Mostly none."""
        anywhere = self.told(event._replace(place="")).gist
        if anywhere is None:
            return {}
        found = {"": anywhere}
        for place in self._places:
            gist = self.told(event._replace(place=place)).gist
            if gist is not None and gist != anywhere:
                found[place] = gist
        return {place: pack_gist(gist, to_micros) for place, gist in found.items()}


def gist_at(place: str, gists: Gists) -> Gist | None:
    """That of what was said at this place."""
    packed = gists.get(place, gists.get(""))
    return None if packed is None else unpack_gist(packed, from_micros)


def words_of(p: ClassifiedMail, body: bytes) -> str:
    """The text of a mail of which `body` is the beginning, quotes and signature included; nothing of one that is encrypted.

    `Content-Language` is not asked: Outlook and Thunderbird write the language of the program or its dictionary there.
    """
    found = _parts(p, body)
    for part in _texts(found):
        read = unflowed(text(part), part.parameters) if part.kind == "text/plain" else html_text(text(part), signed=True)
        if read.strip():
            # Of a line that is cut off nobody knows what it says: `by 1` may be by 11.
            cut = len(body) in (SHORT, LONG) and part is found.found[-1]
            return read.rpartition("\n")[0] if cut else read
    return ""


def _parts(p: ClassifiedMail, body: bytes) -> Parts:
    return parts(p.mail.content_type.decode("latin-1"), p.mail.encoding.decode("latin-1").strip().lower(), body)


def _texts(found: Parts) -> list[Part]:
    return [part for part in found.found if part.kind in _TEXTS and part.disposition != "attachment"]
