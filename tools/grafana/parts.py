"""What all boards have in common: variables, links, annotations, the line of sources, and the frame."""

from collections.abc import Iterator, Sequence
from typing import Final

from grafana_foundation_sdk.models import dashboard

from tools.grafana.looks import BAD, COUNT, NO_DATA, UNKNOWN, WARN, Look, Override, column, data_link, of_query, says
from tools.grafana.panels import COLUMNS, SOURCE, About, Q, Shelf, note, on_grid, stats
from tools.grafana.queries import SOURCE_STATE

#: The newest schema that every Grafana from 10.4 to 13 takes without a warning; the steps to 42 are met by hand.
SCHEMA: Final = 39
TAG: Final = "contact-monitor"
NOW, DETAIL, WRITTEN, WEEKLY, MONITOR = (f"contactpoint-{name}" for name in ("now", "detail", "written", "weekly", "monitor"))
#: What the text box of the daemon's own pages begins with; `contact-monitor dashboards --pages URL` puts another in its place.
PAGES: Final = "http://127.0.0.1:9760"

_KEPT: Final = "${datasource:queryparam}&${monitor_url:queryparam}&${__url_time_range}"


def detail_link(channel: str, contact_point: str) -> dashboard.DashboardLink:
    """To the detail of one contact point; the arguments are Grafana's names for its labels.

    Encoded whole: by itself Grafana leaves what has a meaning in addresses as it is, and "R&D #1" would lead to "R".
    """
    return data_link("Detail", f"/d/{DETAIL}?{_KEPT}&var-channel={_encoded(channel)}&var-contact_point={_encoded(contact_point)}")


def page_link(contact_point: str) -> dashboard.DashboardLink:
    """To the daemon's own page about a contact point, which lists the contacts behind the figures."""
    return data_link("List of contacts", f"${{monitor_url:raw}}/contact-points/{_encoded(contact_point)}", new_tab=True)


def _encoded(name: str) -> str:
    return f"${{{name}:percentencode}}"


#: Of a table's names: to the detail, and to the contacts behind the figures.
NAME_LINKS: Final = [detail_link("__data.fields.Channel", "__data.fields.Name"), page_link("__data.fields.Name")]


def datasource_variable() -> dashboard.VariableModel:
    """Which Prometheus."""
    return dashboard.VariableModel(
        type_val=dashboard.VariableType.DATASOURCE, name="datasource", label="Data source", query="prometheus",
        refresh=dashboard.VariableRefresh.ON_DASHBOARD_LOAD, regex="",
    )  # fmt: skip


def choice(name: str, label: str, query: str, *, every: str | None = ".+") -> dashboard.VariableModel:
    """Values of a label, or all. `every`: what matches all; None: no "all", the first value at the start."""
    return dashboard.VariableModel(
        type_val=dashboard.VariableType.QUERY, name=name, label=label, datasource=SOURCE, definition=query,
        query={"query": query, "refId": "StandardVariableQuery"}, refresh=dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED,
        sort=dashboard.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC, multi=True, include_all=every is not None,
        all_value=every, regex="",
        current=dashboard.VariableOption(selected=True, text=["All"], value=["$__all"]) if every is not None else None,
    )  # fmt: skip


def page_variable() -> dashboard.VariableModel:
    """Where the daemon's own pages are, as readers of the board reach them."""
    return dashboard.VariableModel(
        type_val=dashboard.VariableType.TEXTBOX, name="monitor_url", label="Pages of the monitor", query=PAGES,
        current=dashboard.VariableOption(selected=True, text=PAGES, value=PAGES),
        options=[dashboard.VariableOption(selected=True, text=PAGES, value=PAGES)],
    )  # fmt: skip


def point_variables(channels: str = ".+", *, one: bool = False) -> list[dashboard.VariableModel]:
    """Data source, team, channel and contact point of these channels, the pages. `one`: begins with one contact point."""
    within = f'team=~"$team", channel=~"$channel", channel=~"{channels}"'
    return [
        datasource_variable(),
        choice("team", "Team", f'label_values(contactpoint_info{{channel=~"{channels}"}}, team)', every=".*"),
        choice("channel", "Channel", f'label_values(contactpoint_info{{channel=~"{channels}"}}, channel)'),
        choice(
            "contact_point",
            "Contact point",
            f"label_values(contactpoint_info{{{within}}}, contact_point)",
            every=None if one else ".+",
        ),
        page_variable(),
    ]


def _annotation(name: str, expr: str, title: str, color: str) -> dashboard.AnnotationQuery:
    return dashboard.AnnotationQuery(
        name=name, datasource=SOURCE, enable=True, hide=False, icon_color=color, expr=expr,
        title_format=title, text_format="{{source}} ({{kind}})", tag_keys="source,kind", step="60s", use_value_for_time=False,
    )  # fmt: skip


def _annotations() -> list[dashboard.AnnotationQuery]:
    return [
        _annotation("Source down", "contactpoint_source_up == bool 0", "A source could not be read", BAD),
        _annotation(
            "Gap in a source",
            "increase(contactpoint_source_gap_seconds_total[5m]) > 0",
            "A source can tell nothing about a span of time",
            WARN,
        ),
    ]


def _links() -> list[dashboard.DashboardLink]:
    boards = dashboard.DashboardLink(
        title="Contact points",
        type_val=dashboard.DashboardLinkType.DASHBOARDS,
        icon="external link",
        tooltip="The other boards, for the same contact points and time",
        tags=[TAG],
        as_dropdown=False,
        include_vars=True,
        keep_time=True,
        url="",
    )
    pages = dashboard.DashboardLink(
        title="Pages of the monitor",
        type_val=dashboard.DashboardLinkType.LINK,
        icon="doc",
        tooltip="The daemon's own live page",
        url="${monitor_url:raw}/",
        target_blank=True,
    )
    return [boards, pages]


_TROUBLE: Final = says({"2": ("▲ behind", WARN), "0": ("✗ DOWN", BAD), "-1": ("? not read yet", UNKNOWN)})


def source_line(size: tuple[int, int] = (COLUMNS, 3)) -> dashboard.Panel:
    """The first thing to look at, for all else rests on it: what is not read by name, and how much is."""
    return stats(
        "Are all systems read?",
        About(
            "How many systems are read, and each that is not by name, up to six. 'behind' means it answers, but has told us "
            "nothing complete for a while: what is waiting there is then not known.",
            "contactpoint_source_up, contactpoint_source_watermark_timestamp_seconds, contactpoint_source_poll_interval_seconds",
            "If one is not read, trust no zero of its contact points; open the board about the monitor, which tells the reason.",
        ),
        [
            Q(f"count({SOURCE_STATE} == 1)", "read"),
            Q(f"topk(6, {SOURCE_STATE} != 1)", "{{source}}"),
        ],
        size,
        Look(
            COUNT,
            decimals=0,
            mappings=[_TROUBLE],
            links=[data_link("The monitor itself", f"/d/{MONITOR}?{_KEPT}")],
            no_value=NO_DATA,
        ),
        overrides=[of_query("A", {"unit": "prefix:✓ ", "mappings": []})],
        sizes=(14, 22) if size[0] > 6 else (12, 15),
    )


def hidden_columns(*names: str) -> list[Override]:
    """Columns that links take their values from and nobody needs to see; both ways in which Grafana hides a column."""
    hidden = {"custom.hidden": True, "custom.hideFrom": {"legend": False, "tooltip": True, "viz": True}}
    return [column(name, hidden) for name in names]


def about_board(purpose: str, owner: str, reading: Sequence[str], width: int = COLUMNS) -> dashboard.Panel:
    """The text that every board has: what for, whose, how to read it."""
    listed = "\n".join(f"- {each}" for each in reading)
    return note("About this board", f"**Purpose.** {purpose}\n\n**Owner.** {owner}\n\n**How to read it.**\n\n{listed}\n", width)


def board(
    uid: str,
    title: str,
    description: str,
    variables: Sequence[dashboard.VariableModel],
    shelves: Sequence[Shelf],
    *,
    since: str,
    until: str = "now",
    refresh: str,
    picker: bool = True,
    timezone: str = "browser",
) -> dashboard.Dashboard:
    """A dashboard of `shelves`, each filled from the left, one below the other. Raises ValueError where one is too wide."""
    panels = on_grid(shelves)
    for at, panel in enumerate(_with_folded(panels), start=1):
        panel.id_val = at
    return dashboard.Dashboard(
        uid=uid,
        title=title,
        description=description,
        tags=[TAG],
        timezone=timezone,
        week_start="monday",
        editable=False,
        graph_tooltip=dashboard.DashboardCursorSync.CROSSHAIR,
        time=dashboard.DashboardDashboardTime(since, until),
        timepicker=dashboard.TimePickerConfig(hidden=not picker, refresh_intervals=["30s", "1m", "5m", "15m", "1h"]),
        refresh=refresh,
        schema_version=SCHEMA,
        version=1,
        panels=panels,
        templating=dashboard.DashboardDashboardTemplating(list(variables)),
        annotations=dashboard.AnnotationContainer(_annotations()),
        links=_links(),
    )


def _with_folded(panels: Sequence[dashboard.Panel | dashboard.RowPanel]) -> Iterator[dashboard.Panel | dashboard.RowPanel]:
    for panel in panels:
        yield panel
        if isinstance(panel, dashboard.RowPanel):
            yield from panel.panels or []
