"""The date vocabulary of German."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.dates.vocabulary import Vocabulary, in_order, vocabulary

_WEEKDAYS: Final = (
    "montag|mo", "dienstag|di", "mittwoch|mi", "donnerstag|do", "freitag|fr", "samstag|sonnabend|sa", "sonntag|so",
)  # fmt: skip
_MONTHS: Final = (
    "januar|jan|jänner",
    "februar|feb|feber",
    "märz|mär|mrz",
    "april|apr",
    "mai",
    "juni|jun",
    "juli|jul",
    "august|aug",
    "september|sep|sept",
    "oktober|okt",
    "november|nov",
    "dezember|dez",
)
_NUMBERS: Final = (
    "null|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|dreizehn|vierzehn|fünfzehn|sechzehn|siebzehn|achtzehn"
    "|neunzehn|zwanzig"
)
_ONES: Final = ("ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_TENS: Final = {"zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60, "neunzig": 90}
_ORDINALS: Final = in_order(
    "erst zweit dritt viert fünft sechst siebt acht neunt zehnt elft zwölft dreizehnt vierzehnt fünfzehnt sechzehnt siebzehnt"
    " achtzehnt neunzehnt zwanzigst"
)
_ENDINGS: Final = ("e", "en", "er", "es", "em")
_PARTS: Final = {
    "morgen": (8 * 60, 12 * 60),
    "früh": (6 * 60, 12 * 60),
    "vormittag": (9 * 60, 12 * 60),
    "mittag": (12 * 60, 14 * 60),
    "nachmittag": (12 * 60, 18 * 60),
    "abend": (16 * 60, 21 * 60),
    "nacht": (20 * 60, 24 * 60),
}
_OTHER: Final[tuple[tuple[str, str, object], ...]] = (
    ("ein|eine|einen|einer|einem|eines", "ONE", 1.0),
    ("eins|ein", "NUMBER", 1.0),
    ("ein paar|einige|einigen|wenige|wenigen|mehrere|mehreren|paar", "NUMBER", 3.0),
    ("anderthalb|eineinhalb", "NUMBER", 1.5),
    ("zweieinhalb", "NUMBER", 2.5),
    ("ein dutzend|dutzend", "NUMBER", 12.0),
    ("halb|halbe|halben|eine halbe|einer halben|ein halbes|einem halben", "HALF", 0.5),
    ("viertel", "FOURTH", 0.25),
    ("einer viertelstunde|eine viertelstunde|viertelstunde", "DURATION", 15),
    ("einer dreiviertelstunde|eine dreiviertelstunde|dreiviertelstunde", "DURATION", 45),
    ("letzter|letzten|letztes|letzte", "ORDINAL", -1),
    ("sekunde|sekunden|sek", "UNIT", "second"),
    ("minute|minuten|min", "UNIT", "minute"),
    ("stunde|stunden|std|h|stündchen", "UNIT", "hour"),
    ("tag|tage|tagen|tages|kalendertage|kalendertagen", "UNIT", "day"),
    (
        "werktag|werktage|werktagen|werktages|arbeitstag|arbeitstage|arbeitstagen|arbeitstages|geschäftstage|geschäftstagen"
        "|geschäftstag|bankarbeitstage|bankarbeitstagen",
        "UNIT",
        "opening_day",
    ),
    ("woche|wochen", "UNIT", "week"),
    ("monat|monate|monaten|monats", "UNIT", "month"),
    ("quartal|quartals|quartale", "UNIT", "quarter"),
    ("jahr|jahre|jahren|jahres", "UNIT", "year"),
    ("wochenende|wochenendes", "UNIT", "weekend"),
    ("heute|heut|am heutigen tag|am selben tag", "DAY", 0),
    ("morgen|am nächsten tag|am folgetag|morgigen tag", "DAY", 1),
    ("übermorgen|uebermorgen", "DAY", 2),
    ("gestern", "DAY", -1),
    ("vorgestern", "DAY", -2),
    ("heute abend|heute nacht", "TONIGHT", True),
    ("nächste|nächsten|nächster|nächstes|nächstem|naechste|naechsten|naechster|folgende|folgenden|folgender", "REL", "next"),
    ("diese|diesen|dieser|dieses|diesem|laufende|laufenden|laufender", "REL", "this"),
    ("kommende|kommenden|kommender|kommendes|kommendem", "REL", "coming"),
    ("letzte|letzten|letzter|letztes|vergangene|vergangenen|vergangener|vorige|vorigen", "REL", "last"),
    ("übernächste|übernächsten|übernächster|übernächstes", "REL", "after_next"),
    ("geschäftsschluss|dienstschluss|feierabend|büroschluss|ladenschluss|arbeitsende", "CLOSE", True),
    ("ende des tages|tagesende|ende des heutigen tages", "DAY_END", True),
    ("ende der woche", "NAMED_END", "week"),
    ("monatsende", "NAMED_END", "month"),
    ("jahresende|ende des jahres", "NAMED_END", "year"),
    ("quartalsende", "NAMED_END", "quarter"),
    ("ende", "EDGE", "end"),
    ("anfang|beginn", "EDGE", "begin"),
    ("mitte", "EDGE", "mid"),
    ("später|im laufe", "EDGE", "late"),
    ("der|des|von|vom|im|in der", "OF", True),
    ("der|den|dem|die|das", "THE", True),
    ("in", "IN", True),
    (
        "innerhalb von|innerhalb|binnen|innert|in weniger als|innerhalb der nächsten|in den nächsten|in den kommenden"
        "|innerhalb eines|in höchstens|in maximal|in spätestens|spätestens in|im laufe der nächsten|im laufe von",
        "WITHIN",
        True,
    ),
    (
        "bis|bis zum|bis zur|bis spätestens|spätestens|spätestens bis|spätestens am|bis spätestens zum|bis zu|bis um|bis am"
        "|bis spätestens am|spätestens bis zum|spätestens zum",
        "BY",
        True,
    ),
    ("vor|vor dem", "BEFORE", True),
    ("nach|ab|nach dem|ab dem", "AFTER", True),
    ("seit|seit dem", "SINCE", True),
    ("jeden|jede|jedes|jeder|alle", "EVERY", True),
    ("von|vom|ab", "FROM", True),
    ("zwischen", "BETWEEN", True),
    ("und|oder", "AND", True),
    ("bis|bis zum|und", "TO", True),
    ("am|an|zum|für|im|den|dem|auf", "ON", True),
    ("um|gegen|bis|vor|nach|ab|ca|etwa|von|bis spätestens|spätestens um|spätestens|bis um", "AT", True),
    ("ca|circa|etwa|ungefähr|rund|noch|gut|knapp|weiteren", "ABOUT", True),
    ("ab heute|ab jetzt|von heute an|von jetzt an", "FROM_NOW", 0),
    ("später", "LATER_WORD", True),
    ("her", "AGO", True),
    ("vor", "MINUTES_TO", True),
    ("nach", "MINUTES_PAST", True),
    ("uhr|h", "OCLOCK", True),
    ("guten morgen|guten abend|guten tag|schönen abend|schönen tag|gute nacht|schönes wochenende", "GREETING", True),
    ("mez|mesz|utc|gmt|cet|cest", "ZONE", True),
    ("mitternacht", "CLOCK", 24 * 60),
    ("mittags", "CLOCK", 12 * 60),
    ("am|im|in der|gegen", "IN_PART", True),
    ("frühs|frühmorgens|morgendlich", "PART", (6 * 60, 12 * 60)),
    ("spätnachmittag|spätnachmittags", "PART", (15 * 60, 18 * 60)),
    ("spätabends", "PART", (19 * 60, 24 * 60)),
    ("mitternachts", "CLOCK", 24 * 60),
    ("arbeitswoche|kalenderwoche", "UNIT", "week"),
    ("kw", "CALENDAR_WEEK", True),
    ("frühling|frühjahr|frühjahrs", "SEASON", 3),
    ("sommer|sommers", "SEASON", 6),
    ("herbst|herbstes", "SEASON", 9),
    ("winter|winters", "SEASON", 12),
    ("weihnachten", "HOLIDAY", "christmas"),
    ("heiligabend|heilig abend|heiliger abend", "HOLIDAY", "christmas_eve"),
    ("silvester", "HOLIDAY", "new_years_eve"),
    ("neujahr", "HOLIDAY", "new_year"),
    ("ostern|ostersonntag", "HOLIDAY", "easter"),
    ("ostermontag", "HOLIDAY", "easter_monday"),
    ("karfreitag", "HOLIDAY", "good_friday"),
    ("gründonnerstag", "HOLIDAY", "maundy_thursday"),
    ("aschermittwoch", "HOLIDAY", "ash_wednesday"),
    ("pfingsten|pfingstsonntag", "HOLIDAY", "whit_sunday"),
    ("pfingstmontag", "HOLIDAY", "whit_monday"),
    ("christi himmelfahrt|himmelfahrt|vatertag", "HOLIDAY", "ascension"),
    ("muttertag", "HOLIDAY", "mothers_day"),
    ("tag der deutschen einheit", "HOLIDAY", "german_unity"),
    ("tag der arbeit|maifeiertag", "HOLIDAY", "may_day"),
    ("allerheiligen", "HOLIDAY", "all_saints"),
    ("nikolaus|nikolaustag", "HOLIDAY", "st_nicholas"),
)


def _entries() -> Iterator[tuple[str, str, object]]:
    for index, names in enumerate(_WEEKDAYS):
        yield names, "WEEKDAY", index
        for part, span in _PARTS.items():
            yield "|".join(f"{name}{part}" for name in names.split("|") if len(name) > 2), "DAY_PART", (index, span)
    for index, names in enumerate(_MONTHS, 1):
        yield names, "MONTH", index
        yield f"{names.partition('|')[0]}s", "MONTH", index
    for value, name in enumerate(_NUMBERS.split("|")):
        yield name, "NUMBER", float(value + (value > 0))
    for tens, value in _TENS.items():
        yield tens, "NUMBER", float(value)
        for one, name in enumerate(_ONES, 1):
            yield f"{name}und{tens}", "NUMBER", float(value + one)
    for value, stem in enumerate(_ORDINALS, 1):
        yield "|".join(f"{stem}{ending}" for ending in _ENDINGS), "ORDINAL", value
    for tens, value in (("zwanzig", 20), ("dreißig", 30), ("dreissig", 30)):
        yield "|".join(f"{tens}st{ending}" for ending in _ENDINGS), "ORDINAL", value
        for one, name in enumerate(_ONES, 1):
            yield "|".join(f"{name}und{tens}st{ending}" for ending in _ENDINGS), "ORDINAL", value + one
    for part, span in _PARTS.items():
        yield f"{part}|{part}s", "PART", span
    yield from _OTHER


GERMAN: Final[Vocabulary] = vocabulary(_entries(), half_before=True)
