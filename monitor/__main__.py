"""`python -m monitor` is `contact-monitor`."""

from monitor.cli import main

main()
