"""What a test needs from the machine: found, or else the test is skipped on a desk and fails in CI."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

#: Begins the reason of every such skip; the end-of-run block of tests/conftest.py collects them by it.
WANTING = "not on this machine: "

#: Server programs live in sbin, which is not on everybody's PATH.
_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"))
#: Where to look instead; an empty directory shows what a machine without servers does.
_ONLY = "CONTACT_MONITOR_TEST_PROGRAMS"


def require(program: str, *, package: str = "") -> str:
    """The path of `program`. Without it the test is skipped, or fails where the environment says CI.

    `package`: what to tell people to install, where the program's name does not say it.
    """
    return shutil.which(program, path=os.environ.get(_ONLY) or _PATH) or wanting(package or program)


def require_root() -> None:
    """Some servers have to be started by root (a chroot, another user)."""
    if os.geteuid() != 0:
        wanting("root")


def wanting(what: str) -> NoReturn:
    """Gives the test up: `what` is missing."""
    if os.environ.get("CI"):
        pytest.fail(f"{WANTING}{what}; in CI .ci/run has to provide it", pytrace=False)
    pytest.skip(f"{WANTING}{what}")


def cache_directory() -> Path:
    """Where .ci/run and the build scripts keep what they build, outside the checkout."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("CONTACT_MONITOR_TEST_CACHE") or Path(base) / "contact-monitor-tests")
