//! `steelyard scheme …`: schemes checked, explained, compared.

use std::path::PathBuf;

use basics::{Locale, Message, say};
use clap::Subcommand;
use domain::scheme::Scheme;
use domain::{tools, words};

use super::{Failure, Language, Outcome, read_text, reference, scheme_of, told};

#[derive(Subcommand)]
pub enum Command {
    /// Say everything that is wrong with a scheme, each with line and column. Exit status 2: something is.
    Check {
        /// A scheme as a TOML file, or - for standard input.
        file: PathBuf,
        /// zh-CN or en.
        #[arg(long, default_value = "zh-CN")]
        locale: Language,
    },
    /// Print the JSON Schema of schemes, for editors.
    Schema,
    /// Print what every key of a scheme means, as Markdown.
    Reference,
    /// Print a policy in plain sentences, as an employee would be told it.
    Explain {
        /// A file, or the code of a scheme that comes with the product.
        scheme: String,
        /// zh-CN or en.
        #[arg(long, default_value = "zh-CN")]
        locale: Language,
    },
    /// Say what changes for people when the second scheme takes the place of the first.
    Diff {
        /// A file, or the code of a scheme that comes with the product.
        before: String,
        after: String,
        /// zh-CN or en.
        #[arg(long, default_value = "zh-CN")]
        locale: Language,
    },
}

pub fn run(command: &Command) -> Outcome {
    match command {
        Command::Check { file, locale } => check(file, locale.0),
        Command::Schema => schema(),
        Command::Reference => Ok(reference::markdown(&Scheme::json_schema())),
        Command::Explain { scheme, locale } => Ok(words::explain(&scheme_of(scheme, locale.0)?, locale.0)),
        Command::Diff { before, after, locale } => {
            Ok(words::diff(&scheme_of(before, locale.0)?, &scheme_of(after, locale.0)?, locale.0))
        }
    }
}

fn check(file: &std::path::Path, locale: Locale) -> Outcome {
    let text = read_text(file, locale)?;
    let name = file.display().to_string();
    let scheme = Scheme::parse(&text).map_err(|problems| Failure::Invalid(told(&name, &text, &problems, locale)))?;
    let (counts, (work, most)) = (tools::counts(&scheme), scheme.work());
    let title = scheme.label();
    let (cadences, items, figures) = (
        counted(counts.cadences, "考核频次", "cadence"),
        counted(counts.items, "指标", "item"),
        counted(counts.figures, "计算项", "figure"),
    );
    let fine = say!(
        "{name}：没有问题：{title}，{cadences}，{items}，{figures}，规模 {work}（上限 {most}）\n",
        "{name}: fine: {title}, {cadences}, {items}, {figures}, size {work} (at most {most})\n"; title, cadences, items, figures
    );
    let idle = scheme.idle_stages().into_iter().map(|stage| {
        let label = &stage.label;
        say!(
            "{name}：注意：“{label}”没有写明由谁（by），周期中无人办理，只在说明中出现\n",
            "{name}: note: nobody acts in “{label}”, since it does not say by whom (by): it is only told\n"; label
        )
    });
    Ok(std::iter::once(fine).chain(idle).map(|line| line.get(locale).to_owned()).collect())
}

fn counted(count: usize, zh: &str, en: &str) -> Message {
    match count {
        1 => say!("1 个{zh}", "1 {en}"),
        _ => say!("{count} 个{zh}", "{count} {en}s"),
    }
}

fn schema() -> Outcome {
    let text = serde_json::to_string_pretty(&Scheme::json_schema()).map_err(|e| Failure::Other(e.to_string()))?;
    Ok(format!("{text}\n"))
}
