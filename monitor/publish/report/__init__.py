"""The weekly report: its values, what they say in words, and the forms in which it is handed on."""
