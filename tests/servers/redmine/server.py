"""A real Redmine 5 on SQLite, served by puma from a copy of the package's files; needs no root."""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.servers.helpdesk import READER, HttpClient, SqliteHelpdesk
from tests.servers.requirement import require, wanting

_HERE = Path(__file__).parent
_PROGRAM, _GEMS = Path("/usr/share/redmine"), Path("/var/lib/redmine/Gemfile.lock")
_PARTS = ("app", "bin", "config", "db", "extra", "lib", "public", "Gemfile", "Rakefile", "config.ru")
_ADMIN = "admin"
#: Redmine does not say what time it is; the web server that stands in front of one elsewhere does.
_DATED = """
require "time"
use(Class.new do
  def initialize(app) = @app = app
  def call(env) = @app.call(env).tap { |answer| answer[1]["Date"] = Time.now.httpdate }
end)
"""


class Redmine(SqliteHelpdesk):
    """Projects support, projects, managers and complaints. `url` is what a source names."""

    name = "redmine"

    def __init__(self) -> None:
        self._bundle, self._puma = require("bundle", package="redmine"), require("puma")
        if not _PROGRAM.exists() or not _GEMS.exists():
            wanting("redmine")
        super().__init__()
        self.url = f"http://127.0.0.1:{self.port}"
        self._facts: dict[str, Any] = {}

    @property
    def key(self) -> str:
        """Of the account that may only read."""
        return self.facts("keys")[READER]

    def facts(self, kind: str) -> Mapping[str, Any]:
        """By name: "ids" of people, their "keys", "statuses", "priorities", "trackers", "projects"."""
        found: dict[str, Any] = self._facts[kind]
        return found

    @property
    def promise_field(self) -> int:
        """The custom field "Promised by", a date."""
        return int(self._facts["promise"])

    def client(self, name: str = _ADMIN) -> HttpClient:
        """REST as this person: admin, an agent, the bot, the reader or the stranger."""
        return HttpClient(self.url, {"X-Redmine-API-Key": self.facts("keys")[name]})

    def deliver(self, mail: EmailMessage, project: str, *, accepted: bool = True) -> None:
        """A mail through Redmine's own web service for mail: opens an issue or adds to the one that its subject names.

        `accepted`: whether Redmine is to take it; it drops what says that it was sent automatically.
        """
        form = {
            "key": "a-key-for-mail", "email": mail.as_bytes(), "unknown_user": "create", "no_permission_check": "1",
            "no_account_notice": "1", "no_notification": "1", "issue[project]": project, "issue[tracker]": "Support",
            "issue[priority]": "High",
        }  # fmt: skip
        answer = HttpClient(self.url, {}).ask("POST", "/mail_handler", form=form)
        assert answer.status == (201 if accepted else 422), answer

    def prepare(self) -> None:
        for part in _PARTS:
            source, target = _PROGRAM / part, self.top / part
            if source.is_dir():
                shutil.copytree(source, target, ignore_dangling_symlinks=True)
            else:
                shutil.copyfile(source, target)
        shutil.copyfile(_GEMS, self.top / "Gemfile.lock")
        # Which database gems it loads depends on the configurations that it finds: only ours.
        gemfile = self.top / "Gemfile"
        gemfile.write_text(gemfile.read_text().replace(f"{_PROGRAM}/", f"{self.top}/"))
        rack = self.top / "config.ru"
        rack.write_text(_DATED + rack.read_text())
        site = self.top / "instances" / "default"
        for directory in ("config", "files", "log", "tmp/cache", "tmp/pids", "public/plugin_assets"):
            (site / directory).mkdir(parents=True)
        database = {"adapter": "sqlite3", "database": str(self.database), "timeout": 20000, "encoding": "utf8"}
        (site / "config" / "database.yml").write_text(json.dumps({"production": database}))  # JSON is YAML
        (site / "config" / "configuration.yml").write_text('{"default": {"email_delivery": {"delivery_method": ":test"}}}')
        (site / "config" / "secret_key.txt").write_text(secrets.token_hex(64))
        self._facts = json.loads(self.ruby((_HERE / "setup.rb").read_text()).splitlines()[-1])

    def ruby(self, program: str) -> str:
        """What a Ruby program prints that runs inside Redmine: for what no interface can do."""
        done = subprocess.run(
            [self._bundle, "exec", "rails", "runner", "-"], input=program, cwd=self.top,
            env=os.environ | self._environment() | self.clock.ruby(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def command(self) -> tuple[list[str], dict[str, str]]:
        options = ["-e", "production", "-b", f"tcp://127.0.0.1:{self.port}", "-t", "1:4", "--dir", str(self.top), "config.ru"]
        return [self._puma, *options], self._environment() | self.clock.ruby()

    def answers(self) -> bool:
        try:
            return self.client().ask("GET", "/issue_statuses.json").status == 200
        except OSError:
            return False

    def _environment(self) -> dict[str, str]:
        return {"RAILS_ENV": "production", "TZ": "UTC", "BUNDLE_GEMFILE": str(self.top / "Gemfile")}
