"""The systemd unit without systemd as the first process: what it would start, in which directory, with which credentials."""

import re
import shutil
import subprocess
from pathlib import Path

from tests.servers.requirement import require

CREDENTIALS = "/run/credentials/contact-monitor.service"


class Unit:
    """A service file, as far as a start rests on it. `text`: with the paths of the reader's machine."""

    def __init__(self, text: str) -> None:
        self._text = text

    def values(self, key: str) -> list[str]:
        """Every value of a key, in order; what is commented out is none."""
        return re.findall(rf"^{key}=(.*)$", self._text, re.MULTILINE)

    @property
    def command(self) -> str:
        """What it starts."""
        [command] = self.values("ExecStart")
        return command

    def hand_over_credentials(self, directory: Path) -> None:
        """LoadCredential: copies for the service alone. Raises FileNotFoundError where a secret was not made before the start."""
        directory.mkdir(mode=0o700)
        for value in self.values("LoadCredential"):
            name, _, source = value.partition(":")
            shutil.copyfile(source, directory / name)
            (directory / name).chmod(0o400)

    def verify(self, file: Path) -> None:
        """systemd's own opinion of it; warnings about other units of this machine are not ours."""
        done = subprocess.run(
            [require("systemd-analyze", package="systemd"), "verify", str(file)], capture_output=True, text=True, check=False
        )
        ours = [line for line in done.stderr.splitlines() if file.name in line]
        assert ours == []
