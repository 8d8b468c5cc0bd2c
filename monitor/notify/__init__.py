"""Tells people what is wrong, for sites that have neither Prometheus nor Alertmanager. Off unless `notify` is configured."""
