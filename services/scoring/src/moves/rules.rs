//! What may be moved, and how far: pure.

use basics::money::{parse_plain, plain};
use domain::scheme::Adjust;
use events::Subject;
use platform::web::Errors;
use platform::{Message, say};
use rust_decimal::Decimal;

use super::figure_move::{Moved, NewMove, Planned};
use crate::engine::Scheme;
use crate::engine::computing::Found;
use crate::subjects::subject::Kind;

/// More than any figure of a scheme is moved by.
const MOST_POINTS: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// What a scheme says of a figure that is to be moved; else nobody may.
pub fn adjust<'s>(scheme: &'s Scheme, kind: Kind, figure: &str) -> Option<&'s Adjust> {
    let all = scheme.plain().adjustable(scheme.cadence());
    all.into_iter().find(|one| one.of == kind.domain() && one.figure == figure)
}

/// What is wrong with a change of a figure by itself, by pointer below the move.
pub fn planned(scheme: &Scheme, subject: Subject, new: &NewMove, errors: &mut Errors, at: &str) -> Option<Planned> {
    let kind = Kind::of(subject.kind);
    let Some(is_number) = scheme.moved_by_points(kind.domain(), &new.figure) else {
        errors.add(
            format!("{at}/figure"),
            say!("方案没有可调整的此项", "the scheme has no such figure that can be moved"),
        );
        return None;
    };
    let planned = |points, code| Planned {
        subject,
        figure: new.figure.clone(),
        points,
        code,
        from: None,
        reason: new.reason.trim().to_owned(),
    };
    match (&new.by, &new.to, is_number) {
        (Some(by), None, true) => match parse_plain(by)
            .filter(|points| !points.is_zero() && points.scale() <= 6 && points.abs() <= MOST_POINTS)
        {
            Some(points) => Some(planned(Some(points), None)),
            None => {
                let message = say!(
                    "须为不等于 0、绝对值不超过一百万、最多六位小数的数",
                    "a number other than 0, of a million at most, with six decimals at most"
                );
                errors.add(format!("{at}/by"), message);
                None
            }
        },
        (None, Some(to), false) if scheme.knows_code(to) => Some(planned(None, Some(to.clone()))),
        (None, Some(_), false) => {
            errors.add(format!("{at}/to"), say!("方案没有该等级或代码", "the scheme has no such grade or code"));
            None
        }
        (_, _, true) => {
            errors.add(format!("{at}/by"), say!("数字用 by 写明增减", "of a number, by says how much more or less"));
            None
        }
        (_, _, false) => {
            errors.add(format!("{at}/to"), say!("等级用 to 写明", "of a grade, to says which"));
            None
        }
    }
}

/// Whether a number is moved further than the scheme lets it be, with all that was moved before.
pub fn too_far(adjust: &Adjust, planned: &[Planned], before: &[Moved], at: usize) -> Option<Message> {
    let most = adjust.up_to.as_ref()?.0;
    let one = planned.get(at)?;
    one.points?;
    let same = |other: &&Planned| other.subject == one.subject && other.figure == one.figure;
    let new = planned.iter().take(at + 1).filter(same).filter_map(|other| other.points);
    let earlier = before.iter().filter(|other| other.key() == one.subject && other.figure == one.figure);
    let all = earlier.filter_map(Moved::points).chain(new).try_fold(Decimal::ZERO, Decimal::checked_add);
    let message = || {
        let most = plain(most);
        say!("上下合计不得超过 {most}", "all in all by {most} up or down at most")
    };
    all.is_none_or(|all| all.abs() > most).then(message)
}

/// What a figure of a result is, where it is part of it.
pub fn current(figure: &str, found: &Found) -> Option<String> {
    match figure {
        "score" => found.score.map(plain),
        "grade" => found.grade.clone(),
        other => found.scores.get(other).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::scheme::source::Who;

    use super::*;

    #[test]
    fn given_a_limit_then_all_moves_of_a_figure_together_keep_to_it() {
        let number = |text: &str| parse_plain(text).unwrap();
        let adjust: Adjust = serde_json::from_value(serde_json::json!({
            "figure": "score", "by": ["role.executive"], "up_to": "5" }))
        .unwrap();
        assert_eq!(adjust.by, [Who::Role("executive".to_owned())]);
        let by = |subject: &str, points: &str| Planned {
            subject: Subject::person(subject),
            figure: "score".to_owned(),
            points: Some(number(points)),
            code: None,
            from: None,
            reason: "why".to_owned(),
        };
        let planned = [by("E1", "3"), by("E2", "5"), by("E1", "2"), by("E1", "0.1"), by("E2", "-10.1")];
        let refused: Vec<usize> = (0..5).filter(|at| too_far(&adjust, &planned, &[], *at).is_some()).collect();
        assert_eq!(refused, [3, 4]);
    }
}
