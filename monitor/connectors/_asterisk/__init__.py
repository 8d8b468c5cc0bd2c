"""Asterisk: its manager interface and its queue_log, from bytes to calls."""
