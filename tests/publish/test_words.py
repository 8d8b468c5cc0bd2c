"""Everything that people read has a word, and one table knows it."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pytest

from monitor.domain import folding
from monitor.domain.bounded import TOO_MANY
from monitor.domain.channels import AGENT_STATES
from monitor.domain.channels import SIGNALS as SIGNALS_OF_CHANNELS
from monitor.domain.contact import OUTCOMES, WAITS
from monitor.domain.event import CHANNELS, KINDS, LEAVE_REASONS, TURNED_AWAY_REASONS
from monitor.domain.judge import State
from monitor.domain.policy import DEFAULTS
from monitor.domain.returns import SHARED
from monitor.engine.others import RELATIONS, STANDS
from monitor.publish import words as vocabulary
from monitor.publish.words import Words, words

FOLDING = [ast.parse(path.read_text(encoding="utf-8")) for path in Path(folding.__file__).parent.glob("*.py")]


def texts(node: ast.AST) -> set[str]:
    """The texts that an expression may come to: both arms of a choice, but not what it compares."""
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def marks_of_fold(argument: int) -> set[str]:
    """What the fold writes into its marks as their `argument`th value."""
    nodes = [node for module in FOLDING for node in ast.walk(module) if isinstance(node, ast.Call)]
    made = [node for node in nodes if getattr(node.func, "attr", "") == "mark"]
    assert made
    return {text for call in made for each in call.args[argument : argument + 1] for text in texts(each)}


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        (vocabulary.SIGNALS, {*DEFAULTS, *SIGNALS_OF_CHANNELS}),
        (vocabulary.WAITS, set(WAITS)),
        (vocabulary.BARS, set(WAITS)),
        (vocabulary.WAITED, set(WAITS) - {"promise"}),  # which has a moment, not a length
        (vocabulary.CONTACTS, set(CHANNELS)),
        (vocabulary.OUTCOMES, set(OUTCOMES)),
        (vocabulary.KINDS, set(KINDS)),
        (vocabulary.VERDICTS, set(get_args(State))),
        (vocabulary.CHANNELS, set(CHANNELS)),
        (vocabulary.MARKS, marks_of_fold(0)),
        (vocabulary.AGENTS, set(AGENT_STATES)),
    ],
)
def test_every_key_has_words_and_no_word_is_left_over(table: Mapping[str, Words], keys: set[str]):
    assert table.keys() == keys


def test_what_is_a_line_on_an_axis_of_time_is_an_event():
    assert vocabulary.FLAGS.keys() < set(KINDS)


def test_every_reason_of_what_others_have_to_do_with_a_contact_has_words():
    assert vocabulary.OF_OTHERS.keys() == {"asked", "same_call", "same_matter", SHARED, "unanswered", "sent"}


def test_how_other_contacts_stand_and_what_they_have_to_do_with_one_has_words():
    assert vocabulary.RELATIONS.keys() == {*RELATIONS, *RELATIONS.values()}
    assert vocabulary.STANDS.keys() == set(STANDS)


def test_every_reason_has_words():
    how = {"blind", "consult", "into_queue", "voicemail"}  # transferred: how; voicemail, which is no reason of the caller's
    assert vocabulary.REASONS.keys() == {*LEAVE_REASONS, *TURNED_AWAY_REASONS, *how, TOO_MANY, *marks_of_fold(3)}


@pytest.mark.parametrize("table", ["SIGNALS", "WAITS", "VERDICTS", "CHANNELS", "BOARD_STANDINGS", "KINDS"])
def test_no_two_keys_are_called_the_same(table: str):
    called: list[Words] = list(getattr(vocabulary, table).values())
    assert len({each.one for each in called}) == len(called)
    assert all(re.fullmatch(r"[a-z][a-z' -]+", text) for each in called for text in (each.one, each.of(2)))


@pytest.mark.parametrize(
    ("signal", "count", "said"),
    [
        ("slipped_promise", 0, "promises not kept"),
        ("slipped_promise", 1, "promise not kept"),
        ("slipped_promise", 2, "promises not kept"),
        ("long_wait", 1, "waited too long in the queue"),
        ("long_wait", 2, "waited too long in the queue"),
        ("of_a_later_release", 2, "of a later release"),
    ],
)
def test_words_beside_a_number(signal: str, count: int, said: str):
    assert words(vocabulary.SIGNALS, signal, count) == said


@pytest.mark.parametrize("table", ["COUNTED", "KEPT", "ALARMS"])
def test_alerts_have_words_for_every_signal(table: str):
    assert list(getattr(vocabulary, table)) == list(vocabulary.SIGNALS)
