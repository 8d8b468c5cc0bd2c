"""The form of a language's phrases; `english.py` and `german.py` have them. All are looked for in lower-case sentences."""

import re
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, get_args

Fact = Literal[
    "order_number",
    "customer_number",
    "invoice_number",
    "contract_number",
    "serial_number",
    "case_number",
    "booking_number",
    "tracking_number",
    "phone",
    "email",
    "address",
    "postcode",
    "name",
    "date_of_birth",
    "meter_reading",
    "bank_details",
    "photo",
    "receipt",
    "purchase_date",
]
#: The kinds of fact that are asked for and given.
FACTS: Final[frozenset[str]] = frozenset(get_args(Fact))
Channel = Literal["phone", "email", "ticket", "chat", "counter"]
#: The channels that customers are sent to; `ticket` is any form, portal or app.
CHANNELS: Final[frozenset[str]] = frozenset(get_args(Channel))
#: Rules of refusals: what cannot be done, what was turned down, and a policy that is recited.
REFUSALS: Final[frozenset[str]] = frozenset(("cannot", "declined", "policy"))


class Refusing(NamedTuple):
    """`rules`: what refuses, by name. `excepted`: what only looks so. `beside`: what may be said besides. `helps`: what makes
    any sentence more than a refusal. `clauses`: what parts clauses; `goes_on`: how a clause begins that only goes on."""

    rules: tuple[tuple[str, re.Pattern[str]], ...]
    excepted: re.Pattern[str]
    beside: re.Pattern[str]
    helps: re.Pattern[str]
    clauses: re.Pattern[str]
    goes_on: re.Pattern[str]


class Asking(NamedTuple):
    """`requests`: what asks for a fact that is named behind it; `required`: what does right behind it; `questions`: by which
    words a fact is asked for that is not named. `no_request`: of a whole sentence. `before`, `behind`: what may stand beside
    a fact; with any other words it may be that of another thing. `not_before`: what may not."""

    nouns: Mapping[str, re.Pattern[str]]
    requests: re.Pattern[str]
    required: re.Pattern[str]
    questions: Mapping[str, re.Pattern[str]]
    no_request: re.Pattern[str]
    before: re.Pattern[str]
    not_before: re.Pattern[str]
    behind: re.Pattern[str]


class Expecting(NamedTuple):
    """`requests`: what wants an answer; `rhetorical`: questions that we answer ourselves where more follows."""

    requests: re.Pattern[str]
    no_request: re.Pattern[str]
    rhetorical: re.Pattern[str]


class Sending(NamedTuple):
    """`directs`: what tells the customer to do something; `channels`: by which words each is named; `stays`: of a clause
    that sends nobody anywhere; `clauses`: what parts clauses."""

    directs: re.Pattern[str]
    channels: Mapping[str, re.Pattern[str]]
    stays: re.Pattern[str]
    clauses: re.Pattern[str]


class Wording(NamedTuple):
    """All of one language. `formula`: sentences of courtesy that say nothing of the matter."""

    formula: re.Pattern[str]
    refusing: Refusing
    asking: Asking
    expecting: Expecting
    sending: Sending
