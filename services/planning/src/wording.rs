use basics::text::{LONGEST_NAME, name_fault};
use platform::say;
use platform::text::is_prose;
use platform::web::Errors;

const LONGEST_TEXT: usize = 4000;

/// A title on one line.
pub fn check_title(title: &str, pointer: &str, errors: &mut Errors) {
    if let Some(fault) = name_fault(title.trim()) {
        let fault = fault.told();
        errors.add(
            format!("{pointer}/title"),
            say!(
                "标题须为一行，1 到 {LONGEST_NAME} 个字符：{fault}",
                "a title is one line of 1 to {LONGEST_NAME} characters: {fault}";
                fault
            ),
        );
    }
}

/// What else is written, where it is.
pub fn check_text(name: &str, text: Option<&String>, pointer: &str, errors: &mut Errors) {
    if text.is_some_and(|text| !is_prose(text, LONGEST_TEXT)) {
        let why = say!("最多 {LONGEST_TEXT} 个字符", "at most {LONGEST_TEXT} characters");
        errors.add(format!("{pointer}/{name}"), why);
    }
}

/// Which of goals or rows comes first.
pub fn check_priority(priority: Option<i32>, pointer: &str, errors: &mut Errors) {
    if priority.is_some_and(|priority| !(1..=99).contains(&priority)) {
        errors.add(format!("{pointer}/priority"), say!("优先次序为 1 到 99", "a priority is 1 to 99"));
    }
}
