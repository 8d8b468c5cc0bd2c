"""What the documentation says is so: its configurations load, its commands parse, its links lead somewhere."""

import re
import shlex
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from pydantic import BaseModel

from monitor.cli.commands import app
from monitor.config.cross_check import keys_of
from monitor.config.files import parse_yaml
from monitor.config.loading import build
from monitor.config.models import Settings
from monitor.config.schema import models_in
from monitor.connector import RejectedLine
from monitor.connectors._discover import source_types
from monitor.connectors._event_lines import parse_lines
from monitor.domain.event import JUDGED, KINDS, RETURNS
from monitor.domain.policy import DEFAULTS
from monitor.publish.catalogue import METRICS
from tests.docs.pages import EXAMPLES, PAGES, TOP, Block, blocks, commands, links, with_secrets_inside
from tests.servers.requirement import require
from tools.config_reference import reference

CONFIGURATIONS = [block for block in blocks("yaml") if "scrape_configs" not in block.text and "groups:" not in block.text]


def name(block: Block) -> str:
    return f"{block.page}-{block.number}"


@pytest.mark.parametrize("block", CONFIGURATIONS, ids=name)
def test_a_configuration_on_a_page_is_one(block: Block):
    assert build(with_secrets_inside(block.text, block.page)).sources


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_a_configuration(path: Path):
    assert build(with_secrets_inside(path.read_text(), path.name)).sources


def test_every_source_type_has_an_example_of_its_own():
    shipped = [name for name, kind in source_types().items() if kind.shipped]
    assert {path.stem for path in EXAMPLES} == {*shipped, "full"}
    for kind in shipped:
        settings = build(with_secrets_inside((TOP / "config" / f"{kind}.yaml").read_text(), kind))
        assert [source.type for source in settings.sources.values()] == [kind]


class TestFull:
    """`config/full.yaml` holds every key that there is."""

    raw = parse_yaml((TOP / "config" / "full.yaml").read_text(), "full.yaml")

    def keys(self, model: type[BaseModel]) -> set[str]:
        return {info.alias or key for key, info in model.model_fields.items()}

    def test_the_sections(self):
        assert self.raw.keys() == self.keys(Settings)
        for section in ("privacy", "people", "web", "alerts", "notify"):
            [model] = models_in(Settings.model_fields[section].annotation)
            assert self.raw[section].keys() == self.keys(model), section

    def test_the_sources(self):
        for kind, found in source_types().items():
            if not found.shipped:
                continue
            given: set[str] = set()
            for source in self.raw["sources"].values():
                given |= source.keys() if source["type"] == kind else set()
            shared = {"discover", "enabled", "poll_every", "timeout"}
            assert given | shared == self.keys(found.settings) | shared, kind

    def test_the_signals(self):
        given: dict[str, set[str]] = {}
        for policy in self.raw["policies"].values():
            for signal, takes in policy.items():
                if signal in DEFAULTS and takes is not False:
                    given.setdefault(signal, set()).update(takes)
        assert given == {signal: set(keys_of(signal)) for signal in DEFAULTS}


@pytest.mark.parametrize(("page", "line"), commands())
def test_a_command_on_a_page_parses(page: str, line: str):
    arguments = shlex.split(line.split(" --data", 1)[0])[1:]
    group: Any = typer.main.get_command(app)
    with group.make_context("contact-monitor", list(arguments)) as context:
        if context.args or context._protected_args:
            _, command, rest = group.resolve_command(context, [*context._protected_args, *context.args])
            command.make_context(command.name, rest, parent=context).close()


@pytest.mark.parametrize(("page", "target"), links(), ids=str)
def test_a_link_leads_somewhere(page: Path, target: str):
    assert (page.parent / target).exists()


def test_every_page_can_be_reached_from_the_index():
    index = (TOP / "docs" / "index.md").read_text()
    missing = [page.name for page in PAGES if page.parent.name == "docs" and page.name not in index and page.name != "index.md"]
    assert missing == []
    assert "docs/index.md" in (TOP / "README.md").read_text()


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
@pytest.mark.parametrize("word", ["contact point", "assessed", "watermark"])
def test_a_word_of_ours_is_explained_where_it_stands_first(page: str, word: str):
    text = re.sub(r"`[^`]*`", "", (TOP / page).read_text())
    first = re.search(rf"\*?\b{word}\b", text)
    assert first is not None
    assert first[0].startswith("*")


def test_the_reference_is_as_generated():
    assert (TOP / "docs" / "configuration.md").read_text() == reference(), "run: make generated"


def test_the_reference_names_every_key():
    page = reference()
    for key in Settings.model_fields:
        assert f"`{key}`" in page
    for kind in (each for each in source_types().values() if each.shipped):
        for key in kind.settings.model_fields:
            assert f"`{key}`" in page


def test_every_metric_that_is_named_exists():
    known = {f"contactpoint_{metric.name.removeprefix('contactpoint_')}" for metric in METRICS}
    for page in PAGES:
        for found in set(re.findall(r"contactpoint_[a-z_]+[a-z]", page.read_text())):
            bare = re.sub("_(bucket|sum|count)$", "", found)
            assert {found, bare, found + "_total"} & known or found + "_info" in known, f"{page.name}: {found}"


def test_every_signal_has_its_row():
    page = (TOP / "docs" / "signals.md").read_text()
    assert re.findall(r"^\| `(\w+)`", page, re.MULTILINE) == list(DEFAULTS)


def test_every_kind_of_event_is_told():
    page = (TOP / "docs" / "push-events.md").read_text()
    assert [kind for kind in KINDS - {"lost", "reached", JUDGED, *RETURNS} if f"`{kind}`" not in page] == []


def test_every_command_is_in_the_readme():
    group: Any = typer.main.get_command(app)
    page = (TOP / "README.md").read_text()
    assert [command for command in group.commands if f"`{command}" not in page] == []


def test_contact_events_on_pages_are_taken():
    lines = [line.strip(" '") for page in PAGES for line in page.read_text().splitlines()]
    events = [line.encode() for line in lines if line.startswith('{"') and '"at"' in line]
    values = list(parse_lines(enumerate(events, 1), str, datetime(2026, 11, 22, tzinfo=UTC)))
    assert len(values) >= 5
    assert [value for value in values if isinstance(value, RejectedLine)] == []


class TestFirstAlert:
    """The rules of docs/first-alert.md, held by Prometheus' own tool."""

    def rules(self) -> str:
        [text] = [block.text for block in blocks("yaml") if block.page == "first-alert.md" and "groups:" in block.text]
        return text

    def promtool(self, *arguments: str, cwd: Path) -> str:
        done = subprocess.run([require("promtool"), *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def test_promtool_takes_them(self, tmp_path: Path):
        (tmp_path / "contact-points.yml").write_text(self.rules())
        [scrape] = [block.text for block in blocks("yaml") if block.page == "first-alert.md" and "scrape_configs" in block.text]
        (tmp_path / "prometheus.yml").write_text(scrape)
        self.promtool("check", "rules", "contact-points.yml", cwd=tmp_path)
        self.promtool("check", "config", "prometheus.yml", cwd=tmp_path)

    def test_the_rule_of_the_readme_is_the_first_of_them(self, tmp_path: Path):
        [text] = [block.text for block in blocks("yaml") if block.page == "README.md" and "groups:" in block.text]
        short, full = (yaml.safe_load(each)["groups"][0]["rules"][0] for each in (text, self.rules()))
        assert short["expr"] == full["expr"]
        (tmp_path / "rules.yml").write_text(text)
        self.promtool("check", "rules", "rules.yml", cwd=tmp_path)

    def test_they_fire_when_they_should_and_are_silent_before(self, tmp_path: Path):
        (tmp_path / "contact-points.yml").write_text(self.rules())
        labels = 'channel="phone",contact_point="support-line",signal="long_wait"'
        source, sender = 'source="pbx",kind="asterisk"', 'source="web",kind="events"'
        alert = {
            "exp_labels": {"channel": "phone", "contact_point": "support-line", "signal": "long_wait", "severity": "info"},
            "exp_annotations": {
                "summary": "A customer has waited too long or was let down",
                "description": "support-line: long_wait in the last ten minutes",
            },
        }
        blind, silent = (
            {
                "exp_labels": {"source": name, "kind": kind, "severity": "warning"},
                "exp_annotations": {
                    "summary": "A source of contacts cannot be read",
                    "description": f"{name} ({kind}): what its customers wait for is unknown",
                },
            }
            for name, kind in (("pbx", "asterisk"), ("web", "events"))
        )
        case = {
            "rule_files": ["contact-points.yml"],
            "evaluation_interval": "15s",
            "tests": [{
                "interval": "15s",
                # The first signal after ten minutes; one source is lost after twenty, another says nothing newer after thirty.
                "input_series": [
                    {"series": f"contactpoint_signals_total{{{labels}}}", "values": "0x40 1x120"},
                    {"series": f"contactpoint_source_up{{{source}}}", "values": "1x80 0x80"},
                    {"series": f"contactpoint_source_up{{{sender}}}", "values": "1x160"},
                    {"series": f"contactpoint_source_poll_interval_seconds{{{sender}}}", "values": "15x160"},
                    {"series": f"contactpoint_source_watermark_timestamp_seconds{{{sender}}}", "values": "0+15x120 1800x40"},
                ],
                "alert_rule_test": [
                    {"eval_time": "10m", "alertname": "NegativeContact"},
                    {"eval_time": "11m", "alertname": "NegativeContact", "exp_alerts": [alert]},
                    {"eval_time": "25m", "alertname": "NegativeContact"},
                    {"eval_time": "20m", "alertname": "ContactSourceBlind"},
                    {"eval_time": "25m", "alertname": "ContactSourceBlind", "exp_alerts": [blind]},
                    {"eval_time": "32m45s", "alertname": "ContactSourceBlind", "exp_alerts": [blind]},
                    {"eval_time": "33m", "alertname": "ContactSourceBlind", "exp_alerts": [blind, silent]},
                ],
            }],
        }  # fmt: skip
        (tmp_path / "test.yml").write_text(yaml.safe_dump(case))
        self.promtool("test", "rules", "test.yml", cwd=tmp_path)


def test_the_backup_of_the_operations_page_copies_a_store_in_use(tmp_path: Path):
    [line] = [line for block in blocks("sh") for line in block.text.splitlines() if ".backup(" in line]
    with sqlite3.connect(tmp_path / "contacts.db") as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE t (a)")
        writer.execute("INSERT INTO t VALUES (1)")
        writer.commit()
        code = shlex.split(line)[2]
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=30)
    writer.close()
    copy = sqlite3.connect(tmp_path / "copy.db")
    assert copy.execute("SELECT a FROM t").fetchall() == [(1,)]
    copy.close()
