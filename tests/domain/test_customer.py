"""One customer is one name, however the number or address is written; two customers are two."""

import pytest

from monitor.domain.customer import customer_hasher, normalise_customer

LONDON = "+442079460123"


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        (LONDON, "GB", LONDON),
        ("+44 20 7946 0123", "GB", LONDON),
        ("+44 (20) 7946-0123", "DE", LONDON),
        ("00442079460123", "GB", LONDON),
        ("0044 20 7946 0123", "DE", LONDON),
        ("02079460123", "GB", LONDON),  # the trunk zero goes
        ("02079460123", "uk", LONDON),
        ("020 7946 0123", "GB", LONDON),
        (" 020/7946.0123 ", "GB", LONDON),
        ("0301234567", "DE", "+49301234567"),
        ("(212) 555-0100", "US", "+12125550100"),
        ("1 212 555 0100", "US", "+12125550100"),
        ("212 555 0100", "CA", "+12125550100"),
        ("+1 212 555 0100", "GB", "+12125550100"),
        ("02079460123", "ZZ", "02079460123"),  # of no known country: as it is dialled
        ("0044 20 7946 0123", "ZZ", LONDON),
        ("5551", "GB", "5551"),  # an extension
        ("5551", "US", "5551"),
        ("2125550100", "GB", "2125550100"),  # ten digits are a whole number only where the calling code is 1
        ("12125550100", "GB", "12125550100"),
    ],
)
def test_a_number_in_e164(written: str, country: str, number: str) -> None:
    assert normalise_customer(written, country) == number


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Gwen@Example.ORG", "gwen@example.org"),
        (" gwen@example.org\n", "gwen@example.org"),
        ("020@example.org", "020@example.org"),
        ("Gwen.Jones+shop@gmail.com", "gwenjones@gmail.com"),
        ("gwenjones@GoogleMail.com", "gwenjones@gmail.com"),
        ("gwen.jones+shop@outlook.com", "gwen.jones@outlook.com"),  # dots count there
        ("gwen+shop@example.org", "gwen+shop@example.org"),  # nobody says what that server does
        ("+shop@gmail.com", "+shop@gmail.com"),
        ("...@gmail.com", "...@gmail.com"),
        ("@gmail.com", "@gmail.com"),
        ("+44@example.org", "+44@example.org"),
        ("Anonymous", "anonymous"),
        ("Room 101", "room 101"),
        ("***", "***"),
        ("", ""),
    ],
)
def test_what_is_no_number_compares_in_lower_case(written: str, name: str) -> None:
    assert normalise_customer(written, "GB") == name


def test_spellings_of_one_number_have_one_hash() -> None:
    hashed = customer_hasher(b"a key", "GB")
    assert len({hashed(each) for each in (LONDON, "020 7946 0123", "0044 20 7946 0123", "+44 (20) 7946 0123")}) == 1
    assert len({hashed(each) for each in (LONDON, "+442079460124", "3079460123", "002079460123", "+492079460123")}) == 5


def test_a_local_number_is_another_one_in_another_country() -> None:
    assert customer_hasher(b"a key", "GB")("0301234567") != customer_hasher(b"a key", "DE")("0301234567")


def test_a_hash_is_sixteen_hex_digits_and_shows_nothing() -> None:
    for written in (LONDON, "gwen@example.org", ""):
        name = customer_hasher(b"a key", "GB")(written)
        assert len(name) == 16
        assert set(name) <= set("0123456789abcdef")


def test_another_key_gives_other_names() -> None:
    assert customer_hasher(b"a key", "GB")(LONDON) != customer_hasher(b"another key", "GB")(LONDON)


def test_a_key_of_any_length_counts_whole() -> None:
    long = b"k" * 64
    assert len({customer_hasher(key, "GB")(LONDON) for key in (b"", b"k", long, long + b"1", long + b"2")}) == 5
