"""The Dockerfile without an engine: its health check, asked of real daemons, and whom it runs as."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import bcrypt
import pytest

from tests.servers.daemon import Daemon
from tests.servers.dovecot import make_certificates

TOP = Path(__file__).parents[3]
DOCKERFILE = (TOP / "Dockerfile").read_text()
SOURCES = {"desk": {"type": "events", "token": "of-the-desk"}}
USERS = {"anna": bcrypt.hashpw(b"guessed-by-nobody", bcrypt.gensalt(4)).decode()}


def is_well(url: str) -> bool:
    """What the image's check says of a daemon at this address."""
    [command] = re.findall(r"^HEALTHCHECK .*\\\n  CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    program, *arguments = json.loads(command)
    assert program == "python"
    environment = os.environ | {"CONTACT_MONITOR_HEALTH_URL": url}
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("web", [{}, {"users": USERS}], ids=["open", "users"])
async def test_the_health_check_needs_no_password(tmp_path: Path, web: dict[str, object]):
    async with Daemon(tmp_path, {"sources": SOURCES, "web": web}) as daemon:
        assert is_well(f"http://{daemon.address}/-/healthy")
        assert not is_well(f"https://{daemon.address}/-/healthy")
        await daemon.stop()
        assert not is_well(f"http://{daemon.address}/-/healthy")


async def test_the_health_check_asks_by_https_whoever_signed_the_certificate(tmp_path: Path):
    make_certificates(tmp_path)
    web = {"users": USERS, "tls_cert": "server.pem", "tls_key": "server.key"}
    async with Daemon(tmp_path, {"sources": SOURCES, "web": web}) as daemon:
        assert is_well(f"https://{daemon.address}/-/healthy")
        assert not is_well(f"http://{daemon.address}/-/healthy")


def test_the_pages_tell_the_user_who_must_be_able_to_read_a_secret():
    [uid] = set(re.findall(r"--uid (\d+) ", DOCKERFILE)) & set(re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE))
    for page in ("docs/install.md", "docs/stack.md"):
        assert f"chown {uid} ami-password" in (TOP / page).read_text()
