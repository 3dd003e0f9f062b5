"""Daphne with what a chat needs of it: an orderly stop, and patience with an end for slow clients.

Importing its modules installs Twisted's reactor: `evochat.server.use_fast_loop` comes first.
"""
