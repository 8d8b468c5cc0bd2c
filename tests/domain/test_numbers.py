"""Numbers by country: as dialled there, with the trunk prefix, with the prefix to the outside world, and from abroad."""

import subprocess
import sys

import pytest

from monitor.domain.numbers import e164

#: Country -> the number in E.164, then the ways to write it there. Numbers of public bodies and of ranges kept for films.
COUNTRIES = {
    "GB": ("+442079460123", "020 7946 0123", "2079460123", "442079460123", "0044 20 7946 0123", "+44 (0)20 7946 0123"),
    "DE": ("+493018400", "030 18400", "0049 30 18400", "+49 (0)30 18400"),
    "AT": ("+43153115", "01 53115", "0043 1 53115"),
    "CH": ("+41584624611", "058 462 46 11", "0041584624611", "+41 (0)58 462 46 11"),
    "FR": ("+33142765000", "01 42 76 50 00", "0033 1 42 76 50 00", "+33 (0)1 42 76 50 00"),
    "NL": ("+31703624111", "070-3624111", "0031703624111"),
    "BE": ("+3225012111", "02 501 21 11", "003225012111"),
    "SE": ("+4687631000", "08-763 10 00", "0046 8 763 10 00"),
    "IE": ("+35316194000", "01 619 4000", "00353 1 619 4000"),
    "AU": ("+61291234567", "02 9123 4567", "0011 61 2 9123 4567", "0061 2 9123 4567"),
    "NZ": ("+6448178200", "04 817 8200", "00 64 4 817 8200"),
    "JP": ("+81335811111", "03-3581-1111", "010 81 3 3581 1111"),
    # no trunk prefix: the number is dialled as it is
    "ES": ("+34912345678", "912 345 678", "0034 912 345 678", "34912345678"),
    "PT": ("+351213921000", "213 921 000", "00351 213 921 000"),
    "DK": ("+4533923333", "33 92 33 33", "0045 33923333"),
    "NO": ("+4722249090", "22 24 90 90", "0047 22249090"),
    "PL": ("+48226250000", "22 625 00 00", "0048 22 625 00 00"),
    "CZ": ("+420224171111", "224 171 111", "00420 224171111"),
    "GR": ("+302103385491", "210 338 5491", "0030 210 3385491"),
    "SG": ("+6563357777", "6335 7777", "001 65 6335 7777", "0065 6335 7777"),
    # the zero is part of the number
    "IT": ("+390667791", "06 67791", "0039 06 67791", "+39 06 67791"),
    # other trunk prefixes than a zero
    "HU": ("+3614411000", "06 1 441 1000", "0036 1 441 1000", "1 441 1000"),
    "RU": ("+74956972412", "8 495 697-24-12", "495 697-24-12", "810 7 495 697 24 12", "007 495 6972412"),
    "US": ("+12024561414", "(202) 456-1414", "1-202-456-1414", "011 1 202 456 1414", "12024561414"),
}
WAYS = [(written, country, ways[0]) for country, ways in COUNTRIES.items() for written in ways]


@pytest.mark.parametrize(("written", "country", "number"), WAYS)
def test_every_way_to_write_a_number_at_home_is_one_number(written: str, country: str, number: str) -> None:
    assert e164(written, country) == number


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_number_from_abroad_is_the_same_everywhere(country: str) -> None:
    number = COUNTRIES[country][0]
    assert {e164(number, each) for each in (*COUNTRIES, "ZZ")} == {number}
    assert {e164("00" + number[1:], each) for each in (*COUNTRIES, "ZZ")} == {number}


@pytest.mark.parametrize(
    ("written", "country"),
    [("011 44 20 7946 0123", "US"), ("0011 44 20 7946 0123", "AU"), ("001 44 20 7946 0123", "SG"), ("810 44 20 7946 0123", "RU"),
     ("010 44 20 7946 0123", "JP")],
)  # fmt: skip
def test_the_prefix_to_the_outside_world_of_each_country(written: str, country: str) -> None:
    assert e164(written, country) == "+442079460123"


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("dialled", ["0", "9", "10", "112", "999", "101", "1001", "0800", "5551", "12345", "116117", "012345"])
def test_extensions_and_short_numbers_stay_as_they_are(dialled: str, country: str) -> None:
    assert e164(dialled, country) == dialled


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        # not in use by the plan, but what the form says is beyond doubt: so it was always taken
        ("0301234567", "GB", "+44301234567"),
        ("05551234", "GB", "+445551234"),
        ("5551234567", "US", "+15551234567"),
        ("15551234567", "US", "+15551234567"),
        ("+999123456", "GB", "+999123456"),
        ("00999123456", "GB", "+999123456"),
        # the number of another country without its plus, and one without its area code: nobody can know
        ("12125550100", "DE", "12125550100"),
        ("5551234", "US", "5551234"),
    ],
)
def test_what_no_numbering_plan_explains(written: str, country: str, number: str) -> None:
    assert e164(written, country) == number


def test_the_plans_are_loaded_only_where_a_number_needs_them() -> None:
    """A mailbox has no numbers, and an extension is looked up nowhere."""
    code = "import sys; from monitor.domain.customer import customer_hasher as h; name = h(b'k', 'GB'); "
    code += "name('a@b.example'); name('5551'); sys.exit('phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
