"""The daemon: composition of all parts, and its life as a process."""
