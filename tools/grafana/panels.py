"""Panels of Grafana over its SDK: sets what the SDK leaves out (ids, refIds, legends, layout, tooltips)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from grafana_foundation_sdk.models import barchart, bargauge, common, dashboard, heatmap, prometheus, stat, statetimeline, table
from grafana_foundation_sdk.models import text as text_panel
from grafana_foundation_sdk.models import timeseries as timeseries_panel

from tools.grafana.looks import (
    COUNT,
    LIMIT,
    NOTHING,
    Look,
    Override,
    column,
    columns_like,
    fixed,
    missing,
    shown,
    thresholds,
    transform,
    with_dash,
)

#: The width of Grafana's grid.
COLUMNS: Final = 24
#: Pixels that a column of a table without a width has at least.
NARROWEST: Final = 80
#: Labels below the columns of a chart are written whole up to this many characters.
_LABEL_LENGTH: Final = 30

SOURCE: Final = common.DataSourceRef(type_val="prometheus", uid="${datasource}")

Shelf = Sequence[dashboard.Panel | dashboard.RowPanel]


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
    overrides: Sequence[Override] = (),
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


def _legend(*, seen: bool = True) -> common.VizLegendOptions:
    """The names in one line below the picture: for the few lines that a panel draws."""
    return common.VizLegendOptions(
        show_legend=seen, display_mode=common.LegendDisplayMode.LIST, placement=common.LegendPlacement.BOTTOM, calcs=[]
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
    overrides: Sequence[Override] = (),
    transformations: Sequence[dashboard.DataTransformerConfig] = (),
    repeat: str | None = None,
    sizes: tuple[int, int] | None = None,
) -> dashboard.Panel:
    """Big values beside each other, each below its name. `repeat`: one panel for each value of a variable.

    `sizes`: of names and values, in pixels; without it they are as large as they fit.
    """
    options = stat.Options(
        graph_mode=common.BigValueGraphMode.NONE,
        color_mode=common.BigValueColorMode.VALUE,
        text_mode=common.BigValueTextMode.VALUE_AND_NAME,
        justify_mode=common.BigValueJustifyMode.AUTO,
        orientation=common.VizOrientation.VERTICAL,
        wide_layout=False,  # the name above its figure: beside it, names are cut on a laptop
        reduce_options=_reduced(),
        text=common.VizTextDisplayOptions(title_size=sizes[0], value_size=sizes[1]) if sizes else None,
    )
    panel = _panel("stat", title, about, queries, size, look, options, overrides=overrides, transformations=transformations)
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
    steps: bool = False,
    points: bool = False,
    from_zero: bool = True,
    overrides: Sequence[Override] = (),
    transformations: Sequence[dashboard.DataTransformerConfig] = (),
    time_from: str | None = None,
) -> dashboard.Panel:
    """Values over time. `limits`: the fields whose name matches are drawn as dashed lines.

    `points`: few values, each with a mark. `from_zero`: the axis begins at 0, else near the lowest value. `time_from`: a time
    range of the panel's own, of which its description tells.
    """
    custom = common.GraphFieldConfig(
        draw_style=common.GraphDrawStyle.LINE,
        line_width=2,
        fill_opacity=20 if stacked else 0,
        show_points=common.VisibilityMode.ALWAYS if points else common.VisibilityMode.AUTO,
        point_size=7 if points else 5,
        line_interpolation=common.LineInterpolation.STEP_AFTER if steps else common.LineInterpolation.LINEAR,
        span_nulls=False,
        stacking=common.StackingConfig(common.StackingMode.NORMAL if stacked else common.StackingMode.NONE, "A"),
        hide_from=_hide_from(),
        axis_soft_min=0 if from_zero else None,
    )
    drawn = {
        "custom.lineStyle": common.LineStyle(fill="dash", dash=[10, 10]),
        "custom.fillOpacity": 0,
        "custom.showPoints": common.VisibilityMode.NEVER,
        "color": fixed(LIMIT),
    }
    options = timeseries_panel.Options(
        legend=_legend(),
        tooltip=common.VizTooltipOptions(mode=common.TooltipDisplayMode.MULTI, sort=common.SortOrder.DESCENDING),
    )
    dashed = [columns_like(limits, drawn)] if limits else []
    panel = _panel(
        "timeseries", title, about, queries, size, look._replace(color="palette-classic"), options,
        custom=custom, overrides=[*overrides, *dashed], transformations=transformations,
    )  # fmt: skip
    panel.time_from, panel.hide_time_override = time_from, True if time_from else None
    return panel


def by_week(
    title: str,
    about: About,
    queries: Sequence[Q],
    size: tuple[int, int],
    look: Look,
    *,
    names: Mapping[str, str],
    overrides: Sequence[Override] = (),
    limits: str | None = None,
) -> dashboard.Panel:
    """Values of weeks, told as tables with a label `week_start`, over the fourteen weeks up to now."""
    as_time = {"targetField": "week_start", "destinationType": "time", "dateFormat": "YYYY-MM-DD"}
    prepared = [
        transform("merge", {}),
        shown({"week_start": "Week", **names}),
        transform("sortBy", {"fields": {}, "sort": [{"field": "Week", "desc": False}]}),
        transform("convertFieldType", {"fields": {}, "conversions": [as_time | {"targetField": "Week"}]}),
    ]
    return lines(
        title,
        about,
        queries,
        size,
        look,
        limits=limits,
        points=True,
        overrides=overrides,
        transformations=prepared,
        time_from="14w",
    )


def bars(
    title: str,
    about: About,
    queries: Sequence[Q],
    size: tuple[int, int],
    look: Look,
    *,
    names: Mapping[str, str] | None = None,
    transformations: Sequence[dashboard.DataTransformerConfig] = (),
) -> dashboard.Panel:
    """One bar for each value of now, its name and figure beside it. `names`: what is written for a name (a bucket's bound)."""
    options = bargauge.Options(
        display_mode=common.BarGaugeDisplayMode.BASIC,
        value_mode=common.BarGaugeValueMode.TEXT,
        orientation=common.VizOrientation.HORIZONTAL,
        reduce_options=_reduced(),
        show_unfilled=False,
    )
    overrides = [column(name, {"displayName": written}) for name, written in (names or {}).items()]
    return _panel("bargauge", title, about, queries, size, look, options, overrides=overrides, transformations=transformations)


def weeks(
    title: str,
    about: About,
    queries: Sequence[Q],
    size: tuple[int, int],
    look: Look,
    *,
    x_field: str,
    overrides: Sequence[Override] = (),
    transformations: Sequence[dashboard.DataTransformerConfig] = (),
) -> dashboard.Panel:
    """Columns by category."""
    options = barchart.Options(
        x_field=x_field,
        orientation=common.VizOrientation.VERTICAL,
        show_value=common.VisibilityMode.AUTO,
        text=common.VizTextDisplayOptions(value_size=13),
        x_tick_label_max_length=_LABEL_LENGTH,  # the SDK writes 0, which cuts every label to an ellipsis
        legend=_legend(),
        tooltip=common.VizTooltipOptions(mode=common.TooltipDisplayMode.MULTI),
    )
    return _panel(
        "barchart", title, about, queries, size, look._replace(color="palette-classic"), options,
        custom=barchart.FieldConfig(hide_from=_hide_from(), axis_soft_min=0), overrides=overrides,
        transformations=transformations,
    )  # fmt: skip


def bucket_names(bounds: Sequence[float], written: Callable[[float], str], beyond: str) -> dict[str, str]:
    """The bounds of buckets as Prometheus has them, and as people read them; `beyond`: what is above the last."""
    return {f"{float(bound)}": written(bound) for bound in bounds} | {"+Inf": beyond}


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
    empty: str,
    hidden: Sequence[str] = (),
    overrides: Sequence[Override] = (),
    sort: tuple[str, bool] | None = None,
    then: tuple[str, bool] | None = None,
    merged: Sequence[dashboard.DataTransformerConfig] = (),
    transformations: Sequence[dashboard.DataTransformerConfig] | None = None,
) -> dashboard.Panel:
    """A table. `names`: label or "Value #A" -> heading, in the order of columns; `hidden`: labels that are not shown.

    `sort`: heading, and whether the largest comes first; `then`: the same of those alike in it.
    `empty`: what a table without a line says; a cell without a value
    is a dash. Columns without a width share what the others leave. `merged`: what is done to the merged lines before that;
    `transformations`: what is done in place of merging and naming.
    """
    options = table.Options(
        cell_height=common.TableCellHeight.SM,
        sort_by=[common.TableSortByFieldState(*each) for each in (sort, then) if each] or None,
        footer=common.TableFooterOptions(show=False),
    )
    if transformations is None:
        transformations = [transform("merge", {}), *merged, shown(names, hidden)]
    look = Look(COUNT, no_value=empty, mappings=[missing()])
    custom = table.FieldConfig(align=common.FieldTextAlignment.AUTO, filterable=False, min_width=NARROWEST)
    dashes = columns_like("/.*/", {"noValue": NOTHING})
    return _panel(
        "table", title, about, queries, size, look, options, custom=custom,
        overrides=[dashes, *(with_dash(each) for each in overrides)], transformations=transformations,
    )  # fmt: skip


def states(title: str, about: About, queries: Sequence[Q], size: tuple[int, int], look: Look) -> dashboard.Panel:
    """How something stood over time, in words. The words stand in the bars: a legend would repeat them."""
    options = statetimeline.Options(
        show_value=common.VisibilityMode.ALWAYS,
        align_value=common.TimelineValueAlignment.LEFT,
        row_height=0.8,
        legend=_legend(seen=False),
        tooltip=common.VizTooltipOptions(mode=common.TooltipDisplayMode.SINGLE),
    )
    custom = statetimeline.FieldConfig(hide_from=_hide_from(), fill_opacity=80, line_width=0)
    # Colours by thresholds would make one bar of everything and pass over the words.
    return _panel("state-timeline", title, about, queries, size, look._replace(color="palette-classic"), options, custom=custom)


def note(title: str, markdown: str, width: int = COLUMNS) -> dashboard.Panel:
    """A text, as high as its lines need on a laptop."""
    return dashboard.Panel(
        type_val="text",
        title=title,
        description="What this board is for, who owns it and how to read it. No metric behind it; nothing to do.",
        grid_pos=dashboard.GridPos(w=width, h=_text_height(markdown, width)),
        options=text_panel.Options(mode=text_panel.TextMode.MARKDOWN, content=markdown),
    )


def _text_height(markdown: str, columns: int) -> int:
    """In units of the grid (38 px), at 1366 pixels: seven a letter, 24 a line and its distance, 60 for title and border."""
    letters = columns * 1300 // COLUMNS // 7
    needed = sum(1 + len(line) // letters for line in markdown.splitlines())
    return (needed * 24 + 60) // 38 + 1


def heading(title: str, *, repeat: str | None = None, folded: Sequence[Shelf] = ()) -> dashboard.RowPanel:
    """A heading over the panels that follow; `repeat`: it and they come once for each value of the variable.

    `folded`: shelves of panels below it that are asked for and shown only once somebody opens it.
    """
    inside = [panel for panel in on_grid(folded) if isinstance(panel, dashboard.Panel)]
    return dashboard.RowPanel(
        title=title, grid_pos=dashboard.GridPos(w=COLUMNS, h=1), repeat=repeat, collapsed=bool(inside), panels=inside
    )


def on_grid(shelves: Iterable[Shelf]) -> list[dashboard.Panel | dashboard.RowPanel]:
    """The panels of `shelves`, each shelf filled from the left, one below the other. Raises ValueError where one is too wide."""
    panels: list[dashboard.Panel | dashboard.RowPanel] = []
    y = 0
    for shelf in shelves:
        x = height = 0
        for panel in shelf:
            place = panel.grid_pos
            if place is None or x + place.w > COLUMNS:
                raise ValueError(f"no room for {panel.title}")
            place.x, place.y = x, y
            x, height = x + place.w, max(height, place.h)
            panels.append(panel)
        y += height
    return panels
