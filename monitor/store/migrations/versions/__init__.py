"""One file a revision, in the order of their numbers; never changed once it was released."""
