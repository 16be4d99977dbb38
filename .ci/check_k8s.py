"""What we promise of the rendered manifests of one overlay: `check_k8s.py NAME FILE`."""

import re
import sys
from pathlib import Path

import yaml

DATABASE_SERVICES = {"organisation", "planning", "scoring", "pay", "appeals", "notification"}
DEPLOYMENTS = DATABASE_SERVICES | {"gateway"}
# Volume types of the Pod Security standard `restricted`.
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
# RFC 5737: the base's addresses, which an overlay must replace.
PLACEHOLDERS = ("192.0.2.", "198.51.100.", "203.0.113.")
OPERATIONS = Path(__file__).parent.parent / "docs" / "operations.md"

faults = []


def expect(condition, fault):
    if not condition:
        faults.append(fault)


class Manifests:
    def __init__(self, documents):
        self.all = documents

    def of(self, kind):
        return [d for d in self.all if d["kind"] == kind]

    def named(self, kind, name):
        return next((d for d in self.of(kind) if d["metadata"]["name"] == name), None)


def pods(manifests):
    """Every pod that can come to be: its owner, its labels and its specification."""
    for owner in manifests.of("Deployment") + manifests.of("Job"):
        template = owner["spec"]["template"]
        yield f"{owner['kind']} {owner['metadata']['name']}", template["metadata"]["labels"], template["spec"]


def environment(container):
    return {variable["name"]: variable for variable in container.get("env", [])}


# ---- pods ----------------------------------------------------------------------------------------


def check_pod(owner, spec):
    security = spec.get("securityContext", {})
    expect(security.get("runAsNonRoot") is True, f"{owner}: may run as root")
    expect(security.get("runAsUser", 0) > 0, f"{owner}: has no user of its own")
    expect(security.get("seccompProfile", {}).get("type") == "RuntimeDefault", f"{owner}: has no seccomp profile")
    expect(spec.get("automountServiceAccountToken") is False, f"{owner}: mounts a service account token")
    expect(spec.get("terminationGracePeriodSeconds", 0) > 0, f"{owner}: has no termination grace period")
    for forbidden in ("hostNetwork", "hostPID", "hostIPC"):
        expect(not spec.get(forbidden), f"{owner}: has {forbidden}")
    for volume in spec.get("volumes", []):
        expect(VOLUMES >= set(volume) - {"name"}, f"{owner}: volume {volume['name']} is of a forbidden type")
    for container in spec.get("initContainers", []) + spec["containers"]:
        check_container(f"{owner}, container {container['name']}", container)


def check_container(owner, container):
    security = container.get("securityContext", {})
    capabilities = security.get("capabilities", {})
    expect(security.get("readOnlyRootFilesystem") is True, f"{owner}: can write its root file system")
    expect(security.get("allowPrivilegeEscalation") is False, f"{owner}: may gain privileges")
    expect(not security.get("privileged"), f"{owner}: is privileged")
    expect(capabilities.get("drop") == ["ALL"] and not capabilities.get("add"), f"{owner}: keeps capabilities")
    for bound in ("requests", "limits"):
        given = container.get("resources", {}).get(bound, {})
        expect({"cpu", "memory"} <= set(given), f"{owner}: resources.{bound} lacks cpu or memory")
    _, _, tag = container["image"].partition(":")
    expect(tag not in ("", "latest"), f"{owner}: the image {container['image']} has no fixed version")
    for port in container.get("ports", []):
        expect("hostPort" not in port, f"{owner}: takes a port of its host")


# ---- deployments ---------------------------------------------------------------------------------


def check_deployment(manifests, deployment):
    name = deployment["metadata"]["name"]
    template = deployment["spec"]["template"]
    labels, spec = template["metadata"]["labels"], template["spec"]
    container = spec["containers"][0]
    for probe, path in (("livenessProbe", "/health/live"), ("readinessProbe", "/health/ready")):
        get = container.get(probe, {}).get("httpGet", {})
        expect(get.get("path") == path, f"{name}: {probe} does not ask {path}")
    expect({"name": "http", "containerPort": 8080} in container.get("ports", []), f"{name}: port http is not 8080")
    expect(spec.get("topologySpreadConstraints"), f"{name}: replicas may all be on one node")
    expect(manifests.named("ServiceAccount", spec.get("serviceAccountName")), f"{name}: has no service account")
    budgets = [b for b in manifests.of("PodDisruptionBudget") if selects(b["spec"]["selector"], labels)]
    expect(len(budgets) == 1, f"{name}: has {len(budgets)} disruption budgets")
    scalers = [h for h in manifests.of("HorizontalPodAutoscaler") if h["spec"]["scaleTargetRef"]["name"] == name]
    expect(len(scalers) == 1, f"{name}: has {len(scalers)} autoscalers")
    expect(all(h["spec"]["minReplicas"] >= 2 for h in scalers), f"{name}: may run as one replica")
    expect("replicas" not in deployment["spec"], f"{name}: `replicas` and the autoscaler contradict each other")
    if "STEELYARD_DATABASE_URL" in environment(container):
        check_migration(manifests, name)


def check_migration(manifests, name):
    job = manifests.named("Job", f"{name}-migration")
    expect(job, f"{name}: has no migration Job")
    if not job:
        return
    container = job["spec"]["template"]["spec"]["containers"][0]
    expect(container.get("command") == [f"steelyard-{name}", "migrate"], f"{name}: its Job does not migrate")
    running = manifests.named("Deployment", name)["spec"]["template"]["spec"]["containers"][0]["image"]
    expect(container["image"] == running, f"{name}: the Job's image is not the service's")
    for variable in ("STEELYARD_OWNER_DATABASE_URL", "STEELYARD_DATABASE_ROLE"):
        expect(variable in environment(container), f"{name}: its Job lacks {variable}")


def check_upstreams(manifests):
    scoring = manifests.named("Deployment", "scoring")["spec"]["template"]["spec"]["containers"][0]
    value = environment(scoring).get("STEELYARD_PAY_URL", {}).get("value")
    expect(value == "http://pay:8080", f"scoring: STEELYARD_PAY_URL is {value}")
    gateway = manifests.named("Deployment", "gateway")["spec"]["template"]["spec"]["containers"][0]
    value = environment(gateway)["STEELYARD_UPSTREAMS"]["value"]
    upstreams = dict(entry.split("=", 1) for entry in value.split(";"))
    expected = {name: f"http://{name}:8080" for name in DATABASE_SERVICES}
    expect(upstreams == expected, f"gateway: STEELYARD_UPSTREAMS is {value}")


# ---- who reaches whom ----------------------------------------------------------------------------


def selects(selector, labels):
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for expression in selector.get("matchExpressions", []):
        assert expression["operator"] == "In", "teach check_k8s.py this operator"
        if labels.get(expression["key"]) not in expression["values"]:
            return False
    return True


def rules(manifests, direction, labels):
    """What the policies that select a pod let in or out; None when no policy restricts it."""
    found = [
        policy["spec"].get(direction.lower(), [])
        for policy in manifests.of("NetworkPolicy")
        if direction in policy["spec"]["policyTypes"] and selects(policy["spec"]["podSelector"], labels)
    ]
    return [rule for part in found for rule in part] if found else None


def on_port(rule, port):
    return "ports" not in rule or any(p.get("port") == port for p in rule["ports"])


def admits(manifests, direction, labels, port, peer_matches):
    found = rules(manifests, direction, labels)
    if found is None:
        return True
    side = "from" if direction == "Ingress" else "to"
    return any(on_port(rule, port) and (side not in rule or any(map(peer_matches, rule[side]))) for rule in found)


def reaches(manifests, source, target, port):
    """Whether a pod with the labels `source` may connect to a pod with the labels `target`."""

    def is_pod(labels):
        return lambda peer: "ipBlock" not in peer and "namespaceSelector" not in peer and selects(
            peer.get("podSelector", {}), labels
        )

    return admits(manifests, "Egress", source, port, is_pod(target)) and admits(
        manifests, "Ingress", target, port, is_pod(source)
    )


def check_network(manifests):
    everyone = {owner: labels for owner, labels, _ in pods(manifests)}
    gateway = "Deployment gateway"
    services = {f"Deployment {name}" for name in DATABASE_SERVICES}
    for owner, labels in everyone.items():
        for direction in ("Ingress", "Egress"):
            expect(rules(manifests, direction, labels) is not None, f"{owner}: {direction} is not denied by default")
        outside = admits(manifests, "Ingress", labels, 8080, lambda peer: "namespaceSelector" in peer or "ipBlock" in peer)
        expect(outside == (owner == gateway), f"{owner}: reached from outside the namespace: {outside}")
        for target, target_labels in everyone.items():
            wanted = (
                (owner == gateway and target in services)
                or (owner in services and target == "Deployment organisation")
                or (owner == "Deployment scoring" and target == "Deployment pay")
            )
            actual = reaches(manifests, labels, target_labels, 8080)
            expect(actual == wanted, f"{owner} reaches {target}: {actual}, should be {wanted}")
        check_egress(manifests, owner, labels, services)


def check_egress(manifests, owner, labels, services):
    def to_network(peer):
        return "ipBlock" in peer

    def to_namespace(peer):
        return "namespaceSelector" in peer

    migration = owner.startswith("Job ")
    wanted = [
        ("PostgreSQL", 5432, to_network, owner in services or migration),
        ("Redis", 6379, to_network, owner in services),
        ("SMTP", 465, to_network, owner == "Deployment notification"),
        ("SMTP", 587, to_network, owner == "Deployment notification"),
        ("telemetry", 4317, to_namespace, not migration),
        ("DNS", 53, to_namespace, True),
        ("the world", 443, lambda peer: True, False),
    ]
    for what, port, peer, expected in wanted:
        actual = admits(manifests, "Egress", labels, port, peer)
        expect(actual == expected, f"{owner} reaches {what} on {port}: {actual}, should be {expected}")


def check_doors(manifests):
    for service in manifests.of("Service"):
        name, selector = service["metadata"]["name"], {"matchLabels": service["spec"]["selector"]}
        expect(service["spec"].get("type", "ClusterIP") == "ClusterIP", f"Service {name} is open to the outside")
        behind = {owner for owner, labels, _ in pods(manifests) if selects(selector, labels)}
        expect(behind == {f"Deployment {name}"}, f"Service {name} leads to {sorted(behind)}")
    expect(manifests.of("Ingress"), "there is no Ingress")
    for ingress in manifests.of("Ingress"):
        backends = {p["backend"]["service"]["name"] for r in ingress["spec"]["rules"] for p in r["http"]["paths"]}
        expect(backends == {"gateway"} and "defaultBackend" not in ingress["spec"], f"Ingress leads to {backends}")
        expect(ingress["spec"].get("tls"), "the Ingress has no TLS")


# ---- secrets and documentation -------------------------------------------------------------------


def check_secrets(manifests, operations):
    expect(not manifests.of("Secret"), "a Secret is committed")
    for owner, _, spec in pods(manifests):
        names = {v["secret"]["secretName"] for v in spec.get("volumes", []) if "secret" in v}
        for container in spec["containers"]:
            sources = [variable.get("valueFrom", {}) for variable in container.get("env", [])]
            names |= {source["secretKeyRef"]["name"] for source in sources if "secretKeyRef" in source}
        for name in names:
            expect(f"`{name}`" in operations, f"{owner}: docs/operations.md does not say what Secret {name} holds")


def check_variables(manifests, operations):
    used = set(re.findall(r"STEELYARD_[A-Z_]+", yaml.safe_dump(manifests.all)))
    for name in sorted(used):
        documented = f"`{name}`" in operations or f"`{name.removesuffix('_FILE')}`" in operations
        expect(documented, f"docs/operations.md does not explain {name}")


def check(manifests, text, operations):
    expect({d["metadata"]["name"] for d in manifests.of("Deployment")} == DEPLOYMENTS, "a Deployment is missing or new")
    [namespace] = manifests.of("Namespace")
    enforced = namespace["metadata"]["labels"].get("pod-security.kubernetes.io/enforce")
    expect(enforced == "restricted", "the namespace does not enforce `restricted`")
    for document in manifests.all:
        if document["kind"] != "Namespace":
            where = document["metadata"].get("namespace")
            expect(where == namespace["metadata"]["name"], f"{document['kind']} {document['metadata']['name']} is in {where}")
    for placeholder in PLACEHOLDERS:
        expect(placeholder not in text, f"the overlay has not replaced the address {placeholder}0")
    for owner, _, spec in pods(manifests):
        check_pod(owner, spec)
    for deployment in manifests.of("Deployment"):
        check_deployment(manifests, deployment)
    check_upstreams(manifests)
    check_network(manifests)
    check_doors(manifests)
    check_secrets(manifests, operations)
    check_variables(manifests, operations)


def main(name, path):
    text = Path(path).read_text()
    manifests = Manifests([document for document in yaml.safe_load_all(text) if document])
    check(manifests, text, OPERATIONS.read_text())
    for fault in faults:
        print(f"k8s {name}: {fault}", file=sys.stderr)
    if faults:
        sys.exit(1)
    print(f"k8s {name}: {len(manifests.all)} objects, all as promised")


main(*sys.argv[1:])
