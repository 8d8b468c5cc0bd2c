"""A real Request Tracker 5 on SQLite, served by its own standalone server; needs no root."""

import os
import subprocess
from email.message import EmailMessage
from pathlib import Path

from tests.servers.helpdesk import AGENTS, BOT, READER, STRANGER, HttpClient, SqliteHelpdesk
from tests.servers.requirement import require, wanting

_HERE = Path(__file__).parent
_SERVER = Path("/usr/share/request-tracker5/libexec/rt-server")
_LIBRARY = "/usr/share/request-tracker5/lib"
_ADMIN = "root"
#: A token for everybody; mail opens tickets without a priority, so they begin in the middle of 0 to 100.
_ACCOUNTS = """
require RT::AuthToken;
for my $name (@ARGV) {
    my $user = RT::CurrentUser->new(RT->SystemUser);
    $user->Load($name);
    my ($ok, $message, $token) = RT::AuthToken->new(RT->SystemUser)->Create(Owner => $user->id, Description => 'test');
    die "$name: $message" unless $ok;
    print "$name $token\\n";
}
for my $name (qw(Support Projects Managers Complaints)) {
    my $queue = RT::Queue->new(RT->SystemUser);
    $queue->Load($name);
    $queue->SetDefaultValue(Name => 'InitialPriority', Value => 50);
}
"""


class RequestTracker(SqliteHelpdesk):
    """Queues Support (whose due dates its own SLA sets), Projects, Managers and Complaints. `url` is what a source names."""

    name = "request_tracker"

    def __init__(self) -> None:
        self._setup = require("rt-setup-database-5", package="request-tracker5")
        if not _SERVER.exists():
            wanting("request-tracker5")
        super().__init__()
        self.url = f"http://127.0.0.1:{self.port}"
        self._tokens: dict[str, str] = {}

    @property
    def token(self) -> str:
        """Of the account that may only read."""
        return self.token_of(READER)

    def token_of(self, name: str) -> str:
        """Of this person: root, an agent, the bot, the reader or the stranger."""
        return self._tokens[name]

    def client(self, name: str = _ADMIN) -> HttpClient:
        """REST 2 as this person: root, an agent, the bot, the reader or the stranger."""
        return HttpClient(f"{self.url}/REST/2.0", {"Authorization": f"token {self._tokens[name]}"})

    def deliver(self, mail: EmailMessage, queue: str) -> None:
        """A mail through Request Tracker's own gateway: opens a ticket or answers the one that its subject names."""
        form = {"SessionType": "REST", "queue": queue, "action": "correspond", "message": mail.as_bytes()}
        answer = HttpClient(self.url, {}).ask("POST", "/REST/1.0/NoAuth/mail-gateway", form=form)
        assert answer.body.startswith(b"ok"), answer

    def perl(self, program: str, *arguments: str) -> str:
        """What a Perl program prints that finds Request Tracker loaded: for what no interface can do."""
        begin = "use RT; RT::LoadConfig(); RT::Init();"
        done = subprocess.run(
            [require("perl"), f"-I{_LIBRARY}", "-e", begin + program, *arguments],
            env=os.environ | self._environment() | self.clock.perl(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def prepare(self) -> None:
        for directory in ("mason", "sessions"):
            (self.top / directory).mkdir()
        (self.top / "RT_SiteConfig.pm").write_text(_configuration(self.top, self.database, self.port))
        self._run(self._setup, "--action", "init", "--skip-create")
        self._run(self._setup, "--action", "insert", "--datafile", str(_HERE / "initialdata"))
        lines = self.perl(_ACCOUNTS, _ADMIN, BOT, READER, STRANGER, *AGENTS).splitlines()
        self._tokens = dict(line.split(" ") for line in lines)

    def command(self) -> tuple[list[str], dict[str, str]]:
        options = ["--server", "Starlet", "--host", "127.0.0.1", "--port", str(self.port), "--max-workers", "3"]
        return [str(_SERVER), *options], self._environment() | self.clock.perl()

    def answers(self) -> bool:
        try:
            return self.client().ask("GET", "/rt").status == 200
        except OSError:
            return False

    def _environment(self) -> dict[str, str]:
        return {"RT_SITE_CONFIG": str(self.top / "RT_SiteConfig.pm"), "RT_SITE_CONFIG_DIR": os.devnull, "TZ": "UTC"}

    def _run(self, *command: str) -> None:
        environment = os.environ | self._environment()
        done = subprocess.run(command, env=environment, cwd=self.top, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def _configuration(top: Path, database: Path, port: int) -> str:
    # "day" answers within 24 hours and resolves within 120: RT_System moves the one due date from the one to the other.
    return f"""\
Set($rtname, 'desk.example');
Set($Organization, 'desk.example');
Set($CorrespondAddress, 'support\\@desk.example');
Set($CommentAddress, 'comment\\@desk.example');
Set($WebDomain, '127.0.0.1');
Set($WebPort, {port});
Set($Timezone, 'UTC');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, '{database}');
Set($MailCommand, 'testfile');
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'warning');
Set($BcryptCost, 4);
Set($ParseNewMessageForTicketCcs, 0);
Set(%ServiceAgreements, (
    QueueDefault => {{ Support => 'day' }},
    Levels => {{ day => {{
        StartImmediately => 1, Response => {{ RealMinutes => 1440 }}, Resolve => {{ RealMinutes => 7200 }},
    }} }},
));
$RT::MasonDataDir = '{top}/mason';
$RT::MasonSessionDir = '{top}/sessions';
1;
"""
