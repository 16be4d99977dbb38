//! What people write into cells, in the one form in which it is read on. What is no day, number or code stays as it
//! is: whoever reads the table says so, with everything else that is wrong.

use domain::money::parse_plain;
use domain::text::{self, LONGEST_NAME, invisible, is_invisible, shortened};
use domain::{Message, identifier, say};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::columns::{Cells, Percent};

/// Characters of a code, a day or a number.
const LONGEST_WORD: usize = 200;

/// A cell as its column wants it, or why nobody can say what it means.
pub fn read(cells: Cells, text: &str) -> Result<String, Message> {
    match cells {
        Cells::Name => name(text),
        Cells::Text => visible(text),
        _ if text.chars().nth(LONGEST_WORD).is_some() => {
            let quoted = shortened(text);
            Err(say!("“{quoted}”过长", "\"{quoted}\" is too long"))
        }
        Cells::Code => Ok(identifier::read(text).unwrap_or_else(|_| text.to_owned())),
        Cells::Day => Ok(day(text).map_or_else(|| text.to_owned(), |day| day.to_string())),
        Cells::Number(percent) => number(text, percent),
        Cells::Numbers(percent) => numbers(text, percent),
    }
}

fn visible(text: &str) -> Result<String, Message> {
    match text.chars().find(|c| is_invisible(*c) && !matches!(c, '\n' | '\r' | '\t')) {
        None => Ok(text.to_owned()),
        Some(hidden) => Err(invisible(hidden)),
    }
}

/// A name has one line; a line break in its cell is as good as a blank.
fn name(text: &str) -> Result<String, Message> {
    let name = visible(text)?.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().nth(LONGEST_NAME) {
        None => Ok(name),
        Some(_) => {
            let quoted = shortened(&name);
            Err(say!("“{quoted}”超过 {LONGEST_NAME} 个字符", "\"{quoted}\" has more than {LONGEST_NAME} characters"))
        }
    }
}

fn narrow(text: &str) -> String {
    text.chars().map(text::narrow).collect::<String>().trim().to_owned()
}

fn number(text: &str, percent: Percent) -> Result<String, Message> {
    let usual = narrow(text);
    if parse_plain(&usual).is_some() {
        return Ok(usual);
    }
    let hundredths = usual.strip_suffix('%').map(str::trim_end).and_then(|number| Some((number, parse_plain(number)?)));
    match (hundredths, percent) {
        (None, _) => Ok(text.to_owned()),
        (Some((written, _)), Percent::Hundredths) => Ok(written.to_owned()),
        (Some((_, number)), Percent::Fraction) => Ok(fraction(number).to_string()),
        (Some((_, number)), Percent::Unclear) => {
            let (quoted, fraction) = (shortened(&usual), fraction(number));
            Err(say!(
                "单元格显示为 {quoted}：无法判断是 {number} 还是 {fraction}，请把单元格改为常规格式并填写数值",
                "the cell shows {quoted}, which may mean {number} or {fraction}: write the number into a cell that is not formatted as a percentage"
            ))
        }
    }
}

fn fraction(hundredths: Decimal) -> Decimal {
    hundredths.checked_div(Decimal::ONE_HUNDRED).unwrap_or_default().normalize()
}

fn numbers(text: &str, percent: Percent) -> Result<String, Message> {
    let parts = text.split([';', '；', '、', '，']).map(|part| number(part.trim(), percent));
    Ok(parts.collect::<Result<Vec<_>, _>>()?.join(";"))
}

/// A day: 2024-03-17, 2024/3/17, 2024.3.17, 2024年3月17日, 20240317, also with the time of midnight behind. A year
/// has four digits and comes first, so that nobody has to guess.
fn day(text: &str) -> Option<Date> {
    let text = narrow(text);
    let digits = |part: &str, least: usize, most: usize| {
        let is_number = (least..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { part.parse::<i16>().ok() } else { None }
    };
    if let (8, true) = (text.len(), text.bytes().all(|byte| byte.is_ascii_digit())) {
        let (year, rest) = text.split_at_checked(4)?;
        let (month, day) = rest.split_at_checked(2)?;
        return date(digits(year, 4, 4)?, digits(month, 2, 2)?, digits(day, 2, 2)?);
    }
    let (year, rest) = text.split_once(['-', '/', '.', '年'])?;
    let (month, rest) = rest.trim_start().split_once(['-', '/', '.', '月'])?;
    let rest = rest.trim_start();
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (day, time) = rest.split_at_checked(length)?;
    let is_midnight = |c: char| matches!(c, '0' | ':' | '.' | ' ' | 'T' | 'Z' | '日' | '号');
    if !time.chars().all(is_midnight) || time.starts_with('.') {
        return None;
    }
    date(digits(year.trim(), 4, 4)?, digits(month.trim(), 1, 2)?, digits(day, 1, 2)?)
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_day_as_people_write_it_then_it_is_read() {
        for text in [
            "2024-03-17",
            "2024/3/17",
            "2024.3.17",
            "2024年3月17日",
            "2024 年 3 月 17 日",
            "２０２４－０３－１７",
            "20240317",
            "2024-03-17T00:00:00",
            "2024-03-17 00:00:00.000",
            "2024/3/17 0:00",
            "2024年3月17号",
        ] {
            assert_eq!(read(Cells::Day, text).as_deref(), Ok("2024-03-17"), "{text}");
        }
        for text in [
            "24/3/17",
            "17/3/2024",
            "3/17/2024",
            "2024-02-30",
            "2024-13-01",
            "2024-03-17 09:00",
            "2024-3",
            "2024.3.17.",
            "45368",
        ] {
            assert_eq!(read(Cells::Day, text).as_deref(), Ok(text), "{text}");
        }
    }

    #[test]
    fn given_a_number_as_people_write_it_then_it_is_read() {
        let number = |text, percent| read(Cells::Number(percent), text);
        for (text, expected) in [
            ("９０", "90"),
            ("－５．５", "-5.5"),
            ("−5", "-5"),
            ("90", "90"),
            ("0095", "0095"),
            ("9²", "9²"),
            ("①", "①"),
        ] {
            assert_eq!(number(text, Percent::Unclear).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(number("95%", Percent::Hundredths).as_deref(), Ok("95"));
        assert_eq!(number("９５．５％", Percent::Fraction).as_deref(), Ok("0.955"));
        assert!(number("95%", Percent::Unclear).is_err());
        assert_eq!(read(Cells::Numbers(Percent::Unclear), "８０；90、85").as_deref(), Ok("80;90;85"));
    }

    #[test]
    fn given_a_text_then_it_is_one_line_without_hidden_marks() {
        assert_eq!(read(Cells::Name, "甲\n（调岗）").as_deref(), Ok("甲 （调岗）"));
        assert!(read(Cells::Name, "甲\u{202e}6A").is_err() && read(Cells::Text, "staff\u{200b}").is_err());
        assert!(read(Cells::Name, &"长".repeat(5000)).unwrap_err().en.len() < 300);
        assert!(read(Cells::Number(Percent::Unclear), &"9".repeat(32_767)).unwrap_err().en.len() < 200);
    }
}
