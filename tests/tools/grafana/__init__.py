"""The dashboards: generated as committed, by the rules of the house, and with data in every panel."""
