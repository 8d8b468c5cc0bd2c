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

# ITU-T E.164 country codes, without the plus.
_CALLING_CODES: Final = {
    country: code
    for code, countries in (
        ("1", "US CA"), ("7", "RU KZ"), ("20", "EG"), ("27", "ZA"), ("30", "GR"), ("31", "NL"), ("32", "BE"), ("33", "FR"),
        ("34", "ES"), ("36", "HU"), ("39", "IT VA"), ("40", "RO"), ("41", "CH"), ("43", "AT"), ("44", "GB GG IM JE"),
        ("45", "DK"), ("46", "SE"), ("47", "NO"), ("48", "PL"), ("49", "DE"), ("51", "PE"), ("52", "MX"), ("53", "CU"),
        ("54", "AR"), ("55", "BR"), ("56", "CL"), ("57", "CO"), ("58", "VE"), ("60", "MY"), ("61", "AU"), ("62", "ID"),
        ("63", "PH"), ("64", "NZ"), ("65", "SG"), ("66", "TH"), ("81", "JP"), ("82", "KR"), ("84", "VN"), ("86", "CN"),
        ("90", "TR"), ("91", "IN"), ("92", "PK"), ("93", "AF"), ("94", "LK"), ("95", "MM"), ("98", "IR"), ("212", "MA"),
        ("213", "DZ"), ("216", "TN"), ("218", "LY"), ("233", "GH"), ("234", "NG"), ("254", "KE"), ("255", "TZ"),
        ("256", "UG"), ("351", "PT"), ("352", "LU"), ("353", "IE"), ("354", "IS"), ("355", "AL"), ("356", "MT"),
        ("357", "CY"), ("358", "FI"), ("359", "BG"), ("370", "LT"), ("371", "LV"), ("372", "EE"), ("373", "MD"),
        ("374", "AM"), ("375", "BY"), ("376", "AD"), ("377", "MC"), ("378", "SM"), ("380", "UA"), ("381", "RS"),
        ("382", "ME"), ("383", "XK"), ("385", "HR"), ("386", "SI"), ("387", "BA"), ("389", "MK"), ("420", "CZ"),
        ("421", "SK"), ("423", "LI"), ("502", "GT"), ("503", "SV"), ("504", "HN"), ("505", "NI"), ("506", "CR"),
        ("507", "PA"), ("591", "BO"), ("593", "EC"), ("595", "PY"), ("598", "UY"), ("852", "HK"), ("853", "MO"),
        ("855", "KH"), ("880", "BD"), ("886", "TW"), ("961", "LB"), ("962", "JO"), ("964", "IQ"), ("965", "KW"),
        ("966", "SA"), ("968", "OM"), ("971", "AE"), ("972", "IL"), ("973", "BH"), ("974", "QA"), ("977", "NP"),
        ("994", "AZ"), ("995", "GE"), ("998", "UZ"),
    )
    for country in countries.split()
}  # fmt: skip


def ring_period(country: str) -> float:
    """Seconds from one ring to the next as the caller hears it, by ISO 3166 code; DEFAULT_PERIOD where none is known."""
    return _PERIODS.get(_code(country), DEFAULT_PERIOD)


def calling_code(country: str) -> str:
    """The digits that follow the plus in E.164, by ISO 3166 code; "" where none is known."""
    return _CALLING_CODES.get(_code(country), "")


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


def _code(country: str) -> str:
    code = country.strip().upper()
    # ISO 3166 reserves UK for the United Kingdom, and people write it; a silent 5 s there would be wrong by two thirds.
    return "GB" if code == "UK" else code
