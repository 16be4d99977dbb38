"""Given two documents, then what breaks a client is told, and nothing else."""

import copy
import unittest

from openapi_changes import Comparison, allowed


def document():
    note = {
        "type": "object",
        "required": ["text", "state"],
        "properties": {
            "text": {"type": "string"},
            "state": {"enum": ["open", "done"]},
            "author": {"type": ["string", "null"]},
            "inner": {"$ref": "#/components/schemas/Note"},
        },
    }
    new = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}, "due": {"type": "string"}}}
    media = "application/json"
    return {
        "paths": {
            "/v1/notes": {
                "post": {
                    "operationId": "write_note",
                    "parameters": [{"name": "limit", "in": "query", "required": False, "schema": {"type": "integer"}}],
                    "requestBody": {"required": True, "content": {media: {"schema": new}}},
                    "responses": {"201": {"headers": {"ETag": {}}, "content": {media: {"schema": {"$ref": "#/components/schemas/Note"}}}}},
                }
            }
        },
        "components": {"schemas": {"Note": note}},
    }


def changes(change):
    before, after = document(), document()
    change(after["paths"]["/v1/notes"]["post"], after["components"]["schemas"]["Note"], after)
    return Comparison(before, copy.deepcopy(after)).run()


def body(operation):
    return operation["requestBody"]["content"]["application/json"]["schema"]


class WhatBreaksClients(unittest.TestCase):
    def test_given_the_same_document_then_nothing(self):
        self.assertEqual(changes(lambda *_: None), [])

    def test_given_what_is_added_then_nothing(self):
        def add(operation, note, after):
            after["paths"]["/v1/other"] = {"get": operation}
            note["properties"]["more"] = {"type": "string"}
            note["required"].append("more")
            body(operation)["properties"]["note"] = {"type": "string"}
            operation["parameters"].append({"name": "after", "in": "query", "schema": {"type": "string"}})
            operation["responses"]["409"] = {}
            body(operation)["properties"]["due"]["type"] = ["string", "null"]

        self.assertEqual(changes(add), [])

    def test_given_an_operation_that_is_gone_then_it_is_told(self):
        self.assertEqual(changes(lambda o, n, after: after["paths"].clear()), ["POST /v1/notes: the operation is gone"])

    def test_given_a_field_of_an_answer_that_is_gone_or_may_be_absent_then_it_is_told(self):
        self.assertEqual(changes(lambda o, note, a: note["properties"].pop("author")), ["POST /v1/notes 201/author: the field is gone"])
        self.assertEqual(changes(lambda o, note, a: note["required"].remove("text")), ["POST /v1/notes 201/text: the field may now be absent"])

    def test_given_another_type_then_it_is_told(self):
        def retype(operation, note, after):
            note["properties"]["text"] = {"type": "number"}

        self.assertEqual(changes(retype), ["POST /v1/notes 201/text: number is now answered"])

        def narrow(operation, note, after):
            body(operation)["properties"]["text"] = {"type": "boolean"}

        self.assertEqual(changes(narrow), ["POST /v1/notes body/text: string is no longer taken"])

    def test_given_a_request_that_needs_more_then_it_is_told(self):
        self.assertEqual(changes(lambda o, n, a: body(o)["required"].append("due")), ["POST /v1/notes body/due: the field is now required"])

        def need(operation, note, after):
            operation["parameters"][0]["required"] = True
            operation["parameters"].append({"name": "If-Match", "in": "header", "required": True, "schema": {}})

        self.assertEqual(
            changes(need),
            ["POST /v1/notes query limit: the parameter is now required", "POST /v1/notes header If-Match: a new parameter is required"],
        )

    def test_given_a_value_that_is_new_in_an_answer_then_it_is_told(self):
        self.assertEqual(changes(lambda o, note, a: note["properties"]["state"]["enum"].append("late")), ["POST /v1/notes 201/state: late is now answered"])

    def test_given_a_status_a_media_type_or_a_header_that_is_gone_then_it_is_told(self):
        def move(operation, note, after):
            operation["responses"]["200"] = operation["responses"].pop("201")

        self.assertEqual(changes(move), ["POST /v1/notes: 201 is no longer answered"])

        def retype(operation, note, after):
            operation["requestBody"]["content"] = {"text/csv": {}}
            operation["responses"]["201"]["headers"] = {}

        self.assertEqual(changes(retype), ["POST /v1/notes: application/json is no longer taken", "POST /v1/notes 201: the header ETag is gone"])

    def test_given_the_list_of_what_is_meant_then_only_its_changes_are_read(self):
        text = "# Title\n\nSome words - and `code`.\n\n- `POST /v1/notes: the operation is gone`\n  since nobody used it\n"
        self.assertEqual(allowed(text), {"POST /v1/notes: the operation is gone"})


if __name__ == "__main__":
    unittest.main()
