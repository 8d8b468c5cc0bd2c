"""The generator of the Grafana dashboards."""
