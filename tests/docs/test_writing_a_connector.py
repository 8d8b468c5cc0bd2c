"""docs/connectors/writing-one.md: its example is run by tests/connectors/test_third_party.py; here is what the page says."""

import ast
import re
from dataclasses import fields

import pytest

import monitor.connector
import monitor.testing
from monitor.testing import SourceScenario
from tests.connectors.third_party import PAGE, blocks

EXAMPLE, *_ = blocks("python")
TEXT = PAGE.read_text()


def test_the_example_imports_only_the_public_seam():
    imported = {
        node.module: [alias.name for alias in node.names]
        for node in ast.walk(ast.parse(EXAMPLE))
        if isinstance(node, ast.ImportFrom)
    }
    assert [name for name in imported if str(name).startswith("monitor")] == ["monitor.connector", "monitor.push_queue"]
    assert set(imported["monitor.connector"]) <= set(monitor.connector.__all__)
    assert imported["monitor.push_queue"] == ["PushQueue"]


@pytest.mark.parametrize("module", [monitor.connector, monitor.testing])
def test_every_public_name_exists_and_is_described(module):
    for name in module.__all__:
        found = getattr(module, name)
        assert not name.startswith("_")
        assert not isinstance(found, type) or found.__doc__, name


@pytest.mark.parametrize("block", blocks("python")[1:])
def test_the_other_blocks_are_python_of_known_names(block: str):
    ast.parse(block)
    keywords = set(re.findall(r"^ +(\w+)=", block, re.MULTILINE)) - {"module"}
    assert keywords <= {field.name for field in fields(SourceScenario)}


def test_what_is_to_be_used_by_name_is_on_the_page():
    for name in ("Settings", "connect", "CHANNEL", "PLACES", "ARCHIVES", "ACCEPTS_PUSH", "event_id"):
        assert f"| `{name}" in TEXT
    for name in ("ConnectorContract", "SourceScenario", "FakeClock", "FakeState", "make_context", "PushQueue", "KINDS"):
        assert name in TEXT


def test_its_links_lead_somewhere():
    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in re.findall(r"^## (.*)$", TEXT, re.MULTILINE)}
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXT):
        path, _, anchor = target.partition("#")
        assert (PAGE.parent / path).exists() if path else anchor in anchors, target
