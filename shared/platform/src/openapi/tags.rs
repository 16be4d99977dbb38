//! What operations are about, in the order in which a reader needs them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

const TAGS: [(&str, &str); 40] = [
    ("tokens", "Signing in, and the keys by which tokens are checked."),
    ("companies", "Companies: the tenants. Nobody sees anything of another company."),
    ("accounts", "People's accounts and their roles."),
    ("clients", "Machine clients, such as payroll, and their scopes."),
    ("units", "Units of a company and who heads them."),
    ("bodies", "Bodies that rate or decide, and who sits in them."),
    ("delegations", "Who rates or decides for whom, and until when."),
    ("employees", "Employees and where they stand, over time."),
    ("imports", "Units, employees and pay profiles from CSV and XLSX files."),
    ("working calendar", "On which days the company works."),
    ("schemes", "Appraisal policies as data, and their versions."),
    ("cycles", "Appraisal cycles, from opening to publication."),
    ("targets", "Targets handed down from the company to units and people."),
    ("plans", "People's plans: goals with weights, and their approval."),
    ("sheets", "Sheets: what is rated or measured of a person or a unit in one cycle."),
    ("tasks", "What waits for whom, over all services, and how far a cycle is."),
    ("recusals", "Who must not rate whom."),
    ("approvals", "Reviews and approvals of what was computed, before it is published."),
    ("moves", "Figures that are moved once they were computed, each with a reason."),
    ("spot checks", "Units that a body looks at before publication, what it recommends and what is answered."),
    ("reports", "Reports, self-reviews and talks about expectations, written by forms of the scheme."),
    ("dated duties", "What people hand in by a day, and what counts because it was late."),
    ("opinions", "What people say of their result, and what they are answered."),
    ("signatures", "Signatures over results and over what is announced, asked, given, refused or lapsed."),
    ("announcements", "What is announced to everybody in a cycle and confirmed as read."),
    ("assignments", "Who rates whom: a rater's form about one person or unit."),
    ("facts", "Values that no rater gives, of people, units and the company."),
    ("fact checks", "Values that are checked and approved after they were reported."),
    ("entries", "What happens and is recorded: incidents, adjustments, commendations."),
    ("notes", "Behaviour with a day, kept beside the cycles."),
    ("documents", "Files that entries, notes, values and corrections rest on."),
    ("results", "Results, their explanations, versions and corrections."),
    ("appeals", "Appeals against results, their levels, decisions and remedies."),
    ("interviews", "Interviews that results lead to."),
    ("simulations", "Trying a policy: nothing is written."),
    ("pay profiles", "What pay is computed from beside the result, such as a base salary."),
    ("statements", "What a result pays, and why."),
    ("batches", "Statements that are approved together before payroll sees them."),
    ("paid facts", "What only pay knows and reckons by, such as what was withheld."),
    ("payroll", "The feed of statements for payroll."),
];

const WATCHING: [(&str, &str); 2] = [
    ("mails", "Mail that was sent or is to be sent."),
    ("operations", "Audit logs, and events that could not be taken."),
];

/// The tags that the operations of a document have, explained.
pub fn of(paths: &Value) -> Value {
    let operations = paths.as_object().into_iter().flat_map(|paths| paths.values()).filter_map(Value::as_object);
    let tagged = operations.flat_map(|path| path.values()).filter_map(|operation| operation["tags"].as_array());
    let mut used: BTreeSet<&str> = tagged.flatten().filter_map(Value::as_str).collect();
    let known = TAGS.iter().chain(&WATCHING).filter(|(name, _)| used.remove(*name));
    let mut tags: Vec<Value> = known.map(|(name, about)| json!({ "name": name, "description": about })).collect();
    tags.extend(used.into_iter().map(|name| json!({ "name": name })));
    Value::Array(tags)
}
