"""How contact points stand, and in which order."""

import pytest

from monitor.publish.web.board.standing import standings
from tests.publish.snapshots import source
from tests.publish.web.board.scenes import Scene

HOUR = 3600.0


def order(scene: Scene) -> list[tuple[str, str]]:
    services = scene.services()
    who = {name: kinds for (name, _), kinds in services.who_waits.items()}
    return [(each.key, each.standing) for each in standings(services.snapshot(), who)]


def of(scene: Scene) -> str:
    [(_, standing)] = order(scene)
    return standing


def test_the_order_in_which_somebody_must_act():
    scene = Scene(source(), source("north", up=False))
    scene.add("closed", is_open=False)
    scene.add("calm, configured first")
    scene.add("blind", waits=None, sources=("north",))
    scene.add("late since last week", "email", {"reply": [9 * HOUR, 1]}, newest_breach=2 * HOUR)
    scene.add("risk in 20 min", "email", {"reply": [4 * HOUR - 1200]})
    scene.add("risk in 3 s", waits={"queue": [17]})
    scene.add("letters that became late now", "email", {"reply": [4 * HOUR + 60, 5 * HOUR]}, newest_breach=60.0)
    scene.add("one caller", waits={"queue": [100]})
    scene.add("two callers", waits={"queue": [21, 22]})
    scene.add("calm")
    assert order(scene) == [
        ("two callers", "failing"),
        ("one caller", "failing"),
        ("letters that became late now", "failing"),
        ("risk in 3 s", "risk"),
        ("risk in 20 min", "risk"),
        ("late since last week", "late"),
        ("blind", "unknown"),
        ("calm, configured first", "fine"),
        ("calm", "fine"),
        ("closed", "closed"),
    ]


def test_as_many_over_the_limit_the_longest_by_its_limit_first():
    assert [name for name, _ in order(Scene().add("hold", waits={"hold": [180]}).add("queue", waits={"queue": [60]}))] == [
        "queue",  # three times its limit, not one and a half
        "hold",
    ]


@pytest.mark.parametrize(("waited", "standing"), [(15.9, "fine"), (16, "risk"), (20, "risk"), (20.1, "failing")])
def test_at_risk_from_four_fifths_of_the_limit_on(waited: float, standing: str):
    assert of(Scene().add("line", waits={"queue": [waited]})) == standing


@pytest.mark.parametrize(("left", "standing"), [(1801, "fine"), (1800, "risk"), (0, "risk")])
def test_a_letter_is_at_risk_half_an_hour_before_its_limit(left: float, standing: str):
    """Of eight hours, so that four fifths of them are not used before."""
    assert of(Scene().add("desk", "email", {"follow_up": [8 * HOUR - left]})) == ("risk" if left <= 1.6 * HOUR else standing)


@pytest.mark.parametrize(("soon", "standing"), [(0, "fine"), (1, "risk")])
def test_a_warning_that_is_configured_goes_before_four_fifths(soon: int, standing: str):
    assert of(Scene().add("line", waits={"queue": [19]}, soon=soon)) == standing


@pytest.mark.parametrize(("ago", "standing"), [(0.0, "failing"), (3600.0, "failing"), (3600.1, "late"), (None, "late")])
def test_a_letter_that_is_late_is_news_for_one_opening_hour(ago: float | None, standing: str):
    assert of(Scene().add("desk", "email", {"reply": [5 * HOUR]}, newest_breach=ago)) == standing


def test_a_caller_is_never_old_news():
    assert of(Scene().add("line", waits={"queue": [3000]}, newest_breach=2 * HOUR)) == "failing"


def test_a_closed_contact_point_is_quiet_about_letters_and_not_about_people():
    letters = Scene().add("desk", "email", {"reply": [5 * HOUR]}, newest_breach=1.0, is_open=False)
    assert of(letters) == "closed"
    assert of(Scene().add("line", waits={"queue": [30], "callback": [5 * HOUR]}, is_open=False)) == "failing"


def test_of_several_kinds_the_one_stands_for_it_that_most_are_over_the_limit_of():
    services = (
        Scene().add("line", waits={"hold": [500], "queue": [21, 22], "callback": [5 * HOUR] * 9}, newest_breach=1.0).services()
    )
    [each] = standings(services.snapshot(), {"line": services.who_waits["line", "phone"]})
    assert each.main is not None
    assert each.main.wait == "queue"  # people before call backs, two before one


def test_of_several_kinds_at_risk_the_one_whose_limit_falls_first():
    services = Scene().add("line", waits={"hold": [110], "queue": [17]}).services()  # in 10 s, in 3 s
    [each] = standings(services.snapshot(), {"line": services.who_waits["line", "phone"]})
    assert each.main is not None
    assert each.main.wait == "queue"


def test_who_waits_may_be_unknown_for_a_moment():
    services = Scene().add("line", waits={"queue": [19]}).services()
    [each] = standings(services.snapshot(), {})
    assert (each.standing, each.main.used if each.main else None) == ("fine", 0.0)
