"""Replies to customers that were labelled by hand: what else their words say. Written before the rules."""
