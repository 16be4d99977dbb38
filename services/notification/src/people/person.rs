use diesel::pg::Pg;
use diesel::{Queryable, Selectable};
use events::EmployeeNumber;
use platform::Locale;

use crate::schema::employees;

/// Somebody as mail knows them.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = employees, check_for_backend(Pg))]
pub struct Person {
    pub number: EmployeeNumber,
    pub name: String,
    pub email: Option<String>,
    /// As the organisation told it.
    pub locale: String,
}

impl Person {
    /// The language of their mail: Chinese unless they asked for English.
    pub fn language(&self) -> Locale {
        if self.locale == "en" || self.locale.starts_with("en-") { Locale::En } else { Locale::ZhCn }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_written_to_in_chinese_unless_they_asked_for_english() {
        let language = |locale: &str| {
            let person =
                Person { number: "E001".into(), name: "Li".to_owned(), email: None, locale: locale.to_owned() };
            person.language()
        };
        assert_eq!(language("en"), Locale::En);
        assert_eq!(language("zh-CN"), Locale::ZhCn);
        assert_eq!(language("fr"), Locale::ZhCn);
    }
}
