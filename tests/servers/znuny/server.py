"""A real Znuny 6.5 on PostgreSQL, served by starlet from a copy of the package's files; needs no root.

Its web service "monitor" can only read; through "desk", an example that Znuny brings along, people work.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.servers.helpdesk import READER, STRANGER, Answer, Helpdesk, HttpClient
from tests.servers.postgresql import USER, Postgresql
from tests.servers.requirement import cache_directory, require, wanting

_HERE = Path(__file__).parent
_BEGIN = """
use strict; use warnings;
use lib $ENV{ZNUNY_HOME};
use Kernel::System::ObjectManager;
local $Kernel::OM = Kernel::System::ObjectManager->new('Kernel::System::Log' => { LogPrefix => 'test' });
"""
_MERGE = """
my ($from, $into, $login) = @ARGV;
my $user = $Kernel::OM->Get('Kernel::System::User')->UserLookup(UserLogin => $login);
my %merge = (MainTicketID => $into, MergeTicketID => $from, UserID => $user);
$Kernel::OM->Get('Kernel::System::Ticket')->TicketMerge(%merge) or die 'not merged';
"""
_DELETE = """
$Kernel::OM->Get('Kernel::System::Ticket')->TicketDelete(TicketID => $ARGV[0], UserID => 1) or die 'not deleted';
"""


class ZnunyService:
    """One web service as one person, whose name and password go along with each request."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self.http = HttpClient(url, {})
        self._who = {"UserLogin": login, "Password": password}

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Whatever answers."""
        whole = {**self._who, **(body or {})}
        if method == "GET":
            return self.http.ask("GET", path + "?" + "&".join(f"{key}={value}" for key, value in whole.items()))
        return self.http.ask(method, path, whole)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON that answers. Raises AssertionError where it tells of an error, which Znuny does with status 200."""
        answer = self.ask(method, path, body)
        assert answer.status == 200, answer
        content = answer.json()
        assert "Error" not in content, content
        return content


class Znuny(Helpdesk):
    """Queues Support (which acknowledges by itself), Projects, Managers and Complaints. `url` is what a source names."""

    name = "znuny"

    def __init__(self, postgresql: Postgresql) -> None:
        self._program = cache_directory() / "znuny" / "root"
        self._perl, self._plackup = require("perl", package="znuny"), require("plackup", package="znuny")
        if not (self._program / "usr/share/otrs/RELEASE").exists():
            wanting("znuny (fetch it with tests/servers/znuny/build.sh)")
        super().__init__()
        self._postgresql = postgresql
        self._home = self.top / "otrs"
        self._database = self.top.name.replace("-", "_").lower()
        self.url = f"{self._services}/monitor"
        self._zone = "UTC"
        self._postmaster: subprocess.Popen[bytes] | None = None

    @property
    def _services(self) -> str:
        return f"http://127.0.0.1:{self.port}/otrs/nph-genericinterface.pl/Webservice"

    def password(self, login: str = READER) -> str:
        """Of this person: an agent, the bot or the reader."""
        return f"pass-of-{login}"

    def service(self, login: str = READER) -> ZnunyService:
        """As this person; that of the reader and the stranger can only read."""
        return ZnunyService(self.url if login in (READER, STRANGER) else f"{self._services}/desk", login, self.password(login))

    def deliver(self, mail: EmailMessage) -> None:
        """A mail through Znuny's own PostMaster: opens a ticket in the queue of its recipient, or answers one by its subject."""
        if self._postmaster is None:
            command = [self._perl, "-e", _BEGIN + (_HERE / "postmaster.pl").read_text()]
            with self.log.open("ab") as log:
                self._postmaster = subprocess.Popen(
                    command, env=os.environ | self._environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
                )
        given, answers = self._postmaster.stdin, self._postmaster.stdout
        assert given is not None
        assert answers is not None
        raw = mail.as_bytes()
        given.write(b"%d\n%b" % (len(raw), raw))
        given.flush()
        answer = answers.readline()
        assert answer.strip() not in (b"", b"0"), answer

    def stop(self) -> None:
        self._end_postmaster()
        super().stop()

    def close(self) -> None:
        self._end_postmaster()
        super().close()

    def merge(self, ticket: str, into: str, login: str) -> None:
        """What the web interface does and no web service can."""
        self.perl(_MERGE, ticket, into, login)

    def delete(self, ticket: str) -> None:
        """As the administrator does, without a trace."""
        self.perl(_DELETE, ticket)

    def perl(self, program: str, *arguments: str) -> str:
        """What a Perl program prints that finds `$Kernel::OM`: for what no interface can do."""
        return self._run([self._perl, "-e", _BEGIN + program, *arguments]).decode()

    def console(self, *arguments: str) -> None:
        """One of Znuny's own commands, as its daemon runs them from time to time."""
        self._run([str(self._home / "bin" / "otrs.Console.pl"), *arguments, "--allow-root"])

    def live_in(self, zone: str) -> None:
        """All the times that it writes are of this zone from now on."""
        self._zone = zone
        self.stop()
        (self._home / "Kernel" / "Config.pm").write_text(self._configuration())
        self.start()

    def prepare(self) -> None:
        self._copy_program()
        self._postgresql.execute(f"CREATE DATABASE {self._database} TEMPLATE template1")
        tables = self._program / "usr/share/dbconfig-common/data/otrs2/install/pgsql"
        self._postgresql.execute(tables.read_text(), database=self._database)
        (self._home / "Kernel" / "Config.pm").write_text(self._configuration())
        self.console("Maint::Config::Rebuild")
        self.perl((_HERE / "setup.pl").read_text())
        examples = self._home / "var" / "webservices" / "examples"
        for name, path in (("monitor", _HERE / "monitor.yml"), ("desk", examples / "GenericTicketConnectorREST.yml")):
            self.console("Admin::WebService::Add", "--name", name, "--source-path", str(path))

    def command(self) -> tuple[list[str], dict[str, str]]:
        program = self._home / "bin" / "cgi-bin" / "app.psgi"
        options = ["-s", "Starlet", "-E", "deployment", "--host", "127.0.0.1", "--port", str(self.port), "--max-workers", "3"]
        return [self._plackup, *options, str(program)], self._environment()

    def save(self, name: str) -> None:
        self._copy_database(self._database, self._saved(name))

    def load(self, name: str) -> None:
        self._copy_database(self._saved(name), self._database)
        shutil.rmtree(self._home / "var" / "tmp")  # its caches
        (self._home / "var" / "tmp").mkdir()

    def answers(self) -> bool:
        try:
            return HttpClient(self.url, {}).ask("GET", "/Ticket/0").status == 200
        except OSError:
            return False

    def _end_postmaster(self) -> None:
        process, self._postmaster = self._postmaster, None
        if process is not None:
            process.communicate(timeout=20)

    def _copy_program(self) -> None:
        otrs, var = self._program / "usr/share/otrs", self._program / "var/lib/otrs"
        shutil.copytree(otrs, self._home, symlinks=True, ignore=shutil.ignore_patterns("scripts", "var"))
        shutil.copytree(var, self._home / "var", symlinks=True, ignore=shutil.ignore_patterns("httpd", "run", "spool"))
        for directory in ("run", "spool"):
            (self._home / "var" / directory).mkdir()
        (self._home / "var" / "httpd").symlink_to(var / "httpd")
        kernel = self._home / "Kernel"
        for link in ("Config.pm", "Config/GenericAgent.pm", "Config/Backups", "Config/Files"):
            (kernel / link).unlink()  # to where the package would be installed
        for directory in ("Backups", "Files"):
            (kernel / "Config" / directory).symlink_to(self._home / "var" / "Config" / directory)
        (kernel / "Config" / "GenericAgent.pm").write_text("package Kernel::Config::GenericAgent;\n1;\n")

    def _copy_database(self, source: str, target: str) -> None:
        self._postgresql.end_sessions(self._postgresql.url(source))
        self._postgresql.drop(self._postgresql.url(target))
        self._postgresql.execute(f"CREATE DATABASE {target} TEMPLATE {source}")

    def _saved(self, name: str) -> str:
        return f"{self._database}_{name.replace(' ', '_')}"

    def _run(self, command: list[str]) -> bytes:
        done = subprocess.run(command, env=os.environ | self._environment(), cwd=self._home, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def _environment(self) -> dict[str, str]:
        return {"ZNUNY_HOME": str(self._home), "TZ": "UTC"} | self.clock.perl()

    def _configuration(self) -> str:
        source = f"DBI:Pg:dbname={self._database};host=127.0.0.1;port={self._postgresql.port}"
        return f"""\
package Kernel::Config;
use strict; use warnings; use utf8;
sub Load {{
    my $Self = shift;
    $Self->{{Home}} = '{self._home}';
    $Self->{{DatabaseDSN}} = '{source}';
    $Self->{{DatabaseUser}} = '{USER}';
    $Self->{{DatabasePw}} = 'none';
    $Self->{{SecureMode}} = 1;
    $Self->{{CheckEmailAddresses}} = 0;
    $Self->{{CheckMXRecord}} = 0;
    $Self->{{SendmailModule}} = 'Kernel::System::Email::DoNotSendEmail';
    $Self->{{FQDN}} = 'desk.example';
    $Self->{{OTRSTimeZone}} = '{self._zone}';
    $Self->{{UserDefaultTimeZone}} = '{self._zone}';
    $Self->{{PostmasterDefaultQueue}} = 'Support';
    $Self->{{'Ticket::NumberGenerator'}} = 'Kernel::System::Ticket::Number::AutoIncrement';
    $Self->{{TimeWorkingHours}} = {{ map {{ $_ => [0 .. 23] }} qw(Mon Tue Wed Thu Fri Sat Sun) }};
    $Self->{{TimeVacationDays}} = {{}};
    return 1;
}}
use Kernel::Config::Defaults;
use parent qw(Kernel::Config::Defaults);
1;
"""
