"""The dashboards as Kubernetes objects: config/kubernetes/dashboards.yaml."""

from collections.abc import Mapping
from typing import Any, Final

from monitor.publish.rules.generate import dump

_LABELS: Final = {"app.kubernetes.io/name": "contact-monitor"}
#: What the sidecar of Grafana's Helm chart looks for, and the folder that it puts a board into.
_SIDECAR: Final = {"grafana_dashboard": "1"}
_FOLDER: Final = {"grafana_folder": "Contact points"}
_HEAD: Final = "# Generated: make generated\n"


def config_maps(boards: Mapping[str, str]) -> str:
    """One ConfigMap for each board (uid -> JSON); all in one would be too large for an annotation of kubectl."""
    return _HEAD + dump(*(_config_map(uid, text) for uid, text in sorted(boards.items())))


def _config_map(uid: str, text: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": uid, "labels": {**_LABELS, **_SIDECAR}, "annotations": _FOLDER},
        "data": {f"{uid}.json": text},
    }
