//! What people write from habit (of spreadsheets, of other languages, of Chinese typing), and how it is written
//! here.

use rust_decimal::Decimal;

use crate::message::Message;
use crate::say;

/// A habit that was found: the byte where it stands, and what is written instead.
pub(crate) struct Habit {
    pub at: usize,
    pub message: Message,
    /// A name in Chinese: what has it may be known.
    pub name: Option<String>,
}

/// Marks of another keyboard or trade.
const MARKS: [(&str, &str); 26] = [
    ("<>", "!="),
    ("=<", "<="),
    ("=>", ">="),
    ("×", "*"),
    ("÷", "/"),
    ("≥", ">="),
    ("≤", "<="),
    ("≠", "!="),
    ("＞", ">"),
    ("＜", "<"),
    ("＝", "=="),
    ("＋", "+"),
    ("－", "-"),
    ("＊", "*"),
    ("／", "/"),
    ("（", "("),
    ("）", ")"),
    ("［", "["),
    ("］", "]"),
    ("，", ","),
    ("；", ","),
    ("、", ","),
    ("“", "\""),
    ("”", "\""),
    ("‘", "\""),
    ("’", "\""),
];

/// Chinese units of numbers, and how many zeros each stands for.
const UNITS: [(char, u32); 5] = [('十', 1), ('百', 2), ('千', 3), ('万', 4), ('亿', 8)];

/// The first habit in a text that is no formula, outside of its texts.
pub(crate) fn first(text: &str) -> Option<Habit> {
    let start = text.len() - text.trim_start().len();
    if text.get(start..)?.starts_with('=') && !text.get(start..)?.starts_with("==") {
        let message = say!("公式开头不写 =", "a formula begins without =");
        return Some(Habit { at: start, message, name: None });
    }
    places(text).find_map(|(at, rest)| {
        let before = text.get(..at)?.chars().next_back();
        let found = |message| Some(Habit { at, message, name: None });
        if let Some(message) = mark(rest, before).or_else(|| grouped(rest, before)).or_else(|| per_cent(rest, before)) {
            return found(message);
        }
        if before.is_some_and(is_name) {
            return None;
        }
        if let Some(message) = in_words(rest).or_else(|| with_unit(rest)) {
            return found(message);
        }
        chinese_name(rest).map(|(message, name)| Habit { at, message, name: Some(name) })
    })
}

/// A number whose digits are grouped is read as several: the rest of it, with its zero in front, is no number that
/// anybody writes.
pub(crate) fn misread(text: &str) -> Option<Habit> {
    places(text).find_map(|(at, rest)| {
        let before = text.get(..at)?.chars().next_back();
        let message = grouped(rest, before)?;
        let group = rest.split_once(',').is_some_and(|(_, group)| group.starts_with('0'));
        group.then_some(Habit { at, message, name: None })
    })
}

/// Every place outside of texts, with what follows.
fn places(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut quoted = false;
    text.char_indices().filter_map(move |(at, letter)| {
        if letter == '"' {
            quoted = !quoted;
            return None;
        }
        if quoted { None } else { Some((at, text.get(at..)?)) }
    })
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '.'
}

pub(crate) fn write_instead(written: &str, habit: &str) -> Message {
    let zh = in_chinese(written);
    say!("请写 {zh}，不要写 {habit}", "write {written} instead of {habit}")
}

/// What stands for something else where a function is shown.
const PLACEHOLDERS: [(&str, &str); 11] = [
    ("condition", "条件"),
    ("otherwise", "否则取值"),
    ("value", "取值"),
    ("places", "位数"),
    ("at least", "至少几个月"),
    ("LIST", "列表"),
    ("SECTION", "考核维度"),
    ("RATER", "评分人"),
    ("NAME", "名称"),
    ("key", "键"),
    (" or ", " 或 "),
];

/// How a function is written, for those who read Chinese.
pub(crate) fn in_chinese(usage: &str) -> String {
    PLACEHOLDERS.iter().fold(usage.to_owned(), |usage, (en, zh)| usage.replace(en, zh))
}

fn choose(habit: &str) -> Message {
    say!(
        "请写 choose(条件, 取值, 否则取值)，不要写 {habit}",
        "write choose(condition, value, otherwise) instead of {habit}"
    )
}

fn mark(rest: &str, before: Option<char>) -> Option<Message> {
    if let Some((habit, written)) = MARKS.iter().find(|(habit, _)| rest.starts_with(habit)) {
        return Some(write_instead(written, habit));
    }
    let after = rest.chars().nth(1);
    let doubled = |sign: char| before == Some(sign) || after == Some(sign);
    match rest.chars().next()? {
        '=' if !doubled('=') && !matches!(before, Some('<' | '>' | '!')) => Some(write_instead("==", "=")),
        '&' if !doubled('&') => Some(write_instead("&&", "&")),
        '|' if !doubled('|') => Some(write_instead("||", "|")),
        '?' if !doubled('?') => Some(choose("?")),
        ';' => Some(write_instead(",", ";")),
        '\'' => Some(write_instead("\"", "'")),
        _ => None,
    }
}

/// `and`, `or`, `not`, `if`, written as words or as functions of a spreadsheet.
fn in_words(rest: &str) -> Option<Message> {
    let word: String = rest.chars().take_while(|c| is_name(*c)).collect();
    let called = rest.get(word.len()..).is_some_and(|behind| behind.trim_start().starts_with('('));
    match (word.to_ascii_lowercase().as_str(), called) {
        ("and" | "or" | "not" | "if", true) => function(&word),
        ("and", false) => Some(write_instead("&&", &word)),
        ("or", false) => Some(write_instead("||", &word)),
        ("not", false) => Some(write_instead("!", &word)),
        ("if" | "then" | "else", false) => Some(choose(&word)),
        _ => None,
    }
}

/// The digits at the beginning, with a point.
fn digits(rest: &str, before: Option<char>) -> Option<(&str, &str)> {
    if before.is_some_and(is_name) {
        return None;
    }
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
    let (number, behind) = (rest.get(..end)?, rest.get(end..)?);
    number.starts_with(|c: char| c.is_ascii_digit()).then_some((number, behind))
}

/// `30%`, and nothing that it could be divided by.
fn per_cent(rest: &str, before: Option<char>) -> Option<Message> {
    let (number, behind) = digits(rest, before)?;
    let behind = behind.trim_start().strip_prefix(['%', '％'])?.trim_start();
    if behind.starts_with(|c: char| is_name(c) || c == '(') {
        return None;
    }
    let share = number.parse::<Decimal>().ok()?.checked_div(Decimal::ONE_HUNDRED)?.normalize();
    Some(write_instead(&share.to_string(), &format!("{number}%")))
}

/// `10,000`.
fn grouped(rest: &str, before: Option<char>) -> Option<Message> {
    let (first, mut behind) = digits(rest, before)?;
    let mut number = first.to_owned();
    let mut habit = first.to_owned();
    while let Some(group) = behind.strip_prefix(',').and_then(|behind| behind.get(..3)) {
        let ends = !behind.get(4..).is_some_and(|more| more.starts_with(|c: char| is_name(c) && c != '.'));
        if !(group.chars().all(|c| c.is_ascii_digit()) && ends) {
            break;
        }
        number += group;
        habit = format!("{habit},{group}");
        behind = behind.get(4..)?;
    }
    (first.len() <= 3 && first.chars().all(|c| c.is_ascii_digit()) && number.len() > first.len())
        .then(|| write_instead(&number, &habit))
}

/// `1.5万`.
fn with_unit(rest: &str) -> Option<Message> {
    let (number, behind) = digits(rest, None)?;
    let unit = behind.trim_start().chars().next()?;
    let (_, zeros) = UNITS.iter().find(|(known, _)| *known == unit)?;
    let amount = number.parse::<Decimal>().ok()?.checked_mul(Decimal::from(10_u64.pow(*zeros)))?.normalize();
    Some(write_instead(&amount.to_string(), &format!("{number}{unit}")))
}

/// A name in Chinese: formulas use names in English letters.
fn chinese_name(rest: &str) -> Option<(Message, String)> {
    let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '·')).collect();
    let bare = name.rsplit('.').next().unwrap_or_default().to_owned();
    let starts_as_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    (starts_as_name && !bare.is_ascii()).then(|| {
        let message = say!(
            "公式中用英文名称（name），不用中文名称 {bare}",
            "formulas use names in English letters (`name`), not {bare}"
        );
        (message, bare)
    })
}

/// A number as people write it where a plain one is wanted: `30%`, `10,000`, `1万`.
pub(crate) fn number(text: &str) -> Option<Message> {
    let text = text.trim();
    grouped(text, None).or_else(|| per_cent(text, None)).or_else(|| with_unit(text))
}

/// A function that spreadsheets have and formulas do not, and what does the same.
pub(crate) fn function(name: &str) -> Option<Message> {
    let lower = name.to_ascii_lowercase();
    let written = match lower.as_str() {
        "if" | "ifs" | "iif" | "switch" | "case" | "when" => return Some(choose(name)),
        "and" => "a && b",
        "or" => "a || b",
        "not" => "!a",
        "average" | "avg" | "mean" => "(a + b) / 2",
        "power" | "pow" => "a * a",
        "roundup" | "ceiling" => "ceil(a)",
        "rounddown" | "int" | "trunc" => "floor(a)",
        "iferror" => "ratio(a, b, otherwise)",
        "isblank" | "isnumber" | "exists" => "known(a)",
        "ifnull" | "nvl" | "coalesce" => "a ?? b",
        "vlookup" | "hlookup" | "xlookup" | "lookup" | "index" | "match" => "table.NAME[key] or param.NAME[key]",
        "count" | "countif" | "countifs" => "rows(LIST, condition)",
        "sumif" | "sumifs" | "sumproduct" => "sum(LIST, a)",
        "mod" => "a - b * floor(a / b)",
        "datedif" | "days" | "today" | "now" | "date" | "year" | "month" | "day" | "edate" | "networkdays" => {
            return Some(say!(
                "没有函数 {name}：公式只比较日期，不计算天数和月数；请把天数、月数作为数据（facts）提供",
                "there is no function {name}: formulas compare dates, they count no days and no months; give those as facts"
            ));
        }
        "rank" | "percentrank" | "large" | "small" | "percentile" => {
            return Some(say!(
                "没有函数 {name}：排名用计算项的 rank，按比例分档用 quota",
                "there is no function {name}: a place is a figure with rank, shares by place are one with quota"
            ));
        }
        "sqrt" | "exp" | "ln" | "log" | "log10" | "median" | "stdev" | "var" => {
            return Some(say!(
                "没有函数 {name}：公式只有加减乘除、取整和比较；请用分数段（bands）或表（tables）写明对应的数值，或把算好的数值作为数据（facts）提供",
                "there is no function {name}: formulas add, multiply, divide, round and compare; say the values with bands or a table, or give the number as a fact"
            ));
        }
        _ => return None,
    };
    Some(match lower.as_str() {
        "average" | "avg" | "mean" => say!(
            "没有函数 {name}：请写 {written}；各月得分的平均数为 mean_of_months()",
            "there is no function {name}: write {written}; the mean of a period's months is mean_of_months()"
        ),
        _ => write_instead(written, name),
    })
}

/// An operator of other languages.
pub(crate) fn operator(name: &str) -> Option<Message> {
    match name {
        "^" | "**" => Some(write_instead("a * a", name)),
        "%" => Some(say!(
            "没有取余运算 %；百分数请写成小数：30% 写作 0.3",
            "there is no operator %; per cent are written as a decimal: 0.3 for 30%"
        )),
        "&" => Some(write_instead("&&", name)),
        "|" => Some(write_instead("||", name)),
        _ => None,
    }
}

/// `90 <= x < 95`: a comparison of a comparison.
pub(crate) fn chained() -> Message {
    say!("请写 90 <= a && a < 95，不要写 90 <= a < 95", "write 90 <= a && a < 95 instead of 90 <= a < 95")
}
