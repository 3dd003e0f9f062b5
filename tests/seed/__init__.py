"""The scenarios of the Evolution streaming guide, one test each, named after its headings.

What its page calls "Streaming в веб-приложениях" (SSE with Flask, FastAPI and a JavaScript client) is not here: it
belongs to the HTTP interface.
"""
