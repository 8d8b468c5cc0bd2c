"""The manifests of config/kubernetes: generated ones are as generated, and all fit together."""

import json
from pathlib import Path
from typing import Any

import yaml

from monitor.config.loading import build
from monitor.publish.dashboard_files import directory

TOP = Path(__file__).parents[3]
FOLDER = TOP / "config" / "kubernetes"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())


def objects(kind: str) -> list[dict[str, Any]]:
    """The objects of one kind among the resources."""
    documents = [one for name in KUSTOMIZATION["resources"] for one in yaml.safe_load_all((FOLDER / name).read_text())]
    return [one for one in documents if one["kind"] == kind]


def test_every_manifest_is_a_resource() -> None:
    others = {"kustomization.yaml", *(name for one in KUSTOMIZATION["configMapGenerator"] for name in one["files"])}
    assert {path.name for path in FOLDER.iterdir()} == {*KUSTOMIZATION["resources"], *others}


def test_the_rules_are_those_of_the_rule_file() -> None:
    [rule] = objects("PrometheusRule")
    assert rule["spec"] == yaml.safe_load((TOP / "config/prometheus/rules.yml").read_text())


def test_every_board_is_there_and_small_enough() -> None:
    boards = {key: text for one in objects("ConfigMap") for key, text in one["data"].items()}
    assert {name: json.loads(text) for name, text in boards.items()} == {
        path.name: json.loads(path.read_text()) for path in directory().glob("*.json")
    }
    for one in objects("ConfigMap"):
        assert len(json.dumps(one)) < 262_144  # what `kubectl apply` can keep in an annotation
        assert one["metadata"]["labels"]["grafana_dashboard"] == "1"


class TestPod:
    [deployment] = objects("Deployment")
    pod = deployment["spec"]["template"]["spec"]
    [container] = pod["containers"]

    def test_is_nobody_and_writes_nowhere_but_to_its_volumes(self) -> None:
        assert self.pod["securityContext"]["runAsNonRoot"] is True
        assert f"--uid {self.pod['securityContext']['runAsUser']} " in (TOP / "Dockerfile").read_text()
        own = self.container["securityContext"]
        assert own["readOnlyRootFilesystem"] is True
        assert own["allowPrivilegeEscalation"] is False
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert self.pod["automountServiceAccountToken"] is False

    def test_is_asked_whether_it_lives_and_is_ready(self) -> None:
        assert self.container["livenessProbe"]["httpGet"]["path"] == "/-/healthy"
        assert self.container["startupProbe"]["httpGet"]["path"] == "/-/healthy"
        assert self.container["readinessProbe"]["httpGet"]["path"] == "/-/ready"

    def test_says_what_it_needs(self) -> None:
        assert self.container["resources"].keys() == {"requests", "limits"}

    def test_never_has_a_twin_at_its_store(self) -> None:
        assert self.deployment["spec"]["replicas"] == 1
        assert self.deployment["spec"]["strategy"] == {"type": "Recreate"}

    def test_mounts_volumes_that_exist(self) -> None:
        assert {mount["name"] for mount in self.container["volumeMounts"]} == {volume["name"] for volume in self.pod["volumes"]}
        volumes = {volume["name"]: volume for volume in self.pod["volumes"]}
        [claim] = objects("PersistentVolumeClaim")
        assert volumes["data"]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
        assert volumes["config"]["configMap"]["name"] == KUSTOMIZATION["configMapGenerator"][0]["name"]

    def test_reads_a_configuration_that_is_one(self) -> None:
        mounts = {mount["name"]: mount["mountPath"] for mount in self.container["volumeMounts"]}
        assert self.container["args"] == ["run", "--config", f"{mounts['config']}/contact-monitor.yaml"]
        raw = yaml.safe_load((FOLDER / "contact-monitor.yaml").read_text())
        assert raw["sources"]["desk"].pop("token_file").startswith(mounts["secrets"] + "/")
        assert raw["store"].removeprefix("sqlite:").startswith(mounts["data"] + "/")
        settings = build(raw)
        assert settings.listen.endswith(f":{self.container['ports'][0]['containerPort']}")

    def test_is_found_by_the_service_and_the_service_by_prometheus(self) -> None:
        labels = self.deployment["spec"]["template"]["metadata"]["labels"]
        [service], [monitor] = objects("Service"), objects("ServiceMonitor")
        assert service["spec"]["selector"].items() <= labels.items()
        assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
        assert monitor["spec"]["endpoints"][0]["port"] == service["spec"]["ports"][0]["name"]
        assert service["spec"]["ports"][0]["targetPort"] == self.container["ports"][0]["name"]
        scrape = yaml.safe_load((TOP / "config/prometheus/prometheus.yml").read_text())
        assert monitor["spec"]["endpoints"][0]["interval"] == scrape["global"]["scrape_interval"]
        assert monitor["spec"]["sampleLimit"] == scrape["scrape_configs"][0]["sample_limit"]
