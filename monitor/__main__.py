"""`python -m monitor` is `contact-monitor`."""

import signal
from typing import Never


def main() -> Never:
    """Loads the commands and runs one. Ctrl-C while they load ends the process at once, without a traceback."""
    interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # not where the shell has it ignored
    if interruptible:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from monitor.cli.commands import main as run_command

    if interruptible:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run_command()


if __name__ == "__main__":
    main()
