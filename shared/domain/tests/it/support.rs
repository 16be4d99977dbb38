//! Cases to start from, and ways to break them.

use std::sync::OnceLock;

use domain::scheme::Scheme;
use domain::simulate;
use domain::{Invalid, InvalidAt};
use serde_json::Value as Json;

/// A shipped scheme; each is read once for all tests.
pub fn scheme(code: &str) -> &'static Scheme {
    static SCHEMES: OnceLock<Vec<Scheme>> = OnceLock::new();
    let all = SCHEMES.get_or_init(|| Scheme::shipped().iter().map(|(_, toml)| Scheme::parse(toml).unwrap()).collect());
    all.iter().find(|scheme| scheme.code() == code).expect(code)
}

/// As [`simulate::run`], with a scheme that was read before where there is one.
fn run(case: &Json) -> Result<Json, Invalid> {
    let shipped = |code: &&str| Scheme::shipped().iter().any(|(shipped, _)| shipped == code);
    match case["policy"].as_str().filter(shipped) {
        Some(code) => simulate::run_with(scheme(code), case),
        None => simulate::run(&case.to_string()),
    }
}

/// One of the conformance cases, by the beginning of its name.
pub fn case(name: &str) -> Json {
    let cases = crate::conformance::cases();
    let named = |end: &str| cases.iter().find(|(path, _)| path.contains(&format!("/{name}{end}")));
    let (_, text) = named(".json").or_else(|| named("")).expect(name);
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
    run(case).unwrap_or_else(|invalid| panic!("{:?}", invalid.errors))
}

pub fn errors(case: &Json) -> Vec<InvalidAt> {
    match run(case) {
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
