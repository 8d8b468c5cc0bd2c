"""Alert and recording rules for Prometheus, and objectives as OpenSLO."""
