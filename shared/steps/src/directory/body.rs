use events::{BodyRule, Seat};

/// A body, with those who sit in it on a day.
#[derive(Clone, Debug)]
pub struct Body {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    pub seats: Vec<Seat>,
    pub rule: BodyRule,
}
