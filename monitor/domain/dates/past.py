"""Whether a date that could be the last or the next one is the last: `we called you on Monday`."""

import re
from typing import Final

#: Dates that repeat: a weekday, a day of a month, a day and month without a year.
_REPEATS: Final = re.compile(
    r"(?:(?:on|am|at|the|den|dem|vom|from|between|zwischen) )*(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|(?:mon|tue|wed|thu|fri|sat|sun)"
    r"|\d{1,2}(?:st|nd|rd|th|\.)?(?: (?:of )?[a-zä]{3,9})?|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov"
    r"|dec)[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?"
    r"|\d{1,2}[/.]\d{1,2}\.?)(?:,? .*)?"
)
_MARKED: Final = re.compile(r"\b(?:next|coming|this|after next|week|tomorrow|nächste\w*|kommende\w*|20\d\d)\b")
_HAPPENED: Final = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bbe )(?<!\bbeen )(?<!'s )(?<!'re )\b(?:was|were|had|did|didn't|sent|called|spoke|came|went"
    r"|told|said|wrote"
    r"|received|left|got|made|paid|arrived|shipped|visited|gave|took|brought|saw|met|found|bought|rang|began|put"
    r"|[a-z]{3,}(?<!need)ed"
    r"|war|waren|hatte|hatten|habe|haben|hat|wurde|wurden|kam|kamen|rief|schrieb|ging|bekam|erhielt)\b"
)
#: What makes the verb one of the future, wherever it stands; what makes the date one, behind the verb.
_YET_TO_COME: Final = re.compile(
    r"\b(?:will|shall|going to|gonna|would|could|can|may|might|must|should|please|wird|werden|werde|kann|können)\b|'(?:ll|d)\b"
)
_FOR: Final = re.compile(
    r"\b(?:to|for|until|till|by|before|bis|für|zu|vereinbart|booked|scheduled|planned|due|agreed|promised)\b"
)


def is_past(before: str, words: str) -> bool:
    """Whether a date is told of what has happened. `before`: what stands before it in its clause; both in lower case."""
    if not _REPEATS.fullmatch(words) or _MARKED.search(words) or _YET_TO_COME.search(before):
        return False
    happened = list(_HAPPENED.finditer(before))
    return bool(happened) and not _FOR.search(before, happened[0].start())
