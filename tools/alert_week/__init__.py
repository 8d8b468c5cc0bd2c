"""A simulated week of contact points, run through the alert rules on a real Prometheus: `python -m tools.alert_week`."""
