"""The configuration: files and environment -> checked models -> the domain's own values."""
