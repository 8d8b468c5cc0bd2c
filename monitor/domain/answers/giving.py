"""Which facts a customer's own words state. Careful: what is only mentioned is not given. English and German labels alike."""

import re
from typing import Final

from monitor.domain.answers.reading import own_and_signature, plain
from monitor.domain.promises.rules import pattern

_NO: Final = (
    r"(?:,?\s?(?:confirmation\s?)?(?:(?:reference )?number|numb|no\.?|nr\.?|id|ref(?:erence)?\.?(?: number| no\.?)?|code|#)"
    r"|,? confirmation|[.-]{0,2}nummer|[.-]{0,2}nr\.?)"
)
#: Between the name of a number and the number.
_IS: Final = r"\s?(?:is|was|are|would be|ist|lautet|war)?\s?[:=#(,-]?\s?(?:is|#|no\.?|nr\.?)?\s?"
#: Whose something is that is not the customer's own.
_ANOTHERS: Final = re.compile(
    r"(?<!\w)(?:neighbou?r|son|daughter|mother|father|friend|wife|husband|colleague|driver|agent|carrier|courier|shop|company"
    r"|nachbar|tochter|sohn|frau|mann)s?(?:'s)?(?!\w)"
)
_CODE: Final = (
    r"((?:(?!(?:of|on|in|at|to|for|by|is|and|or|the|no|was|my|has|not|von|vom|am|im|zu|um|bis|per"
    r"|mit) )[a-z]{1,3} (?=\d))?(?=[a-z/.-]{0,6}\d)[a-z0-9][a-z0-9/.-]{0,24}(?: [\d/-]{1,8}(?![\w.]|,\d)){0,6})"
)
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|januar|februar|märz|mai|juni|juli|okt|dez)[a-zä]{0,7}\.?"
_DATE: Final = (
    rf"(?:\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}|\d{{4}}-\d\d-\d\d|\d{{1,2}}(?:st|nd|rd|th"
    rf"|\.)? (?:of )?{_MONTH}(?!\w)(?:,? \d{{4}})?"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?!\w)(?:,? \d{{4}})?)"
)
_LABELS: Final = {
    "order_number": r"(?:order|ord\.?|bestell|auftrags)",
    "customer_number": r"(?:customer|cust\.?|client|account|acc\.?|acct\.?|a/c|member(?:ship)?|kunden|kd|mitglieds)",
    "invoice_number": r"(?:invoice|bill|rechnungs)",
    "contract_number": r"(?:contract|policy|agreement|vertrags|versicherungs|policen)",
    "serial_number": r"(?:serial|ser\.?|serien|geräte)",
    "case_number": r"(?:ticket|case|complaint|claim|incident|vorgangs|schadens?)",
    "booking_number": r"(?:booking|reservation|buchungs|reservierungs)",
    "tracking_number": r"(?:tracking|parcel|consignment|sendungs|paket)",
}
_LABELLED: Final = {kind: re.compile(rf"(?<![\w-]){label}{_NO}(?!\w){_IS}{_CODE}") for kind, label in _LABELS.items()}
#: Without a word such as number: the code must be longer, and what it stands behind no verb.
_BARE: Final = {
    "order_number": re.compile(rf"(?<![\w-])(?<!to )(?<!will )(?<!please )(?<!can )(?<!i )(?:order|bestellung):? #?{_CODE}"),
    "invoice_number": re.compile(rf"(?<![\w-])(?:invoice|rechnung) #?{_CODE}"),
    "contract_number": re.compile(rf"(?<![\w-])(?:policy|contract) #?{_CODE}"),
    "case_number": re.compile(
        rf"(?<!order )(?<!booking )(?<!reservation )(?<![\w-])(?:case|ticket|incident|reference|ref\.?|re:?)(?: is| would be"
        rf"| was|:)? #?{_CODE}"
    ),
    "booking_number": re.compile(rf"(?<![\w-])(?:booking|reservation|confirmation number|confirmation code):? #?{_CODE}"),
    "serial_number": re.compile(rf"(?<![\w-])(?:s/n|imei):? {_CODE}"),
}
_OTHER_ORDER: Final = re.compile(
    rf"(?<!\w)number of (?:my|the|our) order(?: is|:) {_CODE}"
    rf"|(?<!\w)order with (?:the )?number {_CODE}|(?<![\w-])order \((?:no|nr|number)\.? {_CODE}"
)
_IS_DATE: Final = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d\d)?\d\d\.?|(?:19|20)\d\d|\d{1,2}\.\d{1,2}\.?|\d{4}-\d\d-\d\d")
_LEAST_CODE, _LEAST_BARE = 4, 5

_PHONE: Final = re.compile(r"(?<![\w.,/-])(?:\+|0)\d(?:[ ()/.-]{0,2}\d){7,13}(?![\w-])")
_MY_PHONE: Final = re.compile(
    r"(?:(?<!\w)(?:phone|mobile|mob|tel|telephone|cell|landline|my (?:new )?number(?:'s)?|call me|ring me|phone me|reach me"
    r"|text me|contact me|whatsapp|handy|telefon"
    r"|telefonnummer|handynummer|mobil|erreichen mich|rufen sie mich|rückruf)(?!\w)[^?!@]{0,30})$"
)
_MAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_MY_MAIL: Final = re.compile(
    r"(?:(?<!\w)(?:use this address|invoice to|my (?:e-?)?mail(?: address)?|reply to|e-?mail(?: address)?(?: is|:)"
    r"|write to me|mail me|reach me|contact me|send (?:it|them|this|that|the \w+|me \w+)(?: over| back)? to"
    r"|meine (?:e-?mail|mail)\S*|erreichen mich|schreiben sie mir|e-?mail:)(?!\w)?[^?!@]{0,25})$"
)
_STREET: Final = re.compile(
    r"(?<![\w.,])\d{1,4}[a-z]?,? (?:[a-z'-]{2,20} ){1,3}?(?:street|road|lane|avenue|close|drive|way|st|rd|ave|court|place"
    r"|square|crescent|gardens|terrace|row|hill|grove|mews)(?!\w)"
    r"|(?<!\w)[a-zäöüß-]{2,24}(?:straße|strasse|str\.|weg|gasse|platz|allee|ufer) \d{1,4}(?!\d)"
)
_AT_HOME: Final = re.compile(
    r"(?<!\w)(?:i live|we live|i'm at|address|deliver|delivered|moved to|send (?:it|them|this) to|flat|wohne|wohnen|adresse"
    r"|anschrift|umgezogen|lieferung)(?!\w)"
)
_POSTCODE: Final = re.compile(r"(?<!\w)[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}(?!\w)|(?<![\w-])\d{5} [a-zäöü]{3,20}(?!\w)")
_MY_POSTCODE: Final = re.compile(
    r"(?<!\w)(?:post ?code|zip(?: code)?|plz|postleitzahl)(?: is| ist|:)? ?(?:[a-z]{1,2}\d"
    r"|\d{5})|(?<!\w)(?:i'm|i am|we are|we're) (?:at|in) [a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}(?!\w)"
)
_NO_NAME: Final = (
    r"(?:not|spelled|spelt|misspelled|wrong|on|in|missing|still|written|no|the|a|an|incorrect|and|or|but|is|was|for|to|at|of"
    r"|with|nicht|falsch|auf|noch"
    r"|customer|team|service|support|department|sent|from|gesendet|von|phone|tel|mobile|email|e-mail|best|kind|many|thanks"
    r"|regards|please|ps|i|we|you)"
)
_MY_NAME: Final = re.compile(
    rf"(?<!\w)(?:my (?:full )?name is|my name's|mein name ist"
    rf"|ich heiße) (?!{_NO_NAME}(?!\w))[^\W\d_]{{2,20}} (?!{_NO_NAME}(?!\w))[^\W\d_]{{2,20}}"
)
_IT_IS: Final = re.compile(
    rf"(?<!\w)(?:it's|this is|it is) (?!{_NO_NAME}(?!\w))[^\W\d_]{{2,20}} (?!{_NO_NAME}(?!\w))[^\W\d_]{{2,20}} (?:here"
    rf"|speaking|again|calling)(?!\w)"
    rf"|(?:^|(?<=\n))(?:full )?name: ?[^\W\d_]{{2,20}} [^\W\d_]{{2,20}}"
)
_SIGNED: Final = re.compile(
    rf"(?!{_NO_NAME}(?!\w))[^\W\d_]{{1,20}}\.?(?: (?!{_NO_NAME}(?!\w))[^\W\d_]{{1,20}}\.?){{0,2}}"
    rf" (?!{_NO_NAME}(?!\w))[^\W\d_]{{2,20}}"
)
_BORN: Final = re.compile(
    rf"(?<!\w)(?:date of birth|dob|born(?: on)?|birthday|geburtsdatum|geboren(?: am)?)(?: is| ist| was|:)? ?(?:on |the "
    rf"|am )*{_DATE}"
)
_METER: Final = re.compile(
    r"(?<!\w)(?:meter|(?:meter )?readings?|zählerstand|zähler)(?!\w)(?: number)?[^.?!\n]{0,40}?(?<![\d.,£€$/-])(?!(?:19"
    r"|20)\d\d(?!\d))\d{4,7}(?![\d.,/-]\d)"
)
_METER_NUMBER: Final = re.compile(r"meter (?:number|no|serial|id)|zählernummer")
_IBAN: Final = re.compile(r"(?<!\w)[a-z]{2}\d\d ?(?:[\da-z]{4} ?){3,7}[\da-z]{0,4}(?!\w)")
_SORT: Final = re.compile(
    r"(?<!\w)sort code(?: is|:)? ?\d\d[- ]?\d\d[- ]?\d\d(?!\d)"
    r"|(?<![\d-])\d\d-\d\d-\d\d ?[/,]? ?\d{7,8}(?!\d)"
)
_BOUGHT: Final = re.compile(
    rf"(?<!\w)(?:bought|purchased|(?:i|we) got (?:it|this|them|the \w+)|gekauft|date of purchase|purchase date"
    rf"|kaufdatum)(?!\w)[^.?!\n\d]{{0,40}}{_DATE}|(?<!\w)am {_DATE} .{{0,40}}gekauft"
)
_SHOWN: Final = {
    "photo": r"(?:photos?|photographs?|pictures?|pics?|fotos?|bild(?:er)?)",
    "receipt": r"(?:receipt|proof of purchase|quittung|kaufbeleg|kassenbon)",
}
_ATTACHED: Final = (
    r"(?:attached|attach|enclosed|enclose|uploaded|here (?:is|are)|please find|in the attachment|anbei|angehängt|im anhang"
    r"|beigefügt)"
)
_SHOWS: Final = {
    kind: pattern(
        rf"(?<!\w)(?:sending|send) (?:you |it )?(?:\w+ )?{noun}(?!\w).{{0,60}}(?<!\w)(?:with this|along|here|herewith)(?!\w)",
        rf"(?<!\w){_ATTACHED}(?!\w).{{0,60}}(?<!\w){noun}(?!\w)",
        rf"(?<!\w){noun}(?!\w).{{0,60}}(?<!\w){_ATTACHED}(?!\w)",
    )
    for kind, noun in _SHOWN.items()
}
_NOT_SHOWN: Final = re.compile(
    r"\?|(?<!\w)(?:tried|try|trying|could not|couldn't|can't|cannot|cant|unable|will|i'll|shall|should|if|later|without"
    r"|failed|no|not|didn't|how to|wanted"
    r"|forgot|nicht|kein\w*|werde|kann)(?!\w)"
)
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|\n")


def gives(text: str, language: str | None = None) -> frozenset[str]:
    """The kinds of fact (of FACTS) that a customer states in a message, quotes left out.

    What stands in his signature (name, phone, e-mail, postal address) was given too: we need not ask for it. `language` is
    taken for the sake of the other functions; the labels of all languages are looked for. Never raises, time is bounded.
    """
    body, signature = own_and_signature(text)
    said, signed = plain(body), plain(signature)
    found = {kind for kind, labelled in _LABELLED.items() if _has_code(labelled, said, _LEAST_CODE)}
    found |= {kind for kind, bare in _BARE.items() if _has_code(bare, said, _LEAST_BARE)}
    if _has_code(_OTHER_ORDER, said, _LEAST_CODE):
        found.add("order_number")
    if _SORT.search(said) or _IBAN.search(said):
        found.add("bank_details")
        # The account number beside a sort code is the bank's.
        if "customer" not in said and "kunden" not in said:
            found.discard("customer_number")
    found |= {
        kind
        for kind, rule in (("date_of_birth", _BORN), ("purchase_date", _BOUGHT), ("name", _MY_NAME), ("name", _IT_IS))
        if rule.search(said)
    }
    if _METER.search(said) and not _METER_NUMBER.search(said):
        found.add("meter_reading")
    for sentence in map(plain, _SENTENCE.split(body)):
        found |= {kind for kind, shows in _SHOWS.items() if shows.search(sentence) and not _NOT_SHOWN.search(sentence)}
    return frozenset(found | _reached(said, signed) | _housed(said, signed) | _signed(signature))


def _has_code(rule: re.Pattern[str], said: str, least: int) -> bool:
    for match in rule.finditer(said):
        code = (match[1] or match[match.lastindex or 1]).strip(" .-/")
        digits = sum(each.isdigit() for each in code)
        if _IS_DATE.fullmatch(code) is None and digits >= 2 and sum(each.isalnum() for each in code) >= least:
            return True
    return False


def _reached(said: str, signed: str) -> set[str]:
    found = {kind for kind, rule in (("phone", _PHONE), ("email", _MAIL)) if rule.search(signed)}
    for kind, rule, mine in (("phone", _PHONE, _MY_PHONE), ("email", _MAIL, _MY_MAIL)):
        before = (said[max(0, match.start() - 60) : match.start()] for match in rule.finditer(said))
        if any(mine.search(each) and not _ANOTHERS.search(each) for each in before):
            found.add(kind)
    return found


def _housed(said: str, signed: str) -> set[str]:
    """A street with a number is an address beside a postcode or words of living there; a postcode counts beside one."""
    found: set[str] = set()
    for text, mine in ((said, False), (signed, True)):
        for street in _STREET.finditer(text):
            code = _POSTCODE.search(text, street.end(), street.end() + 60)
            if _ANOTHERS.search(text, max(0, street.start() - 40), street.start()):
                continue
            home = _AT_HOME.search(text, max(0, street.start() - 40), street.start())
            if mine or code or home:
                found.add("address")
            if code:
                found.add("postcode")
    if _MY_POSTCODE.search(said):
        found.add("postcode")
    return found


def _signed(signature: str) -> set[str]:
    """A first and a last name on one of the first lines below the closing formula."""
    lines = [line for line in map(plain, signature.split("\n")) if line][1:4]
    return {"name"} if any(_SIGNED.fullmatch(line) for line in lines) else set()
