"""The demo's customers. All are invented; their telephone numbers are those the British regulator reserves for drama."""

from typing import Final, NamedTuple

CUSTOMERS: Final = 12_000
#: Those of the stories (`stories.py`), who are nobody else's customers: what befalls them is what the story tells.
STORIED: Final = 6_000

_FIRST: Final = (
    "Amara", "Ben", "Chloë", "Dev", "Elif", "Fergus", "Grace", "Hugo", "Iman", "Joanna", "Kofi", "Lena", "Mateo",
    "Niamh", "Oskar", "Priya", "Quentin", "Rosa", "Sam", "Tariq", "Uma", "Viktor", "Wren", "Xenia", "Yusuf", "Zoë",
)  # fmt: skip
_LAST: Final = (
    "Abara", "Bright", "Castle", "Dunne", "Ekström", "Field", "Grey", "Hall", "Ives", "Jansen", "Kerr", "Lowe",
    "Marsh", "Novák", "O'Neill", "Price", "Quill", "Rhodes", "Stone", "Thorne", "Usher", "Vale", "West", "Young",
)  # fmt: skip
#: National numbers without the last three digits, reserved for drama.
_RANGES: Final = ("020 7946 0", "0113 496 0", "0114 496 0", "0115 496 0", "0116 496 0", "0117 496 0", "0118 496 0",
                  "0121 496 0", "0131 496 0", "0141 496 0", "0151 496 0", "0161 496 0", "0191 498 0", "01632 960",
                  "07700 900", "029 2018 0", "028 9649 6", "03069 990")  # fmt: skip


class Customer(NamedTuple):
    """Name, telephone number and e-mail address."""

    name: str
    number: str
    address: str


def customer(index: int) -> Customer:
    """One of 12,000 customers, each with a number and an address of their own; neighbouring indices have unrelated names."""
    return _invented(index * 7919 % CUSTOMERS)


def storied(index: int) -> Customer:
    """One of 6,000 others."""
    return _invented(CUSTOMERS + index * 7919 % STORIED)


def _invented(index: int) -> Customer:
    first, last = _FIRST[index % len(_FIRST)], _LAST[index // len(_FIRST) % len(_LAST)]
    number = f"{_RANGES[index // 1000]}{index % 1000:03}".replace(" ", "")
    plain = "".join(c for c in f"{first}.{last}".lower() if c.isascii() and (c.isalpha() or c == "."))
    return Customer(f"{first} {last}", number, f"{plain}{index}@post.example")
