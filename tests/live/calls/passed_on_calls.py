"""Calls that are passed on: into a queue while the agent waits there, into the parking lot, from one queue into the next.

Each has queues, a lot and agents of its own.
"""

from tests.live.calls.call_runner import Agent, Case, Unpark
from tests.live.calls.expected_counts import Limits

LIMITS = Limits(rings=6, wait=30.0, hold=3.0, short=0.5, callback=4.0)

PASSED_ON = (
    Case(
        "takes the agent's place in a queue", "q01", "8501", "02079460301",
        (Agent("1101", talk=1.0, attended_to="8502", consult=1.5), Agent("1102", ring=4.5, talk=1.5)),
    ),
    Case(
        "gives up in the agent's place", "q03", "8503", "02079460302",
        (Agent("1103", talk=1.0, attended_to="8504", consult=1.5), Agent("1104", ring=None)), stay=8.0,
    ),
    Case(
        "parked and taken back", "q05", "8505", "02079460303",
        (Agent("1105", talk=1.0, blind_to="710", unparked=Unpark("1105", "711", after=5.0)),),
    ),
    Case(
        "parked and taken by another", "q06", "8506", "02079460304",
        (Agent("1106", talk=1.0, blind_to="720", unparked=Unpark("1020", "721", after=1.5)),),
    ),
    Case(
        "parked and gives up", "q07", "8507", "02079460305",
        (Agent("1107", talk=1.0, blind_to="730"),), stay=8.0,
    ),
    Case(
        "a key in the second queue", "q08", "880809", "02079460306",
        (Agent("1108", ring=None), Agent("1109", ring=None)), presses=(5.0, "2"),
    ),
)  # fmt: skip

#: The queues that somebody comes to who did not dial them.
SECOND_QUEUES = ("q02", "q04", "q09")
