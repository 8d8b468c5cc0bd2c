"""Whatever stands in a file: it is a configuration or it is refused in plain lines, and nothing else happens."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.files import parse_yaml
from monitor.config.loading import build
from monitor.config.models import CalendarSettings, HolidaySettings, Settings, SignalSettings, point_model
from monitor.config.policies import PolicyResolver, calendars, make_directory
from monitor.connectors._discover import source_types
from monitor.domain.policy import DEFAULTS
from monitor.errors import ConfigError

KEYS = sorted(
    {"calendar", "office", "mon-fri", "sat,sun", "pbx", "default", "except", "info@example.org", *DEFAULTS}
    | {key for kind in source_types().values() for key in kind.settings.model_fields}
    | {
        key
        for model in (Settings, SignalSettings, CalendarSettings, HolidaySettings, point_model())
        for key in model.model_fields
    }
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([
        "asterisk", "imap", "events", "queue_log", "office", "pbx", "default", "phone", "email", "2m", "3bd", "0s", "90%", "101%",
        "nan", "inf", "09:00-17:30", "24:00-24:00", "GB", "Europe/London", "5", "-1", "1e999", "2026-12-24", "", "support",
        "other", "sqlite:x.db", "127.0.0.1:9760", "implicit", "calendar", "always", "99999999999d", "1" * 5000,
    ]),
    st.text(max_size=8),
    st.integers(),
    st.floats(),
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=25,
)
SECTION = st.dictionaries(st.sampled_from(["pbx", "office", "default", "support"]), TREES, max_size=3)
FILES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(Settings.model_fields, TREES),
        **dict.fromkeys(("sources", "contact_points", "policies", "calendars"), SECTION),
        "nonsense": TREES,
    },
)


def refusal(work: Callable[[], object]) -> tuple[str, ...]:
    """The problems that `work` ends with; none when it ends well. Any other error is one of ours."""
    try:
        work()
    except ConfigError as error:
        return error.problems or ("",)
    return ()


def assert_taken_or_refused(raw: Any) -> None:
    def whole() -> None:
        found = build(raw)
        resolver = PolicyResolver(found, calendars(found))
        make_directory(found, resolver)
        resolver.bounds()

    for problem in refusal(whole):
        assert problem.strip()
        assert "pydantic" not in problem


@settings(max_examples=150, deadline=None)
@given(FILES)
def test_any_values(raw: dict[str, Any]):
    assert_taken_or_refused(raw)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(sorted(DEFAULTS)),
        st.dictionaries(st.sampled_from(sorted(SignalSettings.model_fields)), SCALARS, max_size=3),
    )
)
def test_any_policy(policy: dict[str, Any]):
    assert_taken_or_refused({"policies": {"default": policy}})


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_yaml_or_refused(text: str):
    assert len(refusal(lambda: parse_yaml(text, "file"))) <= 1


PARTS = st.sampled_from(["SOURCES", "PBX", "PASSWORD", "PASSWORD_FILE", "WEB", "USERS", "", "A", "POLICIES", "0"])
NAMES = st.lists(PARTS, max_size=4).map("__".join)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(NAMES, st.text(max_size=10), max_size=4), FILES)
def test_any_environment(names: dict[str, str], raw: dict[str, Any]):
    environ = {"CONTACT_MONITOR__" + name: value for name, value in names.items()}
    assert all(problem.strip() for problem in refusal(lambda: build(raw, environ)))
