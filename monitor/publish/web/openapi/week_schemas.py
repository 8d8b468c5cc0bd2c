"""The schemas of weeks and of a weekly report (contract section 8, and what stands beside it)."""

from typing import Final

from monitor.publish.web.openapi.parts import CHANNEL, CONTACT, LIMIT, OPENING_DAYS, POINT, SIGNAL, WAIT
from monitor.publish.web.openapi.values import (
    Schema,
    count,
    listed,
    moment,
    one_of,
    or_null,
    record,
    ref,
    seconds,
    share,
    text,
    yes_or_no,
)

_WEEK: Final = text("Week of ISO 8601, Monday to Sunday.", pattern="^[0-9]{4}-W[0-9]{2}$")
_STARTS: Final = moment("When it begins.")
_ENDS: Final = moment("When it ends.")
_JUDGED: Final = count("What could have gone wrong and was judged.")
_BREACHED: Final = count("Of these, what went wrong.")
_GAP: Final = yes_or_no("A source could not be seen for a part of it: what is counted is what was seen.")
_OF_SIGNAL: Final = count("Of all that went wrong in this way.")
_HOUR: Final = {"type": "integer", "minimum": 0, "maximum": 24, "description": "Hour by the clocks of the contact point."}
_WEEKDAY: Final = {"type": "integer", "minimum": 0, "maximum": 6, "description": "Day of the week, 0 is Monday."}
_MET: Final = count("Objectives that were met.")
_VERDICTS: Final = count("Objectives that could be judged; none while the week runs.")

WEEK_SCHEMAS: Final[dict[str, Schema]] = {
    "Weeks": record("The weeks of which anything is known.", {"weeks": listed(ref("WeekSummary"), "The newest first.")}),
    "WeekSummary": record(
        "One week, all contact points together.",
        {
            "week": _WEEK, "starts": _STARTS, "ends": _ENDS, "complete": yes_or_no("It is over."), "gap": _GAP,
            "judged": _JUDGED, "breached": _BREACHED, "objectives_met": _MET, "objectives_judged": _VERDICTS,
        },
    ),
    "WeekReport": record(
        "The report of one week.",
        {
            "week": _WEEK,
            "timezone": text("IANA time zone by whose clocks it begins and ends; each contact point has its own."),
            "starts": _STARTS,
            "ends": _ENDS,
            "complete": yes_or_no("It is over everywhere; one that runs is not judged."),
            "contact_points": listed(ref("PointWeek"), "One for each channel of each."),
            "gaps": listed(ref("Gap"), "When sources could not be seen."),
            "made_at": moment("When this was worked out."),
            "judged_anew": {
                "anyOf": [ref("JudgedAnew"), {"type": "null"}],
                "description": "By other limits than when it happened. Null: it was not.",
            },
            "news": text("What is new, in a sentence."),
            "weeks": listed(_WEEK, "Those of the trends, this one last."),
            "teams": listed(ref("TeamWeek"), "In the order of the alphabet."),
            "complaints": listed(ref("OpenComplaint"), "Without final answer, and near their day."),
        },
    ),
    "JudgedAnew": record(
        "That contacts of the week were judged anew by other limits.",
        {"at": moment("When last."), "whole": yes_or_no("All of them were.")},
    ),
    "PointWeek": record(
        "The week of a contact point.",
        {
            "contact_point": POINT,
            "channel": CHANNEL,
            "contacts": count("Customers who came."),
            "signals": listed(ref("SignalWeek"), "Every signal that is switched on."),
            "waits": listed(ref("WaitWeek"), "Waits that ended, by kind."),
            "trend": listed(ref("TrendWeek"), "Each signal in each week, the oldest first."),
            "worst": listed(ref("Worst"), "Contacts that fared worst."),
            "contacts_kept": yes_or_no("All contacts of the week are still kept; else only the counts of signals are whole."),
            "title": text("What people call it."),
            "team": text("Who answers there; empty where nobody is named."),
            "timezone": text("Its IANA time zone."),
            "starts": _STARTS,
            "ends": _ENDS,
            "contacts_with_signal": count("Customers for whom something went wrong."),
            "heat": {"anyOf": [ref("Heat"), {"type": "null"}], "description": "By hour and day. Null: nothing to show."},
            "causes": record(
                "What weighs most.",
                {"hours": listed(ref("HoursCause"), "Hours."), "stages": listed(ref("StageCause"), "Stages of the way.")},
            ),
            "promises": {"anyOf": [ref("PromisesDue"), {"type": "null"}], "description": "Promises. Null: none fell due."},
            "gaps": listed(ref("Gap"), "When its sources could not be seen."),
            "sentences": listed({"type": "string"}, "The week in words."),
        },
    ),
    "SignalWeek": record(
        "One signal of a contact point.",
        {
            "signal": SIGNAL,
            "judged": _JUDGED,
            "breached": _BREACHED,
            "share": or_null(share("Share that went well."), "nothing was judged"),
            "objective": share("Share that shall go well."),
            "met": or_null(yes_or_no("It did."), "no figure, the week is not over, or not all of it was seen"),
            "formula": or_null(text("Letter of the service level's formula."), "the share is no service level"),
            "limit_seconds": LIMIT,
            "limit_opening_days": OPENING_DAYS,
            "change": {"anyOf": [ref("Change"), {"type": "null"}], "description": "Against the week before, where known."},
            "lasting": {"anyOf": [ref("Lasting"), {"type": "null"}], "description": "What went well and lasted."},
        },
    ),
    "Change": record(
        "This week against the one before.",
        {
            "judged_before": _JUDGED,
            "breached_before": _BREACHED,
            "share_before": share("Share that went well then."),
            "probability": share("Of such a difference by chance (Fisher's exact test, two-sided)."),
            "more_than_chance": yes_or_no("Among all lines of the report (Holm's correction, 1 %)."),
        },
    ),
    "Lasting": record(
        "Weeks in a row at or above the objective.",
        {
            "kind": one_of("After worse ones, or all that are known.", ("better", "sustained")),
            "weeks": count("How many.", 1),
            "since": text("The first of them."),
            "share_before": or_null(share("Share that went well before.")),
        },
    ),
    "WaitWeek": record(
        "Waits of one kind that ended in the week.",
        {
            "wait": WAIT,
            "count": count("How many."),
            "p50_seconds": seconds("Half of them were no longer."),
            "p90_seconds": seconds("90 % of them were no longer."),
            "p95_seconds": seconds("95 % of them were no longer."),
            "max_seconds": seconds("The longest."),
            "opening_hours": yes_or_no("Measured in opening time."),
        },
    ),
    "TrendWeek": record(
        "One signal in one week.",
        {"week": _WEEK, "signal": SIGNAL, "judged": or_null(_JUDGED), "breached": or_null(_BREACHED), "gap": _GAP},
    ),
    "Worst": record(
        "A contact that fared badly.",
        {
            "contact": CONTACT,
            "signal": SIGNAL,
            "waited_seconds": or_null(seconds("How long was waited."), "it is no wait"),
            "limit_seconds": LIMIT,
            "limit_opening_days": OPENING_DAYS,
            "at": moment("When it became a signal."),
        },
    ),
    "Heat": record(
        "A signal by the hour in which contacts came.",
        {
            "signal": SIGNAL,
            "cells": listed(
                record(
                    "One hour of the week in which anything was judged.",
                    {
                        "weekday": _WEEKDAY, "hour": _HOUR, "judged": _JUDGED, "breached": _BREACHED,
                        "certain_share": share("Lower end of the 95 % Wilson interval of what went wrong."),
                    },
                ),
                "Hours in order.",
            ),
            "unseen": listed(record("An hour.", {"weekday": _WEEKDAY, "hour": _HOUR}), "Hours of which not all was seen."),
        },
    ),
    "HoursCause": record(
        "Hours in which far more went wrong than in the others.",
        {
            "signal": SIGNAL, "weekday": or_null(_WEEKDAY, "every day"), "from_hour": _HOUR, "to_hour": _HOUR,
            "breached": _BREACHED, "judged": _JUDGED, "of": _OF_SIGNAL,
        },
    ),
    "StageCause": record(
        "Where along their way customers fared badly.",
        {"signal": SIGNAL, "breached": _BREACHED, "of": count("Of all negative contacts of the contact point.")},
    ),
    "PromisesDue": record(
        "Promises that fell due.",
        {
            "due": count("All of them."), "kept": count("In time."), "late": count("Kept late."),
            "broken": count("Not kept so far."),
        },
    ),
    "TeamWeek": record(
        "All contact points of a team together.",
        {
            "team": text("Its name."),
            "contact_points": listed({"type": "string"}, "Its contact points."),
            "contacts": count("Customers who came."),
            "contacts_with_signal": count("Of these, for whom something went wrong."),
            "objectives_met": _MET,
            "objectives_judged": _VERDICTS,
            "signals": listed(
                record("One signal.", {"signal": SIGNAL, "judged": _JUDGED, "breached": _BREACHED}), "Those with a figure."
            ),
        },
    ),
    "OpenComplaint": record(
        "A complaint without final answer.",
        {
            "contact": CONTACT, "contact_point": POINT, "channel": CHANNEL, "warn_at": moment("When it becomes a signal."),
            "overdue": yes_or_no("That has passed."),
        },
    ),
    "Gap": record(
        "A span of the week in which a source could not be seen.",
        {
            "source": text("Its name."), "from": moment("From when."), "to": moment("Until when."),
            "open": yes_or_no("It was not seen since, so far."),
        },
    ),
}  # fmt: skip
