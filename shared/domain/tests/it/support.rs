//! Cases to start from, and ways to break them.

use domain::scheme::Scheme;
use domain::simulate;
use domain::{Invalid, InvalidAt};
use serde_json::Value as Json;

pub fn scheme(code: &str) -> Scheme {
    let toml = Scheme::shipped().iter().find(|(shipped, _)| *shipped == code).map(|(_, toml)| *toml);
    Scheme::parse(toml.expect("a shipped scheme")).expect("a sound scheme")
}

/// One of the conformance cases, by the beginning of its name.
pub fn case(name: &str) -> Json {
    let cases = crate::conformance::cases();
    let (_, text) = cases.iter().find(|(path, _)| path.contains(&format!("/{name}"))).expect(name);
    serde_json::from_str(text).unwrap()
}

/// Sets a value at a pointer whose parent exists.
pub fn with(mut case: Json, pointer: &str, value: Json) -> Json {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match case.pointer_mut(parent).unwrap_or_else(|| panic!("{parent} is not there")) {
        Json::Object(object) => {
            object.insert(key.to_owned(), value);
        }
        Json::Array(all) => {
            let at: usize = key.parse().unwrap();
            if at == all.len() { all.push(value) } else { all[at] = value }
        }
        _ => panic!("{parent} holds nothing"),
    }
    case
}

pub fn without(mut case: Json, pointer: &str) -> Json {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    case.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap();
    case
}

pub fn computed(case: &Json) -> Json {
    simulate::run(&case.to_string()).unwrap_or_else(|invalid| panic!("{:?}", invalid.errors))
}

pub fn errors(case: &Json) -> Vec<InvalidAt> {
    match simulate::run(&case.to_string()) {
        Ok(_) => Vec::new(),
        Err(Invalid { errors }) => errors,
    }
}

/// The case is refused, and the pointer or one below it is told.
#[track_caller]
pub fn refused(case: &Json, pointer: &str) {
    let errors = errors(case);
    let told = errors.iter().any(|error| error.pointer == pointer || error.pointer.starts_with(&format!("{pointer}/")));
    assert!(told, "{pointer} is not among {errors:?}");
}
