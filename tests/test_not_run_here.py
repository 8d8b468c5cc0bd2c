"""What the test run says on a machine without servers, and in CI, where none may be missing; in a worker of pytest-xdist."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
NEEDS_DOVECOT = "tests/demo/test_imap_server.py::test_the_answers_have_the_shapes_of_dovecots"
NEEDS_NOTHING = "tests/testing/test_clock.py::test_sleeping_for_nothing_needs_no_advance"


def run_without_servers(empty: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """pytest on two tests, where no server program is found."""
    # A folder of its own: pytest clears what earlier runs have left in the common one, and so does the run that this is part of.
    own = ["--basetemp", str(empty / "pytest")]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "1", *own, NEEDS_DOVECOT, NEEDS_NOTHING]
    clean = {key: value for key, value in os.environ.items() if key != "CI" and not key.startswith("PYTEST_")}
    env = clean | {"CONTACT_MONITOR_TEST_PROGRAMS": str(empty)} | environment
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env, timeout=120, check=False)


def test_on_a_machine_without_servers_the_run_passes_and_says_what_it_skipped(tmp_path: Path) -> None:
    done = run_without_servers(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not run here for want of" in done.stdout
    assert "dovecot: 1 test skipped" in done.stdout.splitlines()
    assert "1 passed, 1 skipped" in done.stdout


def test_in_ci_a_missing_server_is_a_failure(tmp_path: Path) -> None:
    done = run_without_servers(tmp_path, CI="true")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "not on this machine: dovecot; in CI .ci/run has to provide it" in done.stdout
    assert "1 passed, 1 error" in done.stdout  # a fixture asks for the server
