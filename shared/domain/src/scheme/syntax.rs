//! What the reader of TOML minds, in both languages.

use crate::Message;
use crate::say;

/// Marks of Chinese typing, and what TOML has in their place.
const MARKS: [(char, &str); 12] = [
    ('“', "\""),
    ('”', "\""),
    ('‘', "\""),
    ('’', "\""),
    ('，', ","),
    ('＝', "="),
    ('【', "["),
    ('】', "]"),
    ('［', "["),
    ('］', "]"),
    ('｛', "{"),
    ('｝', "}"),
];

/// What it says, in Chinese.
const SAYINGS: [(&str, &str); 24] = [
    ("duplicate key", "键重复"),
    ("unclosed array table", "表头缺少右方括号 ]]"),
    ("unclosed table", "表头缺少右方括号 ]"),
    ("unclosed inline table", "缺少右花括号 }"),
    ("unclosed array", "列表缺少右方括号 ]"),
    ("missing comma between array elements", "列表各项之间缺少逗号"),
    ("missing comma between key-value pairs", "各键之间缺少逗号"),
    ("missing assignment between key-value pairs", "键与值之间缺少 ="),
    ("missing key for inline table element", "缺少键"),
    ("missing value for key", "键没有值"),
    ("missing value", "缺少值"),
    ("key with no value", "键没有值"),
    ("missing opening quote", "缺少开头的引号"),
    ("string values must be quoted", "文本须加引号"),
    ("unexpected leading zero", "数字不能以 0 开头"),
    ("unexpected sign", "此处不能写正负号"),
    ("unexpected key or value", "此处不能写键或值"),
    ("unexpected content", "此处有多余的内容"),
    ("invalid unquoted key", "不加引号的键只能用英文字母、数字、_ 和 -"),
    ("extra comma", "多余的逗号"),
    ("extra `=`", "多余的 ="),
    ("invalid basic string", "文本缺少结尾的引号"),
    ("invalid literal string", "文本缺少结尾的引号"),
    ("cannot extend value", "该键已有值，不能再作为表"),
];

/// What is wrong at a byte of a text.
pub(super) fn told(text: &str, at: usize, said: &str) -> Message {
    mark(text, at).or_else(|| chinese_key(text, at)).unwrap_or_else(|| translated(said))
}

fn translated(said: &str) -> Message {
    let known = SAYINGS.iter().find(|(en, _)| said.contains(en));
    match known {
        Some((_, zh)) => say!("{zh}", "{said}"),
        None => say!("不符合 TOML 的写法：{said}", "{said}"),
    }
}

/// A mark of Chinese typing on the line, outside of texts.
fn mark(text: &str, at: usize) -> Option<Message> {
    let (_, line) = line_of(text, at)?;
    let mut quoted: Option<char> = None;
    for letter in line.chars() {
        match quoted {
            Some(mark) if letter == mark => quoted = None,
            None if letter == '"' || letter == '\'' => quoted = Some(letter),
            None if letter == '#' => return None,
            None => {
                if let Some((mark, written)) = MARKS.iter().find(|(mark, _)| *mark == letter) {
                    return Some(say!("请用英文的 {written}，不要用 {mark}", "write {written} instead of {mark}"));
                }
            }
            Some(_) => {}
        }
    }
    None
}

/// A key in Chinese at the beginning of the line.
fn chinese_key(text: &str, at: usize) -> Option<Message> {
    let (start, line) = line_of(text, at)?;
    let key: String = line.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let on_key = at <= start + (line.len() - line.trim_start().len()) + key.len();
    (on_key && !key.is_ascii()).then(|| {
        say!(
            "键只能用英文：{key} 请写成英文键（中文名称写在 label 中），或加引号 \"{key}\"",
            "keys are written in English: {key} is none; write the Chinese name into a label, or the key in quotation marks, \"{key}\""
        )
    })
}

/// The line that a byte stands on, and the byte where it begins.
fn line_of(text: &str, at: usize) -> Option<(usize, &str)> {
    let before = text.get(..at)?;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    text.get(start..)?.lines().next().map(|line| (start, line))
}
