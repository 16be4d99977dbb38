//! How figures are found.

use super::language::{Limit, Word};
use super::phrase::Speaker;
use super::statements::{Book, Section};
use crate::money::{parse_plain, plain};
use crate::scheme::codes::Codes;
use crate::scheme::source::{
    BandSource, FigureSource, GatherSource, Gathering, How, QuotaSource, RankCount, RankSource, SubjectSource,
};
use crate::value::Kind;

/// Entries of a table or bands, each by its name.
type Parts = Vec<(String, String)>;

impl<'s> Book<'s> {
    pub(super) fn figures(&mut self, kind: Kind, subject: &'s SubjectSource) {
        for figure in &subject.figures {
            let section = if figure.pay { Section::Pay } else { Section::Results };
            let topic = self.topic(kind, &figure.label, &figure.categories, &figure.cadences);
            let (says, parts) = self.finding(kind, figure);
            let says = self.language().clauses(&[says, self.limits(kind, figure)]);
            let key = format!("figure {kind:?} {} {:?} {:?}", figure.name, figure.categories, figure.cadences);
            self.add(section, key, topic, says).parts = parts;
        }
    }

    /// Bounds and rounding.
    pub(super) fn limits(&self, kind: Kind, figure: &'s FigureSource) -> String {
        let (speaker, language) = (self.speaker_of(kind, &figure.categories, &figure.cadences), self.language());
        let mut said = Vec::new();
        for (limit, bound) in [(Limit::AtLeast, &figure.min), (Limit::AtMost, &figure.max)] {
            said.extend(bound.as_ref().map(|bound| language.limited(limit, &speaker.phrase(&bound.text))));
        }
        let rounding = match (figure.how(), figure.round) {
            // A fixed number needs no rounding, and what a share is rounded to is said with how it is found.
            (Some(How::Formula(formula)), _) if parse_plain(formula.text.trim()).is_some() => None,
            (Some(How::Split(_)), _) => None,
            (_, Some(places)) => Some(language.rounded_to(places)),
            (_, None) => (figure.pay || figure.money).then(|| language.word(Word::RoundedToTheCent).to_owned()),
        };
        said.extend(rounding);
        language.clauses(&said)
    }

    /// How a figure is found, and the entries that it is found by.
    pub(super) fn finding(&self, kind: Kind, figure: &'s FigureSource) -> (String, Parts) {
        let speaker = self.speaker_of(kind, &figure.categories, &figure.cadences);
        let language = self.language();
        let says = match figure.how() {
            None => String::new(),
            Some(How::Formula(formula)) => speaker.phrase(&formula.text),
            Some(How::Bands(bands)) => {
                let says = language.by_bands(&speaker.phrase(&bands.of.text));
                return (says, bands.rows.iter().map(|row| self.band(row)).collect());
            }
            Some(How::Quota(quota)) => return (self.quota(quota, speaker), speaker.table_entries(bare(&quota.shares))),
            Some(How::Rank(rank)) => self.rank(rank, speaker),
            Some(How::Gather(gather)) => self.gather(gather, &figure.cadences),
            Some(How::Split(split)) => {
                let (pool, weight) = (speaker.bracketed(&split.pool.text), speaker.bracketed(&split.weight.text));
                language.split(&pool, &weight, split.within)
            }
        };
        (says, Vec::new())
    }

    fn band(&self, row: &BandSource) -> (String, String) {
        let language = self.language();
        let name = match (&row.grade, row.value) {
            (Some(grade), _) => self.speaker.code(Codes::Grades, grade),
            (None, Some(value)) => plain(value.0),
            (None, None) => language.word(Word::Nothing).to_owned(),
        };
        let bound = match row.bound() {
            Some((from, true)) => language.band_from(&plain(from)),
            Some((above, false)) => language.band_above(&plain(above)),
            None => language.word(Word::AllOthers).to_owned(),
        };
        (name, bound)
    }

    /// How a distribution ranks, makes its places whole, and what becomes of ties.
    fn quota(&self, quota: &QuotaSource, speaker: Speaker<'s>) -> String {
        let language = self.language();
        let among = quota.among.as_ref().map(|among| language.among(&speaker.phrase(&among.text)));
        let ranked = language.quota(&speaker.phrase(&quota.by.text), quota.within);
        let ranked = format!("{ranked}{}", among.unwrap_or_default());
        let (places, ties) = (language.place_rounding(quota.rounding), language.ties(quota.ties));
        language.clauses(&[ranked, places.to_owned(), ties.to_owned()])
    }

    fn rank(&self, rank: &RankSource, speaker: Speaker<'s>) -> String {
        let language = self.language();
        let among = rank.among.as_ref().map(|among| language.among(&speaker.phrase(&among.text)));
        let from_the_end = rank.count == RankCount::NotBetter;
        let place = language.rank(&speaker.phrase(&rank.by.text), rank.within, from_the_end);
        format!("{place}{}", among.unwrap_or_default())
    }

    fn gather(&self, gather: &'s GatherSource, cadences: &'s [String]) -> String {
        let (member, language) = (self.speaker_of(gather.of, &gather.categories, cadences), self.language());
        let scope = self.scope(gather.of, &gather.categories, &[]);
        let whom = format!("{}{scope}", language.gathered_people(gather.of));
        match (gather.how, &gather.value) {
            (Gathering::Count, Some(condition)) => language.count_of_whom(&whom, &member.phrase(&condition.text)),
            (how, value) => {
                let value = value.as_ref().map(|value| member.bracketed(&value.text)).unwrap_or_default();
                language.gathering(how, &whom, &value)
            }
        }
    }
}

/// `shares` of `table.shares`.
pub(super) fn bare(path: &str) -> &str {
    path.split_once('.').map_or(path, |(_, name)| name)
}
