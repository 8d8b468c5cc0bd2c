"""Calls that go on while nobody listens: made for three outages of the daemon, or one long one of the AMI connection.

An outage begins at each moment of KILLED_AT and is over well before the next. What happens within one is known from
queue_log only, to a second: such cases keep a second and a half from every limit, the others half a second. Holds are
known from AMI only: they keep clear of the six seconds that a busy machine needs to see again (a hold that begins as sight
returns may have been seen or not).
"""

from tests.live.calls.call_runner import Agent, Case, Hold
from tests.live.calls.expected_counts import Limits

LIMITS = Limits(rings=3, wait=6.0, hold=3.0, short=1.5, callback=8.0)

#: Seconds after the run began.
KILLED_AT = (3.0, 12.0, 22.0)
#: One outage that swallows all but the first and the last seconds.
CUT_AT, MENDED_AT = 3.0, 26.0

#: Sight returns some seconds after the first outage began, whenever the machine lets it: at some moment of these calls.
AS_SIGHT_RETURNS = (
    *(
        Case(f"answered as sight returns, {n}", f"q{n}", f"85{n}", f"020794602{n}", (Agent(f"11{n}"),), at=4.5 + 0.4 * (n - 13))
        for n in range(13, 19)
    ),
    *(
        Case(
            f"gives up as sight returns, {n}", f"q{n}", f"85{n}", f"020794602{n}",
            (Agent(f"11{n}", ring=None), Agent(f"12{n}", ring=None)), at=4.5 + 0.4 * (n - 19), stay=8.0,
        )
        for n in range(19, 25)
    ),
)  # fmt: skip

INTERRUPTED = (
    Case(
        "waits through an outage", "q01", "8501", "02079460201",
        (Agent("1101", ring=None), Agent("1201", ring=2.0, talk=0.5)), at=0.2,
    ),
    Case("gives up unheard", "q02", "8502", "02079460202", (Agent("1102", ring=None),), at=0.3, stay=4.0),
    Case("answered unheard", "q03", "8503", "02079460203", (Agent("1103", ring=3.5, talk=3.5),), at=0.5),
    Case("comes and goes unheard", "q04", "8504", "02079460204", (Agent("1104", ring=0.5, talk=0.4),), at=3.3),
    Case("left by time limit unheard", "q05", "860504", "02079460205", (Agent("1105", ring=None),), at=0.2),
    Case(
        "held between two outages", "q06", "8506", "02079460206",
        (Agent("1106", holds=(Hold(7.4, 2.2),), talk=0.3),), at=0.6,
    ),
    Case(
        "hold beyond the limit before an outage", "q07", "8507", "02079460207",
        (Agent("1107", holds=(Hold(9.0, 5.5),)),), at=8.5,
    ),
    Case(
        "held when an outage begins", "q08", "8508", "02079460208",
        (Agent("1108", holds=(Hold(1.0, 4.0), Hold(4.0, 2.2))),), at=8.5,
    ),
    *AS_SIGHT_RETURNS,
)  # fmt: skip

#: Once the daemon sees its source again.
AFTERWARDS = (Case("after everything", "q09", "8509", "02079460209", (Agent("1109"),)),)

#: Asterisk stops at STOPPED_AT, with one caller talking, one on hold and one waiting, who hang up when it is back.
STOPPED_AT = 3.0
STOPPED = (
    Case("talks when it stops", "q10", "8510", "02079460210", (Agent("1110", talk=30.0, hangs_up=False),), stay=9.0),
    Case("held when it stops", "q11", "8511", "02079460211", (Agent("1111", holds=(Hold(0.5, 30.0),)),), stay=9.0),
    Case("waits when it stops", "q12", "8512", "02079460212", (Agent("1112", ring=None),), stay=9.0),
)
