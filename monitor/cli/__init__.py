"""The commands of `contact-monitor`."""
