"""Is a text only a thank-you? Pure, careful: in doubt it is a message that wants an answer.

Every word must belong to the small vocabulary of thanking in one language; what asks, objects, agrees, counts or is not
known does not. A courtesy that is missed costs a glance, a question that is taken for one costs a customer.
English, German, French, Spanish, Dutch, Italian, Portuguese, Polish, Swedish, Danish, Norwegian.

`Okay, thanks` and `yes, it works now, thanks` are thank-yous, `you can close the ticket` may be added; `yes, thanks`,
`no, thanks` and `please do, thanks` answer a question of ours and are not. A signature, a confidentiality notice and a
quote below are not looked at, but for what speaks in them: a postscript, a question, an answer written into the quote,
a forwarded mail.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from monitor.domain.courtesy_words import (
    ALL,
    ASKING,
    COMMON,
    LANGUAGES,
    MATTERS,
    NOTICE,
    NOTICE_CORE,
    ONLY_WITH,
    REPORT,
    SELF,
    SIGNATURE,
    SPEAKING,
    TITLES,
    YES,
    Language,
)
from monitor.domain.quoting import own_words

_MAX_CHARACTERS: Final = 400
_MAX_WORDS: Final = 40
_MAX_SIGNATURE: Final = 60  # lines
_MAX_SIGNATURE_LINE: Final = 300  # characters
_STEMS: Final = 3  # of a confidentiality notice that show that a paragraph is one
_MORE_STEMS: Final = 2  # the same, of a paragraph below one

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*(?:\(a\))?")
_UNSEEN: Final = re.compile("[\u200b-\u200f\u2060\ufeff\ufe0f]")
_QUESTION: Final = frozenset("?¿？؟")
_UNSAID: Final = frozenset("@#/€$£%")
_SMILES: Final = re.compile(r"[:;]-?[)D]|<3|[\U0001F300-\U0001FAFF☀-➿]")
_NAME: Final = r"[A-ZÀ-ÞĄĆĘŁŃŚŹŻČŠŽĎĚŇŘŤŮŐŰĞİŞ][^\W\d_]*(?:['’.-]+[^\W\d_]+)*\.?"
#: Words of the vocabulary that ask for something when a sentence begins with them.
_COMMAND: Final = re.compile(
    r"(?:^|[.!,;:¡\n]|\band\b)\s*(?:now\s+|just\s+)?(?:answer|reply|help|support|update|mail|email|e-mail|hilfe|aide|ayuda"
    r"|hulp|aiuto|ajuda|pomoc|hjälp|hjælp|hjelp|assistance|info|feedback)\b"
)
#: The ticket may be closed: nothing that wants an answer.
_CLOSE_IT: Final = re.compile(
    r"\b(?:(?:you (?:can|may)|(?:please )?feel free to|please)(?: now)? close (?:the|this|my) (?:ticket|case|request"
    r"|issue)(?: now)?"
    r"|(?:the|this) (?:ticket|case|request|issue) (?:can|may)(?: now)? be closed(?: now)?"
    r"|(?:sie können|du kannst|ihr könnt)(?: jetzt| nun| gerne?)? (?:das|dieses|den) (?:ticket|fall)(?: jetzt| nun"
    r"| gerne?)? schließen"
    r"|das ticket kann(?: jetzt| nun)? geschlossen werden|vous pouvez (?:clôturer|clore|fermer) (?:le|ce) (?:ticket|dossier)"
    r"|(?:puede|pueden|puedes) cerrar (?:el|este) (?:ticket|caso)|(?:u kunt|je kunt|je kan|jullie kunnen) (?:het|dit"
    r"|de) ticket sluiten"
    r"|(?:può|potete|puoi) chiudere (?:il|questo) ticket|(?:pode|podem) (?:fechar|encerrar) o (?:ticket|chamado)"
    r"|(?:można|proszę) zamknąć (?:zgłoszenie|ticket)|(?:ni|du) kan stänga ärendet|(?:i|du) kan lukke sagen|(?:dere"
    r"|du) kan lukke saken)\b"
)
_GREETS: Final = (
    r"hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen|abend)|sehr geehrte[rs]?|liebe[rs]?|moin"
    r"|servus|grüezi|grüß gott|bonjour|bonsoir|salut|cher|chère|hola|buenos días|buenas tardes|estimad[oa]s?|beste|geachte"
    r"|hoi"
    r"|dag|goedemorgen|goedemiddag|buongiorno|buonasera|salve|ciao|gentile|olá|bom dia|boa tarde|prezad[oa]s?|car[oa]"
    r"|dzień dobry"
    r"|witam|cześć|szanown[iay]|hej|hejsan|god (?:morgon|dag|morgen)|hei|kære|kjære|good day"
)
_GREETED: Final = (
    rf"(?:{_NAME}|(?i:all|team|there|everyone|everybody|sir|madam|or|and|und|zusammen|damen|herren|frau|herr|herrn|kollegen"
    r"|madame|monsieur|et|tous|à|señor|señora|y|mevrouw|meneer|en|signora|signor|senhora?|państwo|panie|pani|allihopa|alle"
    r"|mr|mrs|ms|dr))"
)
_GREETING: Final = re.compile(rf"\s*(?i:{_GREETS})(?:[ ,]+{_GREETED}){{0,5}}\s*(?:[,!:.]+\s*|\Z)")
_FORMULA: Final = (
    r"(?:(?:with )?(?:my |our )?(?:kind|kindest|best|warm|warmest|many)\s+regards|regards|rgds|kr|br|best wishes"
    r"|all the best|best"
    r"|cheers|take care|yours(?: sincerely| faithfully| truly)?|sincerely(?: yours)?|respectfully"
    r"|mit (?:freundlichen|besten|lieben|herzlichen|vielen|schönen) gr(?:ü|ue)(?:ß|ss)en|mit (?:freundlichem"
    r"|bestem) gru(?:ß|ss)"
    r"|(?:viele|liebe|beste|freundliche|herzliche|schöne)\s+gr(?:ü|ue)(?:ß|ss)e|gr(?:ü|ue)(?:ß|ss)e|gru(?:ß|ss)|mfg|lg|vg|bg"
    r"|hochachtungsvoll|(?:bien\s+)?cordialement|cdlt|cdt|bien à vous|amicalement"
    r"|(?:sincères |meilleures )?salutations(?: distinguées| cordiales)?|veuillez (?:agréer"
    r"|recevoir)\b.{0,100}\bsalutations\b.{0,30}"
    r"|(?:un\s+)?(?:cordial(?:es)?\s+)?saludos?(?:\s+cordial(?:es)?)?|atentamente|un abrazo|cordialmente"
    r"|(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|groet(?:en|jes)?|mvg"
    r"|(?:cordiali|distinti) saluti|saluti|un saluto|(?:com os )?melhores cumprimentos|cumprimentos|atenciosamente|atte|att"
    r"|abraços?|saudações|pozdrawiam(?: serdecznie)?|serdecznie pozdrawiam|pozdrowienia|z poważaniem|z podziękowaniem"
    r"|med vänliga? hälsning(?:ar)?|vänliga hälsningar|hälsningar|med venlig hilsen|venlig hilsen|med vennlig hilsen"
    r"|vennlig hilsen"
    r"|(?:de )?(?:bedste|beste) hils(?:e)?n(?:er)?|hilsen|mvh|vh)"
)
#: A line that closes a message, with the names that may follow on it.
CLOSING: Final = re.compile(
    rf"\s*(?i:{_FORMULA})(?:\s*[/|&]\s*(?i:{_FORMULA}))?(?: (?:aus|from|uit|från|fra|z) {_NAME})?"
    rf"(?:\s*[,.!]+\s*|\s+|\Z)(?:{_NAME}\s*){{0,4}}\Z"
)
_NAMED: Final = re.compile(
    r"\b((?i:thanks|thank you|danke|vielen dank|merci|gracias|bedankt|dank je|dank u|cheers|grazie|obrigad[oa]|dziękuję"
    r"|dzięki"
    r"|tack|tak|takk)(?i: +(?:so much|very much|a lot|again|beaucoup|schön|sehr|mille|bardzo))?)"
    rf",? +(?:(?:Mr|Mrs|Ms|Dr|Herr|Frau|Mme|M)\.? +)?{_NAME}(?= *(?:[,.!]|$))",
    re.MULTILINE,
)
_NAME_LINE: Final = re.compile(rf"\s*{_NAME}(?:\s+(?:(?:de|van|der|den|von|la|le|di|del) )*{_NAME}){{0,2}}\s*")
_NAME_BEGINS: Final = re.compile(rf"\s*{_NAME}(?:\s+{_NAME}){{0,3}}\s*(?:\Z|[|,·•/–—(-])")
_DEVICE: Final = re.compile(
    r"\s*(?:sent (?:from|with|via|using|by)|get outlook|gesendet (?:von|mit|über)|von meinem"
    r"|diese nachricht wurde von (?:meinem|mein)"
    r"|outlook für|holen sie sich outlook|envoyé (?:de|depuis|à partir)|obtenez outlook|télécharge[rz] outlook"
    r"|enviado (?:desde|do|a partir)"
    r"|obtener outlook|obter o outlook|verzonden (?:van|met|via)|verstuurd (?:van|met)|download outlook|inviato da"
    r"|scarica outlook"
    r"|wysłan[eoy] (?:z|przez)|pobierz program|skickat från|skaffa outlook|sendt fra|hent outlook|få outlook|virus-free"
    r"|virenfrei)"
    r"[^.!?;,]{0,80}(?:\.\w{2,4}\b\S*)?[.,]?\s*(?:(?:please )?(?:excuse|pardon|forgive)\b.{0,60}(?:typos?|brevity|errors"
    r"|mistakes)\W*)?",
    re.IGNORECASE,
)
_MARK: Final = re.compile(r"\s*(?:[-_=*~–—]{2,})\s*")
_LINK: Final = re.compile(
    r"<?(?:https?://|www\.)[^\s<>]+>?|<?mailto:[^\s<>]+>?|\[(?:cid:|https?:|image|logo|bild)[^\]]*\]", re.IGNORECASE
)
_CONTACT: Final = re.compile(
    r"\S+@\S+\.\w+|\b[\w-]+\.(?:com|org|net|example|de|at|ch|fr|es|nl|be|it|pt|br|pl|se|dk|no|uk|eu|io)\b|(?:\+"
    r"|\b00)\d[\d ()/.-]{6,}"
    r"|\(?0\d[\d ()/.-]{6,}|\b(?:Ltd|Limited|LLC|Inc|PLC|plc|GmbH|AG|KG|OHG|UG|SE|SA|SAS|SARL|S\.?L\.?U?|BV|B\.V\.|NV|SpA"
    r"|S\.p\.A|Srl|S\.r\.l"
    r"|Lda|Ltda|AB|ApS|A/S|AS|Oy|sp\. z o\.o|s\.r\.o|HRB|HRA|USt|VAT|KvK|NIP|CVR)\b"
)
_POSTSCRIPT: Final = re.compile(
    r"\W*(?:p\.? ?)?p\.? ?s\.?(?:[\s:.,–-]|\Z)|\W*(?:nb|n\.b\.|edit|nachtrag|addendum)[\s:]", re.IGNORECASE
)
_BANNER: Final = re.compile(
    r"\W*(?:(?:caution|warning|attention|external|extern|achtung|vorsicht|atención|attenzione)\b.{0,40}"
    r"\b(?:e-?mails?|sender|message|absender|nachricht|courriel|correo|messaggio)\b"
    r"|you don['’]t often get e-?mail from|sie erhalten nicht oft e-?mails? von|(?:do not|don['’]t) click links)",
    re.IGNORECASE,
)
_PRINT: Final = re.compile(
    r"\b(?:environ|umwelt|ambiente|medio ?ambiente|milieu|środowisk|miljö|miljø)\w*[^?!.]{0,80}(?:print|druck|imprim|stamp"
    r"|drukow|skriv)"
    r"|(?:print|druck|imprim|stamp|drukow|skriv)\w*[^?!.]{0,80}\b(?:environ|umwelt|ambiente|milieu|środowisk|miljö|miljø)"
    r"|need to print this (?:e-?mail|message)|diese (?:e-?mail|nachricht) (?:wirklich )?(?:ausgedruckt|drucken|ausdrucken)",
    re.IGNORECASE,
)
_THIS_MAIL: Final = re.compile(
    r"\b(?:th(?:is|e)|diese[rs]?|cet?|este|esta|quest[aoe]|deze|dit|t[eę]|detta|denne)[\s']+"
    r"(?:e-?mail|mail|message|nachricht|courriel|correo|mensaje|mensagem|messaggio|bericht|wiadomość|meddelande|meddelelse"
    r"|e-post)",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
_TELLS_LAW: Final = re.compile(
    r"\b(?:registered (?:in|office|no|number|company)|datenschutz\w*|privacy (?:policy|notice|statement)"
    r"|politique de confidentialité|política de privacidad"
    r"|privacyverklaring)\b",
    re.IGNORECASE,
)
_LAW_SPEAKS: Final = frozenset(("is", "no", "are", "our", "you", "we", "us", "how", "sie", "nous", "vous"))
_FIRST_PERSON: Final = re.compile(r"\bI\b(?![.&/])")
_STEM: Final = re.compile(r"\b(" + "|".join(sorted(NOTICE, key=len, reverse=True)) + ")", re.IGNORECASE)


def is_courtesy(text: str, lang: str | None = None) -> bool:
    """Whether `text` (a whole mail, quotes and all) says nothing but thanks.

    `lang`: its language as a tag (`en`, `pt-BR`), where somebody knows it: then only that one's words count, and English.
    """
    own = own_words(_UNSEEN.sub("", text[:8192]).replace("\xa0", " "))
    if own.more:
        return False
    said, below = _divided(_without_banner(own.lines))
    if not said or len(said) > _MAX_CHARACTERS or not _is_unspoken(below):
        return False
    if any(c.isdigit() or c in _UNSAID or c in _QUESTION for c in said):
        return False
    return _only_thanks(said.lower().replace("’", "'"), _languages(lang))


def _languages(lang: str | None) -> Sequence[Language]:
    """The vocabularies to look in: all where the language is not known, or is none of ours."""
    spoken = LANGUAGES.get((lang or "").partition("-")[0].strip().lower())
    return tuple(LANGUAGES.values()) if spoken is None else (spoken, LANGUAGES["en"])


def _without_banner(lines: list[str]) -> list[str]:
    """Without what the gateway or the mail program of the reader puts above a mail from outside."""
    begin = 0
    while begin < len(lines) and (not lines[begin].strip() or _BANNER.match(lines[begin])):
        begin += 1
    return lines[begin:]


def _only_thanks(said: str, languages: Sequence[Language]) -> bool:
    if _COMMAND.search(said):
        return False
    said = _CLOSE_IT.sub(" ", said)
    words = _WORD.findall(said)
    if len(words) > _MAX_WORDS:
        return False
    spoken = frozenset(words)
    if not YES.isdisjoint(spoken):
        # `tak` is a Dane's thanks and a Pole's yes; the vocabularies tell them apart.
        spoken = _without_reports_yes(said)
    for word, needed in ONLY_WITH.items():
        if word in spoken and needed.isdisjoint(spoken):
            return False
    rest = spoken - COMMON
    return any(
        not language.thanks.isdisjoint(spoken) and all(w in language.words or w in language.thanks for w in rest)
        for language in languages
    )


def _without_reports_yes(said: str) -> frozenset[str]:
    """The words; without the `yes` of a sentence that reports something."""
    words: set[str] = set()
    for sentence in re.split(r"[.!;\n]", said):
        found = frozenset(_WORD.findall(sentence))
        words |= found - YES if not REPORT.isdisjoint(found) else found
    return frozenset(words)


class _Below(NamedTuple):
    """The lines below what is said. `closed`: by a closing formula or a mark, `marked`: by the standard mark."""

    lines: Sequence[str] = ()
    closed: bool = False
    marked: bool = False


def _divided(lines: Sequence[str]) -> tuple[str, _Below]:
    """What is said, and the signature below: what follows a closing formula, a mark, or the first line with other words."""
    said: list[str] = []
    below = _Below()
    for index, line in enumerate(lines):
        if not line.strip() or _is_device(line):
            continue
        if not said:
            line = _greeted(line)
            if not line.strip():
                continue
        elif CLOSING.match(line) or _MARK.fullmatch(line):
            below = _Below(lines[index + 1 :], True, line.rstrip() == "--")
            break
        line = _SMILES.sub(" ", _NAMED.sub(r"\1 ", line))
        if not _is_vocabulary(line):
            below = _Below(lines[index:])
            break
        said.append(line)
    return "\n".join(said).strip(), below


def _is_vocabulary(line: str) -> bool:
    lowered = line.lower().replace("’", "'")
    return all(w in ALL or w in YES for w in _WORD.findall(_CLOSE_IT.sub(" ", lowered))) and not any(c.isdigit() for c in line)


def _greeted(line: str) -> str:
    """The line without the greeting it begins with, as long as that names nothing but people."""
    match = _GREETING.match(line)
    if match is None or not MATTERS.isdisjoint(_WORD.findall(match[0].lower())):
        return line
    return line[match.end() :]


def _is_device(line: str) -> bool:
    """`Sent from my iPhone`, and nothing more."""
    match = _DEVICE.match(line)
    if match is None:
        return False
    rest = _LINK.sub(" ", line[match.end() :])
    words = frozenset(_WORD.findall(match[0].lower()))
    return (
        not rest.strip(" .<>()[]")
        and MATTERS.isdisjoint(words)
        and (ASKING - {"my", "mein", "meine", "mijn", "please"}).isdisjoint(words)
    )


def _is_unspoken(below: _Below) -> bool:
    """Whether nobody speaks in these lines: they are a signature, notices, or nothing."""
    lines = [_LINK.sub(" ", _SMILES.sub(" ", line)) for line in below.lines if not _is_device(line)]
    named = [line for line in lines if line.strip()]
    if not named:
        return True
    if len(lines) > _MAX_SIGNATURE or any(_POSTSCRIPT.match(line) for line in named):
        return False
    if not below.closed:
        # Without a closing formula names are a signature, and what follows a name only where it shows a firm.
        if all(_NAME_LINE.fullmatch(line) for line in named):
            return all((SPEAKING | MATTERS).isdisjoint(_WORD.findall(line.lower())) for line in named)
        if not _shows_a_firm("\n".join(below.lines)):
            return False
        if not _NAME_BEGINS.match(named[0]) and not _notice_ends(lines, lines.index(named[0]), False):
            return False
    return _all_unspoken(lines, below)


def _shows_a_firm(text: str) -> bool:
    return (
        "|" in text
        or _CONTACT.search(text) is not None
        or _LINK.search(text) is not None
        or not TITLES.isdisjoint(_WORD.findall(text.lower()))
        or _is_notice(text, False)
    )


def _all_unspoken(lines: Sequence[str], below: _Below) -> bool:
    index, noticed, first = 0, False, below.closed
    while index < len(lines):
        line = lines[index]
        if not line.strip():
            index += 1
            continue
        if _is_signature_line(line, first):
            index, first = index + 1, False
            continue
        past = _notice_ends(lines, index, noticed)
        noticed = noticed or past > 0
        if not past and not (below.marked and _is_motto(line)):
            return False
        index, first = past or index + 1, False
    return True


def _notice_ends(lines: Sequence[str], index: int, noticed: bool) -> int:
    """The index behind a confidentiality notice or the like that begins here, else 0."""
    line = lines[index]
    if _without_print(line) == "":
        return index + 1
    if _TELLS_LAW.search(line) and not _asks(line) and (SPEAKING - _LAW_SPEAKS).isdisjoint(_WORD.findall(line.lower())):
        return index + 1
    end = index
    while end < len(lines) and lines[end].strip():
        end += 1
    rest = _without_print(" ".join(lines[index:end]))
    return end if _is_notice(rest, noticed) else 0


def _is_notice(paragraph: str, noticed: bool) -> bool:
    """Whether this is a confidentiality notice, or goes on with one."""
    stems = frozenset(stem.lower() for stem in _STEM.findall(paragraph))
    if len(stems) < (_MORE_STEMS if noticed else _STEMS) or (NOTICE_CORE.isdisjoint(stems) and not noticed):
        return False
    speaks = _FIRST_PERSON.search(paragraph) or not SELF.isdisjoint(_WORD.findall(paragraph.lower()))
    return not speaks and _QUESTION.isdisjoint(paragraph)


def _without_print(paragraph: str) -> str:
    """Without the sentences that ask to think before one prints, the only questions that want no answer."""
    if _PRINT.search(paragraph) is None:
        return paragraph
    sentences = _SENTENCE.split(paragraph.strip(" P"))
    return " ".join(s for s in sentences if not (_PRINT.search(s) and _THIS_MAIL.search(s)))


def _asks(line: str) -> bool:
    words = _WORD.findall(line.lower().replace("’", "'"))
    return not _QUESTION.isdisjoint(line) or _FIRST_PERSON.search(line) is not None or not (ASKING | MATTERS).isdisjoint(words)


def _is_motto(line: str) -> bool:
    """Below the standard mark of a signature stand mottoes, too; in quotes they may speak, but never ask."""
    spoken = frozenset() if line.lstrip()[0] in "\"'„“”»«‘’" else SPEAKING
    return not _asks(line) and spoken.isdisjoint(_WORD.findall(line.lower()))


def _is_signature_line(line: str, first: bool) -> bool:
    """Names, titles, numbers and addresses: words with capitals and a few others, none with which somebody speaks."""
    if len(line) > _MAX_SIGNATURE_LINE or not _QUESTION.isdisjoint(line) or line.rstrip().endswith("!"):
        return False
    if _FIRST_PERSON.search(line):
        return False
    text = re.sub(r"\S+@\S+|\b[\w-]+(?:\.[\w-]+)*\.\w{2,8}\b(?=\W|$)", " ", line) if "." in line else line
    words = _WORD.findall(text.replace("’", "'"))
    if first and len(words) == 1 and not any(c.isdigit() for c in line):
        return (SPEAKING | MATTERS).isdisjoint(w.lower() for w in words)
    for word in words:
        if len(word) == 1:
            continue
        lowered = word.lower()
        if word[0] == lowered[0]:
            if lowered not in SIGNATURE:
                return False
        elif lowered in SPEAKING or lowered in MATTERS:
            return False
    return True
