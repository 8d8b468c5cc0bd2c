"""How a file, the environment and secret files become one configuration."""

from pathlib import Path

import pytest

from monitor.config.loading import load
from monitor.config.models import Settings
from monitor.connectors._discover import source_types
from monitor.connectors.asterisk import Settings as AsteriskSettings
from monitor.connectors.events import Settings as EventsSettings
from monitor.connectors.imap import Settings as ImapSettings
from monitor.errors import ConfigError

PBX = "sources:\n  pbx: {type: asterisk, host: pbx, username: monitor, password: of-the-file}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "contact-monitor.yaml"


def loaded(file: Path, text: str, **environ: str) -> Settings:
    file.write_text(text, encoding="utf-8")
    return load(file, {f"CONTACT_MONITOR__{name}": value for name, value in environ.items()})


def refused(file: Path, text: str, **environ: str) -> list[str]:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load(file, environ)
    return list(error.value.problems)


def pbx(settings: Settings) -> AsteriskSettings:
    source = settings.sources["pbx"]
    assert isinstance(source, AsteriskSettings)
    return source


def password(settings: Settings) -> str:
    return pbx(settings).password.get_secret_value()


def mail(settings: Settings, name: str = "my-mail") -> ImapSettings:
    source = settings.sources[name]
    assert isinstance(source, ImapSettings)
    return source


class TestYaml:
    def test_numbers_stay_as_they_are_written(self, file: Path):
        settings = loaded(
            file,
            "sources:\n  pbx: {type: asterisk, host: pbx, port: 5039, username: 0100, password: 0042}\n"
            "contact_points:\n  a: {source: pbx, queue: 0600}\n  b: {source: pbx, extension: 100}\n",
        )
        assert (pbx(settings).port, pbx(settings).username, password(settings)) == (5039, "0100", "0042")
        assert settings.place_of(settings.contact_points["a"]) == "queue:0600"
        assert settings.place_of(settings.contact_points["b"]) == "extension:100"

    def test_norway_is_no_boolean(self, file: Path):
        assert loaded(file, "country: NO\n").country == "NO"

    def test_true_false_and_null(self, file: Path):
        text = PBX.replace("}", ", tls: true, discover: false, queue_log: ~, ca_file: }")
        source = pbx(loaded(file, text))
        assert (source.tls, source.discover, source.queue_log, source.ca_file) == ("implicit", False, None, None)

    def test_keys_are_texts(self, file: Path):
        settings = loaded(file, "contact_points:\n  true: {title: a}\n  ~: {title: b}\n  0600: {title: c}\n")
        assert list(settings.contact_points) == ["true", "~", "0600"]

    @pytest.mark.parametrize("key", ["_env_file", "_secrets_dir", "_cli_parse_args", "_build_sources", "self"])
    def test_what_steers_pydantic_settings_is_an_unknown_key(self, file: Path, key: str):
        [problem] = refused(file, f"{key}: true\n")
        assert problem.startswith(f"{key}: unknown key")

    @pytest.mark.parametrize("written", ["!!int 5", "!!float 5", "!!timestamp 2026-01-01", "!!set {a}", "!!bool 5", "!x 5"])
    def test_tags_are_refused(self, file: Path, written: str):
        [problem] = refused(file, f"country: {written}\n")
        assert problem.startswith(f"{file}: not YAML in line 1: a value that begins with one of")

    def test_the_tags_of_what_there_is_do_no_harm(self, file: Path):
        settings = loaded(file, "country: !!str NO\ncontact_points: !!map {a: {title: !!str 5}}\nweb: {anyone: !!bool true}\n")
        assert (settings.country, settings.contact_points["a"].title, settings.web.anyone) == ("NO", "5", True)

    def test_a_section_may_be_a_title_alone(self, file: Path):
        assert loaded(file, "sources:\ncontact_points:\npolicies:\ncalendars:\nprivacy:\nweb:\n").sources == {}

    def test_an_empty_file_is_a_configuration(self, file: Path):
        assert loaded(file, "").listen == "127.0.0.1:9760"

    def test_a_byte_order_mark_does_no_harm(self, file: Path):
        assert loaded(file, "\ufeffcountry: DE\n").country == "DE"

    def test_anchors_and_merges_work(self, file: Path):
        text = "policies:\n  a: &a {long_hold: {after: 1m}, long_wait: {after: 30s}}\n  b: {<<: *a, long_hold: {after: 2m}}\n"
        assert set(loaded(file, text).policies["b"].signals) == {"long_hold", "long_wait"}

    def test_a_directory_is_no_file(self, tmp_path: Path):
        with pytest.raises(ConfigError, match="cannot read the configuration: Is a directory"):
            load(tmp_path, {})

    def test_what_is_not_utf8_is_told(self, file: Path):
        file.write_bytes(b"country: \xff\n")
        with pytest.raises(ConfigError, match="not UTF-8 text"):
            load(file, {})

    def test_a_nest_too_deep_is_told(self, file: Path):
        file.write_text("a: " + "[" * 5000)
        with pytest.raises(ConfigError, match="not YAML"):
            load(file, {})


class TestValues:
    @pytest.mark.parametrize(("written", "share"), [("90%", 0.9), ("0.9", 0.9), ("100%", 1.0), ("1", 1.0), ("99.5%", 0.995)])
    def test_shares(self, file: Path, written: str, share: float):
        signal = loaded(file, f"policies: {{p: {{long_hold: {{objective: {written}}}}}}}\n").policies["p"].signals["long_hold"]
        assert signal is not False
        assert signal.objective == pytest.approx(share)

    @pytest.mark.parametrize("word", ["false", "False", "off", "no", '"false"'])
    def test_a_signal_is_switched_off(self, file: Path, word: str):
        assert loaded(file, f"policies: {{p: {{long_hold: {word}}}}}\n").policies["p"].signals == {"long_hold": False}

    @pytest.mark.parametrize(
        "listen", ["127.0.0.1:9760", "localhost:0", "[::1]:9760", "127.9.9.9:1"]
    )  # fmt: skip
    def test_loopback_wants_no_users(self, file: Path, listen: str):
        assert loaded(file, f'listen: "{listen}"\n').listen == listen

    @pytest.mark.parametrize("listen", ["0.0.0.0:9760", ":9760", "[::]:9760", "10.0.0.5:9760", "monitor.example.org:9760"])
    def test_beyond_loopback_somebody_must_be_named(self, file: Path, listen: str):
        [problem] = refused(file, f'listen: "{listen}"\n')
        assert problem.startswith(f"listen: {listen} can be reached from outside")
        hashed = "$2b$10$" + "a" * 53
        users = loaded(file, f'listen: "{listen}"\nweb: {{users: {{anna: {hashed}}}}}\n').web.users
        assert users["anna"].get_secret_value() == hashed
        assert loaded(file, f'listen: "{listen}"\nweb: {{anyone: true}}\n').web.anyone

    def test_an_ipv6_address_wants_brackets(self, file: Path):
        assert refused(file, 'listen: "::1:9760"\n') == ["listen: '::1:9760' is no address: write HOST:PORT, as 127.0.0.1:9760"]


class TestEnvironment:
    def test_it_wins_over_the_file(self, file: Path):
        settings = loaded(file, PBX + "country: GB\n", SOURCES__PBX__PASSWORD="of-the-environment", COUNTRY="DE")
        assert (password(settings), settings.country) == ("of-the-environment", "DE")

    def test_only_the_one_that_is_given_is_read(self, file: Path, monkeypatch: pytest.MonkeyPatch):
        for name in ("COUNTRY", "STORE", "CONTACT_MONITOR__COUNTRY", "CONTACT_MONITOR__LISTN"):
            monkeypatch.setenv(name, "DE")
        assert (loaded(file, "").country, loaded(file, "").store) == ("GB", "sqlite:contacts.db")

    def test_a_mapping_as_a_whole_replaces_that_of_the_file(self, file: Path):
        hashed = "$2b$10$" + "a" * 53
        settings = loaded(file, f"web: {{users: {{anna: {hashed}}}, anyone: true}}\n", WEB__USERS=f"{{bert: {hashed}}}")
        assert list(settings.web.users) == ["bert"]
        assert settings.web.anyone

    def test_a_part_of_a_mapping_goes_before_the_whole(self, file: Path):
        whole = "{type: asterisk, host: whole, username: whole, password: whole}"
        for order in (["PBX", "PBX__HOST"], ["PBX__HOST", "PBX"]):
            values = {f"SOURCES__{name}": "part" if "HOST" in name else whole for name in order}
            source = pbx(loaded(file, PBX, **values))
            assert (source.host, source.username) == ("part", "whole")

    def test_a_new_contact_point_that_resembles_none_is_taken(self, file: Path):
        settings = loaded(file, "contact_points: {support: {}}\n", CONTACT_POINTS__SALES__TITLE="Sales")
        assert settings.contact_points["sales"].title == "Sales"

    @pytest.mark.parametrize(("name", "is_new"), [("SUPPOXX", True), ("SUPPORX", False)])
    def test_how_alike_two_names_may_be(self, file: Path, name: str, is_new: bool):
        """Five of seven letters alike is 0.71, six is 0.86; from 0.75 on it was meant."""
        text, environ = "contact_points: {support: {}}\n", {f"CONTACT_POINTS__{name}__TITLE": "x"}
        if is_new:
            assert loaded(file, text, **environ).contact_points.keys() == {"support", name.lower()}
        else:
            [problem] = refused(file, text, **{f"CONTACT_MONITOR__{key}": value for key, value in environ.items()})
            assert problem.endswith(f"contact_points has no {name.lower()}; did you mean support?")

    def test_a_misspelt_user_is_no_new_one(self, file: Path):
        text = f"web: {{users: {{anna: {'$2b$10$' + 'a' * 53}}}}}\n"
        [problem] = refused(file, text, CONTACT_MONITOR__WEB__USERS__ANNNA="$2b$10$" + "b" * 53)
        assert problem == "CONTACT_MONITOR__WEB__USERS__ANNNA: users has no annna; did you mean anna?"

    def test_a_new_source_may_be_called_almost_as_another(self, file: Path):
        """No single variable makes a source, so none makes one by a slip."""
        settings = loaded(file, PBX, SOURCES__PBX2__TYPE="events")
        assert settings.sources.keys() == {"pbx", "pbx2"}

    def test_it_is_enough_alone(self):
        environ = {
            "CONTACT_MONITOR__SOURCES__PBX__TYPE": "asterisk",
            "CONTACT_MONITOR__SOURCES__PBX__HOST": "pbx",
            "CONTACT_MONITOR__SOURCES__PBX__USERNAME": "monitor",
            "CONTACT_MONITOR__SOURCES__PBX__PASSWORD": "0042",
            "CONTACT_MONITOR__SOURCES__PBX__PORT": "5039",
            "CONTACT_MONITOR__SOURCES__PBX__EXTENSIONS": '["100", "101"]',
            "CONTACT_MONITOR__POLICIES__DEFAULT__LONG_HOLD__AFTER": "1m",
            "CONTACT_MONITOR__POLICIES__DEFAULT__ABANDONED": "false",
        }
        settings = load(None, environ)
        assert (pbx(settings).port, pbx(settings).extensions, password(settings)) == (5039, ["100", "101"], "0042")
        assert settings.policies["default"].signals["abandoned"] is False

    def test_a_name_with_dashes_a_dot_and_a_nested_account(self, file: Path):
        text = (
            "sources:\n  my-mail: {type: imap, host: imap, accounts: {info@example.org: {password: of-the-file}}}\n"
            "contact_points:\n  info-mail: {source: my-mail, address: info@example.org}\n"
        )
        settings = loaded(
            file, text,
            SOURCES__MY_MAIL__ACCOUNTS__INFO_EXAMPLE_ORG__PASSWORD="of-the-environment",
            CONTACT_POINTS__INFO_MAIL__TITLE="Mail",
        )  # fmt: skip
        assert mail(settings).accounts["info@example.org"].password.get_secret_value() == "of-the-environment"
        assert settings.contact_points["info-mail"].title == "Mail"

    def test_case_does_not_count(self, file: Path):
        file.write_text(PBX)
        assert pbx(load(file, {"contact_monitor__sources__PBX__Host": "other"})).host == "other"

    def test_the_last_key_may_be_one_that_no_variable_can_write(self, file: Path):
        text = "calendars: {office: {hours: {mon-fri: 09:00-17:00}}}\n"
        settings = loaded(file, text, CALENDARS__OFFICE__HOURS__MON_FRI="10:00-12:00")
        assert settings.calendars["office"].hours == {"mon-fri": "10:00-12:00"}

    def test_a_key_with_two_underscores(self, file: Path):
        text = PBX.replace("pbx:", "old__pbx:", 1)
        settings = loaded(file, text, SOURCES__OLD__PBX__HOST="other")
        assert settings.sources["old__pbx"].host == "other"  # type: ignore[attr-defined]  # it is an AsteriskSettings

    def test_a_file_in_the_environment_replaces_the_password_of_the_file(self, file: Path, tmp_path: Path):
        secret = tmp_path / "secret"
        secret.write_text("of the secret's file\n")
        assert password(loaded(file, PBX, SOURCES__PBX__PASSWORD_FILE=str(secret))) == "of the secret's file"

    def test_a_password_in_the_environment_replaces_the_file_of_the_file(self, file: Path):
        text = PBX.replace("password: of-the-file", "password_file: /nowhere")
        assert password(loaded(file, text, SOURCES__PBX__PASSWORD="of-the-environment")) == "of-the-environment"

    def test_both_in_the_environment_are_one_too_many(self, file: Path):
        problems = refused(
            file, PBX, CONTACT_MONITOR__SOURCES__PBX__PASSWORD="x", CONTACT_MONITOR__SOURCES__PBX__PASSWORD_FILE="/x"
        )  # fmt: skip
        assert problems == ["sources.pbx: give password or password_file, not both"]

    @pytest.mark.parametrize(
        ("variable", "told"),
        [
            (
                "CONTACT_MONITOR__SORUCES__PBX__HOST",
                "soruces: unknown key; did you mean sources? (from CONTACT_MONITOR__SORUCES__PBX__HOST)",
            ),
            (
                "CONTACT_MONITOR__SOURCES__PBX__HOTS",
                "sources.pbx.hots: unknown key; did you mean host? (from CONTACT_MONITOR__SOURCES__PBX__HOTS)",
            ),
            (
                "CONTACT_MONITOR__SOURCES__PXB__PASSWORD",
                f"sources.pxb.type: is missing; known are {', '.join(sorted(source_types()))}; did you mean pbx? "
                "(from CONTACT_MONITOR__SOURCES__PXB__PASSWORD)",
            ),
            (
                "CONTACT_MONITOR__POLICIES__PHON__LONG_HOLD",
                "CONTACT_MONITOR__POLICIES__PHON__LONG_HOLD: policies has no phon; did you mean phone?",
            ),
            (
                "CONTACT_MONITOR__SOURCES__MAIL__ACCOUNTS__INFO_EXAMPEL_ORG__PASSWORD",
                "CONTACT_MONITOR__SOURCES__MAIL__ACCOUNTS__INFO_EXAMPEL_ORG__PASSWORD: accounts has no info_exampel_org; "
                "did you mean info@example.org?",
            ),
            (
                "CONTACT_MONITOR_SOURCES__PBX__HOST",
                "CONTACT_MONITOR_SOURCES__PBX__HOST: it begins with one underscore too few; write CONTACT_MONITOR__…",
            ),
            (
                "CONTACT_MONITOR__SOURCES____HOST",
                "CONTACT_MONITOR__SOURCES____HOST: no key is named like this; write CONTACT_MONITOR__SOURCES__NAME__PASSWORD",
            ),
        ],
    )  # fmt: skip
    def test_a_misspelt_variable_is_told_with_the_nearest_key(self, file: Path, variable: str, told: str):
        text = PBX + "  mail: {type: imap, host: x, accounts: {info@example.org: {password: x}}}\n"
        text += "policies: {phone: {long_wait: false}}\n"
        assert told in refused(file, text, **{variable: "false"})

    def test_what_it_brings_in_wrongly_is_told_with_its_name(self, file: Path):
        assert refused(file, PBX, CONTACT_MONITOR__SOURCES__PBX__PORT="many") == [
            "sources.pbx.port: 'many' is not a whole number (from CONTACT_MONITOR__SOURCES__PBX__PORT)"
        ]

    def test_what_the_file_says_elsewhere_is_not_laid_to_it(self, file: Path):
        text = "sources:\n  shop: {type: events}\n  shop2: {type: events, x: y}\n"
        [problem] = refused(file, text, CONTACT_MONITOR__SOURCES__SHOP="{type: events}")
        assert problem.startswith("sources.shop2.x: unknown key")
        assert "(from" not in problem

    def test_what_one_section_says_of_another_is_asked_of_both_together(self, file: Path):
        text = PBX + "contact_points: {a: {source: pbx, queue: support}}\n"
        [problem] = refused(file, text, CONTACT_MONITOR__CONTACT_POINTS__A__SOURCE="pxb")
        variable = "CONTACT_MONITOR__CONTACT_POINTS__A__SOURCE"
        assert problem == f"contact_points.a.source: there is no source 'pxb'; did you mean pbx? (from {variable})"

    def test_a_broken_list_is_told_with_its_name(self, file: Path):
        [problem] = refused(file, PBX, CONTACT_MONITOR__SOURCES__PBX__TRUNKS="[PJSIP/a")
        assert problem.startswith("CONTACT_MONITOR__SOURCES__PBX__TRUNKS: not YAML in line 1")

    def test_what_others_put_there_is_left_alone(self, file: Path):
        file.write_text(PBX)
        others = {"CONTACT_MONITOR_SERVICE_HOST": "10.0.0.1", "CONTACT_MONITOR_CONFIG": "x", "CONTACT_MONITOR": "x"}
        assert pbx(load(file, others)).host == "pbx"


class TestSecretFiles:
    @pytest.mark.parametrize(
        ("content", "secret"),
        [
            (b"pass word", "pass word"),
            (b" blanks stay \n", " blanks stay "),
            (b"dos\r\n", "dos"),
            (b"\xef\xbb\xbfmark\n", "mark"),
        ],
    )
    def test_the_one_line_is_the_secret(self, file: Path, tmp_path: Path, content: bytes, secret: str):
        path = tmp_path / "secret"
        path.write_bytes(content)
        shop = loaded(file, f"sources: {{shop: {{type: events, token_file: {path}}}}}\n").sources["shop"]
        assert isinstance(shop, EventsSettings)
        assert shop.token is not None
        assert shop.token.get_secret_value() == secret

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "it is empty"),
            (b" \n", "it is empty"),
            (b"\xff\xfe", "it is not text"),
            (b"one\ntwo\n", "it has several lines; it must hold the secret and nothing else"),
            (b"a\0b", "it has several lines; it must hold the secret and nothing else"),
        ],
    )
    def test_anything_else_is_told_without_its_content(self, file: Path, tmp_path: Path, content: bytes, why: str):
        path = tmp_path / "secret"
        path.write_bytes(content)
        text = PBX.replace("password: of-the-file", f"password_file: {path}")
        assert refused(file, text) == [f"sources.pbx.password_file: cannot use {path}: {why}"]

    def test_every_kind_of_secret_has_its_file(self, file: Path, tmp_path: Path):
        secret = tmp_path / "secret"
        secret.write_text("sesame-sesame-sesame\n")
        text = (
            f"privacy: {{key_file: {secret}}}\nsources:\n  shop: {{type: events, token_file: {secret}}}\n"
            f"  my-mail: {{type: imap, host: imap, accounts: {{info@example.org: {{password_file: {secret}}}}}}}\n"
        )
        settings = loaded(file, text)
        shop = settings.sources["shop"]
        assert isinstance(shop, EventsSettings)
        secrets = settings.privacy.key, shop.token, mail(settings).accounts["info@example.org"].password
        assert [each and each.get_secret_value() for each in secrets] == ["sesame-sesame-sesame"] * 3
        assert "sesame" not in repr(settings)
