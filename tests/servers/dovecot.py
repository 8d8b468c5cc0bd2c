"""A real Dovecot for tests: any user name, one password, INBOX and the usual folders, IMAP and IMAPS on free ports.

Started once and shared; tests make up users of their own. Root starts it with the package's users, anybody else as himself.
"""

import contextlib
import getpass
import grp
import imaplib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.servers.ports import free_port
from tests.servers.requirement import require

PASSWORD = "open-sesame-7"
_FOLDERS = ("Sent", "Drafts", "Junk", "Trash", "Archive")


@dataclass
class Dovecot:
    """A running server. `stop`, `resume`, `kick` and friends are the misfortunes of a mail server."""

    top: Path
    port: int
    tls_port: int
    process: "subprocess.Popen[bytes]"
    owner: tuple[int, int]

    host = "127.0.0.1"
    password = PASSWORD

    @property
    def ca_file(self) -> Path:
        """The authority that signed the server's certificate."""
        return self.top / "ca.pem"

    def maildir(self, user: str) -> Path:
        """Where the user's mail lies; made when it is not there yet."""
        path = self.top / "mail" / user / "Maildir"
        if not path.exists():
            self.append(user, "INBOX", [])
        return path

    def append(self, user: str, folder: str, mails: Sequence[tuple[datetime, bytes]], flags: str = r"\Seen") -> None:
        """Puts mails into a folder; the moment becomes their INTERNALDATE."""
        with imaplib.IMAP4(self.host, self.port, timeout=20) as client:
            client.login(user, PASSWORD)
            client.create(folder)
            for at, raw in mails:
                status, text = client.append(folder, f"({flags})", imaplib.Time2Internaldate(at), raw)
                assert status == "OK", text

    def put_files(self, user: str, folder: str, mails: Sequence[tuple[datetime, bytes]], *, size: int | None = None) -> None:
        """Puts mails as files, quick for thousands. A wrong `size` makes poison: fetching its body cuts the connection."""
        top = self.maildir(user)
        directory = (top if folder == "INBOX" else top / f".{folder}") / "cur"
        for number, (at, raw) in enumerate(mails):
            data = raw.replace(b"\r\n", b"\n")
            path = directory / f"{int(at.timestamp())}.M{time.monotonic_ns()}P{number}.test,S={size or len(data)}:2,S"
            path.write_bytes(data)
            os.chown(path, *self.owner)
            os.utime(path, (at.timestamp(), at.timestamp()))

    def move(self, user: str, source: str, uid: int, target: str) -> None:
        """Moves one message, as its owner's mail program does."""
        self._doveadm("move", "-u", user, target, "mailbox", source, "uid", str(uid))

    def new_uid_validity(self, user: str) -> None:
        """INBOX gets a new UIDVALIDITY and new UIDs, as after a restore from backup."""
        self.kick(user)
        top = self.maildir(user)
        time.sleep(1.1)  # UIDVALIDITY is a Unix time: within the same second it would come out the same
        for path in [*top.glob("dovecot-uid*"), *top.glob("dovecot.index*"), *top.glob("dovecot.list.index*")]:
            path.unlink()

    def unseen(self, user: str) -> int:
        """How many mails in INBOX nobody has read."""
        with imaplib.IMAP4(self.host, self.port, timeout=20) as client:
            client.login(user, PASSWORD)
            client.select("INBOX", readonly=True)
            return len(client.search(None, "UNSEEN")[1][0].split())

    def kick(self, user: str) -> None:
        """Cuts all sessions of a user."""
        subprocess.run([require("doveadm"), "-c", str(self.top / "dovecot.conf"), "kick", user], check=False, capture_output=True)

    def stop(self) -> None:
        """The server hangs: it takes connections and never answers."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """The server goes on."""
        os.killpg(self.process.pid, signal.SIGCONT)

    def wire_log(self, user: str) -> bytes:
        """Everything the user's clients have sent, after login (Dovecot's rawlog)."""
        return b"".join(path.read_bytes() for path in sorted((self.top / "rawlog" / user).glob("*.in")))

    def keep_wire_log(self, user: str) -> None:
        """Call before the first login of this user."""
        directory = self.top / "rawlog" / user
        directory.mkdir(parents=True)
        for path in (directory.parent, directory):
            os.chown(path, *self.owner)

    def _doveadm(self, *arguments: str) -> None:
        subprocess.run([require("doveadm"), "-c", str(self.top / "dovecot.conf"), *arguments], check=True, capture_output=True)


def make_certificates(directory: Path, *, expired: bool = False) -> None:
    """ca.pem, server.pem and server.key for localhost and 127.0.0.1."""
    openssl = require("openssl")

    def run(command: str, *more: str) -> None:
        subprocess.run([openssl, *command.split(), *more], check=True, capture_output=True, cwd=directory)

    authority = "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=test-authority -keyout ca.key -out ca.pem"
    run(authority, "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    run("req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr")
    (directory / "ca.cnf").write_text(
        "[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\ndatabase=index.txt\nserial=serial\ndefault_md=sha256\npolicy=p\nx509_extensions=e\n"
        "[p]\ncommonName=supplied\n[e]\nsubjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n"
    )
    (directory / "index.txt").write_text("")
    (directory / "serial").write_text("01\n")
    span = ("-startdate", "20200101000000Z", "-enddate", "20200201000000Z") if expired else ("-days", "30")
    run("ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in server.csr -out server.pem", *span)


@contextlib.contextmanager
def running_dovecot(*, folders: Sequence[str] = _FOLDERS, expired: bool = False, introspection: str = "") -> Iterator[Dovecot]:
    """Starts one and ends it. Skips (or fails, in CI) where Dovecot is not installed.

    `folders`: those of a special use, which every mailbox has. `introspection`: also takes tokens, by XOAUTH2 and
    OAUTHBEARER, and asks there (RFC 7662) whose they are.
    """
    program = require("dovecot")
    top = Path(tempfile.mkdtemp(prefix="dovecot-test-"))
    top.chmod(0o755)
    owner = (pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid) if os.geteuid() == 0 else (os.getuid(), os.getgid())
    for name in ("mail", "rawlog"):
        (top / name).mkdir()
        os.chown(top / name, *owner)
    make_certificates(top, expired=expired)
    port, tls_port = free_port(), free_port()
    (top / "dovecot.conf").write_text(_configuration(top, port, tls_port, owner, folders, tokens=bool(introspection)))
    (top / "dovecot-oauth2.conf.ext").write_text(
        f"introspection_mode = post\nintrospection_url = {introspection}\nusername_attribute = username\n"
        "active_attribute = active\nactive_value = true\n"
    )
    with (top / "start.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "-F", "-c", str(top / "dovecot.conf")], stdout=log, stderr=log, start_new_session=True
        )
    server = Dovecot(top, port, tls_port, process, owner)
    try:
        _wait_until_it_greets(server)
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.resume()
            process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        shutil.rmtree(top, ignore_errors=True)


def _wait_until_it_greets(server: Dovecot) -> None:
    for _ in range(1200):
        try:
            with imaplib.IMAP4(server.host, server.port, timeout=5):
                return
        except OSError as error:
            if server.process.poll() is not None:
                raise RuntimeError((server.top / "start.log").read_text() + (server.top / "dovecot.log").read_text()) from error
            time.sleep(0.05)
    raise RuntimeError("Dovecot did not come up")


def _configuration(
    top: Path, port: int, tls_port: int, owner: tuple[int, int], names: Sequence[str], *, tokens: bool
) -> str:  # fmt: skip
    folders = "".join(f"  mailbox {name} {{\n    special_use = \\{name}\n    auto = subscribe\n  }}\n" for name in names)
    own_users = ""
    if os.geteuid() != 0:
        user, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
        own_users = f"default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}\n" + "".join(
            f"service {name} {{\n  chroot =\n}}\n" for name in ("anvil", "imap-login")
        )
    # Else each refusal from one address makes the next answer later.
    by_token = f"""\
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {top}/dovecot-oauth2.conf.ext
}}
"""
    return f"""\
base_dir = {top}/run
state_dir = {top}/state
log_path = {top}/dovecot.log
listen = 127.0.0.1
protocols = imap
mail_location = maildir:~/Maildir
mail_uid = {owner[0]}
mail_gid = {owner[1]}
first_valid_uid = 1
mail_max_userip_connections = 100
namespace inbox {{
  inbox = yes
  separator = /
{folders}}}
{by_token if tokens else "auth_mechanisms = plain login"}
auth_failure_delay = 0
disable_plaintext_auth = no
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={owner[0]} gid={owner[1]} home={top}/mail/%u
}}
ssl = yes
ssl_cert = <{top}/server.pem
ssl_key = <{top}/server.key
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 256
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
protocol imap {{
  rawlog_dir = {top}/rawlog/%u
}}
{own_users}"""
