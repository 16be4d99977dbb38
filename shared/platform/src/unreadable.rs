//! What the reader of JSON minds, in both languages: it speaks English only, in a few fixed forms.

use domain::{Message, say};

/// Its words, with the place in the text where it tells one.
pub fn said(text: &str) -> Message {
    let (what, place) = match text.rsplit_once(" at line ") {
        Some((what, place)) => (what, place.split_once(" column ")),
        None => (text, None),
    };
    let told = fault(what);
    match place {
        Some((line, column)) => {
            say!("{told}（第 {line} 行第 {column} 列）", "{told} at line {line} column {column}"; told)
        }
        None => told,
    }
}

fn fault(text: &str) -> Message {
    let zh = |zh: String| Message { zh, en: text.to_owned() };
    let (named, expected) = match text.split_once(", expected ") {
        Some((named, expected)) => (named, Some(wanted(expected))),
        None => (text.trim_end_matches(", there are no fields"), None),
    };
    let wanted = expected.map_or(String::new(), |expected| format!("，应为{expected}"));
    if let Some(field) = text.strip_prefix("missing field ") {
        zh(format!("缺少字段 {field}"))
    } else if let Some(field) = text.strip_prefix("duplicate field ") {
        zh(format!("字段 {field} 重复"))
    } else if let Some(field) = named.strip_prefix("unknown field ") {
        zh(format!("没有字段 {field}{wanted}"))
    } else if let Some(variant) = named.strip_prefix("unknown variant ") {
        zh(format!("没有选项 {variant}{wanted}"))
    } else if let Some(given) = named.strip_prefix("invalid type: ") {
        zh(format!("类型不对：{}{wanted}", kind(given)))
    } else if let Some(given) = named.strip_prefix("invalid value: ") {
        zh(format!("取值不对：{}{wanted}", kind(given)))
    } else if let Some(length) = named.strip_prefix("invalid length ") {
        zh(format!("长度 {length} 不对{wanted}"))
    } else if text.starts_with("data did not match any variant") {
        zh("不符合任何一种可用的形式".to_owned())
    } else {
        zh(format!("无法识别：{text}"))
    }
}

/// What was given: `string "x"`, `integer `5``, null.
fn kind(given: &str) -> String {
    let (kind, value) = given.split_once(' ').unwrap_or((given, ""));
    let (kind, value) = match (kind, value) {
        ("floating", value) => ("小数", value.trim_start_matches("point ")),
        ("unit", _) => ("空值", ""),
        ("string", value) => ("文本", value),
        ("character", value) => ("字符", value),
        ("integer", value) => ("整数", value),
        ("boolean", value) => ("布尔值", value),
        ("null", _) => ("null", ""),
        ("map", _) => ("对象", ""),
        ("sequence", _) => ("列表", ""),
        _ => return given.to_owned(),
    };
    if value.is_empty() { kind.to_owned() } else { format!("{kind} {value}") }
}

/// What would have been right.
fn wanted(expected: &str) -> String {
    if let Some(several) = expected.strip_prefix("one of ") {
        return format!("以下之一：{several}");
    }
    match expected {
        "a string" | "a borrowed string" | "string" => "文本".to_owned(),
        "a boolean" => "true 或 false".to_owned(),
        "a map" => "对象".to_owned(),
        "a sequence" => "列表".to_owned(),
        whole if is_whole(whole) => "整数".to_owned(),
        structure if structure.starts_with("struct ") || structure.starts_with("internally tagged enum") => {
            "对象".to_owned()
        }
        other if other.contains("Decimal") => "以文本写出的数字".to_owned(),
        other => format!(" {}", other.replace(" or ", " 或 ")),
    }
}

fn is_whole(name: &str) -> bool {
    let sized = name.strip_prefix(['u', 'i']);
    sized.is_some_and(|bits| matches!(bits, "8" | "16" | "32" | "64" | "128" | "size"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[allow(dead_code, reason = "read by nobody")]
        limit: u32,
        #[allow(dead_code, reason = "read by nobody")]
        kind: Option<Kind>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Monthly,
        Yearly,
    }

    #[test]
    fn given_what_the_reader_of_json_minds_when_said_then_it_is_told_in_both_languages() {
        for (body, zh, en) in [
            ("{}", "缺少字段 `limit`（第 1 行第 2 列）", "missing field `limit` at line 1 column 2"),
            (
                r#"{"limit":"5"}"#,
                "类型不对：文本 \"5\"，应为整数（第 1 行第 12 列）",
                "invalid type: string \"5\", expected u32 at line 1 column 12",
            ),
            (
                r#"{"limits":5}"#,
                "没有字段 `limits`，应为 `limit` 或 `kind`（第 1 行第 9 列）",
                "unknown field `limits`, expected `limit` or `kind` at line 1 column 9",
            ),
            (
                r#"{"limit":1,"limit":2}"#,
                "字段 `limit` 重复（第 1 行第 18 列）",
                "duplicate field `limit` at line 1 column 18",
            ),
            (
                r#"{"limit":1,"kind":"daily"}"#,
                "没有选项 `daily`，应为 `monthly` 或 `yearly`（第 1 行第 25 列）",
                "unknown variant `daily`, expected `monthly` or `yearly` at line 1 column 25",
            ),
        ] {
            let refused = serde_json::from_str::<Body>(body).unwrap_err().to_string();
            assert_eq!(said(&refused), Message { zh: zh.to_owned(), en: en.to_owned() }, "{body}");
        }
    }
}
