"""Sends each service what its OpenAPI document allows and what it does not, with schemathesis: `fuzz_api.py`.

Fails where a service answers a 5xx, a status, header or content type that is not documented, a body that is not as
documented, or where it takes what the document forbids. Seeded: every run sends the same requests.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from system import ROOT, started

CHECKS = ",".join(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
    ]
)
# Document, account, examples an operation. Whoever may call most of a document tries it.
RUNS = [
    ("organisation", "admin", 8),
    ("planning", "hr", 5),
    ("scoring", "hr", 5),
    ("pay", "finance", 8),
    ("appeals", "hr", 8),
    ("notification", "admin", 12),
]
AT_ONCE = 3
METHODS = ("get", "put", "post", "delete", "patch")
# On a machine that has nothing else to do a run takes less than one minute.
SECONDS_A_RUN = 600


def first(system, token, path, key="id"):
    status, _, answer = system.call("GET", path, token)
    items = answer.get("items", []) if status == 200 else []
    if not items:
        raise SystemExit(f"the demonstration has nothing at {path}: {status} {answer}")
    return items[0][key]


def real_parameters(system):
    """What the paths' parameters may be, by the segment before them: not all of it is made up."""
    hr, finance = system.sign_in("hr"), system.sign_in("finance")
    admin = system.sign_in("admin")
    cycle = first(system, hr, "/v1/cycles")
    return {
        "cycles": cycle,
        "plans": first(system, hr, f"/v1/plans?cycle={cycle}"),
        "sheets": first(system, hr, f"/v1/sheets?cycle={cycle}"),
        "results": first(system, hr, f"/v1/cycles/{cycle}/results"),
        "statements": first(system, finance, f"/v1/statements?cycle={cycle}"),
        "mails": first(system, admin, "/v1/mails"),
        "accounts": first(system, admin, "/v1/accounts"),
        "employees": "E001",
        "pay-profiles": "E001",
        "units": "NET",
        "schemes": first(system, hr, "/v1/schemes", "code"),
        "versions": 1,
    }


def refused(operation, shared):
    """The statuses by which an operation may refuse a request that its document forbids."""
    named = [shared[p["$ref"].split("/")[-1]] if "$ref" in p else p for p in operation.get("parameters", [])]
    parameters = {(parameter["in"], parameter["name"]) for parameter in named}
    statuses = {400, 401, 403, 422}
    if any(place == "path" for place, _ in parameters):
        # An address that cannot be is the address of nothing; the state of what is there may come before its new values.
        statuses |= {404} | ({409} if "requestBody" in operation else set())
    if ("header", "If-Match") in parameters:
        statuses |= {412, 428}
    if set(operation.get("requestBody", {}).get("content", {})) - {"application/json"}:
        statuses |= {413, 415}
    return sorted(statuses)


def configuration(document, real):
    """Settings for schemathesis: the real parameters of each operation, and what counts as refused there."""
    described, lines = json.loads(document.read_text()), []
    shared = described["components"].get("parameters", {})
    for path, operations in described["paths"].items():
        parts = path.split("/")
        known = {
            part.strip("{}"): real[before]
            for before, part in zip(parts, parts[1:])
            if part.startswith("{") and before in real
        }
        given = ", ".join(f'"path.{name}" = {value!r}'.replace("'", '"') for name, value in known.items())
        for method in (method for method in METHODS if method in operations):
            statuses = ", ".join(f'"{status}"' for status in refused(operations[method], shared))
            lines += [
                "[[operations]]", f'include-name = "{method.upper()} {path}"', f"parameters = {{ {given} }}",
                f"checks.negative_data_rejection.expected-statuses = [{statuses}]", "",
            ]
    return "\n".join(lines)


def run(system, name, account, examples, real):
    document = ROOT / "docs" / "openapi" / f"{name}.json"
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as settings:
        settings.write(configuration(document, real))
        settings.flush()
        command = [
            Path(sys.executable).parent / "schemathesis", "--config-file", settings.name, "run", document,
            "--url", system.url, "--header", f"Authorization: Bearer {system.sign_in(account)}",
            "--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", str(examples),
            "--seed", "20261128", "--generation-deterministic", "--no-shrink",
            "--request-timeout", "30", "--warnings", "off", "--suppress-health-check", "all",
        ]
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                done = subprocess.run(
                    command, cwd=folder, text=True, capture_output=True, timeout=SECONDS_A_RUN,
                    env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200"},
                )
            except subprocess.TimeoutExpired:
                print(f"schemathesis {name} as {account}: not done after {SECONDS_A_RUN} s", file=sys.stderr)
                return False
    sent = next((line.strip() for line in done.stdout.splitlines() if "generated" in line), "no requests")
    print(f"schemathesis {name} as {account}: {sent}, {time.monotonic() - began:.0f} s")
    if done.returncode != 0:
        print(done.stdout[-20000:], done.stderr[-5000:], file=sys.stderr)
    return done.returncode == 0


def main(only):
    with started() as system:
        real = real_parameters(system)
        chosen = [one for one in RUNS if not only or one[0] in only]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            outcomes = list(pool.map(lambda one: run(system, *one, real), chosen))
    sys.exit(0 if all(outcomes) else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
