"""The pictures of README.md and docs/, taken anew by `make pictures`."""
