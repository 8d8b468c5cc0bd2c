"""One player for each helpdesk."""
