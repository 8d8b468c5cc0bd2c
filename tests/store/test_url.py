"""How a store is named, and what of the name may be shown."""

from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.store import StoreUrl, make_store


@pytest.mark.parametrize(
    "url",
    [
        "", "sqlite", "sqlite:", "sqlite://host.db", "sqlite:///", "sqlite::memory:", "memory", "redis://x", "mysql:x",
        "postgresql:contacts", "postgresql", "mysql://user:sesame-4711@host/db", "postgresql://u:sesame-4711@[::1/db",
    ],
)  # fmt: skip
def test_what_is_no_store_is_refused_with_the_three_forms_and_not_shown(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_store(url)
    for form in ("sqlite:contacts.db", "postgresql://USER@HOST/DATABASE", "memory:"):
        assert form in str(caught.value)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    "form", ["sqlite:contacts.db", "sqlite:///contacts.db", "sqlite:{}/contacts.db", "sqlite:///{}/contacts.db"]
)
def test_a_file_is_named_by_relative_or_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.chdir(tmp_path)
    store = make_store(form.format(tmp_path))
    monkeypatch.chdir("/")
    store.open()
    assert (tmp_path / "contacts.db").stat().st_size > 0
    size = store.size_bytes()
    assert size is not None
    assert size >= (tmp_path / "contacts.db").stat().st_size
    store.close()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:contacts.db", "sqlite:contacts.db"),
        ("memory:", "memory:"),
        ("postgresql://host/db", "postgresql://host/db"),
        ("postgresql://user@host:5433/db", "postgresql://user@host:5433/db"),
        ("postgres://user:sesame@host/db", "postgresql://user@host/db"),
        ("postgresql://user:se@same@h1,h2:5433/db", "postgresql://user@h1,h2:5433/db"),
        ("postgresql://user@[::1]/db?password=sesame&sslmode=verify-full", "postgresql://user@[::1]/db"),
        ("postgresql:///db?host=/run/postgresql&password=sesame", "postgresql:///db"),
        # passwords that should have been escaped
        ("postgresql://user:/ses@me:sesame@host/db", "postgresql://user@host/db"),
        ("postgresql://user:ses?me#sesame@host/db?x=y", "postgresql://user@host/db"),
        ("postgresql://host/db?password=sesame@", "postgresql://host@"),
    ],
)
def test_a_password_is_not_shown(url: str, shown: str) -> None:
    assert StoreUrl.parse(url).shown == shown


def test_only_a_file_has_a_place_for_the_secret_of_the_hash() -> None:
    assert StoreUrl.parse("sqlite:///var/contacts.db").key_file == Path("var/contacts.db.key")
    assert StoreUrl.parse("memory:").key_file is None
    assert not StoreUrl.parse("memory:").needs_privacy_key
    database = StoreUrl.parse("postgresql://host/db")
    assert database.key_file is None
    assert database.needs_privacy_key


def test_parameters_that_libpq_does_not_know_are_refused_without_showing_them() -> None:
    with pytest.raises(ConfigError, match="postgresql://user@host/db: libpq does not understand it") as caught:
        make_store("postgresql://user:sesame@host/db?no_such=sesame")
    assert "sesame" not in str(caught.value)
