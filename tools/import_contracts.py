"""Import contracts of our own for import-linter; pyproject.toml names them. `lint-imports` checks them with the others."""

import sys
from typing import Any

import grimp
from importlinter import Contract, ContractCheck, fields, output


class StandardLibraryOnly(Contract):
    """The modules of `package` import nothing from outside but the standard library, and what `allowed` names.

    `allowed`: pairs as `monitor.domain.public_holidays -> holidays`.
    """

    package = fields.StringField()
    allowed = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Broken by an import of a distribution's module, also inside a function."""
        package, allowed = str(self.package), set(map(str, self.allowed or ()))  # type: ignore[arg-type]  # the value of a field
        foreign = sorted(
            f"{module} -> {imported}"
            for module in {package, *graph.find_descendants(package)}
            for imported in graph.find_modules_directly_imported_by(module)
            if graph.is_module_squashed(imported) and imported.partition(".")[0] not in sys.stdlib_module_names
        )
        return ContractCheck(kept=set(foreign) <= allowed, metadata={"found": [each for each in foreign if each not in allowed]})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line an import."""
        _render(check, "is no module of the standard library")


class IndependentSourceTypes(Contract):
    """No source type imports another: every module of `package` whose name has no leading underscore is one."""

    package = fields.StringField()

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Broken by an import from one public module to another; what they share lies in modules with an underscore."""
        package = str(self.package)
        prefix = f"{package}."
        types = {module for module in graph.find_children(package) if not module.removeprefix(prefix).startswith("_")}
        found = sorted(
            f"{module} -> {imported}" for module in types for imported in graph.find_modules_directly_imported_by(module) & types
        )
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line an import."""
        _render(check, "one source type imports another; what both need belongs into a module with an underscore")


def _render(check: ContractCheck, problem: str) -> None:
    found: list[Any] = check.metadata["found"]
    for each in found:
        output.print_error(f"{each}: {problem}", bold=False)
