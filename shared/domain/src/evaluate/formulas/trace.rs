//! What formulas read, noted while they are computed.

use rust_decimal::Decimal;

use crate::expression::Past;
use crate::value::{Kind, Symbol, Value};

/// What a formula read, for its explanation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Read {
    Slot { kind: Kind, row: usize, slot: u16, value: Value },
    Figure { kind: Kind, row: usize, figure: u16, value: Value },
    Parameter { parameter: u16, key: Option<Symbol>, value: Decimal },
    Weight { value: Decimal },
    Column { name: (u16, u16), row: u32, value: Value },
    Past { past: Past },
}

pub(crate) trait Trace {
    fn note(&mut self, read: Read);
}

/// Notes nothing.
pub(crate) struct Untraced;

impl Trace for Untraced {
    #[inline(always)]
    fn note(&mut self, _: Read) {}
}

impl Trace for Vec<Read> {
    fn note(&mut self, read: Read) {
        if !self.contains(&read) {
            self.push(read);
        }
    }
}
