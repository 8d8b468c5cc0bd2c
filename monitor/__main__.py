"""`python -m monitor` is `contact-monitor`."""

from monitor.cli.commands import main

main()
