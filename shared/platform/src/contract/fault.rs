//! What can be wrong with a value, in words.

use basics::{Message, nearest};

/// What is wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    Missing,
    Twice,
    /// There is no field of this name; the known one that was probably meant.
    UnknownField(Option<String>),
    UnknownParameter(Option<String>),
    /// Not one of these types.
    NotA(Vec<Type>),
    NotOneOf(Vec<String>),
    /// Length in characters or entries: at least, at most, and what is counted.
    Length(Option<u64>, Option<u64>, Counted),
    /// A number out of bounds.
    Bounds(Option<i64>, Option<i64>),
    /// A text that is not of this form.
    Form(Form),
}

/// JSON's types as people call them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Text,
    WholeNumber,
    Number,
    Flag,
    List,
    Object,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    Characters,
    Entries,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Uuid,
    Day,
    Moment,
}

impl Fault {
    pub fn unknown_field<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        Self::UnknownField(nearest(name, known).map(str::to_owned))
    }

    pub fn unknown_parameter<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        Self::UnknownParameter(nearest(name, known).map(str::to_owned))
    }

    /// Whether it keeps a value from being read into its type.
    pub fn is_of_shape(&self) -> bool {
        !matches!(self, Self::Length(..) | Self::Bounds(..))
    }

    pub fn message(&self) -> Message {
        Message { zh: self.chinese(), en: self.english() }
    }

    fn chinese(&self) -> String {
        match self {
            Self::Missing => "此项必填".to_owned(),
            Self::Twice => "此项重复".to_owned(),
            Self::UnknownField(near) => format!("没有这个字段{}", meant_in_chinese(near.as_deref())),
            Self::UnknownParameter(near) => format!("没有这个查询参数{}", meant_in_chinese(near.as_deref())),
            Self::NotA(types) => {
                let types: Vec<&str> = types.iter().map(|one| one.chinese()).collect();
                format!("此处应为{}", types.join("或"))
            }
            Self::NotOneOf(values) => format!("应为下列之一：{}", values.join("、")),
            Self::Length(least, most, counted) => {
                let unit = match counted {
                    Counted::Characters => "个字符",
                    Counted::Entries => "项",
                };
                match (least, most) {
                    (Some(least), Some(most)) => format!("应有 {least} 至 {most} {unit}"),
                    (Some(least), None) => format!("至少 {least} {unit}"),
                    (None, most) => format!("至多 {} {unit}", most.unwrap_or_default()),
                }
            }
            Self::Bounds(Some(least), Some(most)) => format!("应在 {least} 至 {most} 之间"),
            Self::Bounds(Some(least), None) => format!("不得小于 {least}"),
            Self::Bounds(None, most) => format!("不得大于 {}", most.unwrap_or_default()),
            Self::Form(Form::Uuid) => "此处应为 UUID".to_owned(),
            Self::Form(Form::Day) => "此处应为日期，如 2026-10-28".to_owned(),
            Self::Form(Form::Moment) => "此处应为时刻，如 2026-10-28T09:30:00Z".to_owned(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Missing => "this is required".to_owned(),
            Self::Twice => "this is given twice".to_owned(),
            Self::UnknownField(near) => format!("there is no such field{}", meant_in_english(near.as_deref())),
            Self::UnknownParameter(near) => {
                format!("there is no such query parameter{}", meant_in_english(near.as_deref()))
            }
            Self::NotA(types) => {
                let types: Vec<&str> = types.iter().map(|one| one.english()).collect();
                format!("{} is needed here", types.join(" or "))
            }
            Self::NotOneOf(values) => format!("this is one of {}", values.join(", ")),
            Self::Length(least, most, counted) => {
                let unit = match counted {
                    Counted::Characters => "characters",
                    Counted::Entries => "entries",
                };
                match (least, most) {
                    (Some(least), Some(most)) => format!("{least} to {most} {unit} are needed here"),
                    (Some(least), None) => format!("at least {least} {unit} are needed here"),
                    (None, most) => format!("at most {} {unit} are allowed here", most.unwrap_or_default()),
                }
            }
            Self::Bounds(Some(least), Some(most)) => format!("this is from {least} to {most}"),
            Self::Bounds(Some(least), None) => format!("this is {least} or more"),
            Self::Bounds(None, most) => format!("this is {} or less", most.unwrap_or_default()),
            Self::Form(Form::Uuid) => "a UUID is needed here".to_owned(),
            Self::Form(Form::Day) => "a day such as 2026-10-28 is needed here".to_owned(),
            Self::Form(Form::Moment) => "a moment such as 2026-10-28T09:30:00Z is needed here".to_owned(),
        }
    }
}

fn meant_in_chinese(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("，是否为 {near}？"))
}

fn meant_in_english(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean {near}?"))
}

impl Type {
    /// A type by its name in JSON Schema.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "string" => Self::Text,
            "integer" => Self::WholeNumber,
            "number" => Self::Number,
            "boolean" => Self::Flag,
            "array" => Self::List,
            "object" => Self::Object,
            "null" => Self::Null,
            _ => return None,
        })
    }

    fn chinese(self) -> &'static str {
        match self {
            Self::Text => "文本",
            Self::WholeNumber => "整数",
            Self::Number => "数字",
            Self::Flag => "true 或 false",
            Self::List => "数组",
            Self::Object => "对象",
            Self::Null => "null",
        }
    }

    fn english(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::WholeNumber => "a whole number",
            Self::Number => "a number",
            Self::Flag => "true or false",
            Self::List => "a list",
            Self::Object => "an object",
            Self::Null => "null",
        }
    }
}
