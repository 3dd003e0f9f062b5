"""Writing answers: claim, stream, store, end."""
