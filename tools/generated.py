"""Every file of the repository that is generated, and what belongs into it. `make generated` writes them all."""

from collections.abc import Iterator
from pathlib import Path

from tools import config_reference, metrics_reference
from tools.grafana.generate import board_files
from tools.kubernetes import config_maps
from tools.rules import kubernetes_rules, prometheus_rules


def generated_files() -> Iterator[tuple[str, str]]:
    """Path in the repository, and text. The same bytes every time."""
    boards = board_files()
    for uid, text in boards.items():
        yield f"dashboards/{uid}.json", text
    yield "config/kubernetes/dashboards.yaml", config_maps(boards)
    yield "config/kubernetes/prometheusrule.yaml", kubernetes_rules()
    yield "config/prometheus/rules.yml", prometheus_rules()
    yield "docs/configuration.md", config_reference.reference()
    yield "docs/metrics.md", metrics_reference.reference()


def write(root: Path) -> list[Path]:
    """Writes the files below `root`; the paths of those that changed."""
    changed = []
    for name, text in generated_files():
        path = root / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed
