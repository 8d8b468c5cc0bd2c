"""The generated Kubernetes objects of config/kubernetes: the alert rules, and the dashboards as ConfigMaps."""

import sys
from pathlib import Path
from typing import Any, Final

from monitor.publish.dashboard_files import directory
from monitor.publish.rules.generate import GENERIC, dump, render, rule_groups

_LABELS: Final = {"app.kubernetes.io/name": "contact-monitor"}
#: What the sidecar of Grafana's Helm chart looks for, and the folder that it puts a board into.
_SIDECAR: Final = {"grafana_dashboard": "1"}
_FOLDER: Final = {"grafana_folder": "Contact points"}
_HEAD: Final = "# Generated: python -m tools.kubernetes config/kubernetes\n"


def prometheus_rule() -> str:
    """config/kubernetes/prometheusrule.yaml: the generic rules, which serve every configuration."""
    return _HEAD + render(rule_groups(), GENERIC.links, "kubernetes")


def dashboards() -> str:
    """config/kubernetes/dashboards.yaml: one ConfigMap a board; all in one would be too large for an annotation of kubectl."""
    return _HEAD + dump(*(_board(path) for path in sorted(directory().glob("*.json"))))


def _board(path: Path) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": path.stem, "labels": {**_LABELS, **_SIDECAR}, "annotations": _FOLDER},
        "data": {path.name: path.read_text(encoding="utf-8")},
    }


FILES: Final = {"prometheusrule.yaml": prometheus_rule, "dashboards.yaml": dashboards}

if __name__ == "__main__":
    for name, text in FILES.items():
        (Path(sys.argv[1]) / name).write_text(text(), encoding="utf-8")
