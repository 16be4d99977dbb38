"""Records the examples of the API documents from a running demonstration: `record_examples.py > FILE`.

What is shown in the documents was sent and answered. Secrets and passwords are replaced, long lists are cut.
"""

import copy
import json
import sys

from system import ROOT, started

LISTED = 2
PASSWORD = "correct horse battery"
HIDDEN = {
    "password": PASSWORD,
    "access_token": "eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSJ9.…",
    "secret": "9f2c…",
    "client_secret": "9f2c…",
}


def shown(value, key=None):
    if key in HIDDEN and isinstance(value, str):
        return HIDDEN[key]
    if isinstance(value, dict):
        return {name: shown(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [shown(part) for part in value[:LISTED]]
    return value


class Recorder:
    def __init__(self, system):
        self.system = system
        self.tokens = {}
        self.examples = {}

    def token(self, account):
        if account not in self.tokens:
            self.tokens[account] = account if account.startswith("eyJ") else self.system.sign_in(account)
        return self.tokens[account]

    def record(self, operation, account, method, path, body=None, match=None):
        headers = {"Accept-Language": "zh-CN"}
        token = self.token(account) if account else None
        if match:
            headers["If-Match"] = self.system.call("GET", match, token)[1]["etag"]
        status, answered, answer = self.system.call(method, path, token, copy.deepcopy(body), headers)
        if status >= 300:
            raise SystemExit(f"{operation}: {method} {path} answers {status}: {answer}")
        example = {"request": shown(body)} if body is not None else {}
        if answer != "":
            example["answer"] = shown(answer)
        self.examples[operation] = example
        return answer


def record(system):
    r = Recorder(system)
    password = system.secrets["password"]
    signed_in = {"grant_type": "password", "company": system.company, "username": "e001", "password": password}
    r.record("issue_token", None, "POST", "/v1/tokens", signed_in)
    r.record("list_keys", None, "GET", "/.well-known/jwks.json")
    organisation(r)
    pay(r)
    notification(r)
    for service in ("organisation", "planning", "scoring", "pay", "notification"):
        r.record(f"list_{service}_audit_entries", "auditor", "GET", f"/v1/{service}/audit-entries?limit=2")
        r.record(f"verify_{service}_audit_entries", "auditor", "GET", f"/v1/{service}/audit-entries/verification")
        r.record(f"list_{service}_dead_letters", "admin", "GET", f"/v1/{service}/dead-letters")
        r.record(f"revive_{service}_dead_letters", "admin", "POST", f"/v1/{service}/dead-letters/revive")
    r.examples["issue_token"]["request"]["password"] = PASSWORD
    return r.examples


def organisation(r):
    founding = {"code": "acme", "name": "Acme", "admin": {"username": "admin", "password": PASSWORD}}
    r.tokens["bootstrap"] = r.system.secrets["bootstrap_token"]
    r.record("found_company", "bootstrap", "POST", "/v1/companies", founding)
    r.record("get_company", "hr", "GET", "/v1/company")
    r.record("get_me", "e001", "GET", "/v1/me")
    r.record("list_units", "hr", "GET", "/v1/units?limit=2")
    r.record("get_unit", "hr", "GET", "/v1/units/NET")
    r.record("appoint_unit_head", "hr", "PUT", "/v1/units/NET/head", {"number": "M001"}, match="/v1/units/NET")
    r.record("list_employees", "hr", "GET", "/v1/employees?unit=NET&limit=2")
    r.record("get_employee", "hr", "GET", "/v1/employees/E001")
    r.record("list_assignments", "hr", "GET", "/v1/employees/E001/assignments")
    move = {"from": "2027-01-01", "unit": "OPS", "superior": "M002"}
    r.record("move_employee", "hr", "POST", "/v1/employees/E003/assignments", move)
    r.record("get_working_calendar", "hr", "GET", "/v1/working-calendar")
    days = {"non_working_days": ["2027-01-01"], "working_days": ["2027-02-06"]}
    r.record("put_working_calendar", "hr", "PUT", "/v1/working-calendar", days, match="/v1/working-calendar")
    accounts(r)
    file = "code,name,parent,category\nLAB,实验室,NET,\n".encode()
    status, _, answer = r.system.call(
        "POST", "/v1/imports?kind=units", r.token("hr"), file, {"Accept-Language": "zh-CN"}, "text/csv"
    )
    assert status == 200, answer
    r.examples["import_file"] = {"answer": shown(answer)}


def accounts(r):
    new = {"username": "wang.fang", "password": PASSWORD, "employee": None, "roles": ["auditor"]}
    account = r.record("create_account", "admin", "POST", "/v1/accounts", new)
    more = {"accounts": [{"username": "li.na", "password": PASSWORD, "employee": None, "roles": ["finance"]}]}
    r.record("create_accounts", "admin", "POST", "/v1/accounts/batch", more)
    r.record("list_accounts", "admin", "GET", "/v1/accounts?limit=2")
    at = f"/v1/accounts/{account['id']}"
    r.record("get_account", "admin", "GET", at)
    r.record("change_account", "admin", "PATCH", at, {"disabled": True}, match=at)
    made = r.record("create_client", "admin", "POST", "/v1/clients", {"name": "payroll-test", "scopes": ["payroll.read"]})
    r.record("list_clients", "admin", "GET", "/v1/clients?limit=2")
    r.record("rotate_client_secret", "admin", "POST", f"/v1/clients/{made['client_id']}/secret")


def pay(r):
    cycle = r.system.call("GET", "/v1/cycles", r.token("hr"))[2]["items"][0]["id"]
    r.record("get_pay_run", "finance", "GET", f"/v1/cycles/{cycle}/pay-run?limit=2")
    r.record("list_own_statements", "e001", "GET", "/v1/my/statements")
    statements = r.record("list_statements", "finance", "GET", f"/v1/statements?cycle={cycle}&limit=2")
    at = f"/v1/statements/{statements['items'][0]['id']}"
    r.record("get_statement", "finance", "GET", at)
    r.record("get_statement_explanation", "finance", "GET", f"{at}/explanation")
    r.record("list_pay_profiles", "finance", "GET", "/v1/pay-profiles?limit=2")
    r.record("get_pay_profile", "finance", "GET", "/v1/pay-profiles/E001")
    profile = {"effective_on": "2027-01-01", "inputs": {"base_salary": "8200.00"}}
    r.record("put_pay_profile", "finance", "PUT", "/v1/pay-profiles/E001", profile, match="/v1/pay-profiles/E001")
    file = b"number,base_salary\nE002,7600.00\n"
    status, _, answer = r.system.call(
        "POST", "/v1/imports?kind=pay&effective_on=2027-01-01", r.token("finance"), file, {"Accept-Language": "zh-CN"}, "text/csv"
    )
    assert status == 200, answer
    r.examples["import_pay_profiles"] = {"answer": shown(answer)}
    payroll(r)


def payroll(r):
    new = {"name": "payroll-feed", "scopes": ["payroll.read"]}
    client = r.system.call("POST", "/v1/clients", r.token("admin"), new)[2]
    given = {"grant_type": "client_credentials", "client_id": client["client_id"], "client_secret": client["client_secret"]}
    r.tokens["machine"] = r.system.call("POST", "/v1/tokens", body=given)[2]["access_token"]
    fed = r.record("pull_statements", "machine", "GET", "/v1/payroll/statements?limit=2")
    taken = {"cursor": fed["items"][-1]["cursor"]}
    r.record("acknowledge_statements", "machine", "POST", "/v1/payroll/acknowledgements", taken)
    r.record("list_acknowledgements", "finance", "GET", "/v1/payroll/acknowledgements")


def notification(r):
    mails = r.record("list_mails", "admin", "GET", "/v1/mails?limit=2")
    r.record("read_mail", "hr", "GET", f"/v1/mails/{mails['items'][0]['id']}")


if __name__ == "__main__":
    with started() as system:
        recorded = record(system)
    json.dump(recorded, sys.stdout, ensure_ascii=False, indent=2, sort_keys=True)
    print()
