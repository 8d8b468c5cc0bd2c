"""The phrases of German."""

from typing import Final

from monitor.domain.answers.wording import Asking, Expecting, Refusing, Sending, Wording
from monitor.domain.promises.rules import pattern

_FORMULA: Final = pattern(
    r"(?<!\w)(?:bei|für|falls sie|sollten sie|wenn sie)(?: noch)? (?:weitere\w*|fragen|rückfragen|noch fragen)(?!\w)",
    r"(?<!\w)(?:zögern sie nicht|stehen? (?:wir|ich) .{0,30}zur verfügung|sonst noch etwas|noch etwas für sie)(?!\w)",
    r"^(?:vielen|herzlichen|besten|lieben)? ?dank(?!\w)|^danke(?!\w)",
    r"^(?:mit (?:freundlichen|besten)|viele|beste|liebe|freundliche|schöne) grüße?n?(?!\w).{0,40}$",
    r"^(?:wir|ich) (?:wünschen?|hoffen?)(?!\w)|(?<!\w)(?:bitte )?entschuldigen sie (?:bitte )?(?:die|den|das)(?!\w).{0,40}$",
)
_REFUSING: Final = Refusing(
    rules=(
        (
            "declined",
            pattern(
                r"(?<!\w)(?:abgelehnt|ablehnen|zurückweisen|zurückgewiesen|abschlägig|bleiben bei unserer entscheidung)(?!\w)"
            ),
        ),
        (
            "policy",
            pattern(
                r"(?<!\w)(?:agb|richtlinien?|\w*bedingungen|vorschrift(?:en)?|regeln|firmenpolitik"
                r"|unternehmensrichtlinie\w*)(?!\w)"
            ),
        ),
        (
            "cannot",
            pattern(
                r"(?<!\w)(?:können?|kann|dürfen?|darf|wird|werden|sehen|möglich|geht|geben|gewähren|machen|bieten|leisten"
                r"|übernehmen|erstatten|nehmen)(?!\w).{0,80}(?<!\w)(?:nicht|nichts|keine?[nrms]?)(?!\w)(?! (?:zu|finden"
                r"|sehen))",
                r"(?<!\w)(?:nicht|keine?[nrms]?)(?!\w).{0,60}(?<!\w)(?:möglich|möglichkeit|auskunft|ausgezahlt|erstattet"
                r"|angeboten|anbieten|können|zuständig|vorgesehen|erlaubt|gestattet|zulässig|gewähren|anspruch)(?!\w)",
                r"(?<!\w)(?:ausgeschlossen|unmöglich)(?!\w)|(?<!\w)keine ausnahmen?(?!\w)|(?<!\w)kein anspruch(?!\w)"
                r"|(?<!\w)keine andere auskunft(?!\w)|(?<!\w)nichts (?:für sie )?tun(?!\w)",
            ),
        ),
    ),
    excepted=pattern(
        r"(?<!\w)(?:kein problem|keine sorge|nicht (?:erreichen|finden|sehen|öffnen|reproduzieren|lesen|nötig|genug)|finde"
        r"|sehe)(?!\w)"
    ),
    beside=pattern(
        r"(?<!\w)(?:leider|bedauern|bedauere|bedaure|leid|verständnis|dank|danke|verstehe|geduld|unannehmlichkeiten|grüßen?"
        r"|schönen tag)(?!\w)",
        r"(?<!\w)(?:geprüft|grundsätzlich)(?!\w)|^(?:nein|sehr geehrte\w?)(?!\w)",
    ),
    helps=pattern(
        r"\?",
        r"(?<!\w)(?:weil|denn(?! auch)|karten|schon|wieder|post|bis|sobald|morgen|heute|stattdessen|alternativ"
        r"|jedoch können sie|kostenlos|bereits|momentan|derzeit|noch kein\w*|frage|melde|bitte (?!(?:haben|um))"
        r"|sie können|können sie|umtauschen|reichen|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)(?!\w)",
        r", da (?!(?:kann|können|darf|dürfen|geht|haben)(?!\w))|, (?:weil|aber|sondern|ich|sie|die|das|der) ",
        r"(?<!\w)(?:ich|wir) (?:werden?|leite|schicke|kümmer\w*|habe .{0,60}(?:weiter|gesendet|gebeten))(?!\w)",
        r"@|example\.|www\.|https?:",
        r"(?<!§ )(?<!\w)\d+(?! (?:tagen?|stunden|wochen|monaten?)(?!\w))",
    ),
    clauses=pattern(r"[,;:()–—] ?|(?<= )(?:aber|doch|jedoch)(?= )|\. "),
    goes_on=pattern(
        r"(?:dass|ihnen|zu|und (?:hoffen|bitten))(?!\w)|(?:dies|das) (?:ist|sind) (?:unsere?|bei uns|so)(?!\w)|so steht es",
        r"(?:nun mal|so|hier|auch|dazu|hierzu|das|aber|dafür)?$",
    ),
)
_NUMMER: Final = r"(?:nummer|nr\.?|-nr\.?|-nummer)(?!\w)"
_NOUNS: Final = {
    "order_number": pattern(rf"(?<!\w)(?:bestell|auftrags){_NUMMER}"),
    "customer_number": pattern(rf"(?<!\w)(?:kunden|mitglieds){_NUMMER}"),
    "invoice_number": pattern(rf"(?<!\w)rechnungs{_NUMMER}"),
    "contract_number": pattern(rf"(?<!\w)(?:vertrags|policen|versicherungs|versicherungsschein){_NUMMER}"),
    "serial_number": pattern(rf"(?<!\w)(?:serien|geräte){_NUMMER}"),
    "case_number": pattern(rf"(?<!\w)(?:ticket|vorgangs|fall|schadens?|referenz){_NUMMER}"),
    "booking_number": pattern(rf"(?<!\w)(?:buchungs|reservierungs){_NUMMER}"),
    "tracking_number": pattern(rf"(?<!\w)(?:sendungs|paket){_NUMMER}"),
    "phone": pattern(rf"(?<!\w)(?:telefon|handy|mobil|rückruf){_NUMMER}", r"(?<!\w)unter welcher nummer(?!\w)"),
    "email": pattern(r"(?<!\w)(?:e-?mail-?\s?adresse|mailadresse)(?!\w)"),
    "address": pattern(r"(?<!\w)(?<!mail )(?<!mail-)(?:adresse|anschrift|lieferadresse|postanschrift)(?!\w)"),
    "postcode": pattern(r"(?<!\w)(?:postleitzahl|plz)(?!\w)"),
    "name": pattern(r"(?<!\w)ihren? (?:vollständigen? |vollen )?namen?(?!\w)|(?<!\w)vor- und nachnamen?(?!\w)"),
    "date_of_birth": pattern(r"(?<!\w)geburtsdatum(?!\w)"),
    "meter_reading": pattern(r"(?<!\w)zählerst[aä]nde?s?(?!\w)"),
    "bank_details": pattern(r"(?<!\w)(?:bankverbindung|bankdaten|kontodaten|iban|kontoverbindung)(?!\w)"),
    "photo": pattern(r"(?<!\w)(?:fotos?|bild(?:er)?)(?!\w)"),
    "receipt": pattern(r"(?<!\w)(?:kaufbeleg|quittung|kassenbon|kassenbeleg|kaufnachweis)(?!\w)"),
    "purchase_date": pattern(r"(?<!\w)kaufdatum(?!\w)"),
}
_ASKING: Final = Asking(
    nouns=_NOUNS,
    requests=pattern(
        r"(?<!\w)(?:könnten|können|würden) sie(?!\w).{0,120}(?:nennen|mitteilen|geben|schicken|senden|sagen|zusenden|angeben"
        r"|durchgeben|bestätigen|zukommen)",
        r"(?<!\w)bitte (?:noch |auch |kurz )?(?:teilen|nennen|geben|schicken|senden|sagen|bestätigen|laden) sie(?!\w)",
        r"(?<!\w)(?:teilen|nennen|geben|schicken|senden|sagen|bestätigen) sie (?:uns|mir) bitte(?!\w)",
        r"(?<!\w)(?:wir|ich) (?:benötigen?|brauchen?|bräuchten?)(?!\w)|(?<!\w)(?:benötigen?|brauchen?|bräuchten?) (?:wir"
        r"|ich)(?!\w)",
        r"(?<!\w)wie (?:lautet|lauten|ist) (?:ihre?|die|der|das)(?!\w)|(?<!\w)unter welcher(?!\w)|^(?:darf"
        r"|dürfte) ich.{0,60}(?:erfahren|haben|fragen)",
        r"(?<!\w)haben sie (?:noch |auch )?(?:die|eine|ihre|den|das|ein)(?!\w)",
    ),
    required=pattern(r" (?:wird|ist) (?:noch )?(?:benötigt|erforderlich|nötig)(?!\w)"),
    questions={
        "purchase_date": pattern(r"(?<!\w)wann haben sie .{0,60}gekauft"),
        "date_of_birth": pattern(r"(?<!\w)wann sind sie geboren"),
    },
    no_request=pattern(
        r"(?<!\w)(?:nie|niemals|nicht nötig|nicht erforderlich|keine\w? .{0,20}(?:nötig|benötigen))(?!\w)",
        r"(?<!\w)(?:bei (?:der|einer|ihrer) (?:überweisung|zahlung|anruf)|wenn sie|beim nächsten|künftig|falls sie)(?!\w)",
        r"(?<!\w)(?:falsch|ungültig|gibt es nicht|noch einmal prüfen)(?!\w)|^darf ich sie(?!\w)",
    ),
    before=pattern(
        r"(?:^|[:,;(-]|(?<!\w)(?:ihre?[nr]?|die|den|das|der|eine?n?|paar|und|oder|noch|bitte|vollständige|genaue"
        r"|aktuelle[nr]?|uns|mir|welcher|welche|um|denn|auch))$"
    ),
    not_before=pattern(
        r"(?<!\w)(?:dank für|danke für|habe|haben wir|erhalten|andere[nr]?|zweite[nr]?|neue[nr]?|weitere[nr]?"
        r"|alte[nr]?)(?: (?:ihren?|die|den|das))?$"
    ),
    behind=pattern(
        r"s? ?(?:$|[.,;:?!()/–-]|(?:und|oder|bitte|noch|an|mit|nennen|mitteilen|geben|schicken|senden|sagen|zusenden|angeben"
        r"|durchgeben|bestätigen|zukommen|per|können|kann|darf|dürfen"
        r"|zur|hier|für (?:uns|die|den|mich)|des geräts|erfahren|haben|da|zu|vom schaden|des schadens|in|um|damit)(?!\w))"
    ),
)
_EXPECTING: Final = Expecting(
    requests=pattern(
        r"(?<!\w)(?:könnten|können|würden) sie (?:mir|uns|bitte|das|sich|noch|den|die)(?!\w)",
        r"(?<!\w)bitte (?:noch |auch |kurz |uns |mir )?(?:teilen|nennen|geben|schicken|senden|sagen|bestätigen|antworten"
        r"|rufen|füllen|wählen|prüfen|unterschreiben|melden|reichen|laden) sie(?!\w)",
        r"(?<!\w)(?:teilen|nennen|geben|schicken|senden|sagen|bestätigen) sie (?:uns|mir)(?: bitte)?(?!\w)",
        r"(?<!\w)(?:wir|ich) (?:benötigen?|brauchen?)(?!\w)|(?<!\w)(?:benötigen?|brauchen?) (?:wir|ich)(?!\w)"
        r"|(?<!\w)warten? auf ihre(?!\w)",
    ),
    no_request=pattern(
        r"(?<!\w)wie geht es (?:ihnen|dir)|(?<!\w)bei (?:weiteren )?(?:fragen|rückfragen|problemen)(?!\w)|^bitte (?:beachten"
        r"|haben|entschuldigen)(?!\w)",
        r"(?<!\w)(?:falls|wenn|sollte) (?:noch )?(?:das|der|die|es|etwas)(?!\w)|(?<!\w)(?:sonst noch etwas|nicht antworten"
        r"|noch etwas für sie)(?!\w)|(?<!\w)wussten sie(?!\w)",
    ),
    rhetorical=pattern(
        r"^(?:warum|wieso|wer|was|wie|weshalb)(?!\w)(?!.*(?<!\w)(?:sie|ihre?[nrms]?|ihnen|dir|du)(?!\w))",
        r"^(?:und )?was"
        r" (?:heißt|bedeutet)(?!\w)",
    ),
)
_SENDING: Final = Sending(
    directs=pattern(
        r"(?<!\w)bitte(?!\w)|(?<!\w)(?:sie müssen|müssen sie|sie müssten|sie können|können sie|sie sollten)(?!\w)"
        r"|(?<!\w)nur (?:noch )?(?:telefonisch|persönlich|online|per|über|in|schriftlich)(?!\w)",
        r"(?<!\w)wenden sie sich(?!\w)|^(?:rufen|schreiben|nutzen|kommen|gehen|melden) sie(?!\w)|(?<!\w)ausschließlich(?!\w)",
    ),
    channels={
        "phone": pattern(
            r"(?<!\w)rufen sie (?!.{0,20}zurück an)|(?<!\w)(?:telefonisch|hotline|anzurufen|anrufen|per telefon)(?!\w)"
        ),
        "email": pattern(r"(?<!\w)(?:schreiben|senden|schicken|wenden) [^,;]{0,60}@|(?<!\w)(?:per|eine) e-?mail(?!\w)"),
        "ticket": pattern(
            r"(?<!\w)(?:\w*formular|\w*portal|app|online|kundenkonto|website|webseite)(?!\w)|(?<!\w)ticket (?:öffnen"
            r"|erstellen|anlegen)"
        ),
        "chat": pattern(r"(?<!\w)\w*chat(?!\w)"),
        "counter": pattern(r"(?<!\w)(?:filialen?|schalter|geschäftsstelle|vor ort|persönlich|laden|reisezentrum)(?!\w)"),
    },
    stays=pattern(
        r"(?<!\w)(?:nicht|keine?n?)(?!\w)|^(?:ich|wir|die \w+|der \w+) |(?<!\w)bei (?:weiteren )?(?:fragen|rückfragen"
        r"|problemen)(?!\w)",
        r"(?<!\w)(?:antworten|antwort) |(?<!\w)(?:falls|wenn) (?:das|der|die|es|etwas|ihre?)(?!\w)"
        r"|(?<!\w)(?:weitere informationen|verfolgen|einsehen|jederzeit)(?!\w)|^(?:falls|wenn|sollten?)(?!\w)",
        r"(?<!\w)(?:mir|uns) (?:bitte )?(?:ihre|die|eine) (?:telefon|handy)",
    ),
    clauses=pattern(r"[,;] |(?<= )(?:aber|denn)(?= )"),
)

GERMAN: Final = Wording(_FORMULA, _REFUSING, _ASKING, _EXPECTING, _SENDING)
