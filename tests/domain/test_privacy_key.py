"""The secret of the customer hash: what is one, and that one is told from another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.privacy_key import check_value, parse_hex, parse_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("x" * 16, b"x" * 16),
        ("ä" * 8, "ä".encode() * 8),  # bytes count, not characters
        ("hex:" + "ab" * 16, b"\xab" * 16),
        ("hex" + "ab" * 16, b"hex" + b"ab" * 16),
    ],
)
def test_a_key(text: str, key: bytes) -> None:
    assert parse_key(text) == key


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is too short: it has 0 bytes, at least 16 are needed"),
        ("x" * 15, "is too short: it has 15 bytes, at least 16 are needed"),
        ("hex:", "is too short: it has 0 bytes, at least 16 are needed"),
        ("hex:" + "ab" * 15, "is too short: it has 15 bytes, at least 16 are needed"),
        ("hex:" + "ab" * 15 + "a", "is no hexadecimal number of whole bytes, two digits each"),
        ("hex:canary-canary-canary", "is no hexadecimal number of whole bytes, two digits each"),
    ],
)
def test_what_is_none_is_refused_without_being_shown(text: str, why: str) -> None:
    with pytest.raises(ValueError, match="is ") as refused:
        parse_key(text)
    assert str(refused.value) == why


@given(st.binary(min_size=16, max_size=100))
def test_a_made_one_is_read_back(key: bytes) -> None:
    assert parse_hex(key.hex()) == key == parse_key(f"hex:{key.hex()}")


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_the_check_value_tells_keys_apart_whatever_their_length(one: bytes, other: bytes) -> None:
    assert (check_value(one) == check_value(other)) == (one == other)
    assert len(check_value(one)) == 32
