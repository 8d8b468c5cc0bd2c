"""Seventeen real calls that together show what can go right and wrong on the phone. Each has a queue of its own.

Every planned time keeps at least half a second from the limit it is held against.
"""

from tests.live.calls.call_runner import Agent, CallBack, Case, Hold
from tests.live.calls.expected_counts import Limits

#: The policy that the cases are made for, scaled down.
LIMITS = Limits(rings=2, wait=3.0, hold=3.0, short=1.5, callback=6.0)

PLANNED_CALLS = (
    Case("answered early", "q01", "8501", "02079460101", (Agent("1101", ring=1.5, talk=2.0),)),
    Case("answered late", "q02", "8502", "02079460102", (Agent("1102", ring=4.2),)),
    Case("a hold below the limit", "q03", "8503", "02079460103", (Agent("1103", holds=(Hold(1.0, 2.2),)),)),
    Case("a hold above the limit", "q04", "8504", "02079460104", (Agent("1104", holds=(Hold(1.0, 5.5),)),)),
    Case(
        "three holds", "q05", "8505", "02079460105",
        (Agent("1105", holds=(Hold(0.8, 2.2), Hold(0.8, 3.8), Hold(0.8, 2.0))),),
    ),
    Case("caller gives up", "q06", "8506", "02079460106", (Agent("1106", ring=None),), stay=4.2),
    Case("caller gives up at once", "q07", "8507", "02079460107", (Agent("1107", ring=None),), stay=0.7),
    Case("left by time limit", "q08", "860804", "02079460108", (Agent("1108", ring=None),)),
    Case(
        "second phone answers", "q09", "8509", "02079460109",
        (Agent("1109", ring=None), Agent("1209", ring=1.0)),
    ),
    Case(
        "blind transfer", "q10", "8510", "02079460110",
        (Agent("1110", talk=1.5, blind_to="1003"), Agent("1003", talk=2.0)),
    ),
    Case(
        "attended transfer", "q11", "8511", "02079460111",
        (Agent("1111", talk=1.0, attended_to="1013", consult=0.5), Agent("1013", ring=0.7, talk=3.0)),
    ),
    Case("direct call", "direct", "8304", "02079460112", (Agent("1004", ring=1.5),)),
    Case(
        "missed and called back", "q12", "8512", "02079460113", (Agent("1112", ring=None),),
        stay=3.8, called_back=CallBack("1021", after=2.0),
    ),
    Case(
        "the caller holds", "q13", "8513", "02079460114", (Agent("1113", talk=7.0),),
        caller_hold=Hold(2.0, 4.0),
    ),
    Case(
        "agent hangs up a held caller", "q14", "8514", "02079460115",
        (Agent("1114", holds=(Hold(1.0, 4.0, unhold=False),), talk=0.0),),
    ),
    Case("no answer before an agent", "q15", "8715", "02079460116", (Agent("1115", ring=1.5),)),
    Case("cancelled while ringing", "q16", "8716", "02079460117", (Agent("1116", ring=None),), patience=2.2),
)  # fmt: skip
