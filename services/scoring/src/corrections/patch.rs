//! What was wrong with the inputs of a published result, put right by path.

use platform::{Message, say};
use serde_json::{Map, Value};

/// Parts of a subject that a correction may change, besides the lists of the scheme.
const PARTS: [&str; 8] = ["items", "facts", "history", "weights", "score", "category", "hired_on", "left_on"];

/// Puts a value where a path goes, below the subject as in a case: `/items/faults/superior`, `/goals/0/superior`. Null
/// takes away what is there.
pub fn apply(inputs: &mut Value, lists: &[String], path: &str, value: &Value) -> Result<(), Message> {
    let unknown = || say!("考核数据没有此路径", "the inputs have no such path");
    let parts: Vec<String> = path.strip_prefix('/').ok_or_else(unknown)?.split('/').map(unescaped).collect();
    let first = parts.first().ok_or_else(unknown)?;
    let below = |parts: &[String]| parts.to_vec();
    let parts = if lists.contains(first) {
        [vec!["lists".to_owned()], below(&parts)].concat()
    } else if PARTS.contains(&first.as_str()) {
        below(&parts)
    } else {
        return Err(unknown());
    };
    let (last, way) = parts.split_last().ok_or_else(unknown)?;
    let mut at = inputs;
    for part in way {
        if value.is_null() && at.is_null() {
            return Ok(());
        }
        at = step(at, part).ok_or_else(unknown)?;
    }
    put(at, last, value).ok_or_else(unknown)
}

fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

fn step<'v>(at: &'v mut Value, part: &str) -> Option<&'v mut Value> {
    if at.is_null() {
        *at = Value::Object(Map::new());
    }
    match at {
        Value::Object(object) => Some(object.entry(part).or_insert(Value::Null)),
        Value::Array(rows) => rows.get_mut(part.parse::<usize>().ok()?),
        _ => None,
    }
}

fn put(at: &mut Value, part: &str, value: &Value) -> Option<()> {
    if at.is_null() {
        *at = Value::Object(Map::new());
    }
    match at {
        Value::Object(object) if value.is_null() => drop(object.remove(part)),
        Value::Object(object) => drop(object.insert(part.to_owned(), value.clone())),
        Value::Array(rows) => {
            let index = part.parse::<usize>().ok()?;
            match (index.cmp(&rows.len()), value.is_null()) {
                (std::cmp::Ordering::Less, true) => drop(rows.remove(index)),
                (std::cmp::Ordering::Less, false) => *rows.get_mut(index)? = value.clone(),
                (std::cmp::Ordering::Equal, false) => rows.push(value.clone()),
                _ => return None,
            }
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn given_paths_as_in_a_case_then_values_are_put_right() {
        let mut inputs = json!({ "number": "E1", "items": { "faults": { "superior": "8" } }, "facts": {},
            "lists": { "goals": [{ "superior": "80" }] }, "history": null });
        let lists = ["goals".to_owned(), "adjustments".to_owned()];
        for (path, value) in [
            ("/items/faults/superior", json!("9")),
            ("/facts/late", json!("1")),
            ("/goals/0/superior", json!("85")),
            ("/adjustments", json!([{ "points": "1", "reason": "x" }])),
            ("/items/new/actual", json!("3")),
        ] {
            apply(&mut inputs, &lists, path, &value).unwrap();
        }
        assert_eq!(inputs["items"], json!({ "faults": { "superior": "9" }, "new": { "actual": "3" } }));
        assert_eq!(inputs["facts"]["late"], "1");
        assert_eq!(inputs["lists"]["goals"][0]["superior"], "85");
        assert_eq!(inputs["lists"]["adjustments"][0]["points"], "1");
        apply(&mut inputs, &lists, "/facts/late", &Value::Null).unwrap();
        assert_eq!(inputs["facts"], json!({}));
    }

    #[test]
    fn given_a_path_to_what_nobody_corrects_then_it_is_refused() {
        let mut inputs = json!({ "number": "E1", "pay": {}, "items": { "a": { "b": "1" } }, "lists": { "goals": [] } });
        let lists = ["goals".to_owned()];
        for path in ["", "/number", "/pay/base_salary", "number", "/goals/3/superior", "/items/a/b/c", "/unit"] {
            assert!(apply(&mut inputs, &lists, path, &json!("2")).is_err(), "{path}");
        }
    }
}
