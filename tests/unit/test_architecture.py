"""The rules of imports: which layer may use which, and what may be loaded while a DAG file is parsed."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "include" / "broadsheet"

# What each layer may import of the package, beside itself. `settings` is a leaf that any layer may use.
ALLOWED = {
    "errors": set(),
    "settings": {"errors"},
    "domain": {"errors"},
    "catalog": {"domain", "errors", "settings"},
    "store": {"domain", "errors", "settings"},
    "pipeline": {"catalog", "store", "domain", "errors", "settings"},
    "orchestration": {"pipeline", "catalog", "store", "domain", "errors", "settings"},
    # Use cases that the command line and the portal share.
    "services": {"catalog", "store", "domain", "errors", "settings"},
    "portal": {"services", "catalog", "store", "domain", "errors", "settings"},
    "embedded": {"services", "pipeline", "catalog", "store", "domain", "errors", "settings"},
    "cli": {"embedded", "services", "pipeline", "catalog", "store", "domain", "errors", "settings"},
}
WITHOUT_AIRFLOW = {"errors", "settings", "domain", "catalog", "store", "pipeline", "services"}
# Each is one stage of a run; `preview` composes them where there is no Airflow, and the rest is shared.
STAGES = {"plan", "fetch", "aggregate", "charts", "pdf", "storage", "mail", "finish"}
COMPOSER = "preview"
DAG_FILES = sorted((ROOT / "dags").glob("*.py"))
HEAVY = {"pandas", "matplotlib", "reportlab", "boto3", "botocore", "psycopg", "pyarrow", "pikepdf"}


@dataclass(frozen=True)
class Import:
    """One import statement: who, what, where, and whether it runs when the module is loaded."""

    module: str
    target: str
    line: int
    at_load: bool

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"

    @property
    def layer(self) -> str:
        return self.module.split(".")[1] if "." in self.module else ""

    @property
    def target_layer(self) -> str | None:
        parts = self.target.split(".")
        return parts[1] if parts[0] == "broadsheet" and len(parts) > 1 else None


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def targets(node: ast.AST) -> list[str]:
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom(module="broadsheet"):
            return [f"broadsheet.{alias.name}" for alias in node.names]
        case ast.ImportFrom():
            # `from broadsheet.pipeline import plan` names the module in the alias.
            return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def imports_of(path: Path) -> Iterator[Import]:
    name = module_name(path)

    def walk(node: ast.AST, *, at_load: bool) -> Iterator[Import]:
        for target in targets(node):
            yield Import(name, target, getattr(node, "lineno", 0), at_load)
        is_lazy = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or (
            isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        )
        for child in ast.iter_child_nodes(node):
            yield from walk(child, at_load=at_load and not is_lazy)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")), at_load=True)


@cache
def all_imports() -> tuple[Import, ...]:
    return tuple(found for path in sorted(PACKAGE.rglob("*.py")) for found in imports_of(path))


def offenders(found: Iterator[Import]) -> list[str]:
    return sorted(str(each) for each in found)


def test_the_package_is_made_of_the_known_layers() -> None:
    layers = {
        path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert layers - {"__init__"} == set(ALLOWED)


@pytest.mark.parametrize("layer", sorted(ALLOWED))
def test_imports_point_one_way(layer: str) -> None:
    permitted = ALLOWED[layer] | {layer}
    wrong = (
        found
        for found in all_imports()
        if found.layer == layer and found.target_layer is not None and found.target_layer not in permitted
    )
    assert offenders(wrong) == []


def test_airflow_is_known_to_orchestration_portal_and_embedded_alone() -> None:
    wrong = (
        found
        for found in all_imports()
        if found.layer in WITHOUT_AIRFLOW and found.target.split(".")[0] == "airflow"
    )
    assert offenders(wrong) == []


def test_the_command_line_starts_without_airflow() -> None:
    wrong = (
        found
        for found in all_imports()
        if found.layer == "cli" and found.at_load and found.target.split(".")[0] == "airflow"
    )
    assert offenders(wrong) == []


def test_stages_never_import_each_other() -> None:
    def stage(name: str) -> str | None:
        parts = name.split(".")
        return parts[2] if parts[:2] == ["broadsheet", "pipeline"] and len(parts) > 2 else None

    wrong = (
        found
        for found in all_imports()
        if stage(found.module) != COMPOSER and stage(found.target) in STAGES - {stage(found.module)}
        if found.layer == "pipeline"
    )
    assert offenders(wrong) == []


def test_every_stage_is_there() -> None:
    there = {path.stem for path in (PACKAGE / "pipeline").iterdir()}
    assert there >= STAGES | {COMPOSER}


def test_imports_are_absolute() -> None:
    relative = [
        f"{path}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda path: path.name)
def test_a_dag_file_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 25


def test_neither_a_dag_file_nor_a_generated_one_loads_anything_heavy() -> None:
    statements = [f"runpy.run_path({str(path)!r})" for path in DAG_FILES]
    assert loaded_by("import runpy", *statements, "import broadsheet.orchestration.dag_builder") == set()


@pytest.mark.parametrize("path", sorted((ROOT / "plugins").glob("*.py")), ids=lambda path: path.name)
def test_a_plugin_file_only_registers(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 40


def loaded_by(*statements: str) -> set[str]:
    """The heavy libraries that a process of its own has loaded after some statements."""
    # What Airflow itself loads is not ours to forbid.
    code = (
        "import sys, airflow.sdk\n"
        "before = set(sys.modules)\n"
        + "\n".join(statements)
        + "\nprint('loaded:', *sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return set(process.stdout.rpartition("loaded:")[2].split()) & HEAVY
