"""How figures look in Grafana: colours of judgement, units, mappings to words, overrides and transformations.

Development only: the SDK is a development dependency, the daemon ships the generated JSON (`monitor.publish.dashboard_files`).
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from grafana_foundation_sdk.models import common, dashboard

from monitor.publish.words import Words

#: Colours of judgements, told apart with any colour vision (Okabe and Ito); each always goes with a word or a sign.
#: GOOD only where something was held against its limit and kept; UNKNOWN is neither good nor bad.
GOOD, WARN, BAD, UNKNOWN = "#009E73", "#E69F00", "#D55E00", "#9A7FD1"
#: What nobody judged is written in the colour of text; CLEAR draws nothing.
NEUTRAL, CLEAR = "text", "transparent"
#: Colours of lines and bars that judge nothing: a series, a second one, and a limit or an objective.
SERIES, SECOND, LIMIT = "#56B4E9", "#0072B2", "#CC79A7"

#: "none" prints the number as it is; "short" would make 1234 contacts into 1.23 K. "s" writes "26 mins", "2 hours".
COUNT, SECONDS, SHARE, BYTES = "none", "s", "percentunit", "bytes"
#: Axes tick at round numbers of their unit: an axis in seconds would tick at "1.67 mins".
PLAIN_SECONDS, HOURS = "suffix:s", "suffix:h"

#: What stands in a table cell without a value.
NOTHING: Final = "–"
#: What a figure says where its query brings nothing: red, as nobody then watches.
NO_DATA: Final = "NO DATA: is the monitor running and scraped?"

Override = dashboard.DashboardFieldConfigSourceOverrides
Mapped = dashboard.ValueMap | dashboard.RangeMap | dashboard.RegexMap | dashboard.SpecialValueMap


class Step(NamedTuple):
    """From `value` upwards this colour; None: from the beginning."""

    value: float | None
    color: str


#: A figure that nobody judges. Grafana gives a figure without a value the colour below all steps.
PLAIN: Final = (Step(None, BAD), Step(0, NEUTRAL))
#: A count of what must not be: none is good, one is not.
NONE_IS_GOOD: Final = (Step(None, BAD), Step(0, GOOD), Step(1, BAD))
#: The same where none says nothing yet, because nobody came.
NONE_IS_PLAIN: Final = (Step(None, BAD), Step(0, NEUTRAL), Step(1, BAD))
#: The same as the background of a cell.
SOME_CELL: Final = (Step(None, CLEAR), Step(1, BAD))
#: The length of a bar that judges nothing; where there is none, none is drawn.
SOME_SERIES: Final = (Step(None, CLEAR), Step(0, SERIES))
#: The same of what should not happen.
SOME_WARN: Final = (Step(None, CLEAR), Step(0, WARN))
#: A difference to an objective as the background of a cell: missed below 0.
MISSED_CELL: Final = (Step(None, BAD), Step(0, CLEAR))


class Look(NamedTuple):
    """How the values of a panel are written."""

    unit: str
    decimals: int | None = None
    min: float | None = None
    max: float | None = None
    steps: Sequence[Step] = PLAIN
    mappings: Sequence[Mapped] = ()
    links: Sequence[dashboard.DashboardLink] = ()
    color: Literal["thresholds", "palette-classic", "fixed"] = "thresholds"
    no_value: str = "nothing known"


def says(texts: Mapping[str, tuple[str, str]]) -> dashboard.ValueMap:
    """Values that are shown as a word in a colour."""
    return dashboard.ValueMap(
        {value: dashboard.ValueMappingResult(word, color, index=at) for at, (value, (word, color)) in enumerate(texts.items())}
    )


def between(low: float, high: float, word: str, color: str) -> dashboard.RangeMap:
    """Values from `low` to `high`, both included, that are shown as a word in a colour."""
    result = dashboard.ValueMappingResult(word, color, index=0)
    return dashboard.RangeMap(dashboard.DashboardRangeMapOptions(from_val=low, to=high, result=result))


def matching(pattern: str, text: str, color: str | None) -> dashboard.RegexMap:
    """Texts that match are shown as `text` in a colour; `$1` is the first group. Grafana passes numbers over."""
    result = dashboard.ValueMappingResult(text, color, index=0)
    return dashboard.RegexMap(dashboard.DashboardRegexMapOptions(pattern, result))


def _signed(unit: str, plain: str, good: str) -> list[Mapped]:
    """Numbers as texts, with a sign that is as wide as a plus."""
    return [
        matching("^-(.+)$", f"−$1{unit}", BAD),
        says({"0": (f"±0{unit}", plain)} | dict.fromkeys(("null", "undefined", "NaN"), (NOTHING, plain))),
        matching("^(.+)$", f"+$1{unit}", good),
    ]


#: A difference of shares in points, written with its sign. The field must be text for that, and then a value that is missing
#: is a word.
SIGNED: Final = _signed(" points", NEUTRAL, GOOD)
#: The same behind a figure, where only what is missed is filled; and without the word, where a heading says it.
SIGNED_CELL: Final = _signed(" points", CLEAR, CLEAR)
SIGNED_SHORT: Final = _signed("", CLEAR, CLEAR)


def in_words(table: Mapping[str, Words]) -> dashboard.ValueMap:
    """Values that are shown as the words of a table."""
    return dashboard.ValueMap(
        {value: dashboard.ValueMappingResult(words.one, index=at) for at, (value, words) in enumerate(table.items())}
    )


def missing(color: str = CLEAR) -> dashboard.SpecialValueMap:
    """A cell without a value: a dash in no colour of judgement. Grafana would give it the colour below all steps."""
    result = dashboard.ValueMappingResult(NOTHING, color, index=0)
    return dashboard.SpecialValueMap(
        dashboard.DashboardSpecialValueMapOptions(match=dashboard.SpecialValueMatch.NULL_AND_NAN, result=result)
    )


def data_link(title: str, url: str, *, new_tab: bool = False) -> dashboard.DashboardLink:
    """A link of a value or a cell."""
    return dashboard.DashboardLink(title=title, url=url, target_blank=new_tab)


def column(name: str, properties: Mapping[str, object]) -> Override:
    """What is different for the field of this name."""
    return override("byName", name, properties)


def columns_like(pattern: str, properties: Mapping[str, object]) -> Override:
    """What is different for the fields whose name matches."""
    return override("byRegexp", pattern, properties)


def of_query(ref: str, properties: Mapping[str, object]) -> Override:
    """What is different for the fields of one query."""
    return override("byFrameRefID", ref, properties)


def override(matcher: str, which: str, properties: Mapping[str, object]) -> Override:
    """What is different for the fields that a matcher of Grafana's finds."""
    values = [dashboard.DynamicConfigValue(name, value) for name, value in properties.items()]
    return Override(matcher=dashboard.MatcherConfig(matcher, which), properties=values)


def fixed(color: str) -> dashboard.FieldColor:
    """One colour whatever the value."""
    return dashboard.FieldColor(mode=dashboard.FieldColorModeId.FIXED, fixed_color=color)


def width(pixels: int) -> dict[str, object]:
    """A column of this width; columns without one share what is left."""
    return {"custom.width": pixels}


def thresholds(steps: Sequence[Step]) -> dashboard.ThresholdsConfig:
    """Absolute thresholds."""
    return dashboard.ThresholdsConfig(steps=[dashboard.Threshold(step.value, step.color) for step in steps])


def background() -> common.TableColoredBackgroundCellOptions:
    """A table cell filled with the colour of its value."""
    return common.TableColoredBackgroundCellOptions(mode=common.TableCellBackgroundDisplayMode.BASIC)


def colored() -> common.TableColorTextCellOptions:
    """A table cell written in the colour of its value."""
    return common.TableColorTextCellOptions()


def with_dash(found: Override) -> Override:
    """The override of a table's column, with a dash for a missing value among its mappings, which replace the table's own."""
    by_name = {each.id_val: each.value for each in found.properties}
    color = NEUTRAL if isinstance(by_name.get("custom.cellOptions"), common.TableColorTextCellOptions) else CLEAR
    own = by_name.get("mappings", [])
    if own or color == NEUTRAL:
        by_name["mappings"] = [*(own if isinstance(own, list) else []), missing(color)]
    return override(found.matcher.id_val, str(found.matcher.options), by_name)


def transform(name: str, options: Mapping[str, object]) -> dashboard.DataTransformerConfig:
    """One transformation of Grafana's."""
    return dashboard.DataTransformerConfig(id_val=name, options=dict(options))


def as_text(field: str) -> dashboard.DataTransformerConfig:
    """A field of numbers as texts, which mappings by pattern need."""
    return transform("convertFieldType", {"fields": {}, "conversions": [{"targetField": field, "destinationType": "string"}]})


def shown(names: Mapping[str, str], hidden: Sequence[str] = ()) -> dashboard.DataTransformerConfig:
    """These columns, in this order, under these headings; the moment of the query and the `hidden` ones are dropped."""
    return transform(
        "organize",
        {
            "excludeByName": dict.fromkeys(("Time", *hidden), True),
            "indexByName": {name: at for at, name in enumerate(names)},
            "renameByName": dict(names),
        },
    )


def renamed(pattern: str, text: str) -> dashboard.DataTransformerConfig:
    """Series whose name matches get another; `$1` is the first group."""
    return transform("renameByRegex", {"regex": pattern, "renamePattern": text})


def series_in_words(table: Mapping[str, Words]) -> list[dashboard.DataTransformerConfig]:
    """Series named after a key of a table, alone or after "…: ", are called by its words."""
    return [renamed(f"^(|.*: ){key}$", f"$1{words.one}") for key, words in table.items()]
