"""Promises in what agents write to customers: who will do what by when. Pure; the text is read and dropped."""
