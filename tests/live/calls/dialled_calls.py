"""Real calls to phones, ring groups and queues behind which a phone rings, and what each contact point has to count."""

from tests.live.calls.call_runner import Agent, Case, PickUp
from tests.live.calls.expected_counts import Limits

#: A ring is three seconds in Britain: the second begins after three. Phones that ring late are within it only once they ring.
LIMITS = Limits(rings=2, wait=30.0, hold=30.0, short=1.0, callback=4.0)

DIALLED_CALLS = (
    Case("a configured group", "group", "8801", "02079460201", (Agent("1031", ring=None), Agent("1032", ring=1.5))),
    Case("a group by itself", "8802", "8802", "02079460202", (Agent("1033", ring=1.5), Agent("1034", ring=None))),
    Case("a group of a configured phone", "desk", "8803", "02079460203", (Agent("1035", ring=1.5), Agent("1036", ring=None))),
    Case("one phone after the other", "1021", "8804", "02079460204", (Agent("1021", ring=None), Agent("1022", ring=0.5)), at=0.1),
    Case(
        "picked up", "reception", "8337", "02079460205", (Agent("1037", ring=None),),
        picked_up=PickUp("1038", "*81037", after=1.5),
    ),
    Case("time-out, then a phone", "q18", "8805", "02079460206", (Agent("1118", ring=None), Agent("1023", ring=1.0))),
    Case(
        "time-out, an announcement, then a group", "q19", "8806", "02079460207",
        (Agent("1119", ring=None), Agent("1024", ring=None), Agent("1025", ring=1.0)),
    ),
    Case(
        "a key, then a phone", "q22", "8522", "02079460208", (Agent("1122", ring=None), Agent("1026", ring=1.0)),
        presses=(2.0, "2"),
    ),
    Case("a member refuses", "q20", "8520", "02079460209", (Agent("1120", refuses=True), Agent("1220", ring=1.0))),
    Case("a member rings late", "q21", "8521", "02079460210", (Agent("1121", wakes=3.0, ring=1.0),)),
    Case("a phone rings late", "late", "8327", "02079460211", (Agent("1027", wakes=3.0, ring=1.0),)),
    Case(
        "moved by a supervisor", "q23", "8523", "02079460213", (Agent("1123", ring=None), Agent("1029", ring=1.0)),
        redirected=(1.5, "8807"),
    ),
    Case("must press 1, and does", "1030", "8808", "02079460214", (Agent("1030", ring=0.5, presses=(1.0, "1")),)),
    Case("must press 1, and does not", "1040", "8809", "02079460215", (Agent("1040", ring=0.5, hangs_up=False),)),
    Case("a phone refuses", "busy", "8328", "02079460212", (Agent("1028", refuses=True),)),
)  # fmt: skip

#: Contact point -> outcome. One call each; those that leave a queue for a phone are answered there.
OUTCOMES = {
    "group": "answered", "8802": "answered", "desk": "answered", "1021": "answered", "reception": "answered",
    "q18": "flowed_out", "1023": "answered", "q19": "flowed_out", "8806": "answered", "q22": "flowed_out", "1026": "answered",
    "q20": "answered", "q21": "answered", "late": "answered", "busy": "flowed_out", "q23": "flowed_out",
    "1029": "answered", "1030": "answered", "1040": "flowed_out",
}  # fmt: skip

#: Where the ringing that is told is held against the phones: contact point -> case.
RUNG = {
    "group": "a configured group", "8802": "a group by itself", "desk": "a group of a configured phone",
    "q20": "a member refuses", "q21": "a member rings late", "late": "a phone rings late",
}  # fmt: skip

POINTS = {
    "group": {"extension": "8801"}, "desk": {"extension": "1036"}, "reception": {"extension": "1037"},
    "late": {"extension": "1027"}, "busy": {"extension": "1028"},
    **{queue: {"queue": queue} for queue in ("q18", "q19", "q20", "q21", "q22", "q23")},
}  # fmt: skip
