"""What would break a client of the last release: `openapi_changes.py RELEASED CURRENT ALLOWED`.

A client breaks when an operation or an answer's field goes, when a request needs more or may say less, or when a
type changes. Each change is a line; those that are meant are listed in ALLOWED (docs/openapi/breaking.md) as they
are printed here, with the reason beneath, and the list is emptied at a release.
"""

import json
import sys
from pathlib import Path

METHODS = ("get", "put", "post", "delete", "patch")


class Comparison:
    def __init__(self, before, after):
        self.before, self.after = before, after
        self.changes = []

    def tell(self, where, what):
        line = f"{where}: {what}"
        if line not in self.changes:
            self.changes.append(line)

    def run(self):
        for path, item in self.before["paths"].items():
            for method in METHODS:
                if method in item:
                    name = f"{method.upper()} {path}"
                    now = self.after["paths"].get(path, {}).get(method)
                    if now is None:
                        self.tell(name, "the operation is gone")
                    else:
                        self.operation(name, item[method], now)
        return self.changes

    def operation(self, name, before, after):
        if before.get("operationId") != after.get("operationId"):
            self.tell(name, f"the operation id is no longer {before.get('operationId')}")
        self.parameters(name, before, after)
        self.body(name, before.get("requestBody"), after.get("requestBody"))
        for status, response in before["responses"].items():
            if status.startswith("2"):
                self.answer(name, status, response, after["responses"].get(status))

    def parameters(self, name, before, after):
        def of(document, operation):
            found = [resolved(document, one) for one in operation.get("parameters", [])]
            return {(one["in"], one["name"].lower()): one for one in found}

        held, now = of(self.before, before), of(self.after, after)
        for key, parameter in held.items():
            where = f"{name} {key[0]} {parameter['name']}"
            if key not in now:
                self.tell(where, "the parameter is gone")
            else:
                if now[key].get("required") and not parameter.get("required"):
                    self.tell(where, "the parameter is now required")
                self.schema(where, parameter.get("schema", {}), now[key].get("schema", {}), "request", ())
        for key, parameter in now.items():
            if key not in held and parameter.get("required"):
                self.tell(f"{name} {key[0]} {parameter['name']}", "a new parameter is required")

    def body(self, name, before, after):
        if after is None:
            if before is not None:
                self.tell(name, "no body is taken any more")
            return
        if before is None:
            if after.get("required"):
                self.tell(name, "a body is now required")
            return
        if after.get("required") and not before.get("required"):
            self.tell(name, "a body is now required")
        for media, content in before["content"].items():
            if media not in after["content"]:
                self.tell(name, f"{media} is no longer taken")
            else:
                schemas = content.get("schema", {}), after["content"][media].get("schema", {})
                self.schema(f"{name} body", *schemas, "request", ())

    def answer(self, name, status, before, after):
        if after is None:
            self.tell(name, f"{status} is no longer answered")
            return
        before, after = resolved(self.before, before), resolved(self.after, after)
        for header in before.get("headers", {}):
            if header.lower() not in {key.lower() for key in after.get("headers", {})}:
                self.tell(f"{name} {status}", f"the header {header} is gone")
        for media, content in before.get("content", {}).items():
            if media not in after.get("content", {}):
                self.tell(f"{name} {status}", f"{media} is no longer answered")
            else:
                schemas = content.get("schema", {}), after["content"][media].get("schema", {})
                self.schema(f"{name} {status}", *schemas, "answer", ())

    def schema(self, where, before, after, side, seen):
        key = (json.dumps(before, sort_keys=True), json.dumps(after, sort_keys=True))
        if key in seen:
            return
        seen = (*seen, key)
        before, after = resolved(self.before, before), resolved(self.after, after)
        held, now = types(self.before, before), types(self.after, after)
        # A request may take more, an answer may say less.
        lost = held - now if side == "request" else now - held
        if held and now and lost:
            which = "no longer taken" if side == "request" else "now answered"
            self.tell(where, f"{', '.join(sorted(lost))} is {which}")
        self.values(where, before, after, side)
        self.fields(where, before, after, side, seen)
        if "items" in before and "items" in after:
            self.schema(f"{where}/*", before["items"], after["items"], side, seen)
        inner = before.get("additionalProperties"), after.get("additionalProperties")
        if all(isinstance(one, dict) for one in inner):
            self.schema(f"{where}/*", *inner, side, seen)

    def values(self, where, before, after, side):
        if "enum" not in after or "enum" not in before:
            if "enum" in after and side == "request":
                self.tell(where, "only some values are taken now")
            return
        lost = set(map(str, before["enum"])) - set(map(str, after["enum"]))
        new = set(map(str, after["enum"])) - set(map(str, before["enum"]))
        if side == "request" and lost:
            self.tell(where, f"{', '.join(sorted(lost))} is no longer taken")
        if side == "answer" and new:
            self.tell(where, f"{', '.join(sorted(new))} is now answered")

    def fields(self, where, before, after, side, seen):
        held, needed = fields(self.before, before)
        now, needed_now = fields(self.after, after)
        if not held or not now:
            return
        for name, schema in held.items():
            at = f"{where}/{name}"
            if name not in now:
                self.tell(at, "the field is gone")
                continue
            if side == "answer" and name in needed and name not in needed_now:
                self.tell(at, "the field may now be absent")
            self.schema(at, schema, now[name], side, seen)
        if side == "request":
            for name in sorted(needed_now - needed):
                self.tell(f"{where}/{name}", "the field is now required")


def resolved(document, value):
    while isinstance(value, dict) and "$ref" in value:
        found = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        value = found
    return value


def branches(document, schema):
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return [resolved(document, one) for one in schema[key]]
    return []


def types(document, schema):
    several = branches(document, schema)
    if several:
        return {name for one in several for name in types(document, one)}
    named = schema.get("type", [])
    named = {named} if isinstance(named, str) else set(named)
    return {"number" if name == "integer" else name for name in named}


def fields(document, schema):
    """The fields of an object and those that are needed, over all its parts."""
    found, needed = dict(schema.get("properties", {})), set(schema.get("required", []))
    for part in schema.get("allOf", []):
        more, also = fields(document, resolved(document, part))
        found, needed = {**found, **more}, needed | also
    objects = [one for one in branches(document, schema) if one.get("type") != "null"]
    if len(objects) == 1:
        return fields(document, objects[0])
    return found, needed


def allowed(text):
    """The lines of the list that are changes, as they are printed."""
    lines = (line.strip() for line in text.splitlines())
    return {line.removeprefix("- ").strip("`") for line in lines if line.startswith("- `")}


def main(released, current, list_file):
    changes = Comparison(json.loads(Path(released).read_text()), json.loads(Path(current).read_text())).run()
    meant = allowed(Path(list_file).read_text())
    unmeant = [change for change in changes if change not in meant]
    for change in unmeant:
        print(f"breaks clients: {change}", file=sys.stderr)
    for line in sorted(meant - set(changes)):
        print(f"{list_file} lists what is no change: {line}", file=sys.stderr)
    if unmeant or meant - set(changes):
        print(f"list it in {list_file} with its reason, if it is meant", file=sys.stderr)
        sys.exit(1)
    print(f"openapi: {len(changes)} breaking changes since the last release, all listed")


if __name__ == "__main__":
    main(*sys.argv[1:])
