"""The house can be walked one way: imports go down the picture of the data flow, never up or across the two arms."""

import ast
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "tnas_bench"

# What a room may import besides itself. Everything may import the ground floor.
GROUND = {"errors", "foreign", "hashes", "locks", "seeds"}
ALLOWED = {
    "errors": set(),
    "foreign": set(),
    "hashes": set(),
    "locks": set(),
    "seeds": set(),
    "wheels": set(),
    "dependencies": {"config"},
    "config": set(),
    "progress": set(),
    "tasks": {"wheels", "config", "progress"},
    "modules": {"device", "wheels", "tasks", "config", "progress"},
    "spaces": set(),
    "children": {"device", "tasks", "modules", "spaces"},
    "controllers": {"spaces", "config"},
    "executors": {"device", "runcard"},
    "journal": {"device", "runcard"},
    "runcard": set(),
    "study": {"spaces", "children", "controllers", "journal", "runcard"},
    "metrics": set(),
    "stats": set(),
    "plan": {"config", "tasks", "modules", "spaces"},
    "device": set(),
    "images": {"device", "tasks"},
    "networks": {"config", "device", "images", "journal"},
    "fisher": {"images"},
    "distance": {"config", "device", "fisher", "images"},
    "cells": {"config", "device", "images", "journal", "networks", "controllers", "spaces"},
    "tabular": {"spaces", "children", "controllers", "study", "journal", "config", "metrics", "stats"},
    "plan_ldnas": {"config", "plan"},
    "checks": {"config", "plan", "plan_ldnas", "tasks", "modules"},
    "price": {
        "config",
        "device",
        "images",
        "tasks",
        "modules",
        "spaces",
        "children",
        "controllers",
        "study",
        "journal",
        "runcard",
        "networks",
        "fisher",
        "distance",
        "cells",
        "exhibits",
        "plan",
        "plan_ldnas",
    },
    "exhibits": {"config", "tasks", "modules", "metrics", "stats", "journal", "cells", "distance", "tabular"},
    "exhibit_results": {"config", "plan", "plan_ldnas", "exhibits"},
    "claims": {
        "config",
        "spaces",
        "metrics",
        "stats",
        "progress",
        "journal",
        "plan",
        "cells",
        "distance",
        "exhibits",
        "exhibit_results",
    },
    "audit": {
        "config",
        "device",
        "tasks",
        "modules",
        "spaces",
        "children",
        "controllers",
        "study",
        "journal",
        "runcard",
        "plan",
        "plan_ldnas",
        "run",
        "run_ldnas",
        "exhibit_results",
    },
    "compare": {"config", "runcard", "journal", "metrics", "plan", "claims"},
    "crate": {"claims", "config", "journal", "plan", "exhibit_results", "tasks", "modules"},
    "report": {"config", "tasks", "exhibits", "claims"},
}
TOP = {
    "run",
    "run_ldnas",
    "checks_plan",
    "cli",
    "cli_data",
    "cli_price",
    "cli_results",
    "cli_table",
    "",
}  # these join the arms and may import anything; "" is the package's own __init__


def rooms(path: Path) -> set[str]:
    """The rooms of the package that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            assert node.level == 0, f"{path}: relative import"
        found |= {name.split(".")[1] for name in names if name.startswith("tnas_bench.")}
    return found


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def test_imports_go_down():
    files = list(PACKAGE.rglob("*.py"))
    assert len(files) > 20
    for path in files:
        if room(path) in TOP:
            continue
        assert room(path) in ALLOWED, f"{path}: a room that the picture does not know"
        above = rooms(path) - ALLOWED[room(path)] - GROUND - {room(path), "__version__"}
        assert not above, f"{path} imports {sorted(above)}"


def test_both_arms_are_there():
    assert rooms(PACKAGE / "study.py") >= {"children", "controllers"}
    assert "controllers" not in ALLOWED["children"] and "children" not in ALLOWED["controllers"]


def test_what_only_reads_results_imports_no_torch():
    """Forty short jobs of a workflow would each take twice as long."""
    rooms = "cli, exhibit_results, report, claims.ledger"
    imports = ", ".join(f"tnas_bench.{name}" for name in rooms.split(", "))
    code = f"import sys, {imports}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
