"""A relative path of the file begins at the directory of the file, one of a variable where the program was started."""

from pathlib import Path
from typing import Any

import pytest

from monitor.config.loading import load
from monitor.errors import ConfigError

TOKEN = "sesame-4711"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in a directory of its own, with secrets below it; the program was started elsewhere."""
    (tmp_path / "etc" / "secrets").mkdir(parents=True)
    (tmp_path / "etc" / "secrets" / "desk").write_text(f"{TOKEN}\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "etc" / "monitor.yaml"


def source(config: Path, text: str, environ: dict[str, str] | None = None) -> Any:
    config.write_text(f"sources:\n  desk: {text}\n")
    return load(config, environ or {}).sources["desk"]


@pytest.mark.parametrize("written", ["secrets/desk", "./secrets/desk", "../etc/secrets/desk"])
def test_the_file_of_a_secret(config: Path, written: str):
    assert source(config, f"{{type: events, token_file: {written}}}").token.get_secret_value() == TOKEN


def test_the_file_itself_may_be_named_by_a_relative_path(config: Path):
    config.write_text("sources:\n  desk: {type: events, token_file: secrets/desk}\n")
    assert load(Path("../etc/monitor.yaml"), {}).sources["desk"].token.get_secret_value() == TOKEN  # type: ignore[attr-defined]


def test_every_key_that_is_a_path(config: Path):
    of_log = source(config, "{type: queue_log, path: queue_log}")
    assert of_log.path == config.parent / "queue_log"
    of_mail = source(config, "{type: imap, host: mail, username: a, password: b, ca_file: ca.pem}")
    assert of_mail.ca_file == config.parent / "ca.pem"
    config.write_text("web: {tls_cert: cert.pem, tls_key: /etc/ssl/key.pem}\n")
    web = load(config, {}).web
    assert (web.tls_cert, web.tls_key) == (config.parent / "cert.pem", Path("/etc/ssl/key.pem"))


def test_the_type_of_the_source_may_come_from_a_variable(config: Path):
    of_log = source(config, "{path: queue_log}", {"CONTACT_MONITOR__SOURCES__DESK__TYPE": "queue_log"})
    assert of_log.path == config.parent / "queue_log"


def test_a_variable_names_its_own_path(config: Path):
    text, variable = "{type: events, token_file: secrets/none}", "CONTACT_MONITOR__SOURCES__DESK__TOKEN_FILE"
    assert source(config, text, {variable: "../etc/secrets/desk"}).token.get_secret_value() == TOKEN
    with pytest.raises(ConfigError, match=f"; a relative path begins at {Path.cwd()}"):
        source(config, text, {variable: "secrets/desk"})


def test_a_path_that_leads_nowhere_says_where_it_began_and_not_what_was_written(config: Path):
    with pytest.raises(ConfigError) as refused:
        source(config, f"{{type: events, token_file: {TOKEN}}}")
    begins = f"a relative path begins at {config.parent}"
    assert str(refused.value) == f"sources.desk.token_file: cannot use the file: No such file or directory; {begins}"
