from typing import NamedTuple


class Structure(NamedTuple):
    calendar_method: str | None = None
    reaction: bool = False
    receipt: bool = False
    recall: bool = False
    tnef_only: bool = False
    attachment: bool | None = False
    forwarded_from: str | None = None
    bounced: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    undelivered: bool = True


def structure(ct: bytes, enc: bytes, body: bytes) -> Structure:
    return Structure()
