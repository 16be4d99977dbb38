"""Validates OpenAPI documents and holds them to our rules: `check_openapi.py FILE...`.

The rules are those of Spectral's `spectral:oas` that can fail here, and a few of our own.
"""

import json
import re
import sys
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

METHODS = ("get", "put", "post", "delete", "patch")
NOT_DOCUMENTS = {"examples.json"}
# Names of Rust's own types say that a schema was named by accident, and that others of this name overwrite it.
ACCIDENTS = {"BTreeMap", "HashMap", "Vec", "Option", "Value", "Object", "String"}


def operations(document):
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", path, method, item[method]


def resolved(document, value):
    while isinstance(value, dict) and "$ref" in value:
        found = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        value = found
    return value


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def faults_of_schema_document(document):
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        yield f"not OpenAPI 3.1: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def faults_of_whole(document):
    info = document["info"]
    for key in ("title", "description", "version", "license"):
        if not info.get(key):
            yield f"info.{key} is missing"
    if "contact" in info:
        yield "info.contact names somebody"
    if not document.get("servers"):
        yield "servers are missing"
    declared = {tag["name"] for tag in document.get("tags", [])}
    for tag in document.get("tags", []):
        if not tag.get("description"):
            yield f"the tag {tag['name']} has no description"
    used = {tag for _, _, _, operation in operations(document) for tag in operation.get("tags", [])}
    for tag in sorted(used - declared):
        yield f"the tag {tag} is not declared"
    for name in ACCIDENTS & document["components"].get("schemas", {}).keys():
        yield f"the schema {name} has the name of a type of Rust"
    ids = [operation["operationId"] for _, _, _, operation in operations(document)]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"the operation id {name} is there twice"
    pointed = set(references(document))
    for kind in ("schemas", "parameters", "responses", "headers"):
        for name in document["components"].get(kind, {}):
            if f"#/components/{kind}/{name}" not in pointed and kind == "schemas" and name not in ("Problem", "FieldError"):
                yield f"nothing refers to the schema {name}"


def faults_of_operation(document, path, method, operation):
    for key in ("operationId", "summary", "description", "tags", "security"):
        if key not in operation or operation[key] in ("", []):
            yield f"{key} is missing"
    if re.search(r"\s{2,}|\n", operation.get("summary", "")) or len(operation.get("summary", "")) > 160:
        yield "the summary is not one short line"
    parameters = [resolved(document, parameter) for parameter in operation.get("parameters", [])]
    in_path = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
    if in_path != set(re.findall(r"{([^}]+)}", path)):
        yield f"the path's parameters are declared as {sorted(in_path)}"
    for parameter in parameters:
        if not parameter.get("description"):
            yield f"the parameter {parameter['name']} has no description"
    if method == "get" and "requestBody" in operation:
        yield "a body with GET"
    if not any(status.startswith("2") for status in operation["responses"]):
        yield "no successful answer"
    for status, response in operation["responses"].items():
        yield from faults_of_response(document, status, resolved(document, response))


def faults_of_response(document, status, response):
    if not re.fullmatch(r"[2-5]\d\d", status):
        yield f"{status} is no status"
    if not response.get("description"):
        yield f"{status} has no description"
    if status[0] in "45":
        content = response.get("content", {})
        schema = content.get("application/problem+json", {}).get("schema", {})
        if list(content) != ["application/problem+json"] or schema.get("$ref") != "#/components/schemas/Problem":
            yield f"{status} is no problem document"


def faults_of_examples(document):
    schemas = {"components": document["components"]}

    def walk(value, where):
        if isinstance(value, dict):
            if "schema" in value and "example" in value:
                validator = Draft202012Validator({**value["schema"], **schemas}, format_checker=FormatChecker())
                for error in validator.iter_errors(value["example"]):
                    yield f"{where}: the example is not as its schema has it: {error.message[:200]}"
            for key, part in value.items():
                if key != "example":
                    yield from walk(part, f"{where}/{key}")
        elif isinstance(value, list):
            for index, part in enumerate(value):
                yield from walk(part, f"{where}/{index}")

    yield from walk(document["paths"], "paths")
    yield from walk(document["components"], "components")


def faults(document):
    found = list(faults_of_schema_document(document))
    if found:
        return found
    found += faults_of_whole(document)
    for name, path, method, operation in operations(document):
        found += [f"{name}: {fault}" for fault in faults_of_operation(document, path, method, operation)]
    found += faults_of_examples(document)
    return found


def faults_between(documents):
    """Operation ids are unique over all services."""
    seen = {}
    for name, document in documents.items():
        if name == "steelyard":
            continue
        for operation, _, _, described in operations(document):
            other = seen.setdefault(described["operationId"], f"{name} {operation}")
            if other != f"{name} {operation}":
                yield f"{other} and {name} {operation} have one operation id"


def main(paths):
    documents = {path.stem: json.loads(path.read_text()) for path in map(Path, paths) if path.name not in NOT_DOCUMENTS}
    found = [f"{name}: {fault}" for name, document in documents.items() for fault in faults(document)]
    found += faults_between(documents)
    for fault in found:
        print(f"openapi {fault}", file=sys.stderr)
    if found:
        sys.exit(1)
    count = sum(1 for name, document in documents.items() if name != "steelyard" for _ in operations(document))
    print(f"openapi: {len(documents)} documents, {count} operations, all valid")


if __name__ == "__main__":
    main(sys.argv[1:])
