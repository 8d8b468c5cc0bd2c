"""Subjects: the prefixes that mail programs write in people's languages, case numbers of helpdesks, and what is left. Pure.

The words are those of Outlook, Exchange, Gmail, Lotus Notes and the common mail programs in the languages they come in.
"""

import re
from email.errors import HeaderParseError
from email.header import decode_header
from typing import Final, Literal, NamedTuple
from unicodedata import normalize

Announcement = Literal["automatic", "away", "receipt", "recall"]


def _words(text: str) -> str:
    """`a, b, c` over several lines -> an alternative for a regular expression, the longest first."""
    found = {word.strip() for word in text.replace("\n", ",").split(",")} - {""}
    return "|".join(re.escape(word) for word in sorted(found, key=lambda word: (-len(word), word)))


_REPLY: Final = _words(
    """re, aw, antw, antwort, beantw, sv, svar, vs, vast, ref, réf, rép, réponse, res, resp, rif, r, odp, odg, bls, balas, tl, ynt
    vá, vál, válasz, atb, ats, er, răsp, răspuns, trả lời, отв, ответ, на, відп, отг, απ, απάντηση, σχετ
    תגובה, תשובה, השב, رد, ردّ, الرد
    ha, پاسخ, 回复, 答复, 回覆, 答覆, 回信, 返信, 답장, 회신, ตอบกลับ, ตอบ"""
)
_FORWARD: Final = _words(
    """fw, fwd, wg, weitergeleitet, tr, rv, i, vb, vl, enc, doorst, pd, fs, trs, ct, ilt, İlt, i̇lt, yml, továbbítás
    továbbítva, tov, πρθ, προωθ, הועבר, העבר, إعادة توجيه, تحويل, пересл, переслано, пер, препр
    转发, 轉寄, 轉發, 転送, 전달, ส่งต่อ"""
)
#: What only machines write, and what people may write who are away.
_AUTOMATIC: Final = _words(
    """automatic reply, auto reply, auto-reply, autoreply, auto response, auto-response, out of office autoreply
    automatische antwort, réponse automatique, respuesta automática, resposta automàtica, risposta automatica
    resposta automática, automatisch antwoord, automatiskt svar, autosvar, automatisk svar, ikke til stede automatisk svar
    automaattinen vastaus, odpowiedź automatyczna, automatyczna odpowiedź, autoodpowiedź, automatická odpověď
    automatická odpoveď, automatikus válasz, răspuns automat, автоматический ответ, автоответ, автоматична відповідь
    автоматичен отговор, otomatik yanıt, otomatik cevap, αυτόματη απάντηση, 自動応答, 自動返信, 自动答复, 自动回复, 自動回覆
    자동 회신, 자동 응답, תשובה אוטומטית, رد تلقائي, automatski odgovor, samodejni odgovor, automaatvastus
    automātiskā atbilde, automatinis atsakymas, trả lời tự động, ตอบกลับอัตโนมัติ, balasan otomatis"""
)
_AWAY: Final = _words(
    """auto, out of office, out of the office, abwesend, abwesenheitsnotiz, abwesenheitsnachricht, abwesenheit
    absent du bureau, absent(e) du bureau, absence du bureau, fuera de la oficina, fuori sede, fuori ufficio
    ausência temporária, fora do escritório, afwezig, niet aanwezig, frånvaro, frånvarande, ikke til stede, fraværende
    poissa, poissaoloviesti, poza biurem, mimo kancelář, házon kívül, нет на месте, 不在通知, 外出, 부재중"""
)
_RECEIPT: Final = _words(
    """read, not read, read receipt, return receipt, gelesen, nicht gelesen, ungelesen, lu, non lu, leído, no leído, llegit, letto
    non letto, lida, lido, não lida, não lido, gelezen, niet gelezen, läst, inte läst, oläst, læst, ikke læst, lest, ikke lest
    luettu, ei luettu, przeczytano, nie przeczytano, przeczytane, přečteno, nepřečteno, prečítané, elolvasva, citit, necitit
    прочтено, прочитано, не прочтено, не прочитано, okundu, okunmadı, αναγνώστηκε, 開封済み, 未開封, 已读, 未读, 已讀, 未讀, 읽음
    읽지 않음, נקרא, مقروء"""
)
_RECALL: Final = _words(
    """recall, message recall, message recall success, message recall failure, rückruf, rückrufaktion, rappel, recuperar
    recuperación, richiamo, richiama, intrekken, återkalla, tilbagekald, tilbakekall, peruutus, cofnij, odwołanie, odvolat
    visszahívás, отзыв, geri çağır, 取り消し, 撤回, 收回, 회수"""
)
_TICKET: Final = _words(
    "ticket, case, request, incident, enquiry, anfrage, vorgang, fall, demande, dossier, caso, zaak, ärende, sak"
)

#: What gateways put before the subject of mail from outside.
_OUTSIDE: Final = _words("external, external email, external mail, extern, ext, externe, externo, esterno, ekstern, caution")
_COLON: Final = r"\s?[:：]\s*"
#: A bracket that holds a number, or one of `(#12)`, `(Ticket 12)`, `Ticket #12:`.
_NUMBER: Final = (
    r"\[[^\[\]\d]{0,40}\d[^\[\]]{0,40}\]\s?:?|\#\#\d{2,12}\#\#"  # the second: ManageEngine
    rf"|[({{]\s?(?:(?:{_TICKET})[^(){{}}\d]{{0,12}}|\#\s?)\d[^(){{}}]{{0,24}}[)}}]"
)
_PREFIX: Final = re.compile(
    rf"(?:(?P<reply>{_REPLY})|(?P<forward>{_FORWARD}))\.?\s?(?:\[\d{{1,3}}\]|\(\d{{1,3}}\)|[\^*]\d{{1,3}})?{_COLON}"
    rf"|(?P<case>{_NUMBER}|(?:{_TICKET})\s?(?:nr\.?|no\.?|id)?\s?\#?\s?\d[\w-]{{0,24}}\s?[:：–-])\s*"
    rf"|(?P<tag>\[[^\[\]\d]{{1,20}}\]|(?:{_OUTSIDE}){_COLON})\s*",
    re.IGNORECASE,
)
_CASE_AT_END: Final = re.compile(
    rf"\s*(?:{_NUMBER}|[–:,-]\s?(?:{_TICKET})\s?(?:nr\.?|no\.?|id)?\s?:?\s?\#?\s?\d[\w-]{{0,24}})\s*\Z", re.IGNORECASE
)
#: `#4711`, `#SH00000123`, Jira's `SUP-123`, at either end of a subject in lower case.
_BARE_NUMBER: Final = re.compile(
    r"\A(?:#[a-z]{0,6}-?\d{2,12}|[a-z][a-z0-9]{1,9}-\d{1,9})\s?[:–-]?\s+|\s+[–-]?\s?(?:#[a-z]{0,6}-?\d{2,12}|[a-z][a-z0-9]{1,9}-\d{1,9})\Z"
)
_ANNOUNCED: Final = re.compile(
    rf"(?:(?P<automatic>{_AUTOMATIC})|(?P<away>{_AWAY})|(?P<receipt>{_RECEIPT})|(?P<recall>{_RECALL})){_COLON}", re.IGNORECASE
)
_LABELLED: Final = re.compile(r"[^\W\d_][^\s:：]{1,23}(?: [^\s:：]{1,23}){0,4}\s?(?::\s|：)\s?\S")
_COMMON: Final = frozenset(("Re: ", "RE: ", "re: ", "AW: "))  # one look for most mails
_TELLING: Final = re.compile(r"[:：\[({#]|\d\Z|\A\w{2,10}-\d")  # without one of these a subject has neither prefix nor number
_MAX_CHARACTERS: Final = 500


class Subject(NamedTuple):
    """A subject without its prefixes, comparable."""

    text: str
    answers: bool  # it had a prefix of a reply or a forward, or a case number
    forwards: bool
    announced: Announcement | None = None  # it begins with what mail programs write before an automatic message
    labelled: bool = False  # it begins with some other words and a colon, as `Accepted: …` in any language
    also: str | None = None  # how the mail that it goes on from may be called: without the announcement, without `#4711`


def normal_subject(subject: str) -> Subject:
    """`AW: Re[2]: Größe` -> (`größe`, answers). Encoded words are decoded first: equal subjects come encoded differently."""
    text = " ".join((decoded(subject) if "=?" in subject else subject).split())[:_MAX_CHARACTERS]
    if not text.isascii():
        text = normalize("NFC", text)
    answers = forwards = False
    position = 0
    while text[position : position + 4] in _COMMON:
        answers, position = True, position + 4
    if _TELLING.search(text, position) is None:
        return Subject(text[position:].casefold(), answers, False)
    while match := _PREFIX.match(text, position):
        if match.end() == len(text) and not match["reply"] and not match["forward"]:
            break
        forwards = forwards or (match["forward"] is not None and not answers)
        answers = answers or match["tag"] is None
        position = match.end()
    labelled = not answers and _LABELLED.match(text, position) is not None
    if labelled and (found := _ANNOUNCED.match(text, position)) is not None:
        announced: Announcement = "recall"
        if found["automatic"]:
            announced = "automatic"
        elif not found["recall"]:
            announced = "away" if found["away"] else "receipt"
        return Subject(text[position:].casefold(), False, False, announced, True, normal_subject(text[found.end() :]).text)
    rest = text[position:]
    if (at_end := _CASE_AT_END.search(rest)) is not None and at_end.start() > 0:
        rest, answers = rest[: at_end.start()], True
    rest = rest.casefold()
    bare = _BARE_NUMBER.sub("", rest)
    if answers and (machines := _ANNOUNCED.match(rest)) is not None:
        bare = rest[machines.end() :]  # a reply to an automatic reply
    return Subject(rest, answers, forwards, None, labelled, bare if bare and bare != rest else None)


def decoded(value: str) -> str:
    """Encoded words (RFC 2047) as text; what cannot be decoded stays as it is or becomes a replacement character."""
    try:
        parts = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    text = ""
    for part, charset in parts:
        if isinstance(part, str):
            text += part
            continue
        try:
            text += part.decode(charset or "latin-1", "replace")
        except (LookupError, ValueError):
            text += part.decode("latin-1")
    return text
