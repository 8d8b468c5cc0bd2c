"""The parser of AMI's bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.connectors._asterisk.ami import MAX_MESSAGE, Message, NotAmi, Parser, action, moment

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
HELLO = BANNER + (
    b"Response: Success\r\nActionID: login\r\nMessage: Authentication accepted\r\n\r\n"
    b"Event: Hangup\r\nUniqueid: 1.2\r\nCallerIDName: J\xc3\xbcrg: the caller\r\nAccountCode: \r\n\r\n"
    b"Event: VarSet\r\nUniqueid: 1.2\r\n\r\n"
    b"Event: UserEvent\r\nUserEvent: CallbackRequest\r\n\r\n"
    b"Event: UserEvent\r\nUserEvent: Other\r\n\r\n"
    b"Event: QueueMember\r\nPausedReason: \r\n\r\n"
)
WANTED = {"Hangup": None, "UserEvent": b"CallbackRequest", "QueueMember": None}
EXPECTED = [
    Message("", {"Response": "Success", "ActionID": "login", "Message": "Authentication accepted"}),
    Message("Hangup", {"Event": "Hangup", "Uniqueid": "1.2", "CallerIDName": "Jürg: the caller", "AccountCode": ""}),
    Message("UserEvent", {"Event": "UserEvent", "UserEvent": "CallbackRequest"}),
    Message("QueueMember", {"Event": "QueueMember", "PausedReason": ""}),
]


def parse(*pieces: bytes) -> list[Message]:
    parser = Parser(WANTED)
    return [message for piece in pieces for message in parser.feed(piece)]


def test_only_what_is_wanted_comes_out() -> None:
    assert parse(HELLO) == EXPECTED


@pytest.mark.parametrize("cut", range(len(HELLO) + 1))
def test_a_cut_at_any_byte_changes_nothing(cut: int) -> None:
    assert parse(HELLO[:cut], HELLO[cut:]) == EXPECTED


def test_byte_by_byte_is_the_same() -> None:
    assert parse(*(HELLO[i : i + 1] for i in range(len(HELLO)))) == EXPECTED


def test_the_banner_tells_the_protocol_version() -> None:
    parser = Parser(WANTED)
    assert list(parser.feed(HELLO)) == EXPECTED
    assert parser.banner == "11.0.0"


@pytest.mark.parametrize(
    "other", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400 Bad Request\r\n", b"\x15\x03\x03\x00\x02", b"* OK IMAP\r\n", b"A" * 300]
)
def test_another_protocol_is_recognised_by_its_first_bytes(other: bytes) -> None:
    with pytest.raises(NotAmi):
        parse(other)


def test_an_endless_banner_is_no_banner() -> None:
    with pytest.raises(NotAmi):
        parse(b"Asterisk Call Manager/", b"1" * 300)


def test_a_line_without_a_colon_loses_only_itself() -> None:
    assert parse(BANNER + b"Event: Hangup\r\nnonsense\r\nUniqueid: 1.2\r\n\r\n") == [
        Message("Hangup", {"Event": "Hangup", "Uniqueid": "1.2"})
    ]


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    assert parse(BANNER + b"Event: Hangup\r\nCallerIDName: \xff\xfe\r\n\r\n")[0].fields["CallerIDName"] == "\ufffd\ufffd"


def test_a_message_that_is_neither_event_nor_response_is_counted() -> None:
    parser = Parser(WANTED)
    assert list(parser.feed(BANNER + b"Goodbye\r\n\r\n" + b"Event: Hangup\r\n\r\n")) == [Message("Hangup", {"Event": "Hangup"})]
    assert parser.malformed == 1


def test_a_message_without_end_is_dropped_and_the_next_one_read() -> None:
    parser = Parser(WANTED)
    pieces = [
        BANNER,
        b"Event: Hangup\r\nX: ",
        *[b"x" * (MAX_MESSAGE // 2)] * 5,
        b"\r\n\r",
        b"\nEvent: Hangup\r\nY: 1\r\n\r\n",
    ]
    found = [message for piece in pieces for message in parser.feed(piece)]
    assert found == [Message("Hangup", {"Event": "Hangup", "Y": "1"})]
    assert (parser.too_large, parser.malformed) == (1, 0)


@given(st.lists(st.binary(max_size=60), max_size=12))
def test_no_bytes_break_it(pieces: list[bytes]) -> None:
    parser = Parser(WANTED)
    list(parser.feed(BANNER))
    for piece in pieces:
        list(parser.feed(piece))


def test_an_action_on_the_wire() -> None:
    assert action("Ping", ActionID="ping-1") == b"Action: Ping\r\nActionID: ping-1\r\n\r\n"


def test_a_value_cannot_smuggle_in_another_action() -> None:
    with pytest.raises(ValueError, match="line end"):
        action("Login", Username="me\r\n\r\nAction: Originate")


@pytest.mark.parametrize(
    ("stamp", "micros"),
    [
        ("1795298988.958727", 1795298988958727),
        ("1795298988.95", 1795298988950000),
        ("1795298988", 1795298988000000),
        ("1795298988.9587271", 1795298988958727),
        ("", None), (None, None), ("-5.0", None), ("1e9", None), ("12.3x", None), ("٣.5", None), ("9" * 30, None),
    ],
)  # fmt: skip
def test_time_stamps_are_whole_microseconds(stamp: str | None, micros: int | None) -> None:
    assert moment(stamp) == micros


def test_of_a_message_with_many_fields_only_those_that_are_needed_are_read() -> None:
    parser = Parser({"DialState": None}, {"DialState": ("Uniqueid", "DestUniqueid", "DialStatus")})
    message = b"Event: DialState\r\nUniqueid: 1.1\r\nDestCallerIDName: Uniqueid: 6\r\nDestUniqueid: 1.2\r\nDialStatus: RINGING"
    (told,) = parser.feed(b"Asterisk Call Manager/11.0.0\r\n" + message + b"\r\n\r\n")
    assert told.fields == {"Uniqueid": "1.1", "DestUniqueid": "1.2", "DialStatus": "RINGING"}


def test_a_needed_field_that_is_not_there_is_not_made_up() -> None:
    parser = Parser({"DialState": None}, {"DialState": ("Uniqueid", "DestUniqueid")})
    (told,) = parser.feed(b"Asterisk Call Manager/11.0.0\r\nEvent: DialState\r\nDestUniqueid: 1.2\r\n\r\n")
    assert told.fields == {"DestUniqueid": "1.2"}
