"""Atlassian documents as plain text; whoever writes a comment decides what stands in it."""

import time
from typing import Any

import pytest

from monitor.connectors._jira_text import Document, document_of


def paragraph(*content: Any) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(content)}


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said, "marks": [{"type": "strong"}]}


def doc(*content: Any) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (doc(paragraph(text("One "), text("line.")), paragraph(text("Another."))), "One line.\nAnother."),
        (doc(paragraph(text("a"), {"type": "hardBreak"}, text("b"))), "a\nb"),
        (doc(paragraph({"type": "mention", "attrs": {"id": "5b10", "text": "@Anna"}}, text(" hello"))), "@Anna hello"),
        (doc(paragraph(text("by "), {"type": "date", "attrs": {"timestamp": "1795132800000"}})), "by 2026-11-20"),
        (doc(paragraph(text("by "), {"type": "date", "attrs": {"timestamp": "9" * 40}})), "by"),
        (doc({"type": "blockquote", "content": [paragraph(text("We promise it."))]}, paragraph(text("When?"))), "When?"),
        (doc({"type": "codeBlock", "content": [text("rm -rf")]}, paragraph(text("x"))), "x"),
        (
            doc({"type": "bulletList", "content": [
                {"type": "listItem", "content": [paragraph(text("one"))]},
                {"type": "listItem", "content": [paragraph(text("two"))]},
            ]}),
            "one\ntwo",
        ),
        (doc({"type": "panel", "content": [paragraph(text("in a panel"))]}), "in a panel"),
        (doc({"type": "nobodyKnows", "content": [text("words")]}), "words"),
        ("plain text", "plain text"),
        (None, ""), ([], ""), (17, ""), ({"type": "doc", "content": "x"}, ""), (doc(None, 3, [], {"content": [{}]}), ""),
    ],
)  # fmt: skip
def test_what_it_says(body: Any, said: str):
    assert document_of(body) == Document(said, has_files=False)


@pytest.mark.parametrize("kind", ["media", "mediaInline"])
def test_files(kind: str):
    body = doc({"type": "mediaGroup", "content": [{"type": kind, "attrs": {"id": "1"}}]}, paragraph(text("Thanks")))
    assert document_of(body) == Document("Thanks", has_files=True)


def test_a_document_as_deep_as_json_allows():
    body: Any = text("deep")
    for _ in range(15_000):
        body = {"type": "expand", "content": [body]}
    assert document_of(doc(body)).text == "deep"


def test_a_document_of_a_million_nodes_is_cut_and_costs_little():
    node = paragraph(*[text("x " * 50) for _ in range(1_000)])
    began = time.process_time()
    said = document_of(doc(*[node] * 1_000)).text
    assert len(said) <= 100_000
    assert time.process_time() - began < 2
