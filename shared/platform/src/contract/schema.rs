//! Values against the schemas of an OpenAPI document: as much of JSON Schema as utoipa writes.

use serde_json::{Map, Value};

use super::fault::{Counted, Fault, Form, Type};

/// A value that is not as its schema has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// JSON pointer.
    pub pointer: String,
    pub fault: Fault,
}

/// Marks a schema whose values the rules check, and tell what is wrong with them together with all else.
pub const BY_RULES: &str = "x-checked-by-rules";

/// The schemas that a document names.
#[derive(Clone, Debug, Default)]
pub struct Schemas(Value);

impl Schemas {
    pub fn new(named: Value) -> Self {
        Self(named)
    }

    /// All that is wrong with a value.
    pub fn wrong(&self, schema: &Value, value: &Value) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        self.check(schema, value, "", &mut wrong);
        wrong
    }

    /// Adds what is wrong with a value that stands at a pointer.
    pub fn check(&self, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<Wrong>) {
        let schema = self.resolved(schema);
        if schema[BY_RULES] == true {
            return;
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(branches) = schema[key].as_array() {
                return self.check_branches(branches, value, at, wrong);
            }
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.check(part, value, at, wrong);
        }
        let mut add = |fault: Fault| wrong.push(Wrong { pointer: at.to_owned(), fault });
        let types = types(schema);
        if !types.is_empty() && !types.iter().any(|one| is_a(value, *one)) {
            return add(Fault::NotA(types));
        }
        if let Some(allowed) = schema["enum"].as_array()
            && !value.is_null()
            && !allowed.contains(value)
        {
            return add(Fault::NotOneOf(allowed.iter().map(plain).collect()));
        }
        match value {
            Value::String(text) => check_text(schema, text, &mut add),
            Value::Number(number) => check_number(schema, number, &mut add),
            Value::Array(items) => self.check_items(schema, items, at, wrong),
            Value::Object(fields) => self.check_fields(schema, fields, at, wrong),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// A value of a query parameter, read as its schema has it; text where it cannot be.
    pub fn read(&self, schema: &Value, text: &str) -> Value {
        let types = types(self.resolved(schema));
        let number = || text.parse::<i64>().ok().map(Value::from);
        let flag = || text.parse::<bool>().ok().map(Value::from);
        let read = types.iter().find_map(|one| match one {
            Type::WholeNumber | Type::Number => number(),
            Type::Flag => flag(),
            _ => None,
        });
        read.unwrap_or_else(|| Value::from(text))
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
            Some(name) => self.0.get(name).map_or(&Value::Null, |named| self.resolved(named)),
            None => schema,
        }
    }

    /// One of several: whichever fits, else what is wrong with the one that was probably meant.
    fn check_branches(&self, branches: &[Value], value: &Value, at: &str, wrong: &mut Vec<Wrong>) {
        if let Some((name, allowed)) = self.tag(branches)
            && let Some(fields) = value.as_object()
        {
            let pointer = below(at, &name);
            let Some(given) = fields.get(&name) else { return wrong.push(Wrong { pointer, fault: Fault::Missing }) };
            if !allowed.contains(given) {
                let allowed = allowed.iter().map(plain).collect();
                return wrong.push(Wrong { pointer, fault: Fault::NotOneOf(allowed) });
            }
        }
        let mut least: Option<Vec<Wrong>> = None;
        let mut expected: Vec<Type> = Vec::new();
        for branch in branches {
            let branch = self.resolved(branch);
            let mut found = Vec::new();
            self.check(branch, value, at, &mut found);
            if found.is_empty() {
                return;
            }
            let of_type = types(branch);
            if !of_type.is_empty() && !of_type.iter().any(|one| is_a(value, *one)) {
                expected.extend(of_type);
                continue;
            }
            if least.as_ref().is_none_or(|least| self.is_nearer(branch, value, &found, least)) {
                least = Some(found);
            }
        }
        match least {
            Some(found) => wrong.extend(found),
            None => {
                expected.dedup();
                wrong.push(Wrong { pointer: at.to_owned(), fault: Fault::NotA(expected) });
            }
        }
    }

    /// The branch whose tag is the value's is the one that was meant; else the one with the fewest faults.
    fn is_nearer(&self, branch: &Value, value: &Value, found: &[Wrong], least: &[Wrong]) -> bool {
        let tagged = branch["properties"].as_object().into_iter().flatten();
        let mut tags = tagged.filter_map(|(name, schema)| Some((name, schema["enum"].as_array()?)));
        let meant =
            tags.any(|(name, allowed)| allowed.len() == 1 && value.get(name).is_some_and(|v| allowed.contains(v)));
        meant || found.len() < least.len()
    }

    /// The field that says which of several objects is meant, and all that it may be.
    fn tag(&self, branches: &[Value]) -> Option<(String, Vec<Value>)> {
        let fields = |branch| self.resolved(branch)["properties"].as_object();
        let constant = |schema: &Value| schema["enum"].as_array().filter(|allowed| allowed.len() == 1).cloned();
        let (first, others) = branches.split_first()?;
        let is_tag =
            |name: &str| others.iter().all(|branch| fields(branch).and_then(|f| constant(f.get(name)?)).is_some());
        let (name, _) = fields(first)?.iter().find(|(name, schema)| constant(schema).is_some() && is_tag(name))?;
        let all = branches.iter().filter_map(|branch| constant(fields(branch)?.get(name)?)).flatten();
        Some((name.clone(), all.collect()))
    }

    fn check_items(&self, schema: &Value, items: &[Value], at: &str, wrong: &mut Vec<Wrong>) {
        let (least, most) = (schema["minItems"].as_u64(), schema["maxItems"].as_u64());
        if !within(items.len(), least, most) {
            wrong.push(Wrong { pointer: at.to_owned(), fault: Fault::Length(least, most, Counted::Entries) });
        }
        for (index, item) in items.iter().enumerate() {
            self.check(&schema["items"], item, &format!("{at}/{index}"), wrong);
        }
    }

    fn check_fields(&self, schema: &Value, fields: &Map<String, Value>, at: &str, wrong: &mut Vec<Wrong>) {
        let known = schema["properties"].as_object();
        for (name, value) in fields {
            let pointer = below(at, name);
            match (known.and_then(|known| known.get(name)), &schema["additionalProperties"]) {
                (Some(described), _) => self.check(described, value, &pointer, wrong),
                (None, Value::Bool(false)) => {
                    let names = known.into_iter().flatten().map(|(name, _)| name.as_str());
                    let free = names.filter(|known| !fields.contains_key(*known));
                    wrong.push(Wrong { pointer, fault: Fault::unknown_field(name, free) });
                }
                (None, described) => self.check(described, value, &pointer, wrong),
            }
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                wrong.push(Wrong { pointer: below(at, name), fault: Fault::Missing });
            }
        }
    }
}

/// The pointer of a field of what stands at a pointer (RFC 6901).
pub fn below(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn types(schema: &Value) -> Vec<Type> {
    match &schema["type"] {
        Value::String(name) => Type::named(name).into_iter().collect(),
        Value::Array(names) => names.iter().filter_map(|name| Type::named(name.as_str()?)).collect(),
        _ => Vec::new(),
    }
}

fn is_a(value: &Value, one: Type) -> bool {
    match one {
        Type::Text => value.is_string(),
        Type::WholeNumber => value.is_i64() || value.is_u64(),
        Type::Number => value.is_number(),
        Type::Flag => value.is_boolean(),
        Type::List => value.is_array(),
        Type::Object => value.is_object(),
        Type::Null => value.is_null(),
    }
}

/// Texts without quotation marks, everything else as in JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn within(length: usize, least: Option<u64>, most: Option<u64>) -> bool {
    let length = length as u64;
    least.is_none_or(|least| length >= least) && most.is_none_or(|most| length <= most)
}

fn check_text(schema: &Value, text: &str, add: &mut impl FnMut(Fault)) {
    let (least, most) = (schema["minLength"].as_u64(), schema["maxLength"].as_u64());
    if !within(text.chars().count(), least, most) {
        return add(Fault::Length(least, most, Counted::Characters));
    }
    match schema["format"].as_str() {
        Some("uuid") if uuid::Uuid::try_parse(text).is_err() => add(Fault::Form(Form::Uuid)),
        Some("date") if !is_day(text) => add(Fault::Form(Form::Day)),
        Some("date-time") if text.parse::<jiff::Timestamp>().is_err() => add(Fault::Form(Form::Moment)),
        _ => {}
    }
}

/// A day written `2026-03-31`, and nothing that only resembles one.
fn is_day(text: &str) -> bool {
    let shaped = text.len() == 10 && text.bytes().enumerate().all(|(at, byte)| matches!(at, 4 | 7) == (byte == b'-'));
    shaped && text.parse::<jiff::civil::Date>().is_ok()
}

fn check_number(schema: &Value, number: &serde_json::Number, add: &mut impl FnMut(Fault)) {
    let Some(number) = number.as_i64() else {
        // What exceeds 64 bits exceeds every bound there is.
        return if number.is_u64() {
            add(Fault::Bounds(None, Some(i64::MAX)))
        };
    };
    let fits = |bound: &str| schema[bound].as_i64();
    let (mut least, mut most) = (fits("minimum"), fits("maximum"));
    if schema["format"] == "int32" {
        least = least.or(Some(i64::from(i32::MIN)));
        most = most.or(Some(i64::from(i32::MAX)));
    }
    if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
        add(Fault::Bounds(least, most));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pointers(schema: &Value, value: &Value) -> Vec<String> {
        Schemas::new(named()).wrong(schema, value).into_iter().map(|wrong| wrong.pointer).collect()
    }

    fn named() -> Value {
        json!({
            "Goal": {
                "type": "object", "additionalProperties": false, "required": ["title", "weight"],
                "properties": {
                    "title": { "type": "string", "minLength": 1, "maxLength": 5 },
                    "weight": { "type": "string" },
                    "target": { "type": ["string", "null"], "format": "uuid" },
                },
            },
            "SignIn": { "oneOf": [
                { "type": "object", "required": ["grant", "name", "password"], "properties": {
                    "grant": { "type": "string", "enum": ["password"] },
                    "name": { "type": "string" }, "password": { "type": "string" } } },
                { "type": "object", "required": ["grant", "client"], "properties": {
                    "grant": { "type": "string", "enum": ["client"] }, "client": { "type": "string", "format": "uuid" } } },
            ] },
            "Value": { "oneOf": [{ "type": "string" }, { "type": "boolean" }, { "type": "null" }] },
        })
    }

    #[test]
    fn given_several_faults_then_each_is_told_where_it_stands() {
        let goals = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Goal" } });
        let value = json!([
            { "title": "", "weight": 40, "more/or~less": 1 },
            { "title": "fine", "weight": "60", "target": null },
            { "weight": "x", "target": "x" },
            "a text",
        ]);
        let expected = ["/0/more~1or~0less", "/0/title", "/0/weight", "/2/target", "/2/title", "/3"];
        assert_eq!(pointers(&goals, &value), expected);
    }

    #[test]
    fn given_one_of_several_then_the_one_that_was_meant_is_told() {
        let schema = json!({ "$ref": "#/components/schemas/SignIn" });
        assert!(pointers(&schema, &json!({ "grant": "password", "name": "a", "password": "b" })).is_empty());
        assert_eq!(pointers(&schema, &json!({ "grant": "password", "name": 1 })), ["/name", "/password"]);
        assert_eq!(pointers(&schema, &json!({ "grant": "client", "client": "x" })), ["/client"]);
        assert_eq!(pointers(&schema, &json!({ "grant": "other" })), ["/grant"]);
        assert_eq!(pointers(&schema, &json!({})), ["/grant"]);
        assert_eq!(pointers(&schema, &json!([])), [""]);
    }

    #[test]
    fn given_a_value_of_several_types_then_no_other_type_is_taken() {
        let schema = json!({ "$ref": "#/components/schemas/Value" });
        for right in [json!("86.5"), json!(true), json!(null)] {
            assert!(pointers(&schema, &right).is_empty(), "{right}");
        }
        for wrong in [json!(86.5), json!({}), json!([])] {
            assert_eq!(pointers(&schema, &wrong), [""], "{wrong}");
        }
    }

    #[test]
    fn given_forms_and_bounds_then_they_hold() {
        for (schema, right, wrong) in [
            (json!({ "type": "string", "format": "date" }), json!("2026-02-28"), json!("2026-02-30")),
            (json!({ "type": "string", "format": "date" }), json!("2026-12-31"), json!("20261231")),
            (json!({ "type": "string", "format": "date-time" }), json!("2026-12-31T00:00:00Z"), json!("2026-12-31")),
            (json!({ "type": "integer", "format": "int32" }), json!(7), json!(3_000_000_000_u64)),
            (json!({ "type": "integer", "minimum": 1 }), json!(1), json!(0)),
            (json!({ "type": "integer", "format": "int64" }), json!(1), json!(u64::MAX)),
            (json!({ "type": "array", "minItems": 1 }), json!([1]), json!([])),
            (json!({ "enum": ["a", "b"] }), json!("a"), json!("c")),
            (
                json!({ "type": "object", "additionalProperties": { "type": "string" } }),
                json!({ "a": "b" }),
                json!({ "a": 1 }),
            ),
        ] {
            assert!(pointers(&schema, &right).is_empty(), "{schema} {right}");
            assert_eq!(pointers(&schema, &wrong).len(), 1, "{schema} {wrong}");
        }
    }
}
