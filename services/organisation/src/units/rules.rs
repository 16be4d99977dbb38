use events::Employee;
use jiff::civil::Date;
use platform::{Problem, Result, say};

/// Who leads a unit is of the company today.
pub fn check_head(person: Option<&Employee>, today: Date) -> Result<()> {
    match person {
        None => Err(Problem::field("/number", say!("没有该员工", "there is no such employee"))),
        Some(person) if person.left_on.is_some_and(|day| day < today) => {
            Err(Problem::field("/number", say!("该员工已离职", "this employee has left")))
        }
        Some(_) => Ok(()),
    }
}
