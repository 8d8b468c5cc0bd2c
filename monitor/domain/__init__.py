"""The pure core: events -> contacts (waits, marks) -> verdicts. No I/O, no clock, no logging."""
