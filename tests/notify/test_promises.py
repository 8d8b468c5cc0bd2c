"""What holds whatever happens: told once, over once, never over unseen, never too many, whenever it is killed."""

from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.snapshot import PointState
from monitor.notify.stored import packed, unpacked
from monitor.notify.values import AlertId
from tests.notify.watch import Watch, line, receiver
from tests.publish.snapshots import point, waits

AN_HOUR = 6


class Scene(NamedTuple):
    """How it is for a while at a line and at a desk."""

    seconds: int
    held: bool
    late: bool
    seen: bool
    is_open: bool
    reachable: bool
    killed: bool


SCENES = st.lists(
    st.builds(
        Scene,
        seconds=st.sampled_from([5, 10, 25, 30, 60, 300, 600, 1500]),
        held=st.booleans(),
        late=st.booleans(),
        seen=st.sampled_from([True, True, True, False]),
        is_open=st.sampled_from([True, True, False]),
        reachable=st.sampled_from([True, True, True, False]),
        killed=st.sampled_from([False, False, True]),
    ),
    min_size=1,
    max_size=30,
)


def places(scene: Scene) -> list[PointState]:
    held = line(holds=waits(1, 1, 500 if scene.held else 1), is_open=scene.is_open)
    limits = {"late_reply": 600.0}
    late = waits(1, 1, 999_999 if scene.late else 1)
    desk = point("desk", "email", {"reply": late}, limits=limits, is_open=scene.is_open)
    return [each if scene.seen else replace(each, running=None) for each in (held, desk)]


@settings(max_examples=60, deadline=None)
@given(SCENES)
def test_whatever_happens(scenes: list[Scene]) -> None:
    watch = Watch(receiver(an_hour=AN_HOUR))
    fires: set[AlertId] = set()
    for scene in scenes:
        watch.unreachable = set() if scene.reachable else {"ops"}
        sent_before = len(watch.sent)
        watch.pass_time(scene.seconds, *places(scene))
        for _, message, _ in watch.sent[sent_before:]:
            assert not fires & message.firing.keys(), "told once"
            assert message.resolved.keys() <= fires, "over only what was told, and once"
            fires = (fires | message.firing.keys()) - message.resolved.keys()
            assert scene.seen, "nothing is told of what nobody can see"
            assert scene.is_open or {of.subject for of in (*message.firing, *message.resolved)} == {"billing"}
        assert unpacked(packed(watch.state)) == watch.state
        if scene.killed:
            watch.restart()
    moments = [seconds for seconds, _, _ in watch.sent]
    assert all(sum(begun <= each < begun + 3600 for each in moments) <= AN_HOUR for begun in moments)
    for group in {message.group for _, message, _ in watch.sent}:
        of_group = [seconds for seconds, message, _ in watch.sent if message.group == group]
        assert all(later - earlier >= 300 for earlier, later in pairwise(of_group))


@settings(max_examples=40, deadline=None)
@given(SCENES)
def test_when_all_is_well_for_long_enough_everything_that_was_told_is_over(scenes: list[Scene]) -> None:
    watch = Watch(receiver(an_hour=AN_HOUR))
    for scene in scenes:
        watch.unreachable = set() if scene.reachable else {"ops"}
        watch.pass_time(scene.seconds, *places(scene))
        if scene.killed:
            watch.restart()
    watch.unreachable = set()
    calm = Scene(7200, held=False, late=False, seen=True, is_open=True, reachable=True, killed=False)
    watch.pass_time(calm.seconds, *places(calm), step=30)
    firing = [of for _, message, _ in watch.sent for of in message.firing]
    resolved = [of for _, message, _ in watch.sent for of in message.resolved]
    assert sorted(firing) == sorted(resolved)
    assert watch.state.alerts == {}
    assert watch.state.groups == {}
