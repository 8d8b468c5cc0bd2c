"""One customer is one name, however the number or address is written; two customers are two."""

import pytest

from monitor.domain.customer import customer_hasher, normalise_customer

LONDON = "+442079460123"


@pytest.mark.parametrize(
    ("written", "calling_code", "number"),
    [
        (LONDON, "44", LONDON),
        ("+44 20 7946 0123", "44", LONDON),
        ("+44 (20) 7946-0123", "49", LONDON),
        ("00442079460123", "44", LONDON),
        ("0044 20 7946 0123", "49", LONDON),
        ("02079460123", "44", LONDON),  # the trunk zero goes
        ("020 7946 0123", "44", LONDON),
        (" 020/7946.0123 ", "44", LONDON),
        ("0301234567", "49", "+49301234567"),
        ("(212) 555-0100", "1", "+12125550100"),
        ("1 212 555 0100", "1", "+12125550100"),
        ("+1 212 555 0100", "44", "+12125550100"),
        ("02079460123", "", "02079460123"),  # of no known country: as it is dialled
        ("5551", "44", "5551"),  # an extension
        ("5551", "1", "5551"),
        ("2125550100", "44", "2125550100"),  # ten digits are a whole number only where the calling code is 1
        ("12125550100", "44", "12125550100"),
    ],
)
def test_a_number_in_e164(written: str, calling_code: str, number: str) -> None:
    assert normalise_customer(written, calling_code) == number


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Gwen@Example.ORG", "gwen@example.org"),
        (" gwen@example.org\n", "gwen@example.org"),
        ("020@example.org", "020@example.org"),
        ("+44@example.org", "+44@example.org"),
        ("Anonymous", "anonymous"),
        ("Room 101", "room 101"),
        ("***", "***"),
        ("", ""),
    ],
)
def test_what_is_no_number_compares_in_lower_case(written: str, name: str) -> None:
    assert normalise_customer(written, "44") == name


def test_spellings_of_one_number_have_one_hash() -> None:
    hashed = customer_hasher(b"a key", "44")
    assert len({hashed(each) for each in (LONDON, "020 7946 0123", "0044 20 7946 0123", "+44 (20) 7946 0123")}) == 1
    assert len({hashed(each) for each in (LONDON, "+442079460124", "2079460123", "002079460123", "+492079460123")}) == 5


def test_a_local_number_is_another_one_in_another_country() -> None:
    assert customer_hasher(b"a key", "44")("0301234567") != customer_hasher(b"a key", "49")("0301234567")


def test_a_hash_is_sixteen_hex_digits_and_shows_nothing() -> None:
    for written in (LONDON, "gwen@example.org", ""):
        name = customer_hasher(b"a key", "44")(written)
        assert len(name) == 16
        assert set(name) <= set("0123456789abcdef")


def test_another_key_gives_other_names() -> None:
    assert customer_hasher(b"a key", "44")(LONDON) != customer_hasher(b"another key", "44")(LONDON)


def test_a_key_of_any_length_counts_whole() -> None:
    long = b"k" * 64
    assert len({customer_hasher(key, "44")(LONDON) for key in (b"", b"k", long, long + b"1", long + b"2")}) == 5
