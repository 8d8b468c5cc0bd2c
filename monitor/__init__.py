"""Contact-point monitor: finds negative contacts on phone, mail and tickets while they happen."""

__version__ = "0.1.0"
