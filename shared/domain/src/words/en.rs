use rust_decimal::Decimal;

use super::language::{Comparison, Known, Language, Limit, Owner, Past, SharedPool, Word};
use super::statements::Section;
use crate::Locale;
use crate::money::plain;
use crate::period::Form;
use crate::scheme::calendar::{DatePhrase, Term};
use crate::scheme::source::{Actor, Evidence, Gathering, GroupRule, PlaceRounding, RaterPresence, TiedPlaces, Within};
use crate::value::Kind;

pub(super) struct English;

impl Language for English {
    fn locale(&self) -> Locale {
        Locale::En
    }

    fn word(&self, word: Word) -> &'static str {
        match word {
            Word::Cycles => "Cycles",
            Word::Month => "A month",
            Word::People => "People",
            Word::Units => "Units",
            Word::Everybody => "all",
            Word::NotAppraised => "Not appraised",
            Word::Always => "in every case",
            Word::Sheet => "The sheet",
            Word::UnitSheet => "The sheet of a unit",
            Word::Weight => "weight",
            Word::MayBeSeveral => "may be several, the mean counts",
            Word::ScoreGiven => "score given",
            Word::EvidenceBelowFull => "points below the full ones need what they rest on in writing",
            Word::ByHrOrExecutives => "reported by HR and confirmed by an executive, or given by an executive",
            Word::ByHr => "by HR",
            Word::ByHrRowByRow => "by HR, row by row",
            Word::FromThePayProfile => "from the pay profile",
            Word::ByTheRater => "by the rater",
            Word::WhatTheItemCanEarn => "from 0 to what the item can earn",
            Word::EnteredWithScores => "entered when scores are given, or imported by HR",
            Word::EnteredWithScoresOfEachItem => "entered for each item when scores are given",
            Word::YesOrNo => "yes or no, no if left out",
            Word::ADate => "a date",
            Word::AText => "a text",
            Word::MayBeNegative => "may be negative",
            Word::MayBeLeftOut => "may be left out",
            Word::GradesBestFirst => "Grades, best first",
            Word::RoundedToTheCent => "rounded to the cent",
            Word::OwnHistory => "earlier periods: those of the person, where they are given; else those of the unit",
            Word::FirstOfGroup => "of the rules of this group only the first that applies counts",
            Word::AllOthers => "all others",
            Word::Filed => "Filed",
            Word::FiledAtAnyTime => "at any time",
            Word::Answered => "Answered",
            Word::DecidedBy => "Decided by",
            Word::Finally => "; what is decided last is final",
            Word::DecidingGroup => "The deciding group",
            Word::MustHold => "Must hold",
            Word::SelfAssessment => "People assess themselves first",
            Word::RatersTrained => "Raters are trained first",
            Word::PurposeNeeded => "Whoever looks at a record says why",
            Word::InsideThePeriod => "Only behaviour inside the period counts",
            Word::ApprovedBefore => "Approved before results are published",
            Word::UnitByUnit => "unit by unit",
            Word::WithReasonsOnly => "with those whose result gives a reason",
            Word::KnownFromThen => "the result is known from the day of it, and terms of appeal run from then",
            Word::UnitsTheyName => "looks at units that it names; what it recommends is answered",
            Word::BeforePublication => "nothing is published before",
            Word::DaysBind => "its days bind",
            Word::HeardBeforePublication => {
                "people are told as soon as it is computed, and heard before it is published"
            }
            Word::MayAdjust => "May be adjusted",
            Word::WheneverDue => "by days that are named in the cycle",
            Word::PlansOfPeople => "Plans of people",
            Word::PlansOfUnits => "Plans of units",
            Word::PayBeforePayroll => "Pay, before payroll sees it",
            Word::Kept => "Records are kept for",
            Word::KeptAfterLeaving => "Records are kept after somebody leaves for",
            Word::NotSetYet => "not set yet",
            Word::NoneMayBeSet => "none (may be set)",
            Word::History => "earlier result",
            Word::Nothing => "none",
            Word::Example => "A worked example, with made-up figures",
            Word::NothingChanges => "Nothing changes for people.",
        }
    }

    fn section(&self, section: Section) -> &'static str {
        match section {
            Section::Covered => "Who is appraised, and when",
            Section::Sheets => "What is scored",
            Section::Inputs => "What must be supplied, and by whom",
            Section::Results => "Scores and grades",
            Section::Pay => "Pay",
            Section::Outcomes => "What a result leads to",
            Section::Interviews => "Interviews",
            Section::Warnings => "Warnings to HR",
            Section::Calendar => "Calendar",
            Section::Appeal => "Appeals",
            Section::Workflow => "Procedure",
            Section::Settings => "What the company may set",
        }
    }

    fn comma(&self) -> &'static str {
        ", "
    }

    fn pause(&self) -> &'static str {
        ", "
    }

    fn semicolon(&self) -> &'static str {
        "; "
    }

    fn colon(&self) -> &'static str {
        ": "
    }

    fn stop(&self) -> &'static str {
        "."
    }

    fn aside(&self, text: &str) -> String {
        format!(" ({text})")
    }

    fn brackets(&self, text: &str) -> String {
        format!("({text})")
    }

    fn heading(&self, text: &str) -> String {
        format!("[{text}]")
    }

    fn part_of(&self, whole: &str, part: &str) -> String {
        format!("{whole}: {part}")
    }

    fn entry_of(&self, table: &str, key: &str) -> String {
        format!("{table} [{key}]")
    }

    fn row_of(&self, column: &str, row: &str) -> String {
        format!("{column} (row {row})")
    }

    fn truth(&self, flag: bool) -> &'static str {
        if flag { "always" } else { "never" }
    }

    fn yes(&self, flag: bool) -> &'static str {
        if flag { "yes" } else { "no" }
    }

    fn and(&self) -> &'static str {
        " and "
    }

    fn or(&self) -> &'static str {
        " or "
    }

    fn known(&self, known: Known) -> &'static str {
        match known {
            Known::Category(_) => "category",
            Known::ScoreGiven => "score given",
            Known::HiredOn => "date of hiring",
            Known::LeftOn => "date of leaving",
            Known::FirstDay => "first day of the period",
            Known::LastDay => "last day of the period",
            Known::PreviousScore => "score of the period before",
            Known::PreviousGrade => "grade of the period before",
            Known::Weight => "weight",
        }
    }

    fn compared(&self, comparison: Comparison, a: &str, b: &str) -> String {
        let between = match comparison {
            Comparison::Is => "is",
            Comparison::IsNot => "is not",
            Comparison::Below => "is below",
            Comparison::AtMost => "is at most",
            Comparison::Above => "is above",
            Comparison::AtLeast => "is at least",
        };
        format!("{a} {between} {b}")
    }

    fn is_one_of(&self, one: &str, entries: &str) -> String {
        format!("{one} is one of {entries}")
    }

    fn is_given(&self, what: &str) -> String {
        let vowel = what.starts_with(|c: char| "aeiouAEIOU".contains(c));
        format!("there is a{} {what}", if vowel { "n" } else { "" })
    }

    fn is_not_given(&self, what: &str) -> String {
        format!("there is no {what}")
    }

    fn not(&self, what: &str) -> String {
        format!("not “{what}”")
    }

    fn otherwise(&self, first: &str, rest: &[String]) -> String {
        format!("{first} (where there is none: {})", rest.join(", or else "))
    }

    fn at_time(&self, past: Past, condition: &str, number: Decimal) -> String {
        let which = ordinal(number);
        match past {
            Past::InARow => format!("{condition} in the {which} period running"),
            Past::TimesEver => format!("{condition} for the {which} time in all, whatever the year"),
            Past::TimesInTheYear | Past::MonthsOfThePeriod => format!("{condition} for the {which} time in the year"),
        }
    }

    fn of_history(&self, past: Past, condition: &str) -> String {
        match past {
            Past::InARow => format!("the number of periods in a row in which {condition}"),
            Past::TimesEver => format!("the number of times in all that {condition}"),
            Past::TimesInTheYear => format!("the number of times in the year that {condition}"),
            Past::MonthsOfThePeriod => format!("the number of the period's months in which {condition}"),
        }
    }

    fn when_then(&self, when: &str, then: &str) -> String {
        format!("if {when}: {then}")
    }

    fn else_then(&self, then: &str) -> String {
        format!("otherwise {then}")
    }

    fn sum_of_rows(&self, list: &str, of: &str) -> String {
        format!("the sum over all {list} (of each: {of})")
    }

    fn rows_for_which(&self, list: &str, condition: &str) -> String {
        format!("the number of {list} for which {condition}")
    }

    fn limited(&self, limit: Limit, bound: &str) -> String {
        match limit {
            Limit::AtLeast => format!("at least {bound}"),
            Limit::AtMost => format!("at most {bound}"),
        }
    }

    fn limited_where_set(&self, limit: Limit, bound: &str) -> String {
        format!("{}, where that is set", self.limited(limit, bound))
    }

    fn extreme(&self, limit: Limit, all: &[String]) -> String {
        match (limit, all) {
            (Limit::AtMost, [a, b]) => format!("the lesser of {a} and {b}"),
            (Limit::AtLeast, [a, b]) => format!("the greater of {a} and {b}"),
            (Limit::AtMost, all) => format!("the least of {}", all.join(", ")),
            (Limit::AtLeast, all) => format!("the greatest of {}", all.join(", ")),
        }
    }

    fn excess(&self, a: &str, b: &str) -> String {
        format!("what {a} exceeds {b} by")
    }

    fn shortfall(&self, a: &str, b: &str) -> String {
        format!("what {b} falls short of {a} by")
    }

    fn rounds_words_in_brackets(&self) -> bool {
        true
    }

    fn rounded_down(&self, number: &str) -> String {
        format!("{number} rounded down to a whole number")
    }

    fn for_every_full(&self, number: &str, step: &str) -> String {
        format!("1 for every full {step} of {number}")
    }

    fn rounded_up(&self, number: &str) -> String {
        format!("{number} rounded up to a whole number")
    }

    fn size(&self, number: &str) -> String {
        format!("the size of {number}")
    }

    fn difference(&self, a: &str, b: &str) -> String {
        format!("the difference, up or down, between {a} and {b}")
    }

    fn rounded(&self, number: &str, places: &str) -> String {
        format!("{number} rounded to {}", counted(places, "decimal"))
    }

    fn unless_by_zero(&self, quotient: &str, otherwise: &str) -> String {
        format!("{quotient} ({otherwise} where that would divide by 0)")
    }

    fn total(&self, section: Option<&str>) -> String {
        match section {
            None => "the sum of the items' points".to_owned(),
            Some(section) => format!("the sum of the points of “{section}”"),
        }
    }

    fn points(&self, rater: &str, section: Option<&str>) -> String {
        match section {
            None => format!("the sum of the points by {rater}"),
            Some(section) => format!("the sum of the points by {rater} on “{section}”"),
        }
    }

    fn rated(&self, rater: &str, section: Option<&str>) -> String {
        match section {
            None => format!("{rater} gave points"),
            Some(section) => format!("{rater} gave points on “{section}”"),
        }
    }

    fn mix(&self, weights: &str) -> String {
        format!("the mean of the raters' totals by {weights}, of those who gave points")
    }

    fn months_scored(&self) -> &'static str {
        "the number of the period's months that have a score"
    }

    fn mean_of_months(&self, least: Option<&str>) -> String {
        match least {
            None => "the mean of the scores of the period's months".to_owned(),
            Some(least) => {
                let months = counted(least, "month");
                format!("the mean of the scores of the period's months that have one (at least {months})")
            }
        }
    }

    fn closes(&self) -> bool {
        false
    }

    fn entry(&self, table: &str, key: &str, entries: &str) -> String {
        // "the coefficient of the grade", not "the coefficient of the grade for the grade".
        let first = key.split(' ').next().unwrap_or_default();
        let said = table.ends_with(&format!("of the {first}")) || table.ends_with(&format!("by {first}"));
        if said { format!("the {table}{entries}") } else { format!("the {table} for the {key}{entries}") }
    }

    fn says_whose(&self, owner: Owner, name: &str) -> bool {
        let whose: &[&str] = match owner {
            Owner::Unit => &["unit", "unit's", "department", "department's"],
            Owner::Head => &["head", "head's"],
            Owner::Company => &["company", "company's"],
        };
        name.split(' ').any(|word| whose.contains(&word))
    }

    fn the(&self, name: &str) -> String {
        format!("the {name}")
    }

    fn whose(&self, owner: Owner, name: &str) -> String {
        let whose = match owner {
            Owner::Unit => "unit",
            Owner::Head => "head",
            Owner::Company => "company",
        };
        format!("the {whose}'s {name}")
    }

    fn points_by(&self, rater: &str) -> String {
        format!("points by {rater}")
    }

    fn points_on(&self, item: &str) -> String {
        format!("points on {item}")
    }

    fn named(&self, name: &str) -> String {
        format!("“{name}”")
    }

    fn set_by_company(&self, name: &str) -> String {
        format!("“{name}” (set by the company)")
    }

    fn of_kind(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Company => "company: ",
            Kind::Units => "units: ",
            Kind::People => "",
        }
    }

    fn form(&self, form: Form) -> &'static str {
        match form {
            Form::Month => " (such as 2026-10)",
            Form::Quarter => " (such as 2026-Q3)",
            Form::HalfYear => " (such as 2026-H1)",
            Form::Year => " (such as 2026)",
            Form::FiscalYear => " (such as FY2026, April to March)",
        }
    }

    fn month_from(&self, day: i8) -> String {
        format!("from day {day} of the month before to day {}", day - 1)
    }

    fn condition(&self, condition: &str) -> String {
        format!("when {condition}")
    }

    fn items(&self, count: usize, raters: &[String]) -> String {
        let items = counted(&count.to_string(), "item");
        if raters.is_empty() { items } else { format!("{items}, scored by {}", self.list(raters)) }
    }

    fn in_steps_of(&self, step: &str) -> String {
        format!("in steps of {step}")
    }

    fn presence(&self, presence: RaterPresence) -> Option<&'static str> {
        match presence {
            RaterPresence::Always => None,
            RaterPresence::AllOrNone => Some("all items or none"),
            RaterPresence::AllOrNoneOfSection => Some("all items of a section or none"),
            RaterPresence::Any => Some("any items"),
        }
    }

    fn evidence(&self, evidence: &Evidence) -> String {
        let from = evidence.points_from.map(|from| format!("{} or more", plain(from.0)));
        let to = evidence.points_to.map(|to| format!("{} or less", plain(to.0)));
        let points: Vec<String> = from.into_iter().chain(to).collect();
        let (points, weight) = (points.join(" or of "), plain(evidence.weight_from.0));
        format!("points of {points} on an item of weight {weight} or more need a concrete example")
    }

    fn weighing(&self, weight: &str) -> String {
        format!("weight {weight}")
    }

    fn guidance(&self, guidance: &str) -> String {
        if guidance.is_empty() { "guidance still to be written".to_owned() } else { format!("guidance: {guidance}") }
    }

    fn points_are(&self, score: &str) -> String {
        format!("points: {score}")
    }

    fn as_given_by(&self, raters: &str) -> String {
        format!("as given by {raters}")
    }

    fn item_at_most(&self, most: &str) -> String {
        format!("at most {most}")
    }

    fn rated_by(&self, raters: &[String]) -> String {
        format!("rated by {}", self.list(raters))
    }

    fn rater_label(&self, rater: &str) -> String {
        format!("points by {rater}")
    }

    fn whole_number(&self, bounds: &str) -> String {
        format!("a whole number, {bounds}")
    }

    fn if_left_out(&self, default: &str) -> String {
        format!("{default} if left out")
    }

    fn one_of(&self, all: &[String]) -> String {
        match all {
            [one, other] => format!("{one} or {other}"),
            all => format!("one of {}", self.list(all)),
        }
    }

    fn range(&self, least: Option<&str>, most: Option<&str>) -> String {
        match (least, most) {
            (Some(least), Some(most)) => format!("{least} to {most}"),
            (Some(least), None) => format!("at least {least}"),
            (None, Some(most)) => format!("at most {most}"),
            (None, None) => String::new(),
        }
    }

    fn above(&self, bound: &str) -> String {
        format!("above {bound}")
    }

    fn below(&self, bound: &str) -> String {
        format!("below {bound}")
    }

    fn multiple_of(&self, step: &str) -> String {
        format!("a multiple of {step}")
    }

    fn rounded_to(&self, places: u32) -> String {
        match places {
            0 => "rounded to a whole number".to_owned(),
            places => format!("rounded to {}", counted(&places.to_string(), "decimal")),
        }
    }

    fn by_bands(&self, of: &str) -> String {
        format!("by {of}")
    }

    fn band_from(&self, bound: &str) -> String {
        format!("from {bound}")
    }

    fn band_above(&self, bound: &str) -> String {
        format!("above {bound}")
    }

    fn within(&self, within: Within) -> &'static str {
        match within {
            Within::Company => "the company",
            Within::Unit => "the unit",
            Within::Category => "the category",
        }
    }

    fn quota(&self, by: &str, within: Within) -> String {
        format!("ranked by {by} within {}, best first, into shares in per cent", self.within(within))
    }

    fn place_rounding(&self, rounding: PlaceRounding) -> &'static str {
        match rounding {
            PlaceRounding::Nearest => "places, counted from the best, are rounded to a whole number",
            PlaceRounding::Down => "places, counted from the best, are rounded down: at most the shares",
            PlaceRounding::Up => "places, counted from the best, are rounded up: at least the shares",
        }
    }

    fn ties(&self, ties: TiedPlaces) -> &'static str {
        match ties {
            TiedPlaces::Better => "those who tie across the end of a grade all have the better one",
            TiedPlaces::Worse => "those who tie across the end of a grade all have the worse one",
        }
    }

    fn among(&self, condition: &str) -> String {
        format!(", among those of whom: {condition}")
    }

    fn rank(&self, by: &str, within: Within, from_the_end: bool) -> String {
        let place = if from_the_end { "the place from the end" } else { "the place" };
        format!("{place} by {by} within {}", self.within(within))
    }

    fn gathered_people(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Units => "the units",
            Kind::People | Kind::Company => "the people",
        }
    }

    fn count_of_whom(&self, whom: &str, condition: &str) -> String {
        format!("the number of {whom} of whom it holds that {condition}")
    }

    fn gathering(&self, how: Gathering, whom: &str, value: &str) -> String {
        match how {
            Gathering::Sum => format!("the sum over {whom} of {value}"),
            Gathering::Count => format!("the number of {whom}"),
            Gathering::Distinct => format!("how many different values of {value} there are among {whom}"),
        }
    }

    fn split(&self, pool: &str, weight: &str, within: Within) -> String {
        let within = self.within(within);
        format!(
            "{pool}, shared within {within} in proportion to {weight}; each share is rounded down to the cent, and the cents \
             left go one by one to those who lost most by it"
        )
    }

    fn guide(&self, of: &str, from_people: usize) -> String {
        format!("guide shares of each {of} in per cent, from {from_people} people on")
    }

    fn to_the_head(&self, both: bool) -> &'static str {
        if both { "both who lead the unit: " } else { "head of the unit: " }
    }

    fn part_of_year(&self, part: u8) -> String {
        format!("part {part} of the year")
    }

    fn date(&self, date: DatePhrase, monthly: bool) -> String {
        match date {
            DatePhrase::AfterEnd(term) => format!("{} after the end of the period", self.term(term)),
            DatePhrase::OfMonth { day, offset } => format!("{} of {}", day_of_month(day), month(offset, monthly)),
            DatePhrase::OfYear { day, month, offset } => format!("{}{}", day_of_year(day, month), year(offset)),
        }
    }

    fn span(&self, opens: DatePhrase, due: DatePhrase, monthly: bool) -> String {
        let first = match (opens, due) {
            (DatePhrase::OfMonth { day, offset }, DatePhrase::OfMonth { offset: other, .. }) if offset == other => {
                day_of_month(day)
            }
            (DatePhrase::OfYear { day, month, offset }, DatePhrase::OfYear { offset: other, .. })
                if offset == other =>
            {
                day_of_year(day, month)
            }
            (DatePhrase::AfterEnd(term), DatePhrase::AfterEnd(_)) => self.term(term),
            (opens, _) => self.date(opens, monthly),
        };
        format!("from {first} to {}", self.date(due, monthly))
    }

    fn starting(&self, date: &str) -> String {
        format!("from {date} on")
    }

    fn by(&self, date: &str) -> String {
        format!("by {date}")
    }

    fn term(&self, term: Term) -> String {
        match term {
            Term::Days(days) => counted(&days.to_string(), "day"),
            Term::WorkingDays(days) => counted(&days.to_string(), "working day"),
        }
    }

    fn actor(&self, actor: Actor) -> &'static str {
        match actor {
            Actor::Nobody => "",
            Actor::Employee => "the employee",
            Actor::Superior => "the superior",
            Actor::SuperiorOfSuperior => "the superior's superior",
            Actor::UnitHead => "the head of the unit",
            Actor::Hr => "HR",
            Actor::Executive => "the executives",
            Actor::Committee => "the committee",
            Actor::Finance => "finance",
            Actor::Peers => "peers",
            Actor::LeadingGroup => "the leading group",
            Actor::PartyCommittee => "the party committee",
        }
    }

    fn after(&self, stages: &[String]) -> String {
        if stages.is_empty() { "beside those before it".to_owned() } else { format!("after {}", self.list(stages)) }
    }

    fn sent_back_to(&self, stage: &str) -> String {
        format!("may be sent back to “{stage}”")
    }

    fn in_turn(&self, roles: &[String]) -> String {
        roles.join(", then ")
    }

    fn within_of_learning(&self, term: &str) -> String {
        format!("within {term} of learning the result")
    }

    fn within_of_appeal(&self, term: &str) -> String {
        format!("within {term} of the appeal")
    }

    fn group(&self, group: &GroupRule) -> String {
        let odd = if group.odd { ", an odd number" } else { "" };
        let speak = |(whom, least): (&String, &u8)| format!(", at least {least} of them for {whom}");
        let representatives: String = group.representatives.iter().map(speak).collect();
        format!("{} to {} people{odd}{representatives}", group.min, group.max)
    }

    fn years(&self, years: u16) -> String {
        counted(&years.to_string(), "year")
    }

    fn improvement(&self, months: u32, most_items: Option<u32>, (least, most): (&str, &str), from: &str) -> String {
        let months = counted(&months.to_string(), "month");
        let items = most_items.map(|items| format!("at most {}, ", counted(&items.to_string(), "item")));
        format!("{months}, {}assessed from {least} to {most}, passed from {from}", items.unwrap_or_default())
    }

    fn when_declined(&self, outcome: &str) -> String {
        format!("when it is declined: {outcome}")
    }

    fn person(&self, number: &str) -> String {
        format!("Employee {number}")
    }

    fn unit(&self, code: &str) -> String {
        format!("Unit {code}")
    }

    fn rule(&self, rule: &str) -> String {
        format!("rule: {rule}")
    }

    fn before_bounds(&self, value: &str) -> String {
        format!("before bounds and rounding: {value}")
    }

    fn decimals(&self, places: u32) -> String {
        format!("decimals (half away from zero): {places}")
    }

    fn place(&self, place: u32, among: u32) -> String {
        format!("place: {place} of {among}")
    }

    fn gathered_from(&self, count: u32) -> String {
        format!("gathered from: {count}")
    }

    fn moved(&self, (from, to): (&str, &str), who: &str, on: &str, why: &str) -> String {
        format!("moved from {from} to {to} by {who} on {on}: {why}")
    }

    fn all_of(&self, who: &[String]) -> String {
        format!("signed by {}", who.join(", "))
    }

    fn stands_unsigned_after(&self, term: &str) -> String {
        format!("after {term} the result stands unsigned, and says so")
    }

    fn late_counts(&self, item: &str) -> String {
        format!("each that is late counts under “{item}”")
    }

    fn approved_by(&self, who: &str) -> String {
        format!("approved by {who}")
    }

    fn written(&self, by: &[String], asked: &str) -> String {
        let (writer, others) = by.split_first().map_or(("", &[][..]), |(first, others)| (first.as_str(), others));
        let confirmed =
            if others.is_empty() { String::new() } else { format!(", confirmed by {}", self.in_turn(others)) };
        format!("written by {writer}{confirmed}: {asked}")
    }

    fn made_for(&self, form: Form) -> &'static str {
        match form {
            Form::Month => "one for each month",
            Form::Quarter => "one for each quarter",
            Form::HalfYear => "one for each half-year",
            Form::Year => "one for each year",
            Form::FiscalYear => "one for each fiscal year",
        }
    }

    fn changed_within_months(&self, months: u32) -> String {
        let months = counted(&months.to_string(), "month");
        format!("changed after approval only in the first {months} of a period")
    }

    fn moved_by(&self, who: &str, most: Option<&str>) -> String {
        let most = most.map(|most| format!(", by {most} up or down at most, all in all")).unwrap_or_default();
        format!("{who}, with a reason{most}")
    }

    fn share(&self, share: &SharedPool<'_>) -> [String; 2] {
        let SharedPool { pool, weight, weights, among, down } = share;
        [
            format!("weight: {weight}; the sum of all weights: {weights} (shared by {among})"),
            format!("rounded down to the cent: {pool} × {weight} ÷ {weights} → {down}"),
        ]
    }

    fn nothing_shared(&self, pool: &str) -> String {
        format!("all weights are 0: nobody is paid anything of {pool}")
    }

    fn cent(&self, amount: &str) -> String {
        format!("one of the cents left: + {amount}")
    }

    fn because(&self, given: &str, unit: Option<&str>, condition: &str) -> String {
        let unit = unit.map(|unit| format!(" (as the head of {unit})")).unwrap_or_default();
        format!("{given}{unit} — because {condition}")
    }

    fn not_appraised(&self, reason: &str) -> String {
        format!("not appraised: {reason}")
    }

    fn gone(&self, statement: &str) -> String {
        format!("No longer: {statement}")
    }

    fn added(&self, statement: &str) -> String {
        format!("New: {statement}")
    }

    fn renamed(&self, was: &str, now: &str) -> String {
        format!("Renamed: {was} → {now}.")
    }

    fn becomes(&self, topic: &str, was: &str, now: &str) -> String {
        format!("{topic}: was “{was}”, becomes “{now}”.")
    }

    fn entry_becomes(&self, topic: &str, entry: &str, was: &str, now: &str) -> String {
        format!("{topic}, {entry}: {was} → {now}.")
    }

    fn entry_gone(&self, topic: &str, entry: &str, was: &str) -> String {
        format!("{topic}: no longer {entry} (was {was}).")
    }

    fn entry_new(&self, topic: &str, entry: &str, value: &str) -> String {
        format!("{topic}: {entry} is new ({value}).")
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// "1 day", "2 days".
fn counted(count: &str, what: &str) -> String {
    if count == "1" { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn ordinal(number: Decimal) -> String {
    let number = plain(number);
    let teen = number.ends_with("11") || number.ends_with("12") || number.ends_with("13");
    let ending = match number.chars().next_back() {
        Some('1') if !teen => "st",
        Some('2') if !teen => "nd",
        Some('3') if !teen => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

fn day_of_month(day: Option<i8>) -> String {
    day.map_or_else(|| "the last day".to_owned(), |day| format!("day {day}"))
}

fn month(offset: i32, monthly: bool) -> String {
    match (offset, monthly) {
        (-1, true) => "the month before".to_owned(),
        (0, true) => "the month".to_owned(),
        (1, true) => "the next month".to_owned(),
        (0, false) => "the period's last month".to_owned(),
        (1, false) => "the month after the period".to_owned(),
        (offset, _) if offset < 0 => format!("the month {} before the period's last", -offset),
        (offset, _) => format!("the month {offset} after the period's last"),
    }
}

fn day_of_year(day: Option<i8>, month: i8) -> String {
    let name = usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or("?");
    format!("{} {name}", day.map_or("the last day of".to_owned(), |day| day.to_string()))
}

fn year(offset: i16) -> String {
    match offset {
        -1 => " of the year before".to_owned(),
        0 => String::new(),
        1 => " of the next year".to_owned(),
        other => format!(" of the year {other:+}"),
    }
}
