"""Full-text search over titles and messages: what was asked, how each database finds it, what is shown."""

from chat.search.excerpt import CLOSE, OPEN, cut, excerpt, marked_ranges
from chat.search.query import SearchQuery, parse

__all__ = ["CLOSE", "OPEN", "SearchQuery", "cut", "excerpt", "marked_ranges", "parse"]
