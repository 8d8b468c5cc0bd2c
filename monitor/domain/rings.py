"""What the caller hears while it rings: the ringback period of each country, and rings counted from it."""

from typing import Final

#: Seconds from one burst to the next, for a country that is not listed: the most frequent value of the table.
DEFAULT_PERIOD: Final = 5.0

# Field-facts section 3, from asterisk/asterisk:configs/samples/indications.conf.sample: on + off of the tone the *caller*
# hears, where it differs from the called phone's ringer. A double burst (GB and others) is one ring.
_PERIODS: Final = {
    country: period
    for period, countries in (
        (3.0, "GB AU NZ IN SG ZA MY JP TW"),
        (4.0, "BE IL CL"),
        (4.5, "ES"),
        (5.0, "DE NL IT CH DK NO FI EE LT PL CZ GR BG BR CN ID PH RU VE MX FR HU"),
        (6.0, "US CA AT PT SE TH"),
    )
    for country in countries.split()
}


def ring_period(country: str) -> float:
    """Seconds from one ring to the next as the caller hears it, by ISO 3166 code; DEFAULT_PERIOD where none is known."""
    return _PERIODS.get(iso_code(country), DEFAULT_PERIOD)


def rings_heard(ring_seconds: float, period: float) -> int:
    """How many rings have begun after so many seconds of ringing: one at once, the next after each period.

    A negative time counts as none. Whole microseconds are compared, as moments have them: 13.5 s is three periods of 4.5 s
    however the 13.5 was added up.
    """
    return max(_micros(ring_seconds), 0) // _micros(period) + 1


def seconds_until_ring(n: int, period: float) -> float:
    """Seconds of ringing after which the nth ring begins; the first begins at once."""
    return (n - 1) * _micros(period) / 1_000_000


def _micros(seconds: float) -> int:
    return round(seconds * 1_000_000)


def iso_code(country: str) -> str:
    """The country as ISO 3166 writes it."""
    code = country.strip().upper()
    # ISO 3166 reserves UK for the United Kingdom, and people write it; a silent 5 s there would be wrong by two thirds.
    return "GB" if code == "UK" else code
