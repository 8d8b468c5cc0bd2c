"""The rules for dashboards (docs/dashboards.md) held against the committed files, panel by panel."""

import re
from itertools import combinations
from typing import Any

import pytest

from tests.tools.grafana.committed import UIDS, Board, boards, drawn, loaded, panels, queries
from tools.grafana.looks import NOTHING

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
PANEL_TYPES = {"stat", "timeseries", "table", "barchart", "bargauge", "heatmap", "state-timeline", "text", "row"}
OVER_TIME = {"timeseries", "heatmap", "state-timeline"}
#: Properties of an override that Grafana 10 to 13 know; an override is free text, so that the SDK cannot see a slip.
OVERRIDES = {
    "unit", "decimals", "mappings", "thresholds", "links", "color", "displayName", "custom.cellOptions", "custom.width",
    "custom.lineStyle", "custom.fillOpacity", "custom.showPoints", "custom.align", "custom.hidden", "custom.hideFrom", "noValue",
}  # fmt: skip
TRANSFORMATIONS = {
    "merge": set(),
    "organize": {"excludeByName", "indexByName", "renameByName"},
    "sortBy": {"fields", "sort"},
    "groupingToMatrix": {"columnField", "rowField", "valueField", "emptyValue"},
    "renameByRegex": {"regex", "renamePattern"},
    "convertFieldType": {"fields", "conversions"},
}
#: Where colour changes: 0 and 1 say "none or some", and "met or missed" of a figure that the objective was taken off.
BOUNDS = {None, 0, 1}
#: Stated in docs/dashboards.md: what loading a board asks of Prometheus, without repeats.
MAX_QUERIES = {
    "contactpoint-now": 21, "contactpoint-detail": 31, "contactpoint-written": 41, "contactpoint-weekly": 25,
    "contactpoint-monitor": 26,
}  # fmt: skip


@pytest.fixture(params=UIDS)
def board(request: pytest.FixtureRequest) -> Board:
    return boards()[request.param]


def every(found: Any, key: str) -> list[Any]:
    """All values under `key`, however deep."""
    if isinstance(found, dict):
        return [value for name, value in found.items() if name == key] + [
            x for value in found.values() for x in every(value, key)
        ]
    if isinstance(found, list):
        return [x for value in found for x in every(value, key)]
    return []


def field_settings(panel: dict[str, Any], name: str) -> list[Any]:
    """A setting of a panel's fields: the general one and those of overrides."""
    config = panel["fieldConfig"]
    properties = [each for override in config["overrides"] for each in override["properties"]]
    general = [config["defaults"][name]] if name in config["defaults"] else []
    return general + [each["value"] for each in properties if each["id"] == name]


def test_it_is_a_classic_dashboard_that_every_grafana_from_10_to_13_takes(board: Board) -> None:
    assert board["schemaVersion"] == 39
    assert re.fullmatch(r"[a-z-]{8,40}", board["uid"])
    assert board["editable"] is False
    assert board["graphTooltip"] == 1
    assert isinstance(board["refresh"], str)
    assert not {"id", "__inputs", "__requires", "spec", "apiVersion"} & board.keys()
    assert "time_options" not in board["timepicker"]
    assert {panel["type"] for panel in board["panels"]} <= PANEL_TYPES
    assert not every(board, "libraryPanel")


def test_nothing_refreshes_faster_than_every_30_seconds(board: Board) -> None:
    offered = [board["refresh"], *board["timepicker"]["refresh_intervals"]]
    assert all(re.fullmatch(r"30s|\d+[mh]", each) for each in offered)


def test_what_is_hidden_is_hidden_from_the_tooltip_as_well(board: Board) -> None:
    hidden = every(board, "hideFrom")
    assert all("tooltip" in each and "viz" in each for each in hidden)
    plotted = [panel for panel in drawn(board) if panel["type"] in OVER_TIME | {"barchart"}]
    assert all("hideFrom" in panel["fieldConfig"]["defaults"]["custom"] for panel in plotted)


def test_template_datasource_and_panel_datasource(board: Board) -> None:
    """Every reference goes through the variable; a dashboard that names a data source works on one Grafana only."""
    (variable,) = (each for each in board["templating"]["list"] if each["type"] == "datasource")
    assert (variable["name"], variable["query"], variable["label"]) == ("datasource", "prometheus", "Data source")
    assert board["templating"]["list"][0] is variable
    assert all(each == SOURCE for each in every(board, "datasource"))
    assert all("datasource" in each for panel in drawn(board) for each in (panel, *panel["targets"]))
    assert all("datasource" in each for each in board["annotations"]["list"])


def test_variables_have_a_label_an_order_and_all(board: Board) -> None:
    for variable in board["templating"]["list"]:
        assert variable["label"]
        if variable["type"] == "query":
            assert variable["datasource"] == SOURCE
            assert variable["refresh"] == 2, "template-on-time-change-reload"
            assert variable["sort"] == 5
            assert variable["multi"]
            # Detail begins with one contact point; a contact point without a team is in none.
            one = (board["uid"], variable["name"]) == ("contactpoint-detail", "contact_point")
            assert variable["includeAll"] is not one
            if not one:
                assert variable["allValue"] == (".*" if variable["name"] == "team" else ".+")
            assert variable["query"]["query"] == variable["definition"]


def test_variables_are_declared_before_they_are_used(board: Board) -> None:
    known: set[str] = set()
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            assert set(re.findall(r"\$(\w+)", variable["definition"])) <= known
        known.add(variable["name"])
    used = {name for query in queries(board) for name in re.findall(r"\$([a-z]\w*)", query.expr)}
    assert used <= known
    assert set(every(board["panels"], "repeat")) <= known


def test_panel_title_description(board: Board) -> None:
    for panel in panels(board):
        assert panel["title"]
    for panel in drawn(board):
        what, source, do = panel["description"].split("\n\n")
        assert what.endswith(".")
        assert source.startswith("From: ")
        assert re.findall(r"contactpoint_\w+|process_\w+", source)
        assert do.startswith("What to do: ")


def test_panel_units(board: Board) -> None:
    for panel in drawn(board):
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]


def test_panel_no_targets_and_ids_are_unique(board: Board) -> None:
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    assert all(isinstance(each, int) and each > 0 for each in ids)
    for panel in drawn(board):
        refs = [target["refId"] for target in panel["targets"]]
        assert refs
        assert len(set(refs)) == len(refs)


def test_panels_stay_in_the_grid_and_do_not_overlap(board: Board) -> None:
    cells = [panel["gridPos"] for panel in board["panels"]]
    assert all(each["w"] > 0 and each["h"] > 0 and each["x"] >= 0 and each["x"] + each["w"] <= 24 for each in cells)
    for one, other in combinations(cells, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below


def test_what_is_now_is_asked_as_now_and_what_was_as_a_range(board: Board) -> None:
    for panel in drawn(board):
        for target in panel["targets"]:
            weeks = any(each["id"] == "convertFieldType" for each in panel.get("transformations", []))  # told now, drawn by date
            over_time = panel["type"] in OVER_TIME and not weeks
            assert (target["instant"], target["range"]) == ((False, True) if over_time else (True, False))


def test_no_data_is_said_in_words_and_never_as_a_zero(board: Board) -> None:
    for panel in drawn(board):
        assert re.search("[a-z]{3}", panel["fieldConfig"]["defaults"]["noValue"]), panel["title"]


def test_colour_is_never_the_only_carrier(board: Board) -> None:
    """A mapped value has words; a threshold colours a figure that is written there; a bare background is never used."""
    for panel in drawn(board):
        for mappings in field_settings(panel, "mappings"):
            for mapping in mappings:
                results = mapping["options"].values() if mapping["type"] == "value" else [mapping["options"]["result"]]
                assert all(result["text"].strip() for result in results)
        if panel["type"] == "stat":
            assert panel["options"]["textMode"] == "value_and_name"
            assert panel["options"]["colorMode"] == "value"


def test_words_for_opposite_states_differ_without_their_colours(board: Board) -> None:
    for panel in drawn(board):
        for mappings in field_settings(panel, "mappings"):
            results = [result for mapping in mappings if mapping["type"] == "value" for result in mapping["options"].values()]
            texts = [result["text"] for result in results if result["text"] != NOTHING]
            assert len(set(texts)) == len(texts)


def test_thresholds_are_no_figures_of_ours(board: Board) -> None:
    for panel in drawn(board):
        for found in field_settings(panel, "thresholds"):
            assert {step["value"] for step in found["steps"]} <= BOUNDS, panel["title"]
            assert found["steps"][0]["value"] is None


def test_overrides_and_transformations_are_spelt_as_grafana_knows_them(board: Board) -> None:
    for panel in drawn(board):
        for override in panel["fieldConfig"]["overrides"]:
            assert override["matcher"]["id"] in {"byName", "byRegexp", "byFrameRefID"}
            assert {each["id"] for each in override["properties"]} <= OVERRIDES
        for each in panel.get("transformations", []):
            assert set(each["options"]) == TRANSFORMATIONS[each["id"]]


def test_every_override_finds_its_field(board: Board) -> None:
    for panel in drawn(board):
        renamed = [name for each in panel.get("transformations", []) for name in each["options"].get("renameByName", {}).values()]
        fields = renamed or [target.get("legendFormat", "") for target in panel["targets"]]
        for override in panel["fieldConfig"]["overrides"]:
            if override["matcher"]["id"] == "byName":
                name = override["matcher"]["options"]
                assert name in fields or ("{{le}}" in fields and re.fullmatch(r"\d+\.\d|\+Inf", name)), panel["title"]
        for sort in panel["options"].get("sortBy", []):
            assert sort["displayName"] in fields
        arranged = [each["options"] for each in panel.get("transformations", []) if each["id"] == "organize"]
        if arranged and len(panel["targets"]) > 1:
            values = {f"Value #{target['refId']}" for target in panel["targets"]}
            told = {name for each in arranged for name in (*each["renameByName"], *each["excludeByName"])}
            assert values == {name for name in told if name.startswith("Value")}


def test_every_board_begins_with_whether_the_sources_are_read(board: Board) -> None:
    first = board["panels"][0]
    assert first["gridPos"]["y"] == 0
    assert "contactpoint_source_up" in first["targets"][0]["expr"]


def test_every_board_says_what_it_is_for_whose_it_is_and_how_to_read_it(board: Board) -> None:
    (text,) = (panel for panel in panels(board) if panel["type"] == "text")
    for word in ("**Purpose.**", "**Owner.**", "**How to read it.**"):
        assert word in text["options"]["content"]


def test_links_keep_time_and_variables_and_lead_somewhere(board: Board) -> None:
    others, pages = board["links"]
    assert (others["type"], others["tags"]) == ("dashboards", ["contact-monitor"])
    assert others["keepTime"]
    assert others["includeVars"]
    assert pages["url"] == "${monitor_url:raw}/"
    assert "contact-monitor" in board["tags"]
    for panel in drawn(board):
        for link in (link for links in field_settings(panel, "links") for link in links):
            if link["url"].startswith("/d/"):
                assert link["url"].removeprefix("/d/").partition("?")[0] in UIDS
                assert "${__url_time_range}" in link["url"]
                assert "${datasource:queryparam}" in link["url"]
            else:
                assert link["url"].startswith("${monitor_url:raw}/contact-points/")


def test_gaps_of_sources_are_marked_on_every_board(board: Board) -> None:
    expressions = [each["expr"] for each in board["annotations"]["list"]]
    assert any("contactpoint_source_up" in each for each in expressions)
    assert any("contactpoint_source_gap_seconds_total" in each for each in expressions)


def test_loading_a_board_asks_no_more_than_is_stated(board: Board) -> None:
    assert len(list(loaded(board))) <= MAX_QUERIES[board["uid"]]


def test_the_weekly_board_has_no_time_to_choose_and_no_jargon() -> None:
    board = boards()["contactpoint-weekly"]
    assert board["timepicker"]["hidden"] is True
    assert board["weekStart"] == "monday"
    seen = " ".join(panel["title"] + panel.get("description", "").split("\n\n")[0] for panel in panels(board))
    assert not re.search(r"quantile|percentile|p9\d|rate\b|SLO|SLI|latency|bucket|PromQL", seen)
