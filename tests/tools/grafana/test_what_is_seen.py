"""What people see of each panel, held against the faults that were seen in a real Grafana (docs/dashboards.md)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tools.grafana.committed import UIDS, Board, boards, drawn, panels
from tools.grafana.looks import BAD, CLEAR, GOOD, NEUTRAL, NO_DATA, NOTHING, UNKNOWN
from tools.grafana.panels import COLUMNS, NARROWEST

#: Pixels inside a panel of the whole width: the page less its margins, the panel's border and the scroll bar.
INSIDE = {1366: 1316, 1920: 1870}
#: A column that holds a name needs at least so much.
A_NAME = 150


@pytest.fixture(params=UIDS)
def board(request: pytest.FixtureRequest) -> Board:
    return boards()[request.param]


def of_type(board: Board, kind: str) -> list[dict[str, Any]]:
    return [panel for panel in drawn(board) if panel["type"] == kind]


def overrides(panel: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Matcher, what it matches, and the properties by their id."""
    for each in panel["fieldConfig"]["overrides"]:
        yield each["matcher"]["id"], each["matcher"]["options"], {found["id"]: found["value"] for found in each["properties"]}


def steps(panel: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """Every list of thresholds that fields of the panel are coloured by."""
    yield panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    for _, _, properties in overrides(panel):
        if "thresholds" in properties:
            yield properties["thresholds"]["steps"]


def color_of(value: float, found: list[dict[str, Any]]) -> str:
    """As Grafana picks it."""
    return [step["color"] for step in found if step["value"] is None or step["value"] <= value][-1]


def test_a_figure_that_nobody_judged_is_written_in_the_colour_of_text(board: Board) -> None:
    for panel in of_type(board, "stat"):
        assert color_of(86, panel["fieldConfig"]["defaults"]["thresholds"]["steps"]) == NEUTRAL, panel["title"]


def test_a_figure_without_data_is_red_or_grey_and_says_so(board: Board) -> None:
    """Grafana gives a figure without a value the first of its colours."""
    for panel in of_type(board, "stat"):
        assert all(found[0]["color"] in (BAD, CLEAR) for found in steps(panel)), panel["title"]
        assert re.search("[a-z]{3}", panel["fieldConfig"]["defaults"]["noValue"])
    if board["uid"] == "contactpoint-now":
        assert all(panel["fieldConfig"]["defaults"]["noValue"] == NO_DATA for panel in of_type(board, "stat"))


def test_green_is_what_was_held_against_its_limit_and_kept(board: Board) -> None:
    """Green stands for none of what must not be, for a share that meets its objective, or for a word that says so."""
    for panel in drawn(board):
        for found in steps(panel):
            green = [at for at, step in enumerate(found) if step["color"] == GOOD]
            assert all(found[at]["value"] == 0 and found[at + 1]["value"] == 1 for at in green), panel["title"]
        for matcher, which, properties in overrides(panel):
            if properties.get("color", {}).get("fixedColor") == GOOD:
                assert matcher == "byFrameRefID"
                (target,) = (each for each in panel["targets"] if each["refId"] == which)
                assert re.search(r">= \(.*\) - 1e-9", target["expr"], re.DOTALL), panel["title"]


def test_what_is_neither_good_nor_bad_is_neither_green_nor_red(board: Board) -> None:
    for panel in drawn(board):
        for text, color in mapped(panel):
            if text.startswith("?"):
                assert color == UNKNOWN, panel["title"]
            if color == GOOD:
                assert text.startswith(("✓", "●", "+", "read")), (panel["title"], text)


def mapped(panel: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Every word that stands for a value, and its colour."""
    found = [panel["fieldConfig"]["defaults"].get("mappings", [])]
    found += [properties.get("mappings", []) for _, _, properties in overrides(panel)]
    for mapping in (each for some in found for each in some):
        options = mapping["options"]
        for result in options.values() if mapping["type"] == "value" else [options["result"]]:
            yield result["text"], result.get("color")


def test_an_empty_cell_is_a_dash_without_a_colour(board: Board) -> None:
    for panel in of_type(board, "table"):
        found = {(matcher, which): properties for matcher, which, properties in overrides(panel)}
        assert found["byRegexp", "/.*/"]["noValue"] == NOTHING
        assert has_dash(panel["fieldConfig"]["defaults"]["mappings"], CLEAR), panel["title"]
        for properties in found.values():
            cell = properties.get("custom.cellOptions", {}).get("type")
            if "mappings" in properties or cell == "color-text":
                assert has_dash(properties["mappings"], NEUTRAL if cell == "color-text" else CLEAR), panel["title"]


def has_dash(mappings: list[dict[str, Any]], color: str) -> bool:
    return any(
        each["type"] == "special"
        and each["options"] == {"match": "null+nan", "result": {"text": NOTHING, "color": color, "index": 0}}
        for each in mappings
    )


def test_no_colour_of_a_cell_says_what_its_missing_value_would(board: Board) -> None:
    """A filled cell is transparent unless something is wrong there."""
    for panel in of_type(board, "table"):
        for _, name, properties in overrides(panel):
            if properties.get("custom.cellOptions", {}).get("type") == "color-background" and "thresholds" in properties:
                assert CLEAR in [step["color"] for step in properties["thresholds"]["steps"]], (panel["title"], name)


@pytest.mark.parametrize("screen", [1366, 1920])
def test_columns_fit_the_panel_without_scrolling_sideways(board: Board, screen: int) -> None:
    for panel in of_type(board, "table"):
        room = INSIDE[screen] * panel["gridPos"]["w"] / COLUMNS
        assert sum(widths(panel)) <= room, (panel["title"], sum(widths(panel)), room)


def widths(panel: dict[str, Any]) -> list[float]:
    """Of the columns that are seen, each at least."""
    named = {which: properties for matcher, which, properties in overrides(panel) if matcher == "byName"}
    shown = [title for each in panel["transformations"] for title in each["options"].get("renameByName", {}).values()]
    if not shown:  # a matrix: one column of names, thirteen weeks
        (week,) = (each["custom.width"] for _, which, each in overrides(panel) if which == "/^[0-9]/")
        return [A_NAME, *[float(week)] * 13]
    found = []
    for name in shown:
        properties = named.get(name, {})
        if not properties.get("custom.hidden"):
            found.append(float(properties.get("custom.width", A_NAME if "links" in properties else NARROWEST)))
    return found


def test_names_are_titles_and_links_still_find_the_contact_point(board: Board) -> None:
    for panel in of_type(board, "table"):
        for _, name, properties in overrides(panel):
            if any("contact-points/" in link["url"] for link in properties.get("links", [])):
                hidden = {which for _, which, each in overrides(panel) if each.get("custom.hidden")}
                assert hidden == {"Name", "Channel"}
                assert name == "Contact point"
                asked = " ".join(link["url"] for link in properties["links"])
                assert "${__data.fields.Name:percentencode}" in asked


def test_a_table_is_sorted_by_what_matters_not_by_alphabet(board: Board) -> None:
    for panel in of_type(board, "table"):
        sorted_by = panel["options"].get("sortBy")
        assert sorted_by or any("sort(" in target["expr"] for target in panel["targets"]), panel["title"]
        assert not {each["displayName"] for each in sorted_by or []} & {"Contact point", "Source", "Name"}


def test_columns_of_a_chart_are_labelled_whole(board: Board) -> None:
    for panel in of_type(board, "barchart"):
        assert panel["options"]["xTickLabelMaxLength"] >= 12


def test_a_timeline_shows_its_words(board: Board) -> None:
    """Grafana passes over the words where a state timeline is coloured by thresholds."""
    for panel in of_type(board, "state-timeline"):
        assert panel["fieldConfig"]["defaults"]["color"]["mode"] != "thresholds"
        assert panel["fieldConfig"]["defaults"]["mappings"]
        assert panel["options"]["legend"]["showLegend"] is False


def test_axes_tick_in_peoples_units(board: Board) -> None:
    """An axis in seconds ticks at 1.67 minutes, one of hours, minutes and seconds at 00:01:40."""
    for panel in of_type(board, "timeseries"):
        unit = panel["fieldConfig"]["defaults"]["unit"]
        assert unit not in ("dthms", "dtdhms", "clocks"), panel["title"]
        assert unit != "s" or panel["title"] in SHORT, panel["title"]
    for panel in drawn(board):
        assert not re.search("dthms", str(panel["fieldConfig"]))


#: Axes in seconds of what takes a few of them.
SHORT = {"Detection delay: nine in ten"}


def test_no_key_is_shown_where_people_read(board: Board) -> None:
    """`{{signal}}` would write late_reply: series named after a key are renamed, columns of keys mapped."""
    for panel in panels(board):
        renames = [each for each in panel.get("transformations", []) if each["id"] == "renameByRegex"]
        for target in panel.get("targets", []):
            keys = set(
                re.findall(r"\{\{(signal|wait|outcome|in_target|channel|state|reason)\}\}", target.get("legendFormat", ""))
            )
            assert not keys or renames, (panel["title"], keys)


def test_the_text_about_a_board_is_not_cut(board: Board) -> None:
    """22 pixels a line, seven a letter, at 1366."""
    (text,) = (panel for panel in panels(board) if panel["type"] == "text")
    letters = 1300 * text["gridPos"]["w"] / COLUMNS / 7
    needed = sum(1 + len(line) // letters for line in text["options"]["content"].splitlines()) * 22
    assert text["gridPos"]["h"] * 38 - 50 >= needed


def test_a_team_can_be_chosen_and_detail_begins_with_one_contact_point() -> None:
    for uid, found in boards().items():
        variables = {each["name"]: each for each in found["templating"]["list"]}
        if uid == "contactpoint-monitor":
            continue
        assert variables["team"]["allValue"] == ".*", "a contact point without a team is in no team"
        assert "$team" in variables["contact_point"]["definition"]
        assert variables["contact_point"]["includeAll"] is (uid != "contactpoint-detail")


def test_waits_of_the_detail_are_asked_for_once_somebody_opens_them() -> None:
    rows = [panel for panel in boards()["contactpoint-detail"]["panels"] if panel.get("repeat") == "wait"]
    assert rows
    assert all(row["collapsed"] and row["panels"] for row in rows)


def test_the_table_of_the_control_room_fills_the_first_screen() -> None:
    """Of 1,080 pixels Grafana's controls take some 100."""
    board = boards()["contactpoint-now"]
    (table,) = of_type(board, "table")
    place = table["gridPos"]
    assert place["w"] == COLUMNS
    assert place["y"] <= 5
    assert 800 <= (place["y"] + place["h"]) * 38 <= 980
    assert table["options"]["sortBy"] == [{"desc": True, "displayName": "Now"}]
    assert not re.search("[Bb]udget", str([panel["title"] for panel in drawn(board)]))


def test_every_panel_is_described_with_its_intention(board: Board) -> None:
    """What cannot be seen from a file stands in docs/dashboards.md, one line for each panel under its own title."""
    page = (Path(__file__).parents[3] / "docs" / "dashboards.md").read_text(encoding="utf-8")
    described = {line.split(" | ")[0].removeprefix("| ").partition(" (folded")[0] for line in page.splitlines()}
    missing = {panel["title"] for panel in panels(board)} - described
    assert not missing


def test_a_name_with_signs_of_addresses_leads_where_it_should(board: Board) -> None:
    """Left to itself Grafana encodes a name in a link as an address, in which & and # mean something."""
    for found in re.findall(r"\$\{__(?:data|field|value)\.[^}]*\}", str(board)):
        assert found.endswith(":percentencode}"), found
