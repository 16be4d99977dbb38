//! The calendar, appeals, and what happens around the figures.

use super::language::Word;
use super::statements::{Book, Section};
use crate::money::plain;
use crate::period::Form;
use crate::scheme::calendar::{DatePhrase, Term};
use crate::scheme::codes::Codes;
use crate::scheme::source::{Actor, Adjust, Does, Duty, ImprovementPlan, PayTerms, PlanTerms, Stage, StageOn, Who};
use crate::scheme::{AppealTerms, Workflow};
use crate::value::Kind;

impl Book<'_> {
    pub(super) fn procedure(&mut self) {
        let source = self.source();
        for stage in &source.stages {
            self.stage(stage);
        }
        for duty in &source.duties {
            self.duty(duty);
        }
        for terms in &source.plans {
            self.plans(terms);
        }
        for adjust in &source.adjust {
            self.adjust(adjust);
        }
        if let Some(terms) = &source.pay {
            self.pay(terms);
        }
        if let Some(appeal) = &source.appeal {
            self.appeal(appeal);
        }
        self.workflow(&source.workflow);
    }

    fn stage(&mut self, stage: &Stage) {
        let language = self.language();
        let binds = stage.gate && stage.does != Does::Confirm;
        let said = [
            language.actor(stage.role).to_owned(),
            self.rated_in(stage),
            self.after(stage),
            self.deciding(stage),
            self.dates(stage),
            if binds { language.word(Word::DaysBind).to_owned() } else { String::new() },
        ];
        let said: Vec<String> = said.into_iter().filter(|one| !one.is_empty()).collect();
        let part = stage.part.and_then(|part| u8::try_from(part).ok());
        let part = part.map(|part| language.aside(&language.part_of_year(part))).unwrap_or_default();
        let scope = self.scope(Kind::People, &stage.categories, &stage.cadences);
        let topic = format!("{}{part}{scope}", self.speaker.label(&stage.label));
        let key = format!("stage {} {:?} {:?}", stage.code, stage.cadences, stage.part);
        self.add(Section::Calendar, key, topic, said.join(language.pause()));
    }

    /// For which stages one waits, where it says so.
    fn after(&self, stage: &Stage) -> String {
        let Some(after) = &stage.after else { return String::new() };
        if stage.hears_early() {
            return self.language().word(Word::HeardBeforePublication).to_owned();
        }
        let named = after.iter().filter_map(|code| self.source().stages.iter().find(|one| one.code == *code));
        let labels: Vec<String> = named.map(|one| self.speaker.label(&one.label).to_owned()).collect();
        self.language().after(&labels)
    }

    /// Which kinds of rater rate in a stage, where it says so.
    fn rated_in(&self, stage: &Stage) -> String {
        let all = self.source().sheets.iter().flat_map(|sheet| &sheet.raters);
        let labels: Vec<String> = stage
            .raters
            .iter()
            .filter_map(|name| all.clone().find(|rater| rater.name == *name))
            .map(|rater| self.speaker.label(&rater.label).to_owned())
            .collect();
        if labels.is_empty() { String::new() } else { self.language().rated_by(&labels) }
    }

    /// What is handed in by a day, beside the stages.
    fn duty(&mut self, duty: &Duty) {
        let (language, scope) = (self.language(), self.scope(Kind::People, &duty.categories, &duty.cadences));
        let monthly = self.monthly(&duty.cadences);
        let day = match duty.due.as_deref().and_then(DatePhrase::parse) {
            Some(phrase) => language.by(&language.date(phrase, monthly)),
            None => language.word(Word::WheneverDue).to_owned(),
        };
        let said = [Some(day), self.late(duty.counts.as_deref())];
        let said: Vec<String> = said.into_iter().flatten().collect();
        let topic = format!("{}{scope}", self.speaker.label(&duty.label));
        self.add(Section::Calendar, format!("duty {}", duty.code), topic, said.join(language.pause()));
    }

    /// Where what is late counts.
    fn late(&self, counts: Option<&str>) -> Option<String> {
        let item = counts?.split('.').nth(1)?;
        let named = self.source().sheets.iter().flat_map(|sheet| &sheet.items).find(|one| one.code == item)?;
        Some(self.language().late_counts(self.speaker.label(&named.label)))
    }

    /// Plans that are made for longer than a cycle.
    fn plans(&mut self, terms: &PlanTerms) {
        let language = self.language();
        let whose = if terms.on == StageOn::Units { Word::PlansOfUnits } else { Word::PlansOfPeople };
        let steps: Vec<String> = terms.by.iter().map(|acting| self.together(acting.who())).collect();
        let said = [
            Some(language.made_for(terms.every).to_owned()),
            (!steps.is_empty()).then(|| language.approved_by(&language.in_turn(&steps))),
            terms.changed_within_months.map(|months| language.changed_within_months(u32::from(months))),
        ];
        let said: Vec<String> = said.into_iter().flatten().collect();
        let key = format!("plans {:?}", terms.on);
        self.add(Section::Workflow, key, language.word(whose), said.join(language.pause()));
    }

    /// What may be moved once it was computed.
    fn adjust(&mut self, adjust: &Adjust) {
        let language = self.language();
        let figures = self.source().subject(adjust.of).map_or(&[][..], |subject| &subject.figures);
        let label =
            figures.iter().find(|figure| figure.name == adjust.figure).map(|figure| self.speaker.label(&figure.label));
        let scope = self.scope(adjust.of, &[], &adjust.cadences);
        let topic =
            format!("{}{}{scope}", language.word(Word::MayAdjust), language.aside(label.unwrap_or(&adjust.figure)));
        let most = adjust.up_to.as_ref().map(|most| plain(most.0));
        let says = language.moved_by(&self.either(&adjust.by), most.as_deref());
        let key = format!("adjust {:?} {} {:?}", adjust.of, adjust.figure, adjust.cadences);
        self.add(Section::Workflow, key, topic, says);
    }

    /// Who approves what is paid.
    fn pay(&mut self, terms: &PayTerms) {
        let language = self.language();
        let steps: Vec<String> = terms.by.iter().map(|acting| self.together(acting.who())).collect();
        let says = language.approved_by(&language.in_turn(&steps));
        self.add(Section::Workflow, "pay", language.word(Word::PayBeforePayroll), says);
    }

    /// Who decides in a stage, about what, and what begins again where they send something back.
    fn deciding(&self, stage: &Stage) -> String {
        if stage.by.is_empty() {
            return String::new();
        }
        let language = self.language();
        let steps: Vec<String> = stage.by.iter().map(|acting| self.together(acting.who())).collect();
        let back = stage.back_to.as_ref().and_then(|code| self.source().stages.iter().find(|one| one.code == *code));
        if matches!(stage.does, Does::Interview | Does::Opinion) {
            let said = [
                Some(language.in_turn(&steps)),
                stage.reasons_only.then(|| language.word(Word::WithReasonsOnly).to_owned()),
                stage.known.then(|| language.word(Word::KnownFromThen).to_owned()),
            ];
            return said.into_iter().flatten().collect::<Vec<_>>().join(language.pause());
        }
        if stage.does == Does::Announce {
            return language.in_turn(&steps);
        }
        if stage.does == Does::Report {
            let asked: Vec<String> =
                stage.form.iter().map(|field| self.speaker.label(&field.label).to_owned()).collect();
            let written = language.written(&steps, &language.list(&asked));
            let each = (stage.on == StageOn::Units).then(|| language.word(Word::UnitByUnit));
            return each.into_iter().chain([written.as_str()]).collect::<Vec<_>>().join(language.pause());
        }
        if matches!(stage.does, Does::Plan | Does::ApprovePlan | Does::Settle) {
            return language.approved_by(&language.in_turn(&steps));
        }
        if stage.does == Does::Confirm {
            let said = [
                Some(language.all_of(&steps)),
                stage.lapses.as_ref().map(|term| language.stands_unsigned_after(&self.term(term))),
                stage.gate.then(|| language.word(Word::BeforePublication).to_owned()),
            ];
            return said.into_iter().flatten().collect::<Vec<_>>().join(language.pause());
        }
        let recommends = stage.does == Does::SpotCheck;
        let said = [
            Some(language.in_turn(&steps)),
            recommends.then(|| language.word(Word::UnitsTheyName).to_owned()),
            (stage.on == StageOn::Units && !recommends).then(|| language.word(Word::UnitByUnit).to_owned()),
            back.map(|stage| language.sent_back_to(self.speaker.label(&stage.label))),
            Some(language.word(Word::BeforePublication).to_owned()),
        ];
        said.into_iter().flatten().collect::<Vec<_>>().join(language.pause())
    }

    fn dates(&self, stage: &Stage) -> String {
        let (language, monthly) = (self.language(), self.monthly(&stage.cadences));
        let date = |phrase: &Option<String>| phrase.as_deref().and_then(DatePhrase::parse);
        match (date(&stage.opens), date(&stage.due)) {
            (Some(opens), Some(due)) if opens == due => language.date(opens, monthly),
            (Some(opens), Some(due)) => language.span(opens, due, monthly),
            (Some(opens), None) => language.starting(&language.date(opens, monthly)),
            (None, Some(due)) => language.by(&language.date(due, monthly)),
            (None, None) => String::new(),
        }
    }

    /// Whether all cycles of some cadences are of one month: then "the month" is clear.
    fn monthly(&self, cadences: &[String]) -> bool {
        let of_stage = |code: &String| cadences.is_empty() || cadences.contains(code);
        let mut cadences = self.source().cadences.iter().filter(|cadence| of_stage(&cadence.code));
        cadences.all(|cadence| cadence.form == Form::Month)
    }

    fn term(&self, text: &str) -> String {
        Term::parse(text).map_or_else(|| text.to_owned(), |term| self.language().term(term))
    }

    fn actors(&self, actors: &[Actor]) -> String {
        let named: Vec<String> = actors.iter().map(|actor| self.language().actor(*actor).to_owned()).collect();
        self.language().in_turn(&named)
    }

    fn appeal(&mut self, terms: &AppealTerms) {
        let language = self.language();
        let filing = match &terms.file_within {
            Some(term) => language.within_of_learning(&self.term(term)),
            None => language.word(Word::FiledAtAnyTime).to_owned(),
        };
        self.add(Section::Appeal, "file", language.word(Word::Filed), filing);
        if let Some(term) = &terms.answer_within {
            let answer = language.within_of_appeal(&self.term(term));
            self.add(Section::Appeal, "answer", language.word(Word::Answered), answer);
        }
        let level = |who: &Vec<Who>| self.together(who);
        let levels: Vec<String> = terms.levels().iter().map(level).collect();
        let levels = language.in_turn(&levels);
        let finally = if terms.is_final { language.word(Word::Finally) } else { "" };
        self.add(Section::Appeal, "levels", language.word(Word::DecidedBy), format!("{levels}{finally}"));
        if let Some(group) = &terms.group {
            self.add(Section::Appeal, "group", language.word(Word::DecidingGroup), language.group(group));
        }
    }

    fn workflow(&mut self, workflow: &Workflow) {
        let language = self.language();
        let flags = [
            (workflow.self_assessment, "self", Word::SelfAssessment),
            (workflow.raters_trained, "trained", Word::RatersTrained),
            (workflow.purpose_needed, "purpose", Word::PurposeNeeded),
            (workflow.evidence_inside_period, "inside", Word::InsideThePeriod),
        ];
        for (_, key, word) in flags.into_iter().filter(|(set, ..)| *set) {
            self.add(Section::Workflow, key, language.word(word), "");
        }
        let deciding = [
            (&workflow.approvals, "approvals", Word::ApprovedBefore),
            (&workflow.adjustable_by, "adjustable", Word::MayAdjust),
        ];
        for (actors, key, word) in deciding.into_iter().filter(|(actors, ..)| !actors.is_empty()) {
            let actors = self.actors(actors);
            self.add(Section::Workflow, key, language.word(word), actors);
        }
        let kept = [
            (workflow.keep_years, "keep", Word::Kept),
            (workflow.keep_years_after_leaving, "keep after", Word::KeptAfterLeaving),
        ];
        for (years, key, word) in kept {
            if let Some(years) = years {
                self.add(Section::Workflow, key, language.word(word), language.years(years));
            }
        }
        if let Some(plan) = &workflow.improvement_plan {
            self.improvement(plan);
        }
    }

    fn improvement(&mut self, plan: &ImprovementPlan) {
        let language = self.language();
        let (least, most, from) = (plain(plan.scale_from.0), plain(plan.scale_to.0), plain(plan.pass_from.0));
        let items = plan.max_items.map(u32::from);
        let says = language.improvement(u32::from(plan.months), items, (&least, &most), &from);
        let declined = plan.declined.as_ref().map(|code| self.speaker.code(Codes::Outcomes, code));
        let declined = declined.map(|outcome| language.when_declined(&outcome)).unwrap_or_default();
        let topic = self.speaker.code(Codes::Outcomes, &plan.on);
        self.add(Section::Workflow, "improvement", topic, language.clauses(&[says, declined]));
    }
}
