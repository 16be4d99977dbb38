use platform::web::Errors;
use platform::{Problem, Result, say};

use super::recusal::NewRecusal;
use crate::assignments::assignment::{Assignment, Rater};
use crate::viewer::Viewer;

/// Whether somebody may be recused from rating a person. Nobody chooses who rates them, and a recusal is of somebody
/// who rates the person, or of HR, who knows best of themself.
pub fn check(viewer: &Viewer, recusal: &NewRecusal, is_known: bool, forms: &[Assignment]) -> Result<()> {
    check_not_about(viewer, &recusal.number)?;
    let mut errors = Errors::default();
    if !is_known {
        errors.add("/number", say!("该员工在本周期没有考核表", "this person has no sheet in the cycle"));
    }
    let rates = forms.iter().any(|form| form.is_active() && form.rater() == Rater::person(&recusal.rater));
    if is_known && (recusal.rater == recusal.number || !(rates || viewer.is(&recusal.rater))) {
        let why = say!(
            "此人既不为该员工评分，也不是您本人，无须回避",
            "this is neither who rates the person nor the caller, so they rate nothing here"
        );
        errors.add("/rater", why);
    }
    errors.check()
}

/// Whoever it is about, and whoever it keeps from rating, leaves it to others to take it back.
pub fn check_withdrawal(viewer: &Viewer, number: &str, rater: &str) -> Result<()> {
    check_not_about(viewer, number)?;
    if viewer.is(rater) {
        return Err(Problem::not_permitted(say!("不能撤销对自己的回避", "nobody takes back a recusal of themselves")));
    }
    Ok(())
}

fn check_not_about(viewer: &Viewer, number: &str) -> Result<()> {
    if viewer.is(number) {
        return Err(Problem::not_permitted(say!("不能决定由谁为自己评分", "nobody decides who rates them")));
    }
    Ok(())
}
