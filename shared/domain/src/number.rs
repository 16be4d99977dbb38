//! Numbers as people write them. Only plain notation is read, since nobody should have to guess what a figure in a
//! policy means; of the rest it is said how to write what was probably meant.

use rust_decimal::Decimal;

use crate::message::Message;
use crate::money::{parse_plain, plain};
use crate::say;
use crate::text::{narrow, shortened};

/// A number in plain notation, or how to write it.
pub fn read(text: &str) -> Result<Decimal, Message> {
    parse_plain(text).ok_or_else(|| not_plain(text))
}

/// How to write a number that is not in plain notation.
pub fn not_plain(text: &str) -> Message {
    let quoted = shortened(text.trim());
    let usual = usual(text);
    if let Some(hundredths) = usual.strip_suffix('%').and_then(|number| meant(number.trim())) {
        let (percent, fraction) = (plain(hundredths), plain(hundredths / Decimal::ONE_HUNDRED));
        return say!(
            "“{quoted}”可能指 {percent}，也可能指 {fraction}；请填写数值本身，不带百分号",
            "{quoted:?} may mean {percent} or {fraction}; write the number itself, without the sign of per cents"
        );
    }
    match meant(&usual).map(plain) {
        Some(meant) => say!(
            "“{quoted}”请写成 {meant}：只用数字，需要时加小数点和负号",
            "write {meant} instead of {quoted:?}: digits only, with a point and a minus sign where needed"
        ),
        None => say!(
            "“{quoted}”不是数值；请只写数字，例如 1234.5",
            "{quoted:?} is no number; write it in digits, such as 1234.5"
        ),
    }
}

/// In characters of usual width and without blanks, those between groups of digits included.
fn usual(text: &str) -> String {
    let usual = |c: char| match c {
        '–' | '—' => '-',
        '、' => ',',
        c => narrow(c),
    };
    text.chars().map(usual).filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’' | '_')).collect()
}

/// The number that is probably meant.
fn meant(usual: &str) -> Option<Decimal> {
    let below_zero = usual.strip_prefix('-').map(without_currency).filter(|rest| usual.len() > rest.len() + 1);
    let bare = without_currency(usual);
    let bracketed = bare.strip_prefix('(').and_then(|bare| bare.strip_suffix(')')).map(without_currency);
    let negative = below_zero.or(bracketed).or_else(|| bare.strip_suffix('-'));
    let (bare, is_negative) = match negative {
        Some(amount) => (amount, true),
        None => (bare.strip_prefix('+').unwrap_or(bare), false),
    };
    let end = bare.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',' | '-')).unwrap_or(bare.len());
    let (digits, unit) = bare.split_at_checked(end)?;
    let number = match scientific(bare) {
        Some(number) => number,
        None => grouped(digits)?.checked_mul(multiplier(unit)?)?,
    };
    if is_negative && number.is_sign_negative() {
        return None;
    }
    Some(if is_negative { -number } else { number })
}

fn without_currency(text: &str) -> &str {
    let signs = ["¥", "$", "€", "£", "RMB", "CNY", "rmb", "cny", "人民币"];
    signs.iter().find_map(|sign| text.strip_prefix(sign)).unwrap_or(text)
}

fn scientific(text: &str) -> Option<Decimal> {
    let (digits, power) = text.split_once(['e', 'E'])?;
    parse_plain(digits)?;
    power.trim_start_matches(['+', '-']).parse::<u8>().ok()?;
    Decimal::from_scientific(text).ok().map(|number| number.normalize())
}

/// Digits in groups of three, or of four as some Chinese tables have them; a comma before one or two last digits is a point.
fn grouped(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let sign = if unsigned.len() < text.len() { "-" } else { "" };
    let (points, commas) = (unsigned.matches('.').count(), unsigned.matches(',').count());
    let last = unsigned.rfind(['.', ',']).and_then(|at| unsigned.split_at_checked(at));
    let point = match last.map(|(_, behind)| (behind.starts_with('.'), behind.len() < 4)) {
        Some((true, _)) if points == 1 => Some('.'),
        Some((false, is_short)) if commas == 1 && (points > 0 || is_short) => Some(','),
        _ => None,
    };
    let (whole, fraction) = point.and_then(|point| unsigned.rsplit_once(point)).unwrap_or((unsigned, ""));
    let unsigned = match (whole.contains('.'), whole.contains(',')) {
        (true, true) => return None,
        _ => whole.replace('.', ","),
    };
    let mut groups = unsigned.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let are_groups = [3, 4]
        .into_iter()
        .any(|length| rest.iter().all(|group| group.len() == length) && (1..=length).contains(&first.len()));
    if !rest.is_empty() && !are_groups {
        return None;
    }
    if first.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole = if first.is_empty() { "0".to_owned() } else { format!("{first}{}", rest.concat()) };
    let fraction = if fraction.is_empty() { "0" } else { fraction };
    parse_plain(&format!("{sign}{whole}.{fraction}")).map(|number| number.normalize())
}

/// What stands behind the digits: 万, or a unit that says nothing about the figure.
fn multiplier(unit: &str) -> Option<Decimal> {
    let zeros = |zeros: u32| 10_i64.checked_pow(zeros).map(Decimal::from);
    let is_unit =
        |unit: &str| unit.chars().all(|c| c.is_alphabetic() && !"零〇一二三四五六七八九十百千万亿".contains(c));
    let begins = [("万亿", 12), ("亿", 8), ("千万", 7), ("百万", 6), ("十万", 5), ("万", 4), ("千", 3), ("百", 2)];
    if let Some((power, rest)) = begins.iter().find_map(|(word, power)| Some((power, unit.strip_prefix(word)?))) {
        return zeros(*power).filter(|_| is_unit(rest));
    }
    match unit {
        "k" | "K" => zeros(3),
        "w" | "W" => zeros(4),
        "m" | "M" => None,
        unit if is_unit(unit) => Some(Decimal::ONE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_number_that_is_not_plain_then_it_is_said_how_to_write_what_is_meant() {
        for (text, number) in [
            ("120,000", "120000"),
            ("1,234,567.80", "1234567.8"),
            ("12,3456", "123456"),
            ("1.234.567,5", "1234567.5"),
            ("85,5", "85.5"),
            ("12万", "120000"),
            ("1.5万元", "15000"),
            ("3千", "3000"),
            ("8k", "8000"),
            ("¥3000", "3000"),
            ("￥3,000.00", "3000"),
            ("-¥200", "-200"),
            ("3000元", "3000"),
            ("１２０，０００", "120000"),
            ("1 200", "1200"),
            ("1'200", "1200"),
            ("+5", "5"),
            ("(200)", "-200"),
            ("200-", "-200"),
            ("—5", "-5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1e3", "1000"),
            ("3次", "3"),
            ("８小时", "8"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.en.starts_with(&format!("write {number} instead of ")), "{text}: {told}");
            assert!(told.zh.contains(&format!("请写成 {number}：")), "{text}: {}", told.zh);
        }
        assert_eq!(
            read("30%").unwrap_err().en,
            "\"30%\" may mean 30 or 0.3; write the number itself, without the sign of per cents"
        );
    }

    #[test]
    fn given_no_number_then_nothing_is_guessed() {
        for text in [
            "abc",
            "一次",
            "80-90",
            "3/4",
            "90;85",
            "1,2,3",
            "12,34,567",
            "五",
            "",
            "≥90",
            "1.2.3",
            "3万5千",
            "--5",
            "9²",
        ] {
            let told = read(text).unwrap_err();
            assert!(told.en.contains("is no number"), "{text}: {told}");
        }
        assert_eq!(read("-12.50").map(plain).as_deref(), Ok("-12.5"));
        assert!(read(&"9".repeat(32_767)).unwrap_err().en.len() < 200);
    }
}
