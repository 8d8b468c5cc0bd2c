"""The live board and the wall: how each contact point stands now, in words, and what changes while somebody looks."""
