"""How promises are made in German, where the present tense promises too and the verb may stand anywhere."""

from typing import Final

from monitor.domain.promises.rules import Rules, Way, deeds, pattern, words

_TEAM: Final = (
    r"(?:(?:unsere?|mein|meine|ein|eine|der|die|unserer)\s+(?:\w+\s+){0,2}?(?:\w*(?:techniker|kolleg|monteur|mitarbeiter"
    r"|abteilung|team"
    r"|fahrer|kundendienst|kundenservice|service|chef|buchhaltung|lager|versand|fachmann|elektriker|installateur|handwerker"
    r"|leiter"
    r"|support|entwickler)\w*)|jemand|(?:frau|herr)\s+\w+)"
)
_CALL: Final = (
    r"(?:zurück\s?ruf|ruf(?:e|en|t)\b.{0,80}\b(?:zurück|an)\b|zurückruf|zurückgerufen|anruf|anzurufen|angerufen|rückruf"
    r"|telefonier)"
)
_WRITE: Final = (
    r"(?:meld(?:e|en|et)\b|zu melden|schreib(?:e|en|t)\b|antwort|bescheid|rückmeldung|inform|benachrichtig|auf dem laufenden"
    r"|mail\b|e-mail\b|post von"
    r"|teil(?:e|en|t)\b.{0,80}\bmit\b|mitteil|kontaktier|hören von|hören\b.{0,80}\bvon (?:uns|mir))"
)
_SEND: Final = (
    r"(?:schick|send(?:e|en|et)\b|versend|versand|verschick|zustell|zugestellt|zugeschickt|zugesandt|liefer|bring(?:e|en|t)\b"
    r"|zukommen|trifft\b.{0,80}\bein\b"
    r"|geht .{0,80}(?:raus|auf den weg))"
)
_REFUND: Final = (
    r"(?:erstatt|gutschrift|gutschreib|gutgeschrieben|schreib\w* .{0,80}\bgut\b|überweis|zahl(?:e|en|t)\b.{0,80}\bzurück\b"
    r"|zurückzahl"
    r"|auszahl|ausgezahlt|zurückgezahlt|überwiesen|rückzahlung|geld\b|auf ihrem konto)"
)
_VISIT: Final = r"(?:komm(?:e|en|t)\b|vorbei|besuch|vor ort|hol(?:e|en|t)\b.{0,80}\bab\b|abhol|abgeholt|eintreffen)"
_DO: Final = (
    r"(?:beheb|behoben|reparier|klär(?:e|en|t)\b|geklärt|prüf(?:e|en|t)\b|geprüft|korrigier|kümmer|erledig|änder|geändert"
    r"|schalt|freischalt|umstell"
    r"|umgestellt|einricht|eingerichtet|lösch|storn|tausch|ersetz|bearbeit|leit\w* .{0,80}\bweiter\b|weiterleit|veranlass|löse"
    r"|gelöst|fertig|bereit|abgeschlossen|ausgetauscht)"
)
_ALL: Final = deeds(
    (
        ("zurückrufen", "call", rf"\b{_CALL}\w*"),
        ("erstatten", "refund", rf"{_REFUND}\w*"),
        ("sich melden", "write", rf"\b{_WRITE}\w*"),
        ("schicken", "send", rf"\b\w{{0,4}}?{_SEND}\w*"),
        ("kommen", "visit", rf"\b{_VISIT}\w*"),
        ("erledigen", "do", rf"\b\w{{0,4}}?{_DO}\w*"),
    )
)

GERMAN: Final = Rules(
    sentence_traps=pattern(
        r"(?<!\w)(?:wenn|falls|sofern|sollten? (?:sie|es|das|der|die)|vorausgesetzt|andernfalls|ansonsten|sobald (?:sie|ihre"
        r"|wir ihre|der|die|das)|bei (?:\w*eingang|rückgabe|bedarf|fragen)|je nach)(?!\w)",
        r"\?\s*$",
        r"^(?:soll|sollen|können|kann|dürfen|darf|möchten|wollen|wann|wie|wer|was|wo|welche\w*|warum|ob|sind sie|haben sie"
        r"|bitte|rufen sie|senden sie|schicken sie|teilen sie|geben sie|melden sie|prüfen sie|schreiben sie) ",
        r"(?<!\w)(?:bitte|sie müssen|müssen sie|sie sollten|sie haben|sie wollten|kundin(?! wird)|kunde(?! wird)"
        r"|anrufer(?! wird)|er sagt|sagt|sagte"
        r"|meint|laut|zufolge)(?!\w)(?! (?:zurück|angerufen|zugesagt))",
        r"(?<!\w)(?:in der regel|üblicherweise|normalerweise|gewöhnlich|grundsätzlich|meist|meistens|immer|jeden|jede|bemühen"
        r"|versuchen|bestrebt|öffnungszeiten|hoffen|hoffe|hoffentlich|vielleicht|eventuell|möglicherweise|könnte|könnten"
        r"|würde|würden|voraussichtlich)(?!\w)",
    ),
    clause_traps=pattern(
        r"(?<!\w)(?:nicht|kein|keine|keinen|keiner|niemand|leider|nie|ohne)(?!\w)",
        r"(?<!\w)(?:wollte|wollten|sollte|hatte|hatten|war|waren|wurde|wurden)(?!\w)",
        r"(?<!\w)(?:ich habe|wir haben|habe ich|haben wir) (?!.{0,120}(?:bis|morgen|spätestens|in \w+ tagen|ihre verträge))",
        r"(?<!\w)(?:helfe|helfen|freue|freuen|wünsche|wünschen|einen moment|verbinde|schau(?:e|en)(?!.{0,60}(?:melde|gebe))"
        r"|kurz|gerade|jetzt"
        r"|augenblick)(?!\w)",
        r"(?:kurz|moment|verbinden? )",
    ),
    before=pattern(r"(?:dass|ob|weil|warum|wann) $"),
    after=words("nicht", "kein", "keine"),
    talk=words("kurz", "jetzt", "sofort", "gleich", "moment"),
    clauses=pattern(r"[;:–—(]\s|,\s(?=(?:aber|doch|weil|denn|und ich|und wir)\s)"),
    joins=pattern(r",?\s(?:und)\s(?=(?:melde|rufe|schreibe|schicke|erstatte)\w*)|,\s(?=darum)"),
    ways=(
        Way("ich oder wir", words(r"ich|wir|darum kümmere ich mich"), _ALL, anywhere=True),
        Way("die unseren", pattern(rf"(?<!\w){_TEAM}(?!\w)"), _ALL, anywhere=True),
        Way(
            "sie bekommen",
            words(r"(?:erhalten|bekommen|hören|sehen|kriegen|haben) sie|sie (?:erhalten|bekommen|hören|sehen|kriegen|werden)"),
            (*_ALL, *deeds((("bekommen", "send", r"erhalten|bekommen|kriegen"),))),
            dated=True,
            anywhere=True,
        ),
        Way("es wird", pattern(r"(?<!\w)(?:wird|werden)(?!\w)"), _ALL, anywhere=True),
        Way("es ist", pattern(r"(?<!\w)(?:ist|sind|geht|trifft|erfolgt)(?!\w)"), _ALL, dated=True, anywhere=True),
        Way(
            "notiert",
            pattern(r"(?<!\w)(?:rückruf|besuch|erstattung|antwort)(?= .{0,80}(?:zugesagt|versprochen|vereinbart))"),
            _ALL,
            anywhere=True,
        ),
    ),
)
