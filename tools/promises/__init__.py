"""The sentences that the promises in free text are judged by, and the figures."""
