"""The Kubernetes base: valid by the published schemas, complete, and of one mind with the rest of `deploy/`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

ROOT = Path(__file__).parents[2]
BASE = ROOT / "deploy/kubernetes"
WORKERS = {"normalizer", "sectioner", "extractor", "sink"}
#: Kinds that operators bring (Prometheus, KEDA): validated by models made of their published definitions, since the
#: validator of Kubernetes' own kinds does not carry them.
FOREIGN = {"ServiceMonitor", "PrometheusRule", "ScaledObject"}


def documents() -> list[dict]:
    names = yaml.safe_load((BASE / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    return [one for name in names for one in yaml.safe_load_all((BASE / name).read_text(encoding="utf-8")) if one]


@pytest.mark.parametrize(
    "document",
    [one for one in documents() if one["kind"] not in FOREIGN],
    ids=lambda one: f"{one['kind']}-{one['metadata']['name']}",
)
def test_a_resource_is_valid_by_the_published_schema(document):
    kubernetes_validate = pytest.importorskip("kubernetes_validate")
    kubernetes_validate.validate(document, "1.32", strict=True)


def model_of(kind: str):
    """The model of an operator's kind; it ignores unknown keys, so a document is compared with what is read back."""
    from cloudcoil.models.keda import v1alpha1 as keda
    from cloudcoil.models.prometheus_operator import v1 as prometheus_operator

    return {
        "ScaledObject": keda.ScaledObject,
        "ServiceMonitor": prometheus_operator.ServiceMonitor,
        "PrometheusRule": prometheus_operator.PrometheusRule,
    }[kind]


def read_back(document: dict) -> dict:
    read = model_of(document["kind"]).model_validate(document)
    return read.model_dump(by_alias=True, exclude_unset=True, mode="json")


@pytest.mark.parametrize(
    "document",
    [one for one in documents() if one["kind"] in FOREIGN],
    ids=lambda one: f"{one['kind']}-{one['metadata']['name']}",
)
def test_an_operators_resource_is_valid_by_its_published_definition_and_has_no_unknown_key(document):
    assert read_back(document) == document


def test_that_validation_refuses_a_wrong_type_a_missing_key_and_an_unknown_one():
    scaled = next(one for one in documents() if one["kind"] == "ScaledObject")
    wrong = {**scaled, "spec": {**scaled["spec"], "maxReplicaCount": "many"}}
    with pytest.raises(ValidationError):
        read_back(wrong)
    missing = {**scaled, "spec": {key: value for key, value in scaled["spec"].items() if key != "triggers"}}
    with pytest.raises(ValidationError):
        read_back(missing)
    unknown = {**scaled, "spec": {**scaled["spec"], "maximumReplicas": 3}}
    assert read_back(unknown) != unknown


def test_every_file_of_the_base_is_in_the_kustomization():
    named = set(yaml.safe_load((BASE / "kustomization.yaml").read_text(encoding="utf-8"))["resources"])
    assert {path.name for path in BASE.glob("*.yaml")} - {"kustomization.yaml"} == named


def test_every_worker_has_budget_policy_service_monitor_and_scaling():
    by_kind: dict[str, set[str]] = {}
    for one in documents():
        by_kind.setdefault(one["kind"], set()).add(one["metadata"]["name"])
    for kind in ("Deployment", "PodDisruptionBudget", "NetworkPolicy", "Service", "ServiceMonitor", "ScaledObject"):
        assert by_kind[kind] >= WORKERS, kind


def test_scaling_asks_the_monitor_for_outstanding_work_and_falls_back():
    for one in documents():
        if one["kind"] != "ScaledObject":
            continue
        (trigger,) = one["spec"]["triggers"]
        assert trigger["type"] == "prometheus"
        assert trigger["metadata"]["activationThreshold"] == "0"
        assert f'fazhi_stream_work_left_seconds{{stage="{one["metadata"]["name"]}"}}' in trigger["metadata"]["query"]
        assert one["spec"]["fallback"]["replicas"] >= 1
        assert one["spec"]["minReplicaCount"] == 0


def test_containers_run_what_compose_runs():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    for one in documents():
        if one["kind"] == "Deployment":
            (container,) = one["spec"]["template"]["spec"]["containers"]
            assert container["command"] == compose[one["metadata"]["name"]]["command"]
            assert container["image"] == compose[one["metadata"]["name"]]["image"]
            names = {variable["name"] for variable in container["env"]}
            assert names == set(compose[one["metadata"]["name"]]["environment"])


def test_only_what_a_restart_mends_restarts_a_container():
    for one in documents():
        if one["kind"] == "Deployment":
            (container,) = one["spec"]["template"]["spec"]["containers"]
            paths = {
                probe: container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")
            }
            assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}, one["metadata"]


def test_the_operators_rules_are_those_of_prometheus():
    rule = next(one for one in documents() if one["kind"] == "PrometheusRule")
    groups = [
        group
        for name in ("recording", "alerts")
        for group in yaml.safe_load((ROOT / f"deploy/prometheus/rules/{name}.yml").read_text(encoding="utf-8"))[
            "groups"
        ]
    ]
    assert rule["spec"]["groups"] == groups
