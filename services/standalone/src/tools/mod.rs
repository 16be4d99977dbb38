//! Commands for people who write schemes and try them out. None of them needs a server.

mod company;
mod people;
mod reference;
mod report;
pub mod scheme;
pub mod simulate;
mod table;
mod workbook;

use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr;

use basics::{Locale, say};
use domain::scheme::{Scheme, SchemeProblem};
use unicode_width::UnicodeWidthStr;

/// Why a command did not do what it was asked to.
pub enum Failure {
    /// What was given is wrong: exit status 2.
    Invalid(String),
    /// Something else went wrong: exit status 1.
    Other(String),
}

pub type Outcome = Result<String, Failure>;

/// Prints what came out, or says why nothing did.
pub fn finish(outcome: Outcome) -> ExitCode {
    let (text, code) = match outcome {
        Ok(text) => {
            let printed = std::io::stdout().write_all(text.as_bytes()).and_then(|()| std::io::stdout().flush());
            return if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
        Err(Failure::Invalid(text)) => (text, ExitCode::from(2)),
        Err(Failure::Other(text)) => (format!("steelyard: {text}"), ExitCode::FAILURE),
    };
    eprintln!("{}", text.trim_end());
    code
}

/// The language of an answer, as it is written on the command line.
#[derive(Clone, Copy, Debug)]
pub struct Language(pub Locale);

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "zh-CN" | "zh" => Ok(Self(Locale::ZhCn)),
            "en" => Ok(Self(Locale::En)),
            _ => Err("zh-CN or en".to_owned()),
        }
    }
}

/// The language is the command's, and that of errors of the operating system its own.
fn read(path: &Path, locale: Locale) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let done = if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    done.map(|()| bytes).map_err(|error| {
        let path = path.display();
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => say!("{path}：没有这个文件", "{path}: there is no such file"),
            std::io::ErrorKind::PermissionDenied => say!("{path}：无权读取", "{path}: it may not be read"),
            std::io::ErrorKind::IsADirectory => say!("{path}：这是文件夹", "{path}: this is a folder"),
            _ => say!("{path}：无法读取（{error}）", "{path}: it cannot be read ({error})"),
        };
        Failure::Other(why.get(locale).to_owned())
    })
}

fn read_text(path: &Path, locale: Locale) -> Result<String, Failure> {
    let not_text = |_| {
        let path = path.display();
        let why = say!("{path}：不是 UTF-8 文本", "{path}: this is no text in UTF-8");
        Failure::Other(why.get(locale).to_owned())
    };
    String::from_utf8(read(path, locale)?).map_err(not_text)
}

/// A scheme from a file, or one that comes with the product by its code.
fn scheme_of(name: &str, locale: Locale) -> Result<Scheme, Failure> {
    let shipped = Scheme::shipped().iter().find(|(code, _)| *code == name);
    let text = match shipped {
        Some((_, text)) => (*text).to_owned(),
        None if Path::new(name).exists() || name.contains(['.', '/']) => read_text(Path::new(name), locale)?,
        None => {
            let message = say!(
                "{name} 既不是文件，也不是 `steelyard schemes` 列出的方案",
                "{name} is neither a file nor a scheme that `steelyard schemes` lists"
            );
            return Err(Failure::Other(message.get(locale).to_owned()));
        }
    };
    Scheme::parse(&text).map_err(|problems| Failure::Invalid(told(name, &text, &problems, locale)))
}

/// Every problem with its place, the line as it stands and a mark under the column.
fn told(name: &str, text: &str, problems: &[SchemeProblem], locale: Locale) -> String {
    let mut lines = Vec::new();
    let mut problems: Vec<&SchemeProblem> = problems.iter().collect();
    problems.sort_by_key(|problem| (problem.line, problem.column));
    for problem in &problems {
        let SchemeProblem { line, column, message } = problem;
        lines.push(format!("{name}:{line}:{column}: {}", message.get(locale)));
        let Some(written) = line.checked_sub(1).and_then(|at| text.lines().nth(at)) else {
            continue;
        };
        let before: String = written.chars().take(column.saturating_sub(1)).collect();
        lines.push(format!("{line:>5} | {written}"));
        lines.push(format!("      | {}^", " ".repeat(before.width())));
    }
    let total = match problems.len() {
        1 => say!("{name}：1 处问题", "{name}: 1 problem"),
        count => say!("{name}：{count} 处问题", "{name}: {count} problems"),
    };
    lines.push(total.get(locale).to_owned());
    lines.join("\n")
}
