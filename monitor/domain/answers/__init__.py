"""What else the words say: refusals, facts asked for and given, answers wanted, channels sent to, canned texts. Pure.

Texts are read in memory and dropped; only closed words and keyed hashes leave.
"""
