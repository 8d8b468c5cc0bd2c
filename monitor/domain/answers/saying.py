"""What our words to a customer say: whether they only refuse, what they ask for, whether they want an answer, where they send.

Each function takes a whole message (quotes, closing formula and signature are left out) and a language tag, without which the
words decide between English and German. None raises for any text; time is bounded by the 20,000 characters that are read.
"""

import re
from typing import Final, NamedTuple

from monitor.domain.answers.english import ENGLISH
from monitor.domain.answers.german import GERMAN
from monitor.domain.answers.reading import Reading, read
from monitor.domain.answers.wording import Asking, Wording

_WORDING: Final = {"en": ENGLISH, "de": GERMAN}
#: A value of a fact that we state ourselves, unless it is an example.
_STATED: Final = re.compile(r"\d{4}|@|(?<!\w)\d+ \w+ (?:lane|street|road|close|avenue)(?!\w)")
_EXAMPLE: Final = re.compile(
    r"(?<!\w)(?:e\.?g\.?|for example|such as|like|begins? with|starts? with|digits?|z\. ?b\.|zum beispiel|beginnt mit"
    r"|-stellig)(?!\w)"
)
_THERE: Final = re.compile(r"(?<!\w)(?:there|dort)(?!\w)")
#: Characters between a request and the fact it is for, and beside a fact in which its qualification is looked for.
_REACH: Final = 200
_BESIDE: Final = 40
#: A refusal is short: a text with more sentences says more than that.
_MOST_SENTENCES: Final = 12


class Saying(NamedTuple):
    """All that one message of ours says; `refusal` is None or one of REFUSALS, `asks` of FACTS, `sends_to` of CHANNELS."""

    refusal: str | None
    asks: frozenset[str]
    expects_answer: bool
    sends_to: frozenset[str]


def saying(text: str, language: str | None = None) -> Saying:
    """As the four functions below, with the message read once."""
    reading = read(text, language)
    wording = _WORDING[reading.language]
    return Saying(
        _refusal(reading, wording), _asks(reading, wording), _expects_answer(reading, wording), _sends_to(reading, wording)
    )


def refusal(text: str, language: str | None = None) -> str | None:
    """The rule (one of REFUSALS) by which an answer only says what cannot be done or recites policy; None for any other."""
    reading = read(text, language)
    return _refusal(reading, _WORDING[reading.language])


def asks(text: str, language: str | None = None) -> frozenset[str]:
    """The kinds of fact (of FACTS) that the customer is asked for.

    Not those of a specific other thing (`the second order`, `a photo of the label`), nor those stated in the same sentence.
    """
    reading = read(text, language)
    return _asks(reading, _WORDING[reading.language])


def expects_answer(text: str, language: str | None = None) -> bool:
    """Whether the customer is asked or requested something, so that his next words, on any channel, answer it."""
    reading = read(text, language)
    return _expects_answer(reading, _WORDING[reading.language])


def sends_to(text: str, language: str | None = None) -> frozenset[str]:
    """The channels (of CHANNELS) that the customer is told to use, in place of being served where he is."""
    reading = read(text, language)
    return _sends_to(reading, _WORDING[reading.language])


def _refusal(reading: Reading, wording: Wording) -> str | None:
    """Every clause must be known: a rule, or what may be said beside. What is not known may be the help that was given."""
    words, named = wording.refusing, ""
    if len(reading.sentences) > _MOST_SENTENCES:
        return None
    for sentence in reading.sentences:
        if wording.formula.search(sentence) and not any(rule.search(sentence) for _, rule in words.rules):
            continue
        if words.helps.search(sentence) or words.excepted.search(sentence):
            return None
        for clause in _clauses(words.clauses, sentence):
            rule = next((name for name, rule in words.rules if rule.search(clause)), "")
            if not rule and not words.beside.search(clause) and not words.goes_on.match(clause):
                return None
            named = named or rule
    return named or None


def _clauses(parts: re.Pattern[str], sentence: str) -> list[str]:
    return [clause for part in parts.split(sentence) if (clause := part.strip(" .!'\"-*:)"))]


def _asks(reading: Reading, wording: Wording) -> frozenset[str]:
    words = wording.asking
    found: set[str] = set()
    listed = False
    for sentence in reading.sentences:
        if words.no_request.search(sentence):
            listed = False
            continue
        found.update(kind for kind, question in words.questions.items() if question.search(sentence))
        request = words.requests.search(sentence)
        begin = request.start() if request else 0 if listed else None
        for kind, noun in words.nouns.items():
            if any(_is_asked(sentence, match, begin, words) for match in noun.finditer(sentence)):
                found.add(kind)
        listed = begin is not None and (sentence.endswith(":") or (listed and not sentence.endswith((".", "?", "!"))))
    return frozenset(found)


def _is_asked(sentence: str, noun: re.Match[str], begin: int | None, words: Asking) -> bool:
    asked = begin is not None and begin <= noun.start() <= begin + _REACH
    if not asked and not words.required.match(sentence, noun.end()):
        return False
    before = sentence[max(0, noun.start() - _BESIDE) : noun.start()].rstrip()
    if not words.before.search(before) or words.not_before.search(before) or not words.behind.match(sentence, noun.end()):
        return False
    return not _STATED.search(sentence) or _EXAMPLE.search(sentence) is not None


def _expects_answer(reading: Reading, wording: Wording) -> bool:
    words = wording.expecting
    said = [each for each in reading.sentences if not wording.formula.search(each) or words.requests.search(each)]
    for number, sentence in enumerate(said):
        if words.no_request.search(sentence) or (wording.formula.search(sentence) and not sentence.startswith("thank")):
            continue
        if words.requests.search(sentence):
            return True
        if sentence.rstrip("\"')»”").endswith("?"):
            answered = number + 1 < len(said) and words.rhetorical.search(sentence) is not None
            if not answered:
                return True
    return False


def _sends_to(reading: Reading, wording: Wording) -> frozenset[str]:
    words = wording.sending
    found: set[str] = set()
    asked = False
    for sentence in reading.sentences:
        # `Need more help? Call us.`
        offered, asked = asked, False
        if wording.formula.search(sentence):
            asked = sentence.endswith("?")
            continue
        if offered:
            continue
        directed, before = False, set[str]()
        for part in words.clauses.split(sentence):
            clause = part.strip()
            named = {channel for channel, names in words.channels.items() if names.search(clause)}
            if words.stays.search(clause):
                if clause.startswith(("if ", "wenn ", "falls ", "should ", "sollte")):
                    break
                before = set()
                continue
            directed = directed or words.directs.search(clause) is not None
            if directed:
                if _THERE.search(clause):
                    named |= before
                # A chat is on a website and in an app; that is no form.
                found |= named - {"ticket"} if "chat" in named else named
            before = named
    return frozenset(found)
