//! Whose pay has to be reckoned together.

use super::Scheme;
use super::source::Within;

/// Whose pay depends on whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// Nobody's depends on anybody else's.
    None,
    /// A unit's people share a sum.
    Unit,
    /// People of several units share a sum.
    Company,
}

impl Scheme {
    /// Sums that people share make their pay depend on one another.
    pub fn pool(&self, cadence: &str) -> Pool {
        let figures = self.source.people.figures.iter();
        let here = figures.filter(|figure| figure.cadences.is_empty() || figure.cadences.iter().any(|c| c == cadence));
        let shared: Vec<Within> = here.filter_map(|figure| figure.split.as_ref()).map(|split| split.within).collect();
        match shared.as_slice() {
            [] => Pool::None,
            shared if shared.iter().all(|within| *within == Within::Unit) => Pool::Unit,
            _ => Pool::Company,
        }
    }
}
