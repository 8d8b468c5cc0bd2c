"""One customer on three channels, with a real Asterisk, a real Dovecot and a real Request Tracker: every counter, by hand.

What is done is in `one_customer.py`. Two daemons watch the same customers; one is killed between each two steps.
"""

import asyncio
import re
from datetime import datetime
from typing import Any

import pytest

from tests.live.one_customer import ALL, Counts, Played, play

pytestmark = [
    pytest.mark.waits(390),
    pytest.mark.timeout(900),  # on a busy machine
    pytest.mark.xdist_group("one_customer"),
]

#: Everybody calls, waits about six seconds and gives up. No call is answered within the limit of 20 s, so none is assessed there.
GAVE_UP = """
calls contacts inbound                    1
calls outcomes abandoned in target        1  # after six seconds, within the limit of 20
calls assessed abandoned                  1
calls signals abandoned                   1
calls assessed turned_away                1  # she got into the queue
calls assessed missed_callback            1  # we write within four hours, which settles it
calls assessed repeat_contact             1  # it is the first time that she comes
calls assessed lost_context               1
"""
#: Then writes, opens a ticket which nobody answers, and is promised a call in answer to the mail.
WROTE = """
mails contacts inbound                    1
mails assessed repeat_contact             1
mails signals repeat_contact              1  # she called before
mails assessed lost_context               1
mails signals lost_context                1  # and waits to be called back
mails outcomes replied in target          1
mails assessed late_reply                 1
mails promises_made                       1
desk contacts inbound                     1  # soon after her mail: a helpdesk may have fetched that, so she did not come again
desk assessed repeat_contact              1
desk assessed lost_context                1
"""
#: By story, what comes to that.
STORIES = {
    "kept": """
mails assessed slipped_promise            1  # we called before it was due
""",
    "came": """
mails assessed slipped_promise            1  # she called, and we spoke
calls contacts inbound                    1
calls outcomes answered in target         1
calls assessed abandoned                  1
calls assessed turned_away                1
calls assessed slow_answer                1
calls assessed long_wait                  1
calls assessed handed_on                  1
calls assessed repeat_contact             1
calls signals repeat_contact              1  # she called, wrote, and calls again
calls assessed lost_context               1
calls signals lost_context                1  # her ticket waits still
calls abandons_recovered                  1  # within a quarter of an hour of giving up
""",
    "broken": """
mails assessed slipped_promise            1
mails signals slipped_promise             1  # at its moment
""",
    "late": """
mails assessed slipped_promise            1
mails signals slipped_promise             1
mails promises_kept_late                  1  # we called afterwards
""",
    "moved": """
mails promises_made                       1  # the second one, in place of the first, which is void
mails assessed slipped_promise            1  # the second one: we called before it was due
""",
    "unread": """
desk contacts inbound                     1
desk assessed repeat_contact              1
desk signals repeat_contact               1  # he called before
desk assessed lost_context                1
desk signals lost_context                 1  # and waits to be called back
desk outcomes replied in target           1
desk assessed late_reply                  1
desk promises_made                        1
desk assessed slipped_promise             1
desk signals slipped_promise              1  # nobody had read the mail with the label
desk signals_retracted slipped_promise    1  # it had been sent in time
mails contacts outbound                   1  # the mail with the label
""",
}
#: Where the daemon was dead nobody can know whether we called: no call back is judged, and none is said to be waited for.
KILLED = {
    **{("assessed", f"{each.name}-calls", "missed_callback"): -1 for each in ALL},
    **{("signals", f"{each.name}-mails", "lost_context"): -1 for each in ALL[:-1]},
    ("signals", "unread-desk", "lost_context"): -1,
}
#: Our calls to the outside reach no contact point.
OUTGOING = {("contacts", "other", "outbound"): 3}


def table(story: str) -> Counts:
    """The figures of one story, both tables added."""
    found: Counts = {}
    texts = (GAVE_UP, WROTE if story != "unread" else "", STORIES[story])
    for place, counter, what, value in re.findall(r"(?m)^(\w+) (\w+) ?([\w ]*?) +(\d+)(?:  #.*)?$", "".join(texts)):
        key = counter, f"{story}-{place}", what
        found[key] = found.get(key, 0) + int(value)
    return found


def truth(daemon: str) -> Counts:
    found = dict(OUTGOING)
    for each in ALL:
        found |= table(each.name)
    if daemon == "killed":
        for key, change in KILLED.items():
            found[key] += change
    return {key: value for key, value in found.items() if value}


def differences(got: Counts, want: Counts) -> dict[tuple[str, str, str], str]:
    return {key: f"{got.get(key, 0)} for {want.get(key, 0)}" for key in sorted({**got, **want}) if got.get(key) != want.get(key)}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return asyncio.run(play(tmp_path_factory.mktemp("one-customer")))


@pytest.fixture(params=["steady", "killed"])
def daemon(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_counter_is_the_truth(played: Played, daemon: str) -> None:
    assert differences(played.counts[daemon], truth(daemon)) == {}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_a_promise_is_broken_at_its_moment_while_it_is_broken(played: Played, daemon: str) -> None:
    slipped = {row["contact_point"]: moment(row["at"]) for row in played.signals[daemon] if row["signal"] == "slipped_promise"}
    assert slipped == {f"{story}-mails": played.due[story] for story in ("broken", "late")}
    for story, seen in played.broken_at[daemon].items():
        assert seen > played.due[story].timestamp()
    assert played.broken_at[daemon]["late"] < played.called["late"]


def promise_of(explained: dict[str, Any]) -> dict[str, Any]:
    """The last promise among the waits."""
    found: dict[str, Any] = [wait for wait in explained["waits"] if wait["wait"] == "promise"][-1]
    return found


@pytest.mark.parametrize(("story", "outcome"), [("kept", "kept"), ("came", "kept"), ("late", "breached"), ("moved", "kept")])
def test_it_is_explained_which_call_kept_a_promise(played: Played, daemon: str, story: str, outcome: str) -> None:
    explained = played.explained[daemon][story]
    replies = [each for each in explained["events"] if each["kind"] == "replied"]
    rules = [(made["deed"], made["rule"], moment(made["due"])) for each in replies for made in each["promises"]]
    assert rules[0] == ("call", "we will: call", played.due[story])
    promise = promise_of(explained)
    [reached] = [each for each in explained["events"] if each["kind"] == "reached"]
    assert (promise["outcome"], promise["until"], reached["channel"]) == (outcome, reached["at"], "phone")
    assert moment(reached["at"]).timestamp() == pytest.approx(played.called[story], abs=2.0)
    assert f"kept by reached in phone contact {reached['contact']}" in played.text[daemon][story]


def test_it_is_explained_how_late_a_promise_was_kept(played: Played, daemon: str) -> None:
    promise = promise_of(played.explained[daemon]["late"])
    late = moment(promise["until"]) - played.due["late"]
    assert late.total_seconds() == pytest.approx(played.called["late"] - played.due["late"].timestamp(), abs=2.0)
    found = re.search(
        r"^  promise: .*: breached \(to call, rule we will: call\), kept by .* (.+) late$", played.text[daemon]["late"], re.M
    )
    assert found, played.text[daemon]["late"]


def test_what_was_read_late_is_explained_by_the_mail_that_kept_it(played: Played, daemon: str) -> None:
    explained = played.explained[daemon]["unread"]
    assert [each for each in explained["signals"] if each["signal"] == "slipped_promise"] == []
    promise = promise_of(explained)
    [reached] = [each for each in explained["events"] if each["kind"] == "reached"]
    assert (promise["outcome"], promise["until"], reached["channel"]) == ("kept", reached["at"], "email")
    assert moment(reached["at"]) < played.due["unread"]


def test_a_promise_that_nobody_kept_waits_still(played: Played, daemon: str) -> None:
    promise = promise_of(played.explained[daemon]["broken"])
    assert (promise["outcome"], promise["until"]) == ("breached", None)
    assert moment(promise["due_at"]) == played.due["broken"]
