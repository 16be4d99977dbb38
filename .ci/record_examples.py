"""Records the examples of the API documents from a running demonstration: `record_examples.py > FILE`.

What is shown in the documents was sent and answered. Secrets and passwords are replaced, long lists are cut.
"""

import copy
import csv
import datetime
import json
import sys
import time
import urllib.parse

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


def following(month):
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02}"


class Recorder:
    def __init__(self, system):
        self.system = system
        self.tokens = {}
        self.examples = {}
        # The month of the demonstration, and those after it.
        self.before = system.period
        self.month = following(self.before)
        self.later = following(self.month)

    def token(self, account):
        if account not in self.tokens:
            self.tokens[account] = account if account.startswith("eyJ") else self.system.sign_in(account)
        return self.tokens[account]

    def must(self, account, method, path, body=None, match=None):
        """The answer, which has to be a good one."""
        headers = {"Accept-Language": "zh-CN"}
        token = self.token(account) if account else None
        if match:
            headers["If-Match"] = self.system.call("GET", match, token)[1].get("etag", "*")
        status, _, answer = self.system.call(method, path, token, copy.deepcopy(body), headers)
        if status >= 300:
            raise SystemExit(f"{method} {path} of {account} answers {status}: {answer}")
        return answer

    def record(self, operation, account, method, path, body=None, match=None):
        answer = self.must(account, method, path, body, match)
        example = {"request": shown(body)} if body is not None else {}
        if answer != "":
            example["answer"] = shown(answer)
        self.examples[operation] = example
        return answer

    def record_file(self, operation, account, path):
        """What answers with a file shows what it was asked."""
        self.must(account, "GET", path)
        self.examples[operation] = {"query": dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))}


def record(system):
    r = Recorder(system)
    password = system.secrets["password"]
    signed_in = {"grant_type": "password", "company": system.company, "username": "e001", "password": password}
    r.record("issue_token", None, "POST", "/v1/tokens", signed_in)
    r.record("list_keys", None, "GET", "/.well-known/jwks.json")
    organisation(r)
    pay(r)
    notification(r)
    planning(r)
    written(r)
    scoring(r)
    appeals(r)
    for service in ("organisation", "planning", "scoring", "pay", "appeals", "notification"):
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
    away = {"to": "M002", "purpose": "rating", "until_on": "2027-03-31", "reason": "休假"}
    delegation = r.record("delegate", "net.head", "POST", "/v1/delegations", away)
    r.record("list_delegations", "net.head", "GET", "/v1/delegations")
    r.record("revoke_delegation", "net.head", "DELETE", f"/v1/delegations/{delegation['id']}")
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


def waiting(r, at):
    """What waits for whom, once notification has been told."""
    def told():
        status, _, answer = r.system.call("GET", f"{at}/progress", r.token("hr"))
        return status == 200 and answer["open"] > 0
    eventually("the tasks are told", told)
    r.record("get_progress", "hr", "GET", f"{at}/progress")
    r.record("list_my_tasks", "hr", "GET", "/v1/my/tasks?limit=2")


def notification(r):
    mails = r.record("list_mails", "admin", "GET", "/v1/mails?limit=2")
    r.record("read_mail", "hr", "GET", f"/v1/mails/{mails['items'][0]['id']}")


def eventually(what, look):
    for _ in range(300):
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise SystemExit(f"never: {what}")


def opened(r, period):
    """Another cycle, with everything of it arrived where it is scored."""
    hr = r.token("hr")
    cycle = r.system.call("POST", "/v1/cycles", hr, {"scheme": "monthly-kpi", "period": period})[2]["id"]
    return cycle


def planning(r):
    r.record("get_directory", "hr", "GET", "/v1/planning/directory")
    r.record("list_scheme_templates", "hr", "GET", "/v1/scheme-templates")
    r.record("list_schemes", "hr", "GET", "/v1/schemes")
    r.record("get_scheme", "hr", "GET", "/v1/schemes/monthly-kpi")
    r.record("get_scheme_version", "hr", "GET", "/v1/schemes/monthly-kpi/versions/1")
    source = (ROOT / "shared/domain/schemes/13-two-seven-one.toml").read_text()
    r.record("upload_scheme", "hr", "POST", "/v1/schemes", {"source": source})
    r.examples["upload_scheme"]["request"]["source"] = "code = …"
    bodies(r)
    kpi = (ROOT / "shared/domain/schemes/01-monthly-kpi.toml").read_text()
    kpi += '\n[appeal]\nanswer_within = "5 working days"\nlevels = [["superior", "self"], "role.finance", "body.appeals"]\nfinal = true\n'
    kpi += '\n[[stages]]\ncode = "approve"\nlabel = { zh = "审批", en = "approval" }\ndoes = "approve"\nby = ["role.executive"]\nback_to = "score"\n'
    # A body that looks at units, signatures and opinions, and a value that finance checks.
    kpi += '\n[[stages]]\ncode = "look"\nlabel = { zh = "抽查", en = "spot checks" }\ndoes = "spot_check"\non = "units"\nby = ["role.finance"]\n'
    kpi += '\n[[stages]]\ncode = "confirm"\nlabel = { zh = "签字确认", en = "signatures" }\ndoes = "confirm"\non = "people"\nby = ["self"]\nlapses = "3 working days"\n'
    kpi += '\n[[stages]]\ncode = "opinion"\nlabel = { zh = "反馈意见", en = "opinions" }\ndoes = "opinion"\non = "people"\nby = ["superior"]\n'
    field = '{ code = "goals", label = { zh = "下月期望", en = "what is expected" } }'
    kpi += f'\n[[stages]]\ncode = "expectations"\nlabel = {{ zh = "建立工作期望", en = "expectations talk" }}\ndoes = "report"\non = "people"\nby = ["superior", "self"]\nform = [{field}]\n'
    kpi += '\n[[duties]]\ncode = "inventory"\nlabel = { zh = "设备盘点表", en = "inventory" }\n'
    kpi += '\n[[adjust]]\nfigure = "score"\nby = ["role.finance"]\nup_to = 5\n'
    reported = 'en = "acceptance forms signed after an installation" }, kind = "count", by = ["superior", "role.hr"]'
    assert reported in kpi
    kpi = kpi.replace(reported, f'{reported}, checked_by = ["role.finance"]')
    status, _, answer = r.system.call("POST", "/v1/schemes", r.token("hr"), {"source": kpi})
    assert status < 300, answer
    r.record("get_placements", "hr", "GET", "/v1/schemes/monthly-kpi/placements")
    rules = {"people": [{"category": None, "rule": "position != '顾问'"}], "units": []}
    r.record("put_placements", "hr", "PUT", "/v1/schemes/monthly-kpi/placements", rules, match="/v1/schemes/monthly-kpi/placements")
    rows = {"rows": [{"title": "巡检机房", "measure": "次数", "weight": "40"}]}
    at = "/v1/schemes/monthly-kpi/row-sets/post_tasks/position:%E5%B7%A5%E7%A8%8B%E5%B8%88"
    r.record("put_row_set", "hr", "PUT", at, rows)
    opening = {"scheme": "monthly-kpi", "period": r.month}
    r.record("preview_cycle", "hr", "POST", "/v1/cycles/preview", opening)
    mistaken = r.record("open_cycle", "hr", "POST", "/v1/cycles", opening)["id"]
    r.record("cancel_cycle", "hr", "POST", f"/v1/cycles/{mistaken}/cancel", {"reason": "期间写错"})
    cycle = r.cycle = opened(r, r.month)
    at = f"/v1/cycles/{cycle}"
    r.record("list_cycles", "hr", "GET", "/v1/cycles")
    r.record("get_cycle", "hr", "GET", at)
    r.record("get_calendar", "hr", "GET", f"{at}/calendar")
    moved = {"opens": f"{r.month}-24", "due": f"{r.month}-27", "reason": "月底调休"}
    r.record("move_stage", "hr", "PUT", f"{at}/stages/score", moved)
    waiting(r, at)
    other = r.system.call("POST", "/v1/cycles", r.token("hr"), {"scheme": "two-seven-one", "cadence": "monthly", "period": r.month})[2]["id"]
    r.record("get_appeal_window", "hr", "GET", f"/v1/cycles/{other}/appeal-window?known_on={r.later}-05&filed_on={r.later}-08")
    r.record("list_subjects", "hr", "GET", f"{at}/subjects?kind=person&limit=2")
    r.record("get_subject", "hr", "GET", f"{at}/subjects/person:E001")
    r.record("put_subject", "hr", "PUT", f"{at}/subjects/person:E003", {"superior": "M001", "reason": "临时调组"}, match=f"{at}/subjects/person:E003")
    move = {"from": "2026-09-02", "unit": "NET", "superior": "M002"}
    r.system.call("POST", "/v1/employees/E002/assignments", r.token("hr"), move)
    eventually("a change", lambda: r.system.call("GET", f"{at}/subject-changes", r.token("hr"))[2]["items"])
    r.record("list_subject_changes", "hr", "GET", f"{at}/subject-changes")
    r.record("mark_subject_changes_seen", "hr", "POST", f"{at}/subject-changes/seen")
    targets(r, at)
    plans(r, at)
    by_post = {"rows": [], "reason": "按岗位考核"}
    r.record("put_rows", "hr", "PUT", f"{at}/sheets/person:E004/rows", by_post, match=f"{at}/sheets/person:E004")
    r.record("get_settled_sheet", "hr", "GET", f"{at}/sheets/person:E004")
    r.record("list_unit_sheets", "net.head", "GET", f"{at}/units/NET/sheets")
    r.record("settle_unit_sheets", "hr", "POST", f"{at}/units/NET/sheets/settle", {})
    r.record("settle_sheets", "hr", "POST", f"{at}/sheets/settle")
    # Settling put the plans' goals on the sheets; the demonstration's ratings are of the post's own items.
    for number in ("E001", "E002", "E003", "E004"):
        r.must("hr", "PUT", f"{at}/sheets/person:{number}/rows", by_post, match=f"{at}/sheets/person:{number}")
    for head in ("net.head", "ops.head"):
        for asked in r.must(head, "GET", f"/v1/planning/steps?cycle={r.cycle}")["items"]:
            r.must(head, "POST", f"/v1/planning/steps/{asked['id']}/decision", {"verdict": "approved"})
    r.record("release_cycle", "general.manager", "POST", f"{at}/release")


def bodies(r):
    """Bodies that decide appeals; planning has to know them before a cycle names them."""
    seats = [{"number": number, "office": "member", "from_on": "2026-01-01"} for number in ("F001", "M002", "E006")]
    for code, name in [("appeals", {"zh": "申诉小组", "en": "appeals group"}), ("management_committee", {"zh": "管委会", "en": "management committee"}), ("appraisal_group", {"zh": "考核小组", "en": "appraisal group"}), ("checkers", {"zh": "检验员", "en": "checkers"}), ("dispatch", {"zh": "调度", "en": "dispatch"}), ("leading_group", {"zh": "领导小组", "en": "leading group"})]:
        r.must("hr", "POST", "/v1/bodies", {"code": code, "name": name})
        r.must("hr", "PUT", f"/v1/bodies/{code}/seats", {"seats": seats}, match=f"/v1/bodies/{code}")
    try_out = {"scheme": "two-seven-one", "cadence": "monthly", "period": r.month}
    eventually("the bodies", lambda: r.system.call("POST", "/v1/cycles/preview", r.token("hr"), try_out)[0] == 200)


def targets(r, at):
    new = {"to": {"unit": "NET"}, "title": "网络可用率", "amount": "99.95"}
    target = r.record("create_target", "deputy", "POST", f"{at}/targets", new)
    r.record("list_targets", "net.head", "GET", f"{at}/targets")
    r.record("delete_target", "deputy", "DELETE", f"/v1/targets/{target['id']}")


def plans(r, at):
    goals = {"goals": [{"title": "巡检两个站点", "weight": "60"}, {"title": "服务同事", "weight": "40"}]}
    listed = r.record("list_plans", "e001", "GET", f"/v1/plans?cycle={r.cycle}")
    plan = f"/v1/plans/{next(one for one in listed['items'] if one['number'] == 'E001')['id']}"
    r.record("get_plan", "e001", "GET", plan)

    def step(plan):
        asked = r.must("hr", "GET", plan)["steps"]
        return f"/v1/planning/steps/{asked[-1]['id']}/decision"

    r.record("put_plan", "e001", "PUT", plan, goals, match=plan)
    r.record("submit_plan", "e001", "POST", f"{plan}/submit", match=plan)
    r.record("decide_plan", "net.head", "POST", step(plan), {"verdict": "returned", "reason": "写明站点"})
    r.system.call("PUT", plan, r.token("e001"), goals, {"If-Match": r.system.call("GET", plan, r.token("e001"))[1]["etag"]})
    r.system.call("POST", f"{plan}/submit", r.token("e001"), headers={"If-Match": r.system.call("GET", plan, r.token("e001"))[1]["etag"]})
    r.must("net.head", "POST", step(plan), {"verdict": "approved"})
    r.record("amend_plan", "e001", "POST", f"{plan}/versions", {**goals, "reason": "任务调整"}, match=plan)
    r.system.call("POST", f"{plan}/submit", r.token("e001"), headers={"If-Match": r.system.call("GET", plan, r.token("e001"))[1]["etag"]})
    r.record("list_plan_steps", "net.head", "GET", f"/v1/planning/steps?cycle={r.cycle}")
    r.must("net.head", "POST", step(plan), {"verdict": "approved"})
    r.record("list_plan_versions", "e001", "GET", f"{plan}/versions")
    r.record("list_cycle_units", "net.head", "GET", f"{at}/units")
    many = {"plans": [{"number": number, **goals} for number in ("E002", "E003", "E004", "E005", "E006")]}
    r.record("enter_plans", "hr", "PUT", f"{at}/plans", many)
    r.record("approve_unit_plans", "net.head", "POST", f"{at}/units/NET/plans/approve")
    next_month = {"scheme": "monthly-kpi", "subject": "person:E001", "period": r.later, **goals}
    r.record("create_plan", "e001", "POST", "/v1/plans", next_month)
    r.must("ops.head", "POST", f"{at}/units/OPS/plans/approve")
    for unit, head in (("NET", "net.head"), ("OPS", "ops.head")):
        units = r.must(head, "GET", f"{at}/units")["items"]
        plan = "/v1/plans/" + next(one["plan"] for one in units if one["code"] == unit)
        r.must(head, "POST", f"{plan}/submit")
        r.must("deputy", "POST", step(plan), {"verdict": "approved"})


def written(r):
    """What the superior expects of somebody, and what is handed in by a day."""
    listed = eventually("the reports", lambda: r.must("net.head", "GET", f"/v1/reports?cycle={r.cycle}&subject=person:E001")["items"])
    report = f"/v1/reports/{listed[0]['id']}"
    r.record("list_reports", "net.head", "GET", f"/v1/reports?cycle={r.cycle}&subject=person:E001")
    r.record("get_report", "net.head", "GET", report)
    r.record("put_report", "net.head", "PUT", report, {"answers": {"goals": "两个站点各巡检一次"}}, match=report)
    r.record("hand_in_report", "net.head", "POST", f"{report}/hand-in")
    r.record("decide_report", "e001", "POST", f"{report}/decision", {"verdict": "approved", "reason": "同意"})
    due = {"duty": "inventory", "due": "2026-08-03", "what": "机房", "numbers": ["E001", "E002"]}
    r.record("name_duties", "hr", "POST", f"/v1/cycles/{r.cycle}/duties", due)
    listed = r.record("list_duties", "hr", "GET", f"/v1/duties?cycle={r.cycle}&late=true")["items"]
    own = next(one["id"] for one in listed if one["number"] == "E001")
    r.record("do_duty", "e001", "POST", f"/v1/duties/{own}/done", {"note": "交行政人事部"})
    r.record("strike_duty", "net.head", "POST", f"/v1/duties/{own}/strike", {"reason": "当月停电"})


def scoring(r):
    at = f"/v1/cycles/{r.cycle}"
    hr = r.token("hr")
    r.record("get_scoring_directory", "hr", "GET", "/v1/scoring/directory")
    sheets = lambda: r.system.call("GET", f"/v1/sheets?cycle={r.cycle}&kind=person", hr)[2]["items"]
    eventually("all sheets", lambda: len(sheets()) >= 6)
    r.record("list_sheets", "net.head", "GET", f"/v1/sheets?cycle={r.cycle}&mine=rater&limit=2")
    sheet = f"/v1/sheets/{next(one for one in sheets() if one['number'] == 'E001')['id']}"
    r.record("get_sheet", "net.head", "GET", sheet)
    one = {"item": "potential", "input": "superior", "value": "B"}
    r.record("put_sheet_ratings", "net.head", "PUT", f"{sheet}/ratings", {"ratings": [one]}, match=sheet)
    r.record("list_cycle_assignments", "hr", "GET", f"{at}/assignments?subject=person:E001")
    mine = r.record("list_own_assignments", "net.head", "GET", "/v1/assignments?limit=100")["items"]
    mine = [one for one in mine if one["cycle"] == r.cycle]
    r.record("make_announcement", "hr", "POST", f"{at}/announcements", {"title": "十一月考核说明", "text": "月底调休，评分提前至 24 日开始。"})
    r.record("list_announcements", "e001", "GET", f"{at}/announcements")
    assignments(r, at, mine)
    facts(r, at)
    notes(r, at)
    rated(r, at, sheet)
    handed_in(r, at)
    computed(r, at)
    published(r)
    of_several_raters(r)
    declined(r)


def assignments(r, at, mine):
    form = f"/v1/assignments/{mine[0]['id']}"
    r.record("get_assignment", "net.head", "GET", form)
    one = {"item": "potential", "input": "superior", "value": "A"}
    r.record("put_assignment_values", "net.head", "PUT", f"{form}/values", {"ratings": [one]}, match=form)
    r.record("replace_assignment", "hr", "POST", f"{form}/replace", {"rater": "person:G001", "reason": "休假"})
    back = {"from": "person:G001", "rater": "person:M001", "reason": "已返岗"}
    r.record("replace_all_assignments", "hr", "POST", f"{at}/assignments/replace", back)


def facts(r, at):
    given = {"facts": [{"subject": "unit:NET", "path": "fact.average_forms", "value": "20.4"}, {"subject": "person:E001", "path": "item.response.value", "value": "20"}], "said": "工单系统"}
    r.record("enter_facts", "hr", "POST", f"{at}/facts", given)
    r.record("list_facts", "hr", "GET", f"{at}/facts?history=true&limit=2")
    asked = r.record("list_fact_checks", "finance", "GET", f"{at}/fact-checks?open=true")["items"][0]["id"]
    r.record("list_checked_facts", "finance", "GET", f"/v1/fact-checks/{asked}/facts")
    r.record("list_checked_entries", "finance", "GET", f"/v1/fact-checks/{asked}/entries")
    r.record("decide_fact_check", "finance", "POST", f"/v1/fact-checks/{asked}/decision", {"verdict": "approved"})


def notes(r, at):
    note = {"subject": "person:E001", "about": "good", "happened_on": f"{r.before}-12", "text": "深夜修复核心交换机"}
    r.record("create_note", "net.head", "POST", "/v1/notes", note)
    r.record("list_notes", "net.head", "GET", "/v1/notes?subject=person:E001")
    recusal = {"number": "E004", "rater": "M001", "reason": "亲属关系"}
    r.record("record_recusal", "hr", "POST", f"{at}/recusals", recusal)
    r.record("list_recusals", "hr", "GET", f"{at}/recusals")
    r.record("withdraw_recusal", "hr", "DELETE", f"{at}/recusals/E004/M001")


def rated(r, at, sheet):
    row = {"number": "E001", "item": "execution", "input": "superior", "value": "A"}
    r.record("enter_ratings", "net.head", "POST", f"{at}/ratings", {"ratings": [row]})
    r.record("get_scoring", "hr", "GET", f"{at}/scoring?limit=2")
    r.record("leave_out", "hr", "PUT", f"{at}/left-out/person:E006", {"reason": "长期病假"})
    r.record("take_in", "hr", "DELETE", f"{at}/left-out/person:E006")


def of_demonstration(name):
    with open(ROOT / "services/standalone/demonstration" / name, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def ratings_of(input, numbers):
    """What the demonstration's raters give about these people."""
    rows = [row for row in of_demonstration("ratings.csv") if (row["unit"] == "HR") == (input == "hr")]
    return [
        {"number": row["number"], "item": row["item"], "input": input, "value": row["value"]}
        | ({"evidence": row["evidence"]} if row["evidence"] else {})
        for row in rows if row["number"] in numbers
    ]


def handed_in(r, at):
    """The head of NET and HR give what is theirs; whoever is rated by another is missing at closing."""
    r.must("hr", "POST", f"{at}/facts", {"facts": of_demonstration("facts.csv")})
    for asked in r.must("finance", "GET", f"{at}/fact-checks?open=true")["items"]:
        r.must("finance", "POST", f"/v1/fact-checks/{asked['id']}/decision", {"verdict": "approved"})
    scores = [{"subject": "unit:NET", "path": "score", "value": "88"}, {"subject": "unit:OPS", "path": "score", "value": "60"}]
    r.must("deputy", "POST", f"{at}/facts", {"facts": scores})
    mine = r.must("net.head", "GET", "/v1/assignments?limit=500")["items"]
    forms = {one["subject"].removeprefix("person:"): one["id"] for one in mine if one["cycle"] == r.cycle and one["state"] == "open"}
    r.must("net.head", "POST", f"{at}/ratings", {"ratings": ratings_of("superior", forms)})
    everybody = {row["number"] for row in of_demonstration("ratings.csv")}
    r.must("hr", "POST", f"{at}/ratings", {"ratings": ratings_of("hr", everybody)})
    r.must("hr", "POST", f"{at}/ratings/submit", {})
    sheets = r.must("hr", "GET", f"/v1/sheets?cycle={r.cycle}&kind=person&limit=500")["items"]
    sheet = {one["number"]: f"/v1/sheets/{one['id']}" for one in sheets}
    first, second = sorted(forms)[:2]
    form = f"/v1/assignments/{forms[first]}"
    r.record("submit_assignment", "net.head", "POST", f"{form}/submit", match=form)
    r.record("submit_sheet", "net.head", "POST", f"{sheet[second]}/submit", match=sheet[second])
    back = {"reason": "核心交换机一事请写明日期", "column": "superior"}
    r.record("return_sheet", "hr", "POST", f"{sheet[second]}/return", back, match=sheet[second])
    r.record("submit_ratings", "net.head", "POST", f"{at}/ratings/submit")


def computed(r, at):
    r.record("close_cycle", "hr", "POST", f"{at}/close")
    closing = lambda: r.system.call("GET", f"{at}/closing", r.token("hr"))[2]["state"] != "computing"
    eventually("computed", closing)
    r.record("get_closing", "hr", "GET", f"{at}/closing")
    r.record("list_missing", "hr", "GET", f"{at}/missing?limit=2")
    r.record("list_warnings", "hr", "GET", f"{at}/warnings")
    r.record_file("get_fact_template", "hr", f"/v1/imports/template?kind=facts&cycle={r.cycle}&locale=zh-CN")
    moved(r, at, closing)
    looked_at(r, at)
    approvals = r.record("list_approvals", "hr", "GET", f"{at}/approvals?open=true")
    step = f"/v1/scoring/steps/{approvals['items'][0]['id']}"
    other = {"person": "F001", "reason": "总经理参与了评分"}
    r.record("name_approver", "hr", "PUT", f"{step}/approver", other)
    r.record("decide_approval", "finance", "POST", f"{step}/decision", {"verdict": "approved"})
    r.record("publish_results", "general.manager", "POST", f"{at}/publish")
    heard(r, at)


def moved(r, at, closing):
    """A figure that is moved, and moved back."""
    moves = {"moves": [{"subject": "person:E001", "figure": "score", "by": "1.5", "reason": "台风期间连续值守"}]}
    made = r.record("move_figures", "finance", "POST", f"{at}/moves", moves)["moves"][0]["id"]
    eventually("computed anew", closing)
    r.record("list_moves", "hr", "GET", f"{at}/moves")
    r.record("withdraw_move", "finance", "POST", f"/v1/moves/{made}/withdraw", {"reason": "值守已另行奖励"})
    eventually("computed anew", closing)


def looked_at(r, at):
    drawn = r.record("draw_spot_checks", "finance", "POST", f"{at}/spot-checks", {"units": ["NET"]})["items"][0]["id"]
    r.record("list_spot_checks", "finance", "GET", f"{at}/spot-checks")
    check = f"/v1/spot-checks/{drawn}"
    found = {"recommendation": "E001 的响应与验收单不符，请复核", "subjects": ["person:E001"]}
    r.record("conclude_spot_check", "finance", "POST", f"{check}/conclusion", found)
    r.record("answer_spot_check", "net.head", "POST", f"{check}/answer", {"verdict": "stands", "reason": "客户已更正验收单，见附件"})
    r.record("settle_spot_check", "finance", "POST", f"{check}/settle", {"reason": "答复属实"})


def heard(r, at):
    """What follows for the people: signatures and opinions."""
    mine = lambda: r.must("e001", "GET", f"/v1/signatures?cycle={r.cycle}&number=E001")["items"]
    eventually("the signature", mine)
    listed = r.record("list_signatures", "e001", "GET", f"/v1/signatures?cycle={r.cycle}&number=E001")["items"]
    asked = next(one for one in listed if one["capacity"] == "self")
    read = r.record("get_signature", "e001", "GET", f"/v1/signatures/{asked['id']}")
    r.record("sign", "e001", "POST", f"/v1/signatures/{asked['id']}", {"verdict": "given", "sha256": read["sha256"]})
    others = r.must("hr", "GET", f"/v1/signatures?cycle={r.cycle}&open=true")["items"]
    other = next(one["id"] for one in others if one["number"] != "E001" and one["capacity"] == "self")
    r.record("waive_signature", "hr", "POST", f"/v1/signatures/{other}/waive", {"reason": "长期病假，无法签字"})
    result = next(one for one in r.must("e001", "GET", "/v1/my/results")["items"] if one["cycle"] == r.cycle)["id"]
    stated = r.record("state_opinion", "e001", "POST", f"/v1/results/{result}/opinions", {"words": "培养潜力评级与约定不符"})["id"]
    r.record("list_opinions", "hr", "GET", "/v1/opinions?open=true")
    r.record("answer_opinion", "net.head", "POST", f"/v1/opinions/{stated}/answer", {"verdict": "explained", "answer": "学习进度以三季度为准"})


def published(r):
    cycles = r.system.call("GET", "/v1/cycles", r.token("hr"))[2]["items"]
    cycle = next(one for one in cycles if one["period"] == r.before)["id"]
    at = f"/v1/cycles/{cycle}"
    r.record("list_results", "deputy", "GET", f"{at}/results?limit=2")
    r.record("get_summary", "deputy", "GET", f"{at}/summary")
    mine = r.record("list_my_results", "e001", "GET", "/v1/my/results")["items"][0]["id"]
    r.record("get_result", "e001", "GET", f"/v1/results/{mine}")
    r.record("get_explanation", "e001", "GET", f"/v1/results/{mine}/explanation")
    r.record("list_versions", "e001", "GET", f"/v1/results/{mine}/versions")
    talked(r, at)
    wrong = {"cycle": cycle, "reason": "缺勤记录有误", "changes": [{"subject": "person:E001", "path": "/items/attendance/actual", "value": "21"}]}
    r.record("correct_results", "hr", "POST", "/v1/corrections?preview=true", wrong)
    r.record("list_dependents", "hr", "GET", f"/v1/results/{mine}/dependents")
    earlier = {"results": [{"subject": "person:E001", "scheme": "monthly-kpi", "period": "2026-09", "score": "85.5", "grade": "A3"}]}
    r.record("import_results", "hr", "POST", "/v1/imports?kind=results", earlier)
    tried = {"cycle": cycle, "cost": False, "people": "none"}
    r.record("simulate_policy", "hr", "POST", "/v1/simulations", tried)


def talked(r, at):
    """The interviews that follow from the results."""
    waiting = lambda: [one for one in r.must("hr", "GET", f"{at}/interviews")["items"] if one["interviews"]]
    eventually("the interviews", waiting)
    r.record("list_interviews", "hr", "GET", f"{at}/interviews")
    one = waiting()[0]
    talk, person = f"/v1/interviews/{one['interviews'][0]['id']}", one["number"].lower()
    appointment = {"at": "2027-01-05T01:30:00Z", "place": "三号会议室"}
    r.record("arrange_interview", "hr", "PUT", f"{talk}/appointment", appointment)
    goals = [{"title": "故障响应不超过 30 分钟", "measure": "值班记录"}]
    today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date().isoformat()
    record = {"held_on": today, "notes": "两次延误的原因在于值班安排；下月起由二人轮值。", "goals": goals}
    r.record("record_interview", "hr", "POST", f"{talk}/record", record)
    r.record("comment_interview", person, "POST", f"{talk}/comment", {"comment": "同意，请安排备班。"})
    r.record("list_my_interviews", person, "GET", "/v1/my/interviews")


def chosen(r, scheme, people, signers=()):
    """A cycle of another scheme for a few people, once their sheets are there, and signed where somebody signs them."""
    subjects = [f"person:{number}" for number in people]
    opening = {"scheme": scheme, "cadence": "monthly", "period": r.before, "subjects": subjects}
    cycle = r.must("hr", "POST", "/v1/cycles", opening)["id"]
    for signer in signers:
        if signer == signers[0]:
            r.must("hr", "POST", f"/v1/cycles/{cycle}/sheets/settle", {})
        steps = r.must(signer, "GET", f"/v1/planning/steps?cycle={cycle}")["items"]
        for step in [step for step in steps if "decide_plan" in step["actions"]]:
            r.must(signer, "POST", f"/v1/planning/steps/{step['id']}/decision", {"verdict": "approved"})
    sheets = lambda: r.system.call("GET", f"/v1/sheets?cycle={cycle}&kind=person", r.token("hr"))[2]
    eventually("the sheets", lambda: len(sheets().get("items", [])) == len(people))
    return cycle


def of_several_raters(r):
    cycle = chosen(r, "multi-rater", ["E001"])
    at = f"/v1/cycles/{cycle}"
    peers = [{"subject": "person:E001", "column": "peer", "rater": f"person:{number}"} for number in ("E002", "E004")]
    r.record("create_assignments", "hr", "POST", f"{at}/assignments", {"assignments": peers})
    letter = uploaded(r, "upload_evidence", "hr", "/v1/scoring/documents?name=letter.txt", "感谢十月十二日夜间的抢修")
    entry = {"subject": "person:E001", "list": "adjustments", "cells": {"points": "1", "reason": "客户来信表扬"}, "said": "客服部转来的信",
             "document": letter["id"]}
    r.record("create_entries", "hr", "POST", f"{at}/entries", {"entries": [entry]})
    listed = r.record("list_entries", "hr", "GET", f"{at}/entries?subject=person:E001")
    r.record_file("download_evidence", "net.head", f"/v1/scoring/documents/{letter['id']}")
    r.record("withdraw_entry", "hr", "DELETE", f"/v1/entries/{listed['items'][0]['id']}")


def declined(r):
    source = next((ROOT / "shared/domain/schemes").glob("*-four-categories.toml")).read_text()
    r.must("hr", "POST", "/v1/schemes", {"source": source})
    at = "/v1/schemes/four-categories/placements"
    rules = {"people": [{"category": "C", "rule": "category == 'staff'"}], "units": []}
    r.must("hr", "PUT", at, rules, match=at)
    cycle = chosen(r, "four-categories", ["E001"], ["net.head", "e001"])
    mine = r.must("e001", "GET", "/v1/assignments?limit=500")["items"]
    form = f"/v1/assignments/{next(one for one in mine if one['cycle'] == cycle and one['column'] == 'self')['id']}"
    r.record("decline_assignment", "e001", "POST", f"{form}/decline", {"reason": "放弃自评"}, match=form)


def uploaded(r, operation, account, path, text):
    """A text that was uploaded."""
    headers = {"Accept-Language": "zh-CN"}
    status, _, kept = r.system.call("POST", path, r.token(account), text.encode(), headers, "text/plain")
    assert status == 201, kept
    r.examples[operation] = {"answer": shown(kept)}
    return kept


def appeals(r):
    about = {"cycle": r.cycle, "about": "rating", "place": "/items/potential/superior", "grounds": "潜力评级与约定不符"}
    proof = uploaded(r, "upload_document", "e001", "/v1/appeals/documents?name=proof.txt", "六月约定：潜力按学习进度评定")
    case = r.record("file_appeal", "e001", "POST", "/v1/appeals", {**about, "documents": [proof["id"]]})
    at = f"/v1/appeals/{case['id']}"
    read = lambda: r.system.call("GET", at, r.token("hr"))[2]
    step = lambda: f"/v1/appeals/steps/{next(level['id'] for level in read()['levels'] if level['state'] == 'open')}"
    r.record("list_appeals", "hr", "GET", "/v1/appeals?limit=2")
    r.record("get_appeal", "e001", "GET", at)
    r.record("add_to_appeal", "net.head", "POST", f"{at}/notes", {"text": "面谈：双方核对了学习记录"})
    decide = lambda account, body: r.record("decide_level", account, "POST", f"{step()}/decision", body)
    decide("net.head", {"verdict": "next_level", "reason": "仍有分歧"})
    decide("finance", {"verdict": "refused", "reason": "复核后维持"})
    r.record("carry_on_appeal", "e001", "POST", f"{at}/next-level")
    members = [{"number": "F001"}, {"number": "M002"}, {"number": "E006", "withdrew_why": "与申诉人共用项目"}, {"number": "A001", "fills": "E006"}]
    r.record("name_deciders", "hr", "PUT", f"{step()}/panel", {"members": members})
    today = read()["filed_on"]
    session = {"held_on": today, "present": ["F001", "M002", "A001"], "votes": {"for": 2, "against": 1}, "minutes": "听取双方意见"}
    again = {"reassess": {"by": "M002", "places": ["/items/potential/superior"]}}
    decide("ops.head", {"verdict": "upheld", "reason": "未按约定评定", "remedy": again, "session": session})
    given = {"values": [{"path": "/items/potential/superior", "value": "A+"}], "reason": "按学习记录"}
    r.record("assess_again", "ops.head", "POST", f"/v1/appeals/steps/{read()['remedies'][0]['step']}/assessment", given)
    # There is no such letter on the scale, so scoring cannot correct it.
    eventually("the refusal", lambda: read()["remedies"][-1]["state"] == "refused")
    r.record("mend_remedy", "hr", "POST", f"{at}/remedies", {"changes": [{"path": "/items/potential/superior", "value": "A"}]})
    other = r.system.call("POST", "/v1/appeals", r.token("e002"), about)[2]
    r.record("withdraw_appeal", "e002", "POST", f"/v1/appeals/{other['id']}/withdraw", {"reason": "与上级谈过，已无异议"})


if __name__ == "__main__":
    with started() as system:
        recorded = record(system)
    json.dump(recorded, sys.stdout, ensure_ascii=False, indent=2, sort_keys=True)
    print()
