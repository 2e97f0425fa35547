"""The manifests fit Kubernetes' own schemas; what these cannot know is asserted here."""

from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from tests.deploy import reading

FOLDER = "kubernetes/"
FILES = sorted(
    name for name in reading.shipped() if name.startswith(FOLDER) and not name.endswith("kustomization.yaml")
)
GATEWAY = FOLDER + "gateway.yaml"
# Kinds of the Gateway API and of Envoy Gateway, with the fields that they have and we use.
FIELDS: dict[str, tuple[str, set[str]]] = {
    "Gateway": ("gateway.networking.k8s.io/v1", {"gatewayClassName", "listeners"}),
    "HTTPRoute": ("gateway.networking.k8s.io/v1", {"parentRefs", "hostnames", "rules"}),
    "ClientTrafficPolicy": ("gateway.envoyproxy.io/v1alpha1", {"targetRefs", "timeout"}),
    "BackendTrafficPolicy": ("gateway.envoyproxy.io/v1alpha1", {"targetRefs", "timeout"}),
}


def everything() -> dict[tuple[str, str], dict[str, Any]]:
    texts = reading.shipped()
    return {key: one for name in FILES for key, one in reading.documents(texts[name]).items()}


@pytest.mark.parametrize("name", [name for name in FILES if name != GATEWAY])
def test_core_kinds_fit_the_schema_of_kubernetes(name: str) -> None:
    for manifest in yaml.safe_load_all(reading.shipped()[name]):
        # A Job gets the rest of its name from the server; the validator wants a whole one.
        metadata = manifest["metadata"]
        metadata["name"] = metadata.get("name") or metadata.pop("generateName") + "x"
        kubernetes_validate.validate(manifest, "1.32", strict=True)


def test_the_schema_refuses_a_field_that_does_not_exist() -> None:
    manifest = everything()["Deployment", "collab"]
    manifest["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, "1.32", strict=True)


def test_no_manifest_names_a_namespace() -> None:
    assert [key for key, one in everything().items() if "namespace" in one["metadata"]] == []


def test_a_rollout_never_has_fewer_instances_and_one_leaves_at_a_time() -> None:
    found = everything()
    assert found["Deployment", "collab"]["spec"]["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
    }
    assert found["PodDisruptionBudget", "collab"]["spec"]["maxUnavailable"] == 1


def test_probes_ask_what_they_are_for() -> None:
    (container,) = everything()["Deployment", "collab"]["spec"]["template"]["spec"]["containers"]
    paths = {name: container[name]["httpGet"]["path"] for name in container if name.endswith("Probe")}
    assert paths == {"startupProbe": "/healthz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}


def test_an_instance_is_named_after_its_pod() -> None:
    (container,) = everything()["Deployment", "collab"]["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "COLLAB_INSTANCE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]


def test_what_selects_pods_selects_ours_and_not_the_migration() -> None:
    found = everything()
    pods = found["Deployment", "collab"]["spec"]["template"]["metadata"]["labels"]
    migration = found["Job", "collab-migrate-"]["spec"]["template"]["metadata"]["labels"]
    for selector in (
        found["Deployment", "collab"]["spec"]["selector"]["matchLabels"],
        found["Service", "collab"]["spec"]["selector"],
        found["PodDisruptionBudget", "collab"]["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= pods.items()
        assert not selector.items() <= migration.items()


def test_pods_run_as_nobody_special_and_write_nowhere() -> None:
    found = everything()
    for key in (("Deployment", "collab"), ("Job", "collab-migrate-")):
        pod = found[key]["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert not pod["automountServiceAccountToken"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert [next(iter(source)) for source in container["envFrom"]] == ["configMapRef", "secretRef"]


def test_all_pods_have_the_same_files() -> None:
    found = everything()
    pod = found["Deployment", "collab"]["spec"]["template"]["spec"]
    (claim,) = [one["persistentVolumeClaim"]["claimName"] for one in pod["volumes"] if "persistentVolumeClaim" in one]
    assert found["PersistentVolumeClaim", claim]["spec"]["accessModes"] == ["ReadWriteMany"]
    mounts = {one["name"]: one["mountPath"] for one in pod["containers"][0]["volumeMounts"]}
    assert mounts["media"] == found["ConfigMap", "collab"]["data"]["COLLAB_MEDIA"]
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsUser"]


def test_secrets_are_in_the_secret_alone() -> None:
    found = everything()
    secret, plain = found["Secret", "collab"]["stringData"], found["ConfigMap", "collab"]["data"]
    assert {"COLLAB_SECRET_KEY", "DATABASE_URL", "REDIS_URL"} <= set(secret)
    assert not set(secret) & set(plain)
    assert secret["COLLAB_SECRET_KEY"] == "change", "an example, no secret"
    assert secret["REDIS_URL"].startswith("rediss://"), "with TLS"


def test_kinds_of_the_gateway_have_the_fields_that_exist() -> None:
    for (kind, _), manifest in reading.documents(reading.shipped()[GATEWAY]).items():
        version, fields = FIELDS[kind]
        assert manifest["apiVersion"] == version
        assert set(manifest["spec"]) <= fields


def test_the_gateway_is_sticky_by_a_cookie_and_speaks_https() -> None:
    found = reading.documents(reading.shipped()[GATEWAY])
    (rule,) = found["HTTPRoute", "collab"]["spec"]["rules"]
    assert set(rule) == {"matches", "backendRefs", "sessionPersistence", "timeouts"}
    assert rule["sessionPersistence"] == {
        "type": "Cookie",
        "sessionName": "collab_lb",
        "cookieConfig": {"lifetimeType": "Session"},
    }
    service = everything()["Service", "collab"]
    assert rule["backendRefs"] == [{"name": "collab", "port": service["spec"]["ports"][0]["port"]}]
    listeners = {one["name"]: one for one in found["Gateway", "collab"]["spec"]["listeners"]}
    assert {name: one["protocol"] for name, one in listeners.items()} == {"http": "HTTP", "https": "HTTPS"}
    (parent,) = found["HTTPRoute", "collab"]["spec"]["parentRefs"]
    assert parent == {"name": "collab", "sectionName": "https"}, "plain HTTP is only redirected"
    (redirect,) = found["HTTPRoute", "collab-to-https"]["spec"]["rules"]
    assert redirect["filters"][0]["requestRedirect"] == {"scheme": "https", "statusCode": 301}


@pytest.mark.parametrize("kind", ["ClientTrafficPolicy", "BackendTrafficPolicy"])
def test_each_policy_is_attached_to_something_that_is_there(kind: str) -> None:
    found = reading.documents(reading.shipped()[GATEWAY])
    (target,) = found[kind, "collab"]["spec"]["targetRefs"]
    assert (target["kind"], target["name"]) in found
    assert target["kind"] == {"ClientTrafficPolicy": "Gateway", "BackendTrafficPolicy": "HTTPRoute"}[kind]


def test_kustomize_applies_every_file_but_the_examples() -> None:
    resources = yaml.safe_load(reading.shipped()[FOLDER + "kustomization.yaml"])["resources"]
    left_out = {"secret.example.yaml", "migrate-job.yaml"}
    assert {FOLDER + name for name in resources} == set(FILES) - {FOLDER + name for name in left_out}
