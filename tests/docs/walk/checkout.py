"""The repository as a reader clones it, and a pip that installs it into his own environments without a package index."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.docs.walk.walker import TOP, Walk
from tests.servers.requirement import require

#: What no clone has: of this checkout, not of the project.
_NOT_CLONED = (".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "*.db", "*.db-*", "*.db.key")
#: Dependencies and the build's tools come from the environment of the tests.
ENVIRONMENT = {
    "PYTHONPATH": sysconfig.get_path("purelib"),
    "PIP_NO_INDEX": "1",
    "PIP_NO_DEPS": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it like this: no isolation
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


class Repository:
    """What `URL` leads to: the checkout as it is now, as one commit of a repository in `top`."""

    def __init__(self, top: Path) -> None:
        self.path = top / "origin"
        shutil.copytree(TOP, self.path, ignore=shutil.ignore_patterns(*_NOT_CLONED))
        self._git("init", "--quiet")
        self.commit("As it is")

    def commit(self, message: str) -> None:
        """Everything that has changed there, as a newer version."""
        self._git("add", "--all")
        self._git("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", message)

    def cloned(self, walk: Walk) -> None:
        """The reader has a clone, and stands in it."""
        walk.type(f"git clone --quiet {self.path} contact-monitor\ncd contact-monitor")

    def _git(self, *arguments: str) -> None:
        subprocess.run([require("git"), *arguments], cwd=self.path, check=True, capture_output=True)


def with_own_python(walk: Walk) -> Walk:
    """`python3` is the Python of the tests, for which the packages of ENVIRONMENT are made."""
    walk.stand_in("python3", f'exec {sys.executable} "$@"')
    return walk
