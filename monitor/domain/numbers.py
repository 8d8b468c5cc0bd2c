"""Phone numbers in E.164, by the numbering plans of libphonenumber: the one place that knows its data."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from monitor.domain.rings import iso_code

_NO_DIGIT: Final = re.compile(r"[^0-9]+")

#: What has no more digits than this is an extension or a short number: it stays as it is dialled.
SHORT: Final = 6
#: Written so anywhere, whatever the country's own prefix is: trunks and databases write 00 for the plus.
_ABROAD: Final = "00"
#: A national number of the North American plan.
_AMERICAN: Final = 10


class _Plan(NamedTuple):
    """What the numbers of one country begin with."""

    region: str
    calling_code: str  # "" where none is known
    trunk_zero: bool  # dialled before the area code, and no part of the number
    abroad: str  # dialled before a calling code; a pattern in some countries


def e164(written: str, country: str) -> str:
    """A number as dialled in `country` (ISO 3166), with or without trunk prefix, or internationally -> `+…`.

    Extensions, short numbers and what no numbering plan explains stay as their digits.
    """
    digits = _NO_DIGIT.sub("", written)
    if written.lstrip().startswith("+"):
        return _international(digits)
    if len(digits) <= SHORT:
        return digits
    plan = _plan(iso_code(country))
    if digits.startswith(_ABROAD):
        if plan.abroad == _ABROAD or not plan.calling_code:
            return _international(digits[2:])
        return _abroad(digits, plan)
    return _national(digits, plan)


def _abroad(digits: str, plan: _Plan) -> str:
    """Begins with 00 where that is not the country's own prefix: 001 is Singapore's, 0011 Australia's."""
    own, plus = _valid(digits, plan.region), _valid("+" + digits[2:], None)
    first, second = (own, plus) if digits[2:3] == "1" else (plus, own)
    return first or second or "+" + digits[2:]


def _international(digits: str) -> str:
    """After the plus. `+44 (0)20 …` is written by many: the trunk zero is no part of the number (but it is in Italy)."""
    if _zero_follows_calling_code(digits):
        return _valid("+" + digits, None) or "+" + digits
    return "+" + digits


def _national(digits: str, plan: _Plan) -> str:
    """Not valid by a plan of today may be a number of tomorrow: where its form leaves no doubt, it is taken."""
    found = _valid(digits, plan.region)
    if found is not None:
        return found
    if plan.trunk_zero and digits.startswith("0"):
        return "+" + plan.calling_code + digits[1:]
    american = digits[-_AMERICAN:]
    if plan.calling_code == "1" and len(american) == _AMERICAN and digits in (american, "1" + american):
        return "+1" + american
    return digits


@lru_cache(maxsize=64)
def _plan(region: str) -> _Plan:
    from phonenumbers import PhoneMetadata, country_code_for_region  # only where numbers are met: it takes 70 ms

    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None:
        return _Plan(region, "", False, _ABROAD)
    code = str(country_code_for_region(region))
    return _Plan(region, code, metadata.national_prefix == "0", metadata.international_prefix or "")


def _valid(number: str, region: str | None) -> str | None:
    """The number in E.164 if it is one by its country's plan."""
    from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_valid_number, parse

    try:
        parsed = parse(number, region)
    except NumberParseException:
        return None
    return str(format_number(parsed, PhoneNumberFormat.E164)) if is_valid_number(parsed) else None


def _zero_follows_calling_code(digits: str) -> bool:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    for length in (1, 2, 3):  # no calling code is the beginning of another
        if digits[:length] and int(digits[:length]) in COUNTRY_CODE_TO_REGION_CODE:
            return digits[length : length + 1] == "0"
    return False
