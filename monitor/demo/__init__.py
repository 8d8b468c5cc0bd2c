"""A small simulated contact centre on loopback that speaks the real protocols."""
