"""What PostgreSQL does for a statement, in a few words: which indexes, and which tables it reads whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

from chat.admin.time_limit import time_limit

LONGEST_SECONDS = 60


def plan_of(statement: str) -> dict[str, Any]:
    """Run a statement under EXPLAIN ANALYZE, planned as the lists' are, and return its plan."""
    with time_limit(LONGEST_SECONDS), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        (found,) = cursor.fetchone()
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def indexes_of(plan: dict[str, Any]) -> list[str]:
    """Name the indexes, in the order they stand in the plan, each once; not those of primary keys."""
    names = (node["Index Name"] for node in _nodes(plan) if "Index Name" in node and _ran(node))
    return [name for name in dict.fromkeys(names) if not name.endswith("_pkey")]


def read_in_order(plan: dict[str, Any]) -> dict[str, int]:
    """Say how many rows of which tables were read by no index; a limit may end that early."""
    read: dict[str, int] = {}
    for node in _nodes(plan):
        if node["Node Type"] == "Seq Scan":
            rows = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node[
                "Actual Loops"
            ]
            read[node["Relation Name"]] = read.get(node["Relation Name"], 0) + round(rows)
    return read


def _ran(node: dict[str, Any]) -> bool:
    return bool(node.get("Actual Loops"))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
