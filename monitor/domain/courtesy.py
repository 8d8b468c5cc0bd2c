"""Is a text only a thank-you? Pure, careful: in doubt it is a message that wants an answer.

Every word must belong to the small vocabulary of thanking; what asks, objects, counts or is not known does not. A
courtesy that is missed costs a glance, a question that is taken for one costs a customer.
English, German, French, Spanish, Dutch.
"""

import re
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MAX_CHARACTERS: Final = 400
_MAX_WORDS: Final = 40

_THANKS: Final = re.compile(
    r"\b(?:thanks?|thank\s+you|thx|tnx|ty|cheers|much appreciated|appreciate it|dank|danke\w*|merci"
    r"|gracias|bedankt|great|perfect|super|prima|wunderbar|parfait|perfecto|genial"
    r"|top|excellent|wonderful)\b"
)
_VOCABULARY: Final = _words(
    """
    thank thanks you thx tnx ty cheers much many so very a lot again for your the this that it its it's all my me i we
    us and is was are were have has had got received quick fast prompt swift kind great good nice lovely perfect super
    excellent wonderful brilliant awesome top ok okay fine yes indeed really just help helping support reply replying
    response answer answering information info message mail email e-mail assistance service effort efforts time
    patience clarification explanation update confirmation works working worked now everything solved resolved fixed
    sorted done appreciate appreciated too as well of course day evening weekend week enjoy wish wishing same helped
    helpful clear arrived safely here happy pleased with noted understood team everyone everybody sir madam mr mrs ms
    dr best warm regards wishes sincerely yours greetings hello hi hey dear morning afternoon danke dankeschön dank
    vielen herzlichen besten schönen lieben recht sehr ganz nochmals nochmal für die das der den dem ihre ihren ihrer
    ihnen deine deiner dir euch eure schnelle schnellen rasche prompte nette freundliche gute hilfe antwort
    rückmeldung nachricht auskunft mühe unterstützung bearbeitung erledigung klärung alles klar prima perfekt toll
    wunderbar bestens passt hat hatte haben geklappt funktioniert jetzt nun es ist war ich wir habe bekommen erhalten
    angekommen gelöst erledigt geholfen ein eine einen schönes schöner wochenende tag abend feierabend woche noch
    wünsche gut freut freue mich uns sich und auch ebenso ihr viele liebe grüße gruß grüsse gruss freundlichen mit
    hallo guten morgen geehrte geehrter frau herr herrn mfg lg vg beste merci beaucoup bien mille pour votre vos ton
    ta tes la le les l de d du et je vous te tu remercie remercions infiniment encore réponse rapide aide informations
    retour c'est parfait génial reçu tout fonctionne marche maintenant bonne bon journée soirée week-end fin semaine
    excellente bonjour bonsoir madame monsieur cordialement salutations à avec plaisir très est nous avons j'ai ai
    gracias muchas muchísimas mil por su el los las respuesta ayuda rápida rápido información atención todo perfecto
    genial muy nada y ya funciona está recibido resuelto solucionado buen buena día tarde semana saludo saludos hola
    señor señora estimado estimada estimados cordial cordiales un una que agradezco agradecemos se lo bedankt u jou
    jullie wel hartelijk hartelijke heel erg veel voor het snelle antwoord reactie hulp bericht informatie goed goede
    fijn fijne dag avond nog werkt nu weer opgelost ontvangen binnen gekregen heb hebben ik wij en met vriendelijke
    groet groeten hoi geachte mevrouw meneer dankjewel dankuwel
    """
)
#: Words of the vocabulary that ask for something when a sentence begins with them.
_COMMAND: Final = re.compile(
    r"(?:^|[.!,;:\n]|\band\b)\s*(?:now\s+|just\s+)?(?:answer|reply|help|support|update|mail|email|e-mail)\b"
)

_QUOTE_BEGINS: Final = re.compile(
    r"^\s*(?:on\b.{4,200}\bwrote\s*:|am\b.{4,200}\bschrieb\b.*:|le\b.{4,200}\ba écrit\s*:"
    r"|el\b.{4,200}\bescribió\s*:|op\b.{4,200}\bschreef\b.*:"
    r"|-{2,}\s*(?:original|ursprüngliche|forwarded|message d'origine|mensaje original|oorspronkelijk).*|_{8,}\s*"
    r"|(?:from|von|de|van)\s*:\s.*@.*)$",
    re.IGNORECASE,
)
_WRAPPED_ATTRIBUTION: Final = re.compile(r"^\s*(?:on|am|le|el|op)\b.*\d", re.IGNORECASE)
_WROTE: Final = re.compile(r"\b(?:wrote|schrieb|écrit|escribió|schreef)\b.*:\s*$", re.IGNORECASE)
_DEVICE: Final = re.compile(
    r"^\s*(?:sent from|get outlook|von meinem|gesendet (?:von|mit)|envoyé d|enviado desde|verzonden v).*", re.IGNORECASE
)
_CLOSING: Final = re.compile(
    r"^\s*(?:(?:kind|best|warm|many)\s+regards|regards|best wishes|best|cheers|yours\b.*|sincerely.*"
    r"|mit (?:freundlichen|besten|lieben)\b.*"
    r"|(?:viele|liebe|beste|freundliche)\s+gr(?:ü|ue)(?:ß|ss)e.*|mfg|lg|vg|gru(?:ß|ss)|(?:bien\s+)?cordialement|salutations.*"
    r"|(?:un\s+)?(?:saludos?)(?:\s+cordial(?:es)?)?|atentamente"
    r"|met vriendelijke groeten?|groet(?:en|jes)?|vriendelijke groet(?:en)?)"
    r"\s*[,.!]*\s*$",
    re.IGNORECASE,
)
_GREETING: Final = re.compile(
    r"^\s*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen|abend)|sehr geehrte[rs]?|liebe[rs]?"
    r"|moin|bonjour|bonsoir|cher|chère|hola|buenos días|buenas tardes|estimad[oa]s?"
    r"|beste|geachte|hoi|dag)\b[^?\d]{0,40}?[,!:]?\s*$",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    r"\b((?i:thanks|thank you|danke|vielen dank|merci|gracias|bedankt|dank je|dank u|cheers)"
    r"(?i: +(?:so much|very much|a lot|beaucoup|schön|sehr))?)"
    r",? +(?:(?:Mr|Mrs|Ms|Dr|Herr|Frau|Mme|M)\.? +)?[A-ZÀ-Þ][\w'’-]+(?= *(?:[,.!]|$))",
    re.MULTILINE,
)
_NAME_LINE: Final = re.compile(r"^\s*[A-ZÀ-Þ][\w'’.-]*(?:\s+(?:(?:de|van|der|den|von|la|le|di|del) )*[A-ZÀ-Þ][\w'’.-]*){0,2}\s*$")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SMILES: Final = re.compile(r"[:;]-?[)D]|<3|[\U0001F300-\U0001FAFF☀-➿️]")


def is_courtesy(text: str) -> bool:
    """Whether `text` (a whole mail, quotes and all) says nothing but thanks."""
    lines = _own_lines(text[:8192])
    if "?" in "".join(lines):
        return False
    said = "\n".join(_without_frame(lines)).strip()
    if not said or len(said) > _MAX_CHARACTERS:
        return False
    said = _SMILES.sub(" ", _NAMED.sub(r"\1 ", said))
    if any(c.isdigit() or c in "¿@#/€$£%" for c in said):
        return False
    lowered = said.lower().replace("’", "'")
    words = _WORD.findall(lowered)
    if len(words) > _MAX_WORDS or _COMMAND.search(lowered):
        return False
    return _THANKS.search(lowered) is not None and all(w in _VOCABULARY for w in words)


def _own_lines(text: str) -> list[str]:
    """What the sender wrote: without quoted lines, and nothing from a signature mark or an attribution on."""
    lines: list[str] = []
    source = text.replace("\r\n", "\n").split("\n")
    for index, line in enumerate(source):
        if line.rstrip() == "--" or _QUOTE_BEGINS.match(line):
            # What follows an attribution is quoted; an answer below the quote still counts.
            lines += _below_quote(source[index + 1 :])
            break
        if _WRAPPED_ATTRIBUTION.match(line) and any(_WROTE.search(later) for later in source[index + 1 : index + 3]):
            lines += _below_quote(source[index + 2 :])
            break
        if not line.lstrip().startswith(">"):
            lines.append(line)
    return lines


def _below_quote(rest: list[str]) -> list[str]:
    """The sender's own lines after an attribution; they can only be recognised where the quote itself is marked by `>`."""
    quoted = [line.lstrip().startswith(">") for line in rest]
    return [line for line, is_quote in zip(rest, quoted, strict=True) if line.strip() and not is_quote] if any(quoted) else []


def _without_frame(lines: list[str]) -> list[str]:
    """Without greeting, closing formula, device line and the name below."""
    kept = [line for line in lines if line.strip() and not _DEVICE.match(line)]
    if kept and _GREETING.match(kept[0]) and len(kept) > 1:
        kept = kept[1:]
    for index, line in enumerate(kept):
        if index and _CLOSING.match(line):
            tail = kept[index + 1 :]
            return kept[:index] + tail[3:] + [t for t in tail[:3] if not _NAME_LINE.match(t)]
    while len(kept) > 1 and _NAME_LINE.match(kept[-1]) and len(kept[-1].split()) <= 3:
        kept = kept[:-1]
    return kept
