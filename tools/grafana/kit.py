"""Panels, queries and tables over Grafana's SDK: sets what the SDK leaves out (ids, refIds, legends, layout, tooltips).

Development only: the SDK is a development dependency, the daemon ships the generated JSON (`monitor.publish.dashboard_files`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from grafana_foundation_sdk.models import barchart, bargauge, common, dashboard, heatmap, prometheus, stat, statetimeline, table
from grafana_foundation_sdk.models import text as text_panel
from grafana_foundation_sdk.models import timeseries as timeseries_panel

from monitor.publish.words import Words

#: The newest schema that every Grafana from 10.4 to 13 takes without a warning; the steps to 42 are met by hand below.
SCHEMA: Final = 39
#: The width of Grafana's grid.
COLUMNS: Final = 24

#: Colours that people with any colour vision tell apart (Okabe and Ito); each always goes with a word or a sign.
GOOD, WARN, BAD, UNKNOWN, PLAIN, LIMIT = "#56B4E9", "#E69F00", "#D55E00", "#808080", "#009E73", "#CC79A7"

#: "none" prints the number as it is; "short" would make 1234 contacts into 1.23 K.
COUNT, SECONDS, CLOCK, SHARE, BYTES = "none", "s", "dthms", "percentunit", "bytes"

SOURCE: Final = common.DataSourceRef(type_val="prometheus", uid="${datasource}")


class Q(NamedTuple):
    """One query of a panel. `now`: asked for this moment only, so that nothing old is shown once the data stopped."""

    expr: str
    legend: str = ""
    now: bool = True
    form: Literal["time_series", "table", "heatmap"] = "time_series"


class About(NamedTuple):
    """The description of a panel: what it shows, the metrics behind it, and what to do about it."""

    what: str
    metrics: str
    do: str

    def __str__(self) -> str:
        return f"{self.what}\n\nFrom: {self.metrics}\n\nWhat to do: {self.do}"


class Step(NamedTuple):
    """From `value` upwards this colour; None: from the beginning."""

    value: float | None
    color: str


class Look(NamedTuple):
    """How the values of a panel are written."""

    unit: str
    decimals: int | None = None
    min: float | None = None
    max: float | None = None
    steps: Sequence[Step] = (Step(None, PLAIN),)
    mappings: Sequence[dashboard.ValueMapping] = ()
    links: Sequence[dashboard.DashboardLink] = ()
    color: Literal["thresholds", "palette-classic", "fixed"] = "thresholds"
    no_value: str = "nothing known"


def says(texts: Mapping[str, tuple[str, str]]) -> dashboard.ValueMap:
    """Values that are shown as a word in a colour."""
    return dashboard.ValueMap(
        {value: dashboard.ValueMappingResult(word, color, index=at) for at, (value, (word, color)) in enumerate(texts.items())}
    )


def in_words(table: Mapping[str, Words]) -> dashboard.ValueMap:
    """Values that are shown as the words of a table."""
    return dashboard.ValueMap(
        {value: dashboard.ValueMappingResult(words.one, index=at) for at, (value, words) in enumerate(table.items())}
    )


def data_link(title: str, url: str, *, new_tab: bool = False) -> dashboard.DashboardLink:
    """A link of a value or a cell."""
    return dashboard.DashboardLink(title=title, url=url, target_blank=new_tab)


def column(name: str, properties: Mapping[str, object]) -> dashboard.DashboardFieldConfigSourceOverrides:
    """What is different for the field of this name."""
    return _override(dashboard.MatcherConfig("byName", name), properties)


def columns_like(pattern: str, properties: Mapping[str, object]) -> dashboard.DashboardFieldConfigSourceOverrides:
    """What is different for the fields whose name matches."""
    return _override(dashboard.MatcherConfig("byRegexp", pattern), properties)


def _override(
    matcher: dashboard.MatcherConfig, properties: Mapping[str, object]
) -> dashboard.DashboardFieldConfigSourceOverrides:
    values = [dashboard.DynamicConfigValue(name, value) for name, value in properties.items()]
    return dashboard.DashboardFieldConfigSourceOverrides(matcher=matcher, properties=values)


def transform(name: str, options: Mapping[str, object]) -> dashboard.DataTransformerConfig:
    """One transformation of Grafana's."""
    return dashboard.DataTransformerConfig(id_val=name, options=dict(options))


def thresholds(steps: Sequence[Step]) -> dashboard.ThresholdsConfig:
    """Absolute thresholds."""
    return dashboard.ThresholdsConfig(steps=[dashboard.Threshold(step.value, step.color) for step in steps])


def background() -> common.TableColoredBackgroundCellOptions:
    """A table cell filled with the colour of its value."""
    return common.TableColoredBackgroundCellOptions(mode=common.TableCellBackgroundDisplayMode.BASIC)


def colored() -> common.TableColorTextCellOptions:
    """A table cell written in the colour of its value."""
    return common.TableColorTextCellOptions()


def _panel(
    kind: str,
    title: str,
    about: About,
    queries: Sequence[Q],
    size: tuple[int, int],
    look: Look,
    options: object,
    *,
    custom: object = None,
    overrides: Sequence[dashboard.DashboardFieldConfigSourceOverrides] = (),
    transformations: Sequence[dashboard.DataTransformerConfig] = (),
    interval: str | None = None,
) -> dashboard.Panel:
    """The one place where a panel is made: with description, data source, queries and place on the grid."""
    defaults = dashboard.FieldConfig(
        unit=look.unit,
        decimals=look.decimals,
        min_val=look.min,
        max_val=look.max,
        mappings=list(look.mappings),
        thresholds=thresholds(look.steps),
        links=list(look.links),
        color=dashboard.FieldColor(
            mode=dashboard.FieldColorModeId(look.color), fixed_color=look.steps[0].color if look.color == "fixed" else None
        ),
        no_value=look.no_value,
        custom=custom,
    )
    return dashboard.Panel(
        type_val=kind,
        title=title,
        description=str(about),
        datasource=SOURCE,
        targets=[_target(query, at) for at, query in enumerate(queries)],
        grid_pos=dashboard.GridPos(w=size[0], h=size[1]),
        options=options,
        field_config=dashboard.FieldConfigSource(defaults, list(overrides)),
        transformations=list(transformations) or None,
        interval=interval,
    )


def _target(query: Q, at: int) -> prometheus.Dataquery:
    return prometheus.Dataquery(
        datasource=SOURCE,
        editor_mode=prometheus.QueryEditorMode.CODE,
        expr=query.expr,
        legend_format=query.legend or None,
        instant=query.now,
        range_val=not query.now,
        format_val=prometheus.PromQueryFormat(query.form),
        ref_id=chr(ord("A") + at),
    )


def _reduced() -> common.ReduceDataOptions:
    return common.ReduceDataOptions(values=False, calcs=["lastNotNull"], fields="")


def _legend(*, as_table: bool) -> common.VizLegendOptions:
    if not as_table:
        return common.VizLegendOptions(show_legend=True)
    return common.VizLegendOptions(
        show_legend=True, display_mode=common.LegendDisplayMode.TABLE, calcs=["lastNotNull", "max"], sort_by="Max", sort_desc=True
    )


def _hide_from() -> common.HideSeriesConfig:
    """Schema 42 wants that what is hidden from the picture is hidden from the tooltip as well."""
    return common.HideSeriesConfig(legend=False, tooltip=False, viz=False)


def stats(
    title: str,
    about: About,
    queries: Sequence[Q],
    size: tuple[int, int],
    look: Look,
    *,
    overrides: Sequence[dashboard.DashboardFieldConfigSourceOverrides] = (),
    repeat: str | None = None,
    sizes: tuple[int, int] | None = None,
) -> dashboard.Panel:
    """Big values beside each other. `sizes`: of names and values, in pixels; `repeat`: one panel for each value of a variable."""
    options = stat.Options(
        graph_mode=common.BigValueGraphMode.NONE,
        color_mode=common.BigValueColorMode.VALUE,
        text_mode=common.BigValueTextMode.VALUE_AND_NAME,
        orientation=common.VizOrientation.VERTICAL,
        reduce_options=_reduced(),
        text=common.VizTextDisplayOptions(title_size=sizes[0], value_size=sizes[1]) if sizes else None,
    )
    panel = _panel("stat", title, about, queries, size, look, options, overrides=overrides)
    if repeat:
        panel.repeat, panel.repeat_direction = repeat, "v"
    return panel


def lines(
    title: str,
    about: About,
    queries: Sequence[Q],
    size: tuple[int, int],
    look: Look,
    *,
    stacked: bool = False,
    limits: str | None = None,
    as_table: bool = True,
    steps: bool = False,
) -> dashboard.Panel:
    """Values over time. `limits`: the fields whose name matches are drawn as dashed lines."""
    custom = common.GraphFieldConfig(
        draw_style=common.GraphDrawStyle.LINE,
        line_width=2,
        fill_opacity=20 if stacked else 0,
        show_points=common.VisibilityMode.AUTO,
        line_interpolation=common.LineInterpolation.STEP_AFTER if steps else common.LineInterpolation.LINEAR,
        span_nulls=False,
        stacking=common.StackingConfig(common.StackingMode.NORMAL if stacked else common.StackingMode.NONE, "A"),
        hide_from=_hide_from(),
        axis_soft_min=0,
    )
    drawn = {
        "custom.lineStyle": common.LineStyle(fill="dash", dash=[10, 10]),
        "custom.fillOpacity": 0,
        "color": dashboard.FieldColor(mode=dashboard.FieldColorModeId.FIXED, fixed_color=LIMIT),
    }
    options = timeseries_panel.Options(
        legend=_legend(as_table=as_table),
        tooltip=common.VizTooltipOptions(mode=common.TooltipDisplayMode.MULTI, sort=common.SortOrder.DESCENDING),
    )
    look = look._replace(color="palette-classic")
    overrides = [columns_like(limits, drawn)] if limits else []
    return _panel("timeseries", title, about, queries, size, look, options, custom=custom, overrides=overrides)


def bars(
    title: str,
    about: About,
    queries: Sequence[Q],
    size: tuple[int, int],
    look: Look,
    *,
    names: Mapping[str, str] | None = None,
) -> dashboard.Panel:
    """One bar for each value of now, its name and figure beside it. `names`: what is written for a name (a bucket's bound)."""
    options = bargauge.Options(
        display_mode=common.BarGaugeDisplayMode.BASIC,
        value_mode=common.BarGaugeValueMode.TEXT,
        orientation=common.VizOrientation.HORIZONTAL,
        reduce_options=_reduced(),
    )
    overrides = [column(name, {"displayName": shown}) for name, shown in (names or {}).items()]
    return _panel("bargauge", title, about, queries, size, look, options, overrides=overrides)


def weeks(
    title: str,
    about: About,
    queries: Sequence[Q],
    size: tuple[int, int],
    look: Look,
    transformations: Sequence[dashboard.DataTransformerConfig],
    x_field: str,
) -> dashboard.Panel:
    """Columns by category."""
    options = barchart.Options(
        x_field=x_field,
        orientation=common.VizOrientation.AUTO,
        show_value=common.VisibilityMode.ALWAYS,
        legend=_legend(as_table=False),
        tooltip=common.VizTooltipOptions(mode=common.TooltipDisplayMode.MULTI),
    )
    custom = barchart.FieldConfig(hide_from=_hide_from(), axis_soft_min=0)
    look = look._replace(color="palette-classic")
    return _panel("barchart", title, about, queries, size, look, options, custom=custom, transformations=transformations)


def bucket_names(bounds: Sequence[float], written: Callable[[float], str]) -> dict[str, str]:
    """The bounds of buckets as Prometheus has them, and as people read them."""
    return {f"{float(bound)}": f"up to {written(bound)}" for bound in bounds} | {"+Inf": "more"}


def heat(title: str, about: About, query: Q, size: tuple[int, int], *, unit: str, empty: str) -> dashboard.Panel:
    """How values are spread over time, from the buckets of a histogram."""
    options = heatmap.Options(
        calculate=False,
        color=heatmap.HeatmapColorOptions(
            mode=heatmap.HeatmapColorMode.SCHEME, scheme="Blues", fill="blue", scale=heatmap.HeatmapColorScale.EXPONENTIAL,
            exponent=0.5, steps=32,
        ),
        cell_values=heatmap.CellValues(unit=COUNT, decimals=0),
        y_axis=heatmap.YAxisConfig(unit=unit, axis_placement=common.AxisPlacement.LEFT),
        tooltip=heatmap.HeatmapTooltip(mode=common.TooltipDisplayMode.SINGLE, y_histogram=True),
    )  # fmt: skip
    custom = heatmap.FieldConfig(hide_from=_hide_from())
    return _panel("heatmap", title, about, [query], size, Look(unit, no_value=empty), options, custom=custom, interval="2m")


def rows(
    title: str,
    about: About,
    queries: Sequence[Q],
    size: tuple[int, int],
    *,
    names: Mapping[str, str],
    overrides: Sequence[dashboard.DashboardFieldConfigSourceOverrides] = (),
    sort: tuple[str, bool] | None = None,
    empty: str = "nothing known",
    transformations: Sequence[dashboard.DataTransformerConfig] | None = None,
) -> dashboard.Panel:
    """A table. `names`: label or "Value #A" -> heading, in the order of columns; what is not named is not shown.

    `sort`: heading, and whether the largest comes first.
    """
    options = table.Options(
        cell_height=common.TableCellHeight.MD,
        sort_by=[common.TableSortByFieldState(sort[0], sort[1])] if sort else None,
        footer=common.TableFooterOptions(show=False),
    )
    if transformations is None:
        transformations = [transform("merge", {}), shown(names)]
    look = Look(COUNT, decimals=0, no_value=empty)
    custom = table.FieldConfig(align=common.FieldTextAlignment.AUTO, filterable=False)
    return _panel(
        "table", title, about, queries, size, look, options,
        custom=custom, overrides=overrides, transformations=transformations,
    )  # fmt: skip


def shown(names: Mapping[str, str]) -> dashboard.DataTransformerConfig:
    """These columns, in this order, under these headings; the moment of the query is dropped."""
    return transform(
        "organize",
        {
            "excludeByName": {"Time": True},
            "indexByName": {name: at for at, name in enumerate(names)},
            "renameByName": dict(names),
        },
    )


def states(title: str, about: About, queries: Sequence[Q], size: tuple[int, int], look: Look) -> dashboard.Panel:
    """How something stood over time, in words."""
    options = statetimeline.Options(
        show_value=common.VisibilityMode.AUTO,
        legend=_legend(as_table=False),
        tooltip=common.VizTooltipOptions(mode=common.TooltipDisplayMode.SINGLE),
    )
    custom = statetimeline.FieldConfig(hide_from=_hide_from())
    return _panel("state-timeline", title, about, queries, size, look, options, custom=custom)


def note(title: str, markdown: str, size: tuple[int, int]) -> dashboard.Panel:
    """A text."""
    return dashboard.Panel(
        type_val="text",
        title=title,
        description="What this board is for, who owns it and how to read it. No metric behind it; nothing to do.",
        grid_pos=dashboard.GridPos(w=size[0], h=size[1]),
        options=text_panel.Options(mode=text_panel.TextMode.MARKDOWN, content=markdown),
    )


def heading(title: str, repeat: str | None = None) -> dashboard.RowPanel:
    """A heading over the panels that follow; `repeat`: it and they come once for each value of the variable."""
    return dashboard.RowPanel(title=title, grid_pos=dashboard.GridPos(w=COLUMNS, h=1), repeat=repeat)
