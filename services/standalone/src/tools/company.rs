//! Facts of the company, from the command line and from files.

use std::path::Path;

use basics::{Locale, say};
use domain::Kind;
use domain::scheme::Scheme;
use domain::tools::columns::columns;
use serde_json::Value;

use super::{Failure, read_text};

/// Names and values, as they are written: `NAME=VALUE`, or a file with one of them on each line (`NAME=VALUE` or
/// `NAME,VALUE`) or a JSON object. Names are those of the scheme, or what people call them.
pub fn given(written: &[String], locale: Locale) -> Result<Vec<(String, String)>, Failure> {
    let mut facts = Vec::new();
    for one in written {
        match one.split_once('=') {
            Some((name, value)) => facts.push((name.trim().to_owned(), value.trim().to_owned())),
            None => facts.extend(of_file(Path::new(one), locale)?),
        }
    }
    Ok(facts)
}

fn of_file(path: &Path, locale: Locale) -> Result<Vec<(String, String)>, Failure> {
    let text = read_text(path, locale)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    let name = path.display();
    let wrong = |message: basics::Message| Failure::Invalid(message.get(locale).to_owned());
    if text.starts_with('{') {
        let object: serde_json::Map<String, Value> = serde_json::from_str(text)
            .map_err(|error| wrong(say!("{name}：不是 JSON：{error}", "{name}: it is not JSON: {error}")))?;
        return Ok(object.into_iter().map(|(name, value)| (name, plain(&value))).collect());
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| {
            let pair = line.split_once(['=', ',', '，', '\t']);
            let (fact, value) = pair.ok_or_else(|| {
                let line = at + 1;
                wrong(say!(
                    "{name}：第 {line} 行：应写作 名称=数值 或 名称,数值",
                    "{name}: row {line}: write NAME=VALUE or NAME,VALUE"
                ))
            })?;
            let bare = |text: &str| text.trim().trim_matches('"').to_owned();
            Ok((bare(fact), bare(value)))
        })
        .collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A fact as a case has it: its name by the scheme, its value by its kind. What the scheme does not know stays as it
/// is, for the engine to refuse.
pub fn as_case(scheme: &Scheme, cadence: &str, name: &str, written: &str) -> (String, Value) {
    let known = columns(scheme, cadence, Kind::Company);
    let bare = |column: &str| column.strip_prefix("fact:").unwrap_or(column).to_owned();
    let found = known.iter().find(|column| column.name == name || bare(&column.name) == name);
    let found = found.or_else(|| known.iter().find(|column| column.label.zh == name || column.label.en == name));
    match found {
        None => (name.to_owned(), written.into()),
        Some(column) => (bare(&column.name), column.as_case(written)),
    }
}
