"""No secret is ever shown, by the type of its field: not refused, not accepted, not in a log, whatever its name and depth."""

import json
import logging
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, SecretStr, ValidationError

from monitor.config.loading import build, load
from monitor.config.messages import problems as in_words
from monitor.config.models import Settings
from monitor.config.schema import holds_secret, secret_files_in, secrets_in
from monitor.config.trees import find, put, remove
from monitor.connectors._discover import source_types
from monitor.errors import ConfigError
from tests.config.vault import Settings as VaultSettings
from tests.config.vault import vault_type
from tests.docs.pages import TOP, with_secrets_inside

MARKER = "Sesame-Sesame-4711"
NUMBER = "471108150815"
PREFIX = "CONTACT_MONITOR__"

Path_ = tuple[str | int, ...]

VAULT_RAW: dict[str, Any] = {
    "sources": {
        "strong-room": {
            "type": "vault",
            "api_secret": "canary",
            "either": "canary",
            "login": {"how": "ticket", "ticket": "canary"},
            "clients": [{"client_secret": "canary"}, {"name": "b", "client_secret": "canary"}],
            "named": {"info@example.org": {"client_secret": "canary"}},
            "headers": {"authorization": "canary"},
            "extra_codes": ["canary"],
        }
    }
}


@pytest.fixture(autouse=True)
def _with_a_type_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(source_types(), "vault", vault_type())


def example(name: str) -> dict[str, Any]:
    """An example of the documentation, its secrets inside."""
    return with_secrets_inside((TOP / "config" / f"{name}.yaml").read_text(), name)


#: A configuration with all that we have, and one of a type from elsewhere.
NAMES = ["full", "vault"]


def configuration(name: str) -> dict[str, Any]:
    return VAULT_RAW if name == "vault" else example(name)


def marked(raw: dict[str, Any]) -> dict[str, Any]:
    """The configuration with the marker at every secret that it gives."""
    for path in given_secrets(raw):
        raw = put(raw, path, MARKER if path[0] != "web" else "$2b$10$" + MARKER.ljust(53, "a").replace("-", "/"))
    return raw


def given_secrets(raw: Mapping[str, Any]) -> list[Path_]:
    """Where the configuration gives a secret: fields of this type, and what is in lists and mappings of them."""
    found = [path for path in secrets_in(Settings, raw) if find(raw, path) is not None and path != ("store",)]
    for name in ("headers", "extra_codes"):
        path: Path_ = ("sources", "strong-room", name)
        inner = find(raw, path)
        found += [(*path, key) for key in (inner if isinstance(inner, dict) else range(len(inner or ())))]
    users = find(raw, ("web", "users"))
    return found + [("web", "users", name) for name in users or ()]


def around(raw: Mapping[str, Any], path: Path_) -> dict[str, Any]:
    """The source or section of a secret alone: thousands of these are built."""
    return {path[0]: {path[1]: raw[path[0]][path[1]]}} if path[0] == "sources" else {path[0]: raw[path[0]]}


def shown(error: BaseException) -> str:
    """Everything that a log, a traceback or a debugger's line would have of an error."""
    parts = ["".join(traceback.format_exception(error)), repr(error), *getattr(error, "problems", ())]
    below = error.__cause__ or error.__context__
    return "".join(parts) + (shown(below) if below is not None else "")


def seen(raw: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> str:
    """What is seen of a configuration: of its refusal, or of what became of it."""
    try:
        found = build(raw, environ)
    except ConfigError as error:
        return shown(error)
    return everything(found)


def everything(found: Settings) -> str:
    parts: list[object] = [found, found.model_dump(), found.model_dump_json(), found.web.model_dump(mode="json")]
    for source in found.sources.values():
        parts += [source, source.model_dump(), source.model_dump_json(), vars(source)]
    return "".join(str(each) + repr(each) for each in parts)


def assert_hidden(text: str) -> None:
    lowered = text.lower()
    assert MARKER.lower() not in lowered
    assert NUMBER not in lowered


def test_the_secrets_of_all_types_are_in_these_configurations():
    """So that no type is left out by chance."""
    raws = [configuration(name) for name in NAMES]
    given = {raw["sources"][path[1]]["type"] for raw in raws for path in given_secrets(raw) if path[0] == "sources"}
    assert given == {name for name, kind in source_types().items() if holds_secret(kind.settings)}
    assert {path[:2] for path in given_secrets(raws[0])} >= {("privacy", "key"), ("web", "users")}
    assert len(given_secrets(VAULT_RAW)) == 8


@pytest.mark.parametrize("name", NAMES)
def test_an_accepted_one_shows_no_secret(name: str):
    found = build(marked(configuration(name)))
    text = everything(found)
    assert_hidden(text)
    assert "$2b$" not in text


SHAPES: list[Any] = [
    [MARKER], {MARKER: MARKER}, {"a": [MARKER]}, [[MARKER], {"b": MARKER}], int(NUMBER), [int(NUMBER)], float(NUMBER),
    MARKER * 500,
    {MARKER: None}, MARKER + "\n.x: y", f"{MARKER}{{}}", "", None, True, "x",
]  # fmt: skip


def broken(raw: dict[str, Any], path: Path_) -> Iterator[dict[str, Any]]:
    """The configuration broken in many ways at and beside one secret of it."""
    key, above = path[-1], path[:-1]
    for shape in SHAPES:
        yield put(raw, path, shape)
        yield put(put(raw, path, shape), (*above, "type"), "unknown")
    if isinstance(key, str):
        for typo in (f"{key}x", key[:-1], key.upper()):
            yield put(raw, (*above, typo), MARKER)
            yield put(remove(raw, path), (*above, typo), MARKER)
        for file in (MARKER, [MARKER], {MARKER: MARKER}, int(NUMBER), "/nowhere", "/"):
            yield put(raw, (*above, f"{key}_file"), file)
            yield put(remove(raw, path), (*above, f"{key}_file"), file)
    for depth in range(1, len(path)):
        for shape in (MARKER, [MARKER], {"a": MARKER}, [[MARKER]], int(NUMBER)):
            yield put(raw, path[:depth], shape)
    source = path[:2] if path[0] == "sources" else ("web",)
    for more in ("strange", "bug", "port", "type", "poll_every", "timeout", "enabled", "host", "discover"):
        yield put(raw, (*source, more), "?")


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_wrong_no_secret_is_shown(name: str):
    raw = marked(configuration(name))
    refused = 0
    for path in given_secrets(raw):
        for each in broken(around(raw, path), path):
            text = seen(each)
            refused += "ConfigError" in text
            assert_hidden(text)
    assert refused > 100


def trees(*keys: str) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.sampled_from([MARKER, NUMBER, int(NUMBER), True, None, f"'{MARKER}\\"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(keys), inner, max_size=3),
        max_leaves=6,
    )


AT_THE_SECRET = trees(MARKER, "a", "password", "type")
ABOVE_IT = trees("a", "password", "client_secret", "private")  # the name of a key is no secret


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_shape_at_any_secret(data: st.DataObject):
    raw = marked(configuration(data.draw(st.sampled_from(["full", "vault"]))))
    path = data.draw(st.sampled_from(given_secrets(raw)))
    depth = data.draw(st.integers(1, len(path)))
    changed = put(around(raw, path), path[:depth], data.draw(AT_THE_SECRET if depth == len(path) else ABOVE_IT))
    assert_hidden(seen(changed))


VARIABLES = [
    "[S", "{S", "[S]", "{S: S}", "{S, S}", "[*S]", "[!!int S]", "S", "S" * 500, "",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_variable_shows_a_secret(name: str):
    raw = marked(configuration(name))
    for path in given_secrets(raw):
        whole = PREFIX + "__".join("".join(c if c.isalnum() else "_" for c in str(part)) for part in path).upper()
        above = whole.rpartition("__")[0]
        variables = [whole, whole + "_FILE", whole + "X", whole + "__DEEPER", above]
        for variable in variables:
            for text in VARIABLES:
                if variable == above and text.startswith("{S: "):
                    continue  # the name of a key is no secret
                found = seen(around(raw, path), {variable: text.replace("S", MARKER), PREFIX + "LISTN": "x"})
                assert "listn: unknown key" in found
                assert_hidden(found)


@pytest.mark.parametrize(
    "value",
    [
        "!S", "*S", "&S", "@S", "%S", "`S", "!!int S", "!!float S", "!!bool S", "!!timestamp S", "!!binary S",
        "!!omap S", "!!set {S}",
        "!!python/name:S x", "{S, S}", "{S, S: }", "[S", '"S', '"S\\q"', "S: S", "? S", "| S", "- S", "\tS", "S\x07", "<<: S",
        "{<<: S}",
        "!<S> x", "&S &S x", "[S]: x", "{[S]: x}", "'S' S",
    ],
)  # fmt: skip
def test_no_mistake_in_yaml_shows_what_stands_there(value: str, tmp_path: Path):
    file = tmp_path / "contact-monitor.yaml"
    text = value.replace("S", MARKER)
    file.write_text(f"sources:\n  pbx:\n    type: asterisk\n    username: monitor\n    password: {text}\nlisten: x\n")
    with pytest.raises(ConfigError) as refused:
        load(file, {})
    assert_hidden(shown(refused.value))


@pytest.mark.parametrize("content", [f"{MARKER}\nmore\n", f"{MARKER}\0", MARKER * 10_000, "\udcff" + MARKER])
def test_no_content_of_a_secret_file_is_shown(content: str, tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_bytes(content.encode("utf-8", "surrogateescape"))
    for name in NAMES:
        raw = configuration(name)
        for path in given_secrets(raw):
            if isinstance(path[-1], str):
                changed = put(remove(around(raw, path), path), (*path[:-1], f"{path[-1]}_file"), str(secret))
                assert_hidden(seen(changed))


def test_pydantic_settings_own_log_shows_none(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path):
    monkeypatch.setenv("PYDANTIC_SETTINGS_DEBUG", "1")
    secret = tmp_path / "secret"
    secret.write_text(MARKER)
    with caplog.at_level(logging.DEBUG):
        build(
            {"privacy": {"key_file": str(secret)}, "sources": {"a": {"type": "events", "token": MARKER}}},
            {f"{PREFIX}SOURCES__A__TOKEN": MARKER},
        )
    assert "Resolving settings" in caplog.text
    assert_hidden(caplog.text)


class TestTheFileOfASecret:
    """`KEY_file` stands for every field of this type, and no model declares it."""

    @pytest.fixture
    def secret(self, tmp_path: Path) -> Path:
        path = tmp_path / "secret"
        path.write_text("1234\n")
        return path

    def vault(self, environ: Mapping[str, str] | None = None, **keys: Any) -> VaultSettings:
        found = build({"sources": {"v": {"type": "vault", **keys}}}, environ).sources["v"]
        assert isinstance(found, VaultSettings)
        return found

    def test_at_every_depth(self, secret: Path):
        at = str(secret)
        found = self.vault(
            api_secret_file=at, pin_file=at, either_file=at, login={"how": "certificate", "pem_file": at},
            clients=[{"client_secret": "first"}, {"name": "b", "client_secret_file": at}],
            named={"n": {"client_secret_file": at}},
        )  # fmt: skip
        assert found.login is not None
        assert found.api_secret is not None
        assert found.pin is not None
        texts = [
            found.api_secret,
            found.pin,
            getattr(found.login, "private", None),
            *(each.client_secret for each in found.clients),
        ]
        assert [each and each.get_secret_value() for each in texts] == ["1234", "1234", "1234", "first", "1234"]
        assert isinstance(found.either, SecretStr)
        assert found.either.get_secret_value() == "1234"
        assert found.named["n"].client_secret.get_secret_value() == "1234"

    def test_a_declared_key_is_the_models_own(self):
        assert self.vault(passphrase_file="kept").passphrase_file == "kept"

    def test_a_list_from_a_variable(self, secret: Path):
        environ = {f"{PREFIX}SOURCES__V__CLIENTS": f"[{{client_secret_file: {secret}}}]"}
        [client] = self.vault(environ, clients=[{"client_secret": "of-the-file"}, {"client_secret": "too"}]).clients
        assert client.client_secret.get_secret_value() == "1234"

    def test_a_null_is_nothing(self, secret: Path):
        found = self.vault(api_secret=None, api_secret_file=str(secret))
        assert found.api_secret is not None
        assert self.vault(api_secret="xyz", api_secret_file=None).api_secret is not None

    @pytest.mark.parametrize("path", ["", ["/x"], {"a": "/x"}, 5])
    def test_what_is_no_path(self, path: object):
        with pytest.raises(ConfigError) as refused:
            self.vault(api_secret_file=path)
        assert refused.value.problems == ("sources.v.api_secret_file: write the path of a file here",)

    def test_one_that_cannot_be_read_is_one_problem(self):
        """Not also a secret that is missing, or that a validator finds strange."""
        with pytest.raises(ConfigError) as refused:
            self.vault(pin_file="/nowhere", clients=[{"client_secret_file": "/nowhere"}], login={"how": "ticket"})
        assert sorted(refused.value.problems) == [
            "sources.v.clients.0.client_secret_file: cannot use /nowhere: No such file or directory",
            "sources.v.login.ticket: is missing; give ticket or ticket_file",
            "sources.v.pin_file: cannot use /nowhere: No such file or directory",
        ]

    def test_the_secret_where_its_file_is_wanted(self):
        with pytest.raises(ConfigError) as refused:
            self.vault(api_secret_file=MARKER)
        assert refused.value.problems == (
            f"sources.v.api_secret_file: cannot use the file: No such file or directory; a relative path begins at {Path.cwd()}",
        )

    @pytest.mark.parametrize("path", ["./none", "../none", "/none"])
    def test_what_is_plainly_a_path_is_shown(self, path: str):
        with pytest.raises(ConfigError) as refused:
            self.vault(api_secret_file=path)
        [problem] = refused.value.problems
        assert problem.startswith(f"sources.v.api_secret_file: cannot use {path}: No such file or directory")

    def test_both_are_one_too_many_at_any_depth(self, secret: Path):
        with pytest.raises(ConfigError) as refused:
            self.vault(named={"n": {"client_secret": "x", "client_secret_file": str(secret)}})
        assert refused.value.problems == ("sources.v.named.n: give client_secret or client_secret_file, not both",)

    @pytest.mark.parametrize(
        ("file", "environ", "winner"),
        [
            ({"api_secret": "of-file"}, {}, "of-file"),
            ({"api_secret": "of-file"}, {"API_SECRET": "of-variable"}, "of-variable"),
            ({"api_secret": "of-file"}, {"API_SECRET_FILE": "SECRET"}, "1234"),
            ({"api_secret_file": "SECRET"}, {}, "1234"),
            ({"api_secret_file": "SECRET"}, {"API_SECRET": "of-variable"}, "of-variable"),
            ({"api_secret_file": "/nowhere"}, {"API_SECRET_FILE": "SECRET"}, "1234"),
            ({"api_secret_file": "/nowhere"}, {"API_SECRET": "of-variable"}, "of-variable"),
        ],
    )
    def test_a_variable_goes_before_a_secret_file_before_the_file(
        self, secret: Path, file: dict[str, str], environ: dict[str, str], winner: str
    ):
        def placed(values: dict[str, str], prefix: str = "") -> dict[str, str]:
            return {prefix + key: value.replace("SECRET", str(secret)) for key, value in values.items()}

        found = self.vault(placed(environ, f"{PREFIX}SOURCES__V__"), **placed(file))
        assert found.api_secret is not None
        assert found.api_secret.get_secret_value() == winner

    def test_the_nearest_key_may_be_the_one_of_a_file(self):
        with pytest.raises(ConfigError) as refused:
            self.vault(api_secrt_file="/x")
        assert refused.value.problems == ("sources.v.api_secrt_file: unknown key; did you mean api_secret_file?",)

    def test_a_password_that_begins_as_yaml_does(self):
        found = self.vault({f"{PREFIX}SOURCES__V__API_SECRET": "[{x", f"{PREFIX}SOURCES__V__PIN": "{12}"})
        assert found.api_secret is not None
        assert found.pin is not None
        assert (found.api_secret.get_secret_value(), found.pin.get_secret_value()) == ("[{x", "{12}")

    @pytest.mark.parametrize("size", [65536, 65537])
    def test_how_large_one_may_be(self, size: int, tmp_path: Path):
        path = tmp_path / "large"
        path.write_text("x" * size)
        raw = {"sources": {"a": {"type": "events", "token_file": str(path)}}}
        if size == 65536:
            assert build(raw).sources
        else:
            with pytest.raises(ConfigError, match="it is larger than 64 KiB"):
                build(raw)


class TestWhatAForeignValidatorSays:
    """Its words stay, the secrets in them do not."""

    def problems(self, **keys: Any) -> list[str]:
        with pytest.raises(ConfigError) as refused:
            build({"sources": {"v": {"type": "vault", **keys}}})
        return list(refused.value.problems)

    def test_of_a_field(self):
        assert self.problems(pin=MARKER) == ["sources.v.pin: '**********' is no PIN of four digits"]

    def test_of_another_kind_of_error(self):
        login = {"how": "ticket", "ticket": MARKER + "?"}
        assert self.problems(login=login) == ["sources.v.login.ticket: the ticket ********** is strange"]

    def test_an_assertion(self):
        assert self.problems(api_secret="unheard-of-" + MARKER) == ["sources.v: **********"]

    def test_of_all_that_was_written(self):
        [problem] = self.problems(strange="x", api_secrt=MARKER)  # misspelt
        assert problem.startswith("sources.v: there is something strange in {")
        assert_hidden(problem)

    def test_a_short_secret_leaves_the_words_around_it_alone(self):
        assert self.problems(pin="is") == ["sources.v.pin: '**********' ********** no PIN of four digits"]
        assert self.problems(pin="o") == ["sources.v.pin: '**********' is no PIN of four digits"]

    def test_one_with_quotes(self):
        assert self.problems(pin="it's \\ 5") == ['sources.v.pin: "**********" is no PIN of four digits']

    def test_a_bug_of_its_package_is_a_line_without_a_traceback(self):
        assert self.problems(bug="x", api_secret=MARKER) == [
            "sources.v: the check of type vault failed with KeyError, a bug of its package"
        ]


@pytest.mark.parametrize(
    "store", [f"postgresql://monitor:{MARKER}@db/contacts", f"mysql:{MARKER}", [MARKER], {MARKER: MARKER}, int(NUMBER), MARKER]
)
def test_a_refused_store_is_not_shown(store: object):
    with pytest.raises(ConfigError) as refused:
        build({"store": store, "listn": "x"})
    assert_hidden(shown(refused.value))


def test_the_key_of_the_hash_may_stand_in_a_file(tmp_path: Path):
    """A database wants one; what one section says of another is asked when the file has been read."""
    secret = tmp_path / "key"
    secret.write_text("x" * 40)
    found = build({"store": "postgresql://monitor@db/contacts", "privacy": {"key_file": str(secret)}})
    assert found.privacy.key is not None
    assert found.privacy.key.get_secret_value() == "x" * 40


class Door(BaseModel):
    """A value that is no SecretStr and must not be shown either."""

    code: int = Field(0, repr=False, le=9)
    floor: int = Field(0, le=9)


def test_what_is_declared_without_repr_is_not_shown():
    with pytest.raises(ValidationError) as refused:
        Door.model_validate({"code": 4711, "floor": 12})
    assert in_words(refused.value, Door) == ["code: is too large: at most 9", "floor: 12 is too large: at most 9"]


def test_an_accepted_store_is_shown_nowhere_with_its_password():
    accepted = Settings.model_construct(store=f"postgresql://monitor:{MARKER}@db/contacts")
    assert_hidden(repr(accepted) + str(accepted.model_dump()) + accepted.model_dump_json())
    assert json.loads(accepted.model_dump_json())["store"] == "postgresql://monitor@db/contacts"


def test_secrets_are_found_by_their_type():
    at = {".".join(map(str, path[2:])) for path in secrets_in(Settings, VAULT_RAW) if path[0] == "sources"}
    assert at == {
        "api_secret", "pin", "either", "passphrase", "login.pem", "login.ticket", "clients.0.client_secret",
        "clients.1.client_secret", "named.info@example.org.client_secret",
    }  # fmt: skip
    assert secret_files_in(Settings, {"sources": {"v": {"type": "unknown", "password_file": "/x"}}}) == []
