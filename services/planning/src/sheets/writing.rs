//! Who writes the rows of a sheet by hand.

use platform::{Problem, Result, say};

use crate::subjects::subject::Subject;

/// HR and whoever leads the subject, never the subject.
pub fn may_write_rows(subject: &Subject, caller: Option<&str>, is_hr: bool) -> Result<()> {
    if caller.is_some_and(|caller| subject.is_person(caller)) {
        return Err(Problem::not_permitted(say!(
            "不能填写自己考核表上的内容",
            "nobody writes what stands on their own sheet"
        )));
    }
    if is_hr || caller.is_some_and(|caller| subject.is_led_by(caller)) {
        return Ok(());
    }
    Err(Problem::not_permitted(say!(
        "考核表的内容由人力资源、直接上级、部门负责人或分管领导填写",
        "HR, the superior, the head or the leader write what stands on this sheet"
    )))
}
