"""The date vocabulary of English."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.dates.vocabulary import Vocabulary, in_order, vocabulary

_WEEKDAYS: Final = (
    "monday|mon",
    "tuesday|tue|tues",
    "wednesday|wed|weds|wednes|wenesday|wendesday",
    "thursday|thu|thur|thurs|thrusday",
    "friday|fri|firday",
    "saturday|sat",
    "sunday|sun",
)
_MONTHS: Final = (
    "january|jan",
    "february|feb|febuary",
    "march|mar",
    "april|apr",
    "may",
    "june|jun",
    "july|jul",
    "august|aug",
    "september|sep|sept",
    "october|oct",
    "november|nov",
    "december|dec",
)
_NUMBERS: Final = in_order(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
    " nineteen"
)
_TENS: Final = {"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "ninety": 90}
_ORDINALS: Final = in_order(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth"
    " sixteenth seventeenth eighteenth nineteenth twentieth"
)
_OTHER: Final[tuple[tuple[str, str, object], ...]] = (
    ("a couple of|a couple|couple of|couple|a pair of", "NUMBER", 2.0),
    ("a few|few|several|a handful of", "NUMBER", 3.0),
    ("a dozen|dozen", "NUMBER", 12.0),
    ("eighty", "TENS", 80),
    ("hundred", "HUNDRED", 100),
    ("thirtieth", "ORDINAL", 30),
    ("last", "ORDINAL", -1),
    ("a|an", "ONE", 1.0),
    ("half|half of", "HALF", 0.5),
    ("quarter", "FOURTH", 0.25),
    ("and a half|& a half", "AND_HALF", 0.5),
    ("second|seconds|sec|secs", "UNIT", "second"),
    ("minute|minutes|min|mins|minuets", "UNIT", "minute"),
    ("hour|hours|hr|hrs|h", "UNIT", "hour"),
    ("day|days|day's|days'|d|calendar day|calendar days", "UNIT", "day"),
    (
        "business day|business days|working day|working days|work day|work days|workday|workdays|weekday|weekdays|bd|bds"
        "|bus day|bus days|banking day|banking days",
        "UNIT",
        "opening_day",
    ),
    ("business hour|business hours|working hour|working hours|office hours", "UNIT", "opening_hour"),
    ("week|weeks|wk|wks|week's|weeks'|calendar week|calendar weeks", "UNIT", "week"),
    ("working week|working weeks|business week|business weeks|work week|workweek", "UNIT", "week"),
    ("fortnight|fortnights|fortnight's", "UNIT", "fortnight"),
    ("month|months|month's|months'|mth|mths|calendar month|calendar months", "UNIT", "month"),
    ("quarter|quarters|qtr", "UNIT", "quarter"),
    ("year|years|yr|yrs|calendar year|year's|years'", "UNIT", "year"),
    ("decade|decades", "UNIT", "decade"),
    ("century|centuries", "UNIT", "century"),
    ("weekend|weekends|week end|wkend", "UNIT", "weekend"),
    ("today|2day|todays|today's", "DAY", 0),
    ("tomorrow|tmrw|tmr|tmw|tomo|tomorow|tommorow|tommorrow|tomorrows|tomorrow's|2moro|2morrow|2mrw", "DAY", 1),
    ("the next day|next day|the following day|the very next day|the day after", "DAY", 1),
    ("yesterday|yesterday's", "DAY", -1),
    (
        "the day after tomorrow|day after tomorrow|the day following tomorrow|overmorrow|the day after tmrw|tomorrow after next",
        "DAY",
        2,
    ),
    ("the day before yesterday|day before yesterday", "DAY", -2),
    ("tonight|tonite|2nite|tonight's", "TONIGHT", True),
    ("next|upcoming|following|the following|the next", "REL", "next"),
    ("this|current|the current|this very|the present", "REL", "this"),
    ("coming|this coming|the coming|this next|the upcoming|this upcoming", "REL", "coming"),
    ("last|past|previous|prior|this past", "REL", "last"),
    ("after next|after the next", "AFTER_NEXT", True),
    ("first thing|first thing in the morning|at the start of play|start of business|opening time|start of play", "FIRST", True),
    (
        "close of business|close of play|close of the business|close of trading|cob|eob|cop|end of business|end of business day"
        "|end of the business day|end of play|end of the working day|end of working day|end of the work day|end of work"
        "|end of the workday|end of my shift|end of our shift|office close|closing time|closing|close of day|close of the day"
        "|close of bus",
        "CLOSE",
        True,
    ),
    ("end of the day|end of day|eod|day's end|the day's end|day end|days end|end of today", "DAY_END", True),
    ("eow|week's end|week end", "NAMED_END", "week"),
    ("eom|month end|month's end|month-end", "NAMED_END", "month"),
    ("eoy|year end|year's end", "NAMED_END", "year"),
    ("eoq|quarter end", "NAMED_END", "quarter"),
    ("end|ending|close|tail end|back end", "EDGE", "end"),
    ("later|late|latter part|latter half|second half", "EDGE", "late"),
    ("early|beginning|start|early part|top|first half", "EDGE", "begin"),
    ("mid|middle|midway through", "EDGE", "mid"),
    ("rest|remainder", "EDGE", "rest"),
    ("q", "Q", True),
    ("of", "OF", True),
    ("the", "THE", True),
    ("in", "IN", True),
    (
        "within|in under|in less than|in no more than|in at most|inside|inside of|in the next|within the next|over the next"
        "|during the next|in the coming|in no less than|in up to|within the coming|in not more than"
        "|not later than in"
        "|no longer than|in no longer than|over the coming|during the coming|in the following|throughout the next|give me"
        "|give us|gimme|allow me|allow us",
        "WITHIN",
        True,
    ),
    ("by|until|till|til|'til|no later than|not later than|latest|latest by|at the latest by|up to|up until|prior to", "BY", True),
    ("before|ahead of|earlier than|sooner than", "BEFORE", True),
    ("after|later than", "AFTER", True),
    ("since", "SINCE", True),
    ("every|each|all|any|most", "EVERY", True),
    ("from|starting from|starting|as of|as from|beginning|commencing|starting on|beginning on|effective", "FROM", True),
    ("between|btw|betw|anywhere between|anytime between|sometime between", "BETWEEN", True),
    ("and|&|or", "AND", True),
    ("to|until|till|til|thru|through|up to|and", "TO", True),
    ("on|for|this", "ON", True),
    ("at|@|by|before|after|around|about|until|till|til|approx|approximately|circa|roughly|from", "AT", True),
    ("around|about|approx|approximately|circa|roughly|some|just over|just under|another|just|only|at least", "ABOUT", True),
    ("from now|from today|hence|from this moment|from here|onwards|from right now|from this point", "FROM_NOW", 0),
    ("from tomorrow", "FROM_NOW", 1),
    ("time", "TIME_WORD", True),
    ("later|after that|thereafter|afterwards", "LATER_WORD", True),
    ("ago|before now", "AGO", True),
    ("to|before|of|till|til", "MINUTES_TO", True),
    ("past|after", "MINUTES_PAST", True),
    ("am|a m|a.m.|a.m|a. m.", "AMPM", 0),
    ("pm|p m|p.m.|p.m|p. m.", "AMPM", 12 * 60),
    ("o'clock|oclock|o clock|o’clock|sharp|hrs|hours|h|hundred hours", "OCLOCK", True),
    ("ish|sharp", "ISH", True),
    (
        "est|edt|cst|cdt|mst|mdt|pst|pdt|gmt|utc|bst|cet|cest|ist|aest|aedt|sgt|jst|hkt|et|pt|ct"
        "|eastern time|pacific time|central time|uk time|local time|your time|my time|our time",
        "ZONE",
        True,
    ),
    ("noon|midday|12 noon|twelve noon|mid-day|high noon", "CLOCK", 12 * 60),
    ("midnight|12 midnight", "CLOCK", 24 * 60),
    ("lunch|lunchtime|lunch time|lunch-time|midday break", "PART", (11 * 60, 14 * 60)),
    ("dinner|dinnertime|supper time|teatime|tea time", "PART", (16 * 60, 20 * 60)),
    ("breakfast|breakfast time", "PART", (7 * 60, 10 * 60)),
    ("dawn|daybreak|sunrise", "PART", (5 * 60, 8 * 60)),
    ("morning|mornings|morn|morning's|forenoon", "PART", (8 * 60, 12 * 60)),
    ("mid-morning|mid morning|midmorning", "PART", (9 * 60, 11 * 60)),
    ("mid-afternoon|mid afternoon|midafternoon", "PART", (14 * 60, 16 * 60)),
    ("afternoon|afternoons|arvo|aft|afternoon's", "PART", (12 * 60, 18 * 60)),
    ("evening|evenings|evening's", "PART", (16 * 60, 21 * 60)),
    ("night|nighttime|nights|night-time|overnight", "PART", (20 * 60, 24 * 60)),
    ("in|during|on|this|of", "IN_PART", True),
    ("business hours|working hours|office hours", "PART", (9 * 60, 17 * 60)),
    ("week commencing|week beginning|week starting|w/c|wc|week starting on", "WEEK_OF", 0),
    ("week ending|w/e|week ending on", "WEEK_OF", 1),
    ("spring|springtime", "SEASON", 3),
    ("summer|summertime", "SEASON", 6),
    ("fall|autumn", "SEASON", 9),
    ("winter|wintertime", "SEASON", 12),
    ("christmas|christmas day|xmas|xmas day", "HOLIDAY", "christmas"),
    ("christmas eve|xmas eve", "HOLIDAY", "christmas_eve"),
    ("boxing day|st stephen's day", "HOLIDAY", "boxing_day"),
    ("new year's eve|new years eve|new year eve|nye|hogmanay", "HOLIDAY", "new_years_eve"),
    ("new year's day|new years day|new year|new years|new year's", "HOLIDAY", "new_year"),
    ("easter|easter sunday|easter day", "HOLIDAY", "easter"),
    ("easter monday", "HOLIDAY", "easter_monday"),
    ("good friday", "HOLIDAY", "good_friday"),
    ("maundy thursday", "HOLIDAY", "maundy_thursday"),
    ("ash wednesday", "HOLIDAY", "ash_wednesday"),
    ("whit monday|pentecost monday", "HOLIDAY", "whit_monday"),
    ("pentecost|whitsun|whit sunday", "HOLIDAY", "whit_sunday"),
    ("ascension day|ascension", "HOLIDAY", "ascension"),
    ("thanksgiving|thanksgiving day", "HOLIDAY", "thanksgiving"),
    ("black friday", "HOLIDAY", "black_friday"),
    ("cyber monday", "HOLIDAY", "cyber_monday"),
    ("labor day", "HOLIDAY", "labor_day"),
    ("memorial day", "HOLIDAY", "memorial_day"),
    ("mlk day|martin luther king day|martin luther king jr. day|martin luther king jr day", "HOLIDAY", "mlk_day"),
    ("presidents day|president's day|presidents' day|washington's birthday", "HOLIDAY", "presidents_day"),
    ("columbus day|indigenous peoples' day", "HOLIDAY", "columbus_day"),
    ("mother's day|mothers day|mothers' day", "HOLIDAY", "mothers_day"),
    ("father's day|fathers day|fathers' day", "HOLIDAY", "fathers_day"),
    ("independence day|fourth of july|4th of july", "HOLIDAY", "independence_day"),
    ("juneteenth", "HOLIDAY", "juneteenth"),
    ("veterans day|veteran's day|remembrance day|armistice day", "HOLIDAY", "veterans_day"),
    ("halloween|all hallows eve", "HOLIDAY", "halloween"),
    ("all saints day|all saints' day", "HOLIDAY", "all_saints"),
    ("valentine's day|valentines day|valentine's|valentines|st valentine's day", "HOLIDAY", "valentines"),
    ("st patrick's day|saint patrick's day|st. patrick's day|st patricks day", "HOLIDAY", "st_patrick"),
    ("guy fawkes night|bonfire night|guy fawkes day", "HOLIDAY", "bonfire_night"),
    ("may day|international workers' day|labour day", "HOLIDAY", "may_day"),
    ("groundhog day", "HOLIDAY", "groundhog"),
    ("april fools|april fools day|april fool's day", "HOLIDAY", "april_fools"),
    ("earth day", "HOLIDAY", "earth_day"),
)


def _entries() -> Iterator[tuple[str, str, object]]:
    for index, names in enumerate(_WEEKDAYS):
        yield names, "WEEKDAY", index
        full = names.partition("|")[0]
        yield f"{full}'s", "WEEKDAY", index
    for index, names in enumerate(_MONTHS, 1):
        yield names, "MONTH", index
        yield f"{names.partition('|')[0]}'s", "MONTH", index
    for value, name in enumerate(_NUMBERS):
        yield name, "NUMBER", float(value)
    for name, value in _TENS.items():
        yield name, "TENS", value
    for value, name in enumerate(_ORDINALS, 1):
        yield name, "ORDINAL", value
    yield from _OTHER


ENGLISH: Final[Vocabulary] = vocabulary(_entries())
