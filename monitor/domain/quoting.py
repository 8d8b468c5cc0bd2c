"""Where the sender's own words end in the text of a mail: quotes, attributions, forwarded mails. Pure, never raises.

Knows how Outlook, Gmail, Apple Mail, Thunderbird, Yahoo and telephones begin a quote in English, German, French,
Spanish, Dutch, Italian, Portuguese, Polish, Swedish, Danish and Norwegian. A line that is not recognised counts as the
sender's own.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_FROM: Final = "from|von|de|da|van|od|från|fra|lähettäjä|feladó|expeditor|от|від|kimden|gönderen|差出人|发件人|寄件者|보낸 사람"
_OTHER: Final = (
    "sent|date|to|cc|bcc|subject|reply-to|gesendet|datum|an|kopie|cci?|betreff|envoyé(?: le)?|à|pour|objet|sujet|copie"
    "|enviado(?: el| em)?|enviada em|fecha|data|para|cco|asunto|assunto|inviato|a|per|oggetto|verzonden|aan|onderwerp"
    "|wysłano|do|dw|temat|skickat|till|kopia|ämne|sendt|dato|til|kopi|emne|lähetetty|vastaanottaja|aihe|odesláno|komu"
    "|předmět|elküldve|címzett|tárgy|дата|кому|тема|отправлено|送信日時|宛先|件名|发送时间|收件人|主题"
)
_LABEL: Final = re.compile(rf"[\s>*]*(?:(?P<sender>{_FROM})|(?P<other>{_OTHER}))\s?\*?\s?[:：]\*?(?P<value>.*)", re.IGNORECASE)
_ORIGINAL: Final = re.compile(
    r"\s*\*?[-_=]{2,}\s*(?:original|ursprüngliche|message d'origine|message original|mensaje original|messaggio originale"
    r"|mensagem original|oorspronkelijk|wiadomość oryginalna|oryginalna wiadomość|ursprungligt|oprindelig|opprinnelig"
    r"|alkuperäinen|původní|исходное|reply (?:message|above)).{0,60}\s*\Z",
    re.IGNORECASE,
)
#: `Jane Roe ---02.11.2026 09:14:00---What she wrote`, as Notes begins it.
_NOTES: Final = re.compile(r".{1,120}?---\d{1,4}[./-]\d{1,2}[./-]\d{1,4} \d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?---")
_FORWARDED: Final = re.compile(
    r"forwarded (?:message|mail|by)|(?:an?fang der )?weitergeleitete[rn]? (?:nachricht|e-?mail|mail)|weitergeleitet von"
    r"|message (?:transféré|transmis|réexpédié)|(?:mensaje|correo) reenviado|messaggio inoltrato"
    r"|mensagem (?:re)?encaminhada|doorgestuurd bericht|(?:przekazan|przekazywan)\w+ wiadomoś|wiadomość przesłana dalej"
    r"|vidarebefordrat (?:meddelande|mejl|brev|e-post)|videresendt (?:meddelelse|besked|melding|e-post)"
    r"|välitetty viesti|přeposlaná zpráva|továbbított (?:üzenet|levél)|mesaj redirecționat|пересылаемое сообщение",
    re.IGNORECASE,
)
_VERB: Final = (
    r"wrote|writes|schrieb|a écrit|écrit|escribió|schreef|geschreven|ha scritto|scrive|escreveu|napisał(?:\(a\)|a)?|pisze"
    r"|napisana przez|skrev|kirjoitti|napsal(?:\(a\))?|ezt írta|написал(?:\(а\)|а)?|пишет"
)
_OPENS: Final = r"on|am|le|el|op|il|em|no dia|w dniu|dnia|den|dne|på|the"
_DATED: Final = re.compile(r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d\d\b|@|\d{1,2}[./-]\d{1,2}")
_ATTRIBUTION: Final = re.compile(
    rf"(?:(?:{_OPENS})\b|[^\W\d_]{{2,10}}[.,]{{0,2}}\s+\d|\d|wiadomość|\W{{0,2}}[^<>]{{1,80}}<\S+@|-{{2,}})"
    rf".{{0,300}}?\b(?:{_VERB})(?!\w).{{0,160}}(?:[:：]|-{{2,}})\Z"
    r"|.{0,120}\d{1,2}[:.]\d\d.{0,120}<\S+@\S+>\s?[:：]\Z",
    re.IGNORECASE,
)
#: Yahoo's program for telephones writes the quote behind its attribution, on one line.
_INLINE: Final = re.compile(rf"\s*(?:{_OPENS})\b.{{0,300}}?\b(?:{_VERB})(?!\w).{{0,160}}?[:：]\s{{2,}}\S", re.IGNORECASE)
_OPENING: Final = re.compile(rf"\s*(?:{_OPENS})\b", re.IGNORECASE)
_NAME_WROTE: Final = re.compile(rf"(?:[\"']?[A-ZÀ-Þ][\w\"'’.,-]*\s+){{1,4}}(?:{_VERB})(?!\w).{{0,80}}[:：]\Z")
_SPOKEN: Final = re.compile(r"\b(?:you|we|i|he|she|they) wrote|\bsie schrieben\b", re.IGNORECASE)
_MAY_ANNOUNCE: Final = re.compile(r"[\d:：<]|\A\s*[-_=*]")
_RULE: Final = re.compile(r"\s*[_-]{5,}\s*\Z")
#: An answer written into somebody's unmarked quote: `JR: no`, `[Jane Roe] no`, `==> no`, `*** no ***`, `<< no >>`.
_INSIDE: Final = re.compile(
    r"[>\s]*(?:\[(?!(?:cid|image|extern|like|heart)\b|EXT)[A-ZÀ-Þ][^\W\d_]*(?:[ .'-]+[^\W\d_]+){0,3}\]:?\s+\S"
    r"|(?!(?:VAT|SKU|TEL|FAX|CC|BCC|PS|NB|UPS|DHL|GLS|DPD|BIC|RMA|URL|ID|NR|NO|TO|RE|AW|FW|WG|SV|TR|UST|MFG|HRB)\b)"
    r"[A-ZÀ-Þ]{2,3}\s?[:>]\s+\S|[-=]{1,3}>\s*\S|→|<<+\s*\S|\*{3,}\s*\w)"
)
_ATTRIBUTION_LINES: Final = 3
_BLOCK_LINES: Final = 10


class OwnWords(NamedTuple):
    """What the sender of a mail wrote himself.

    `more`: something below the own words says more than a quote does: a forwarded mail, or an answer that was written
    into a quote. `quote`: the lines from the first quote on that is not marked line by line, or from a forwarded mail
    on; empty when there is none. `forwarded`: a line says that a mail is forwarded below.
    """

    lines: list[str]
    more: bool
    quote: Sequence[str]
    forwarded: bool


def own_words(text: str) -> OwnWords:
    """The lines above, between and below the quotes of a text; blank lines are kept."""
    source = text.replace("\r\n", "\n").split("\n")
    own: list[str] = []
    index, in_quote, size = 0, False, len(source)
    while index < size:
        line = source[index]
        bare = line.lstrip()
        if bare.startswith(">"):
            if not in_quote and _is_forward_mark(bare.lstrip("> \t")):
                return OwnWords(own, True, source[index:], True)
            in_quote = True
        elif not bare:
            own.append("")
        else:
            in_quote = False
            announces = _MAY_ANNOUNCE.search(line) is not None
            if announces and _is_forward_mark(bare):
                return OwnWords(own, True, source[index:], True)
            inline = announces and (_NOTES.match(line) or (_INLINE.match(line) and _DATED.search(line)))
            if inline and not _SPOKEN.search(line):
                return OwnWords(own, _answers_inside(source[index + 1 :]), source[index:], False)
            begins = _quote_begins(source, index) if announces else 0
            if begins:
                below = source[begins:]
                if not _is_marked(below):
                    return OwnWords(own, _answers_inside(below), source[index:], False)
                index, in_quote = begins, True
                continue
            own.append(line)
        index += 1
    return OwnWords(own, False, (), False)


def header_value(line: str) -> tuple[bool, str] | None:
    """A line of a quoted header block (`Von: …`, `Subject: …`) -> (whether it names the sender, its value)."""
    match = _LABEL.match(line)
    return (match["sender"] is not None, match["value"].strip()) if match else None


def _is_forward_mark(line: str) -> bool:
    if len(line) > 120 or not (line[:1] in "-_=*" or line.rstrip().endswith((":", "："))):
        return False
    return _FORWARDED.search(line) is not None


def _quote_begins(source: Sequence[str], index: int) -> int:
    """The index of the first quoted line if a quote is announced at `index`, else 0."""
    line = source[index]
    first = line.lstrip()[0]
    if first in "-_=*" and (_ORIGINAL.match(line) or (_RULE.match(line) and _label_follows(source, index + 1))):
        return _after_block(source, index + 1)
    colon = ":" in line or "：" in line
    if colon and _is_block(source, index):
        return _after_block(source, index)
    return _attribution_ends(source, index)


def _label_follows(source: Sequence[str], index: int) -> bool:
    following = next((line for line in source[index : index + 3] if line.strip()), "")
    return _LABEL.match(following) is not None


def _is_block(source: Sequence[str], index: int) -> bool:
    """Whether a mail's headers are quoted here: its sender and two more of them, or one more where there is an address."""
    if _LABEL.match(source[index]) is None:
        return False
    sender, others, address = False, 0, False
    for line in source[index : index + _BLOCK_LINES]:
        if not line.strip():
            break
        match = _LABEL.match(line)
        if match:
            sender = sender or match["sender"] is not None
            others += match["sender"] is None
        address = address or "@" in line
    return sender and others >= (1 if address else 2)


def _after_block(source: Sequence[str], index: int) -> int:
    """Past blank lines and the quoted headers that begin at `index`."""
    while index < len(source) and not source[index].strip():
        index += 1
    if index < len(source) and _LABEL.match(source[index]):
        end = min(len(source), index + _BLOCK_LINES)
        while index < end and source[index].strip():
            index += 1
    return index


def _attribution_ends(source: Sequence[str], index: int) -> int:
    """The index behind `On …, somebody wrote:`, which may be broken into several lines; 0 if none begins here."""
    end = _attribution_end(source, index)
    opens = _OPENING.match(source[index]) and _DATED.search(source[index])
    if end > index + 1 and not opens and any(_attribution_end(source, later) == end for later in range(index + 1, end)):
        return 0  # it begins further down: this line is the sender's own
    return end


def _attribution_end(source: Sequence[str], index: int) -> int:
    joined = ""
    for end, line in enumerate(source[index : index + _ATTRIBUTION_LINES], index + 1):
        bare = line.strip()
        if not bare or bare.startswith(">") or len(joined) > 400:
            return 0
        joined = f"{joined} {bare}" if joined else bare
        if joined.endswith((":", "：", "--")) and not _SPOKEN.search(joined):
            dated = _DATED.search(joined) is not None
            if dated and (_ATTRIBUTION.match(joined) or _NAME_WROTE.match(joined)):
                return end
            if _NAME_WROTE.match(joined) and _is_marked(source[end:]):
                return end
    return 0


def _is_marked(lines: Sequence[str]) -> bool:
    """Whether a quote that begins here is marked by `>`."""
    return next((line for line in lines if line.strip()), "").lstrip().startswith(">")


def _answers_inside(quote: Sequence[str]) -> bool:
    """Whether an unmarked quote holds lines that look like the sender's own: in doubt yes.

    Lines with `>` are a quote within the quote if an attribution stands before them.
    """
    before, marked = "", False
    for line in quote:
        bare = line.strip()
        if not bare:
            continue
        if _INSIDE.match(bare):
            return True
        if bare.startswith(">") and not marked:
            if not before.endswith((":", "：")):
                return True
            marked = True
        before = bare
    return False
