//! What depends on the language. What is said of what is decided beside this; here it gets its words.

use rust_decimal::Decimal;

use super::statements::Section;
use crate::period::Form;
use crate::scheme::calendar::{DatePhrase, Term};
use crate::scheme::source::{Actor, Evidence, Gathering, GroupRule, PlaceRounding, RaterPresence, TiedPlaces, Within};
use crate::value::Kind;
use crate::{Label, Locale};

/// Words that stand by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    // Whom a scheme is about.
    Cycles,
    Month,
    People,
    Units,
    Everybody,
    NotAppraised,
    Always,
    // Sheets.
    Sheet,
    UnitSheet,
    Weight,
    MayBeSeveral,
    // Who supplies what, and within which bounds.
    ScoreGiven,
    ByHrOrExecutives,
    EvidenceBelowFull,
    ByHr,
    ByHrRowByRow,
    FromThePayProfile,
    ByTheRater,
    WhatTheItemCanEarn,
    EnteredWithScores,
    EnteredWithScoresOfEachItem,
    YesOrNo,
    ADate,
    AText,
    MayBeNegative,
    MayBeLeftOut,
    // Figures and rules.
    GradesBestFirst,
    RoundedToTheCent,
    OwnHistory,
    FirstOfGroup,
    AllOthers,
    // Appeals and procedure.
    Filed,
    FiledAtAnyTime,
    Answered,
    DecidedBy,
    /// Added to the last of those who decide.
    Finally,
    DecidingGroup,
    MustHold,
    SelfAssessment,
    RatersTrained,
    PurposeNeeded,
    InsideThePeriod,
    ApprovedBefore,
    UnitByUnit,
    WithReasonsOnly,
    KnownFromThen,
    BeforePublication,
    DaysBind,
    HeardBeforePublication,
    UnitsTheyName,
    MayAdjust,
    PlansOfPeople,
    WheneverDue,
    PlansOfUnits,
    PayBeforePayroll,
    Kept,
    KeptAfterLeaving,
    // Settings.
    NotSetYet,
    NoneMayBeSet,
    // Explanations.
    History,
    Nothing,
    Example,
    NothingChanges,
}

/// What formulas know without a scheme declaring it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Category(Kind),
    ScoreGiven,
    HiredOn,
    LeftOn,
    FirstDay,
    LastDay,
    PreviousScore,
    PreviousGrade,
    Weight,
}

/// Whose something is, seen from somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Unit,
    Head,
    Company,
}

/// How two numbers, or a code and another, are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Is,
    IsNot,
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// What is asked of earlier periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Past {
    InARow,
    TimesEver,
    TimesInTheYear,
    MonthsOfThePeriod,
}

/// A least or a greatest allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    AtLeast,
    AtMost,
}

/// What several people share, as far as it was noted.
pub(crate) struct SharedPool<'a> {
    pub pool: &'a str,
    pub weight: &'a str,
    pub weights: &'a str,
    pub among: u32,
    pub down: &'a str,
}

/// A language in which schemes and results are told.
pub(crate) trait Language: Sync {
    fn locale(&self) -> Locale;
    fn word(&self, word: Word) -> &'static str;
    fn section(&self, section: Section) -> &'static str;

    fn label<'l>(&self, label: &'l Label) -> &'l str {
        label.get(self.locale())
    }

    // --- marks ---

    /// Between things in a row.
    fn comma(&self) -> &'static str;
    /// Between parts of what is said of one thing.
    fn pause(&self) -> &'static str;
    fn semicolon(&self) -> &'static str;
    fn colon(&self) -> &'static str;
    fn stop(&self) -> &'static str;
    /// A remark behind something.
    fn aside(&self, text: &str) -> String;
    /// What holds together inside something else.
    fn brackets(&self, text: &str) -> String;
    fn heading(&self, text: &str) -> String;
    fn part_of(&self, whole: &str, part: &str) -> String;
    fn entry_of(&self, table: &str, key: &str) -> String;
    fn row_of(&self, column: &str, row: &str) -> String;

    fn list(&self, all: &[String]) -> String {
        all.join(self.comma())
    }

    fn clauses(&self, all: &[String]) -> String {
        let said: Vec<&str> = all.iter().map(String::as_str).filter(|one| !one.is_empty()).collect();
        said.join(self.semicolon())
    }

    // --- formulas ---

    /// A condition that is always or never met.
    fn truth(&self, flag: bool) -> &'static str;
    fn yes(&self, flag: bool) -> &'static str;
    fn and(&self) -> &'static str;
    fn or(&self) -> &'static str;
    fn known(&self, known: Known) -> &'static str;
    fn compared(&self, comparison: Comparison, a: &str, b: &str) -> String;
    fn is_one_of(&self, one: &str, entries: &str) -> String;
    fn is_given(&self, what: &str) -> String;
    fn is_not_given(&self, what: &str) -> String;
    fn not(&self, what: &str) -> String;
    /// The first that there is.
    fn otherwise(&self, first: &str, rest: &[String]) -> String;
    /// Said of the very period in which it becomes true: "in the third period running".
    fn at_time(&self, past: Past, condition: &str, number: Decimal) -> String;
    fn of_history(&self, past: Past, condition: &str) -> String;
    fn when_then(&self, when: &str, then: &str) -> String;
    fn else_then(&self, then: &str) -> String;
    fn sum_of_rows(&self, list: &str, of: &str) -> String;
    fn rows_for_which(&self, list: &str, condition: &str) -> String;
    fn limited(&self, limit: Limit, bound: &str) -> String;
    fn limited_where_set(&self, limit: Limit, bound: &str) -> String;
    fn extreme(&self, limit: Limit, all: &[String]) -> String;
    /// `max(a - b, 0)`.
    fn excess(&self, a: &str, b: &str) -> String;
    /// `max(a - b, 0)` of a fixed number.
    fn shortfall(&self, a: &str, b: &str) -> String;
    /// Whether what is rounded needs brackets though it is in words already.
    fn rounds_words_in_brackets(&self) -> bool;
    fn rounded_down(&self, number: &str) -> String;
    /// `floor(a / b)`.
    fn for_every_full(&self, number: &str, step: &str) -> String;
    fn rounded_up(&self, number: &str) -> String;
    fn size(&self, number: &str) -> String;
    fn difference(&self, a: &str, b: &str) -> String;
    fn rounded(&self, number: &str, places: &str) -> String;
    fn unless_by_zero(&self, quotient: &str, otherwise: &str) -> String;
    fn total(&self, section: Option<&str>) -> String;
    fn points(&self, rater: &str, section: Option<&str>) -> String;
    fn rated(&self, rater: &str, section: Option<&str>) -> String;
    fn mix(&self, weights: &str) -> String;
    fn months_scored(&self) -> &'static str;
    fn mean_of_months(&self, least: Option<&str>) -> String;
    /// Whether words close with what they are, and need no brackets in a sum.
    fn closes(&self) -> bool;
    fn entry(&self, table: &str, key: &str, entries: &str) -> String;
    /// Whether a name says whose it is already.
    fn says_whose(&self, owner: Owner, name: &str) -> bool;
    fn the(&self, name: &str) -> String;
    fn whose(&self, owner: Owner, name: &str) -> String;
    fn points_by(&self, rater: &str) -> String;
    fn points_on(&self, item: &str) -> String;
    fn named(&self, name: &str) -> String;
    fn set_by_company(&self, name: &str) -> String;

    // --- whom and what a scheme is about ---

    fn of_kind(&self, kind: Kind) -> &'static str;
    fn form(&self, form: Form) -> &'static str;
    fn month_from(&self, day: i8) -> String;
    fn condition(&self, condition: &str) -> String;
    fn items(&self, count: usize, raters: &[String]) -> String;
    fn in_steps_of(&self, step: &str) -> String;
    fn presence(&self, presence: RaterPresence) -> Option<&'static str>;
    fn evidence(&self, evidence: &Evidence) -> String;
    fn weighing(&self, weight: &str) -> String;
    fn points_are(&self, score: &str) -> String;
    /// What whoever rates is told.
    fn guidance(&self, guidance: &str) -> String;
    fn as_given_by(&self, raters: &str) -> String;
    fn item_at_most(&self, most: &str) -> String;
    fn rater_label(&self, rater: &str) -> String;
    fn rated_by(&self, raters: &[String]) -> String;

    // --- bounds ---

    fn whole_number(&self, bounds: &str) -> String;
    fn if_left_out(&self, default: &str) -> String;
    fn one_of(&self, all: &[String]) -> String;
    fn range(&self, least: Option<&str>, most: Option<&str>) -> String;
    fn above(&self, bound: &str) -> String;
    fn below(&self, bound: &str) -> String;
    fn multiple_of(&self, step: &str) -> String;

    // --- figures ---

    fn rounded_to(&self, places: u32) -> String;
    fn by_bands(&self, of: &str) -> String;
    fn band_from(&self, bound: &str) -> String;
    fn band_above(&self, bound: &str) -> String;
    fn within(&self, within: Within) -> &'static str;
    fn quota(&self, by: &str, within: Within) -> String;
    fn place_rounding(&self, rounding: PlaceRounding) -> &'static str;
    fn ties(&self, ties: TiedPlaces) -> &'static str;
    fn among(&self, condition: &str) -> String;
    fn rank(&self, by: &str, within: Within, from_the_end: bool) -> String;
    fn gathered_people(&self, kind: Kind) -> &'static str;
    fn count_of_whom(&self, whom: &str, condition: &str) -> String;
    fn gathering(&self, how: Gathering, whom: &str, value: &str) -> String;
    fn split(&self, pool: &str, weight: &str, within: Within) -> String;
    fn guide(&self, of: &str, from_people: usize) -> String;
    fn to_the_head(&self, both: bool) -> &'static str;

    // --- calendar and procedure ---

    fn part_of_year(&self, part: u8) -> String;
    /// `monthly`: all cycles are of one month, and "the month" is clear.
    fn date(&self, date: DatePhrase, monthly: bool) -> String;
    fn span(&self, opens: DatePhrase, due: DatePhrase, monthly: bool) -> String;
    fn starting(&self, date: &str) -> String;
    fn by(&self, date: &str) -> String;
    fn term(&self, term: Term) -> String;
    fn actor(&self, actor: Actor) -> &'static str;
    fn in_turn(&self, actors: &[String]) -> String;
    /// Where something begins again.
    fn sent_back_to(&self, stage: &str) -> String;
    /// For what a stage waits; nothing: it begins beside those before it.
    fn after(&self, stages: &[String]) -> String;
    fn within_of_learning(&self, term: &str) -> String;
    fn within_of_appeal(&self, term: &str) -> String;
    fn group(&self, group: &GroupRule) -> String;
    fn years(&self, years: u16) -> String;
    fn all_of(&self, who: &[String]) -> String;
    fn stands_unsigned_after(&self, term: &str) -> String;
    fn late_counts(&self, item: &str) -> String;
    fn approved_by(&self, who: &str) -> String;
    /// A report: who writes it and who confirms it in turn, and what is asked.
    fn written(&self, by: &[String], asked: &str) -> String;
    /// For how long a plan is made.
    fn made_for(&self, form: Form) -> &'static str;
    fn changed_within_months(&self, months: u32) -> String;
    fn moved_by(&self, who: &str, most: Option<&str>) -> String;
    fn improvement(&self, months: u32, most_items: Option<u32>, scale: (&str, &str), from: &str) -> String;
    fn when_declined(&self, outcome: &str) -> String;

    // --- explanations ---

    fn person(&self, number: &str) -> String;
    fn unit(&self, code: &str) -> String;
    fn rule(&self, rule: &str) -> String;
    fn before_bounds(&self, value: &str) -> String;
    fn decimals(&self, places: u32) -> String;
    fn place(&self, place: u32, among: u32) -> String;
    fn gathered_from(&self, count: u32) -> String;
    fn moved(&self, values: (&str, &str), who: &str, on: &str, why: &str) -> String;
    fn share(&self, share: &SharedPool<'_>) -> [String; 2];
    fn nothing_shared(&self, pool: &str) -> String;
    fn cent(&self, amount: &str) -> String;
    fn because(&self, given: &str, unit: Option<&str>, condition: &str) -> String;
    fn not_appraised(&self, reason: &str) -> String;

    // --- what changes between two schemes ---

    fn gone(&self, statement: &str) -> String;
    fn added(&self, statement: &str) -> String;
    fn renamed(&self, was: &str, now: &str) -> String;
    fn becomes(&self, topic: &str, was: &str, now: &str) -> String;
    fn entry_becomes(&self, topic: &str, entry: &str, was: &str, now: &str) -> String;
    fn entry_gone(&self, topic: &str, entry: &str, was: &str) -> String;
    fn entry_new(&self, topic: &str, entry: &str, value: &str) -> String;
}

pub(crate) fn language(locale: Locale) -> &'static dyn Language {
    match locale {
        Locale::ZhCn => &super::zh::Chinese,
        Locale::En => &super::en::English,
    }
}

/// A label, in both languages, from labels.
pub(crate) fn in_both(say: impl Fn(&dyn Language) -> String) -> Label {
    Label { zh: say(language(Locale::ZhCn)), en: say(language(Locale::En)) }
}
