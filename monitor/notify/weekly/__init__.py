"""The weekly report by mail: when it is due, who has got it, and the mail server that takes it."""
