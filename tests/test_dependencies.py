"""What the program imports is what pyproject.toml installs: nothing by luck, nothing for nothing."""

import ast
import re
import sys
import tomllib
from pathlib import Path

TOP = Path(__file__).parents[1]
#: Import name -> name of its distribution, where they differ.
CALLED = {
    "yaml": "pyyaml",
    "pydantic_core": "pydantic",
    "prometheus_client": "prometheus-client",
    "pydantic_settings": "pydantic-settings",
    "grafana_foundation_sdk": "grafana-foundation-sdk",
    "jwt": "pyjwt",
    "resvg_py": "resvg-py",
}
#: Data that is found without an import.
UNIMPORTED = {"tzdata"}
#: Makes the boards that lie ready in the package, and runs the suites of `monitor.testing`; nothing that runs imports it.
FOR_DEVELOPERS = {"grafana-foundation-sdk", "pytest"}
#: Imported by what needs it alone, with an error that names the extra.
EXTRAS = ("postgres", "notify", "report")


def imported() -> set[str]:
    found: set[str] = set()
    for path in (TOP / "monitor").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.partition(".")[0])
    return {CALLED.get(name, name) for name in found - sys.stdlib_module_names - {"monitor"}}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~! ]", each, maxsplit=1)[0].lower() for each in requirements}


def test_imports_and_dependencies_are_the_same():
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    extras = [requirement for extra in EXTRAS for requirement in project["optional-dependencies"][extra]]
    assert imported() - FOR_DEVELOPERS == names(project["dependencies"] + extras) - UNIMPORTED
    assert names(project["optional-dependencies"]["dev"]) >= FOR_DEVELOPERS
