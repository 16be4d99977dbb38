//! Why a formula could not be computed.

use super::At;
use crate::case::Case;
use crate::invalid::Invalid;
use crate::say;
use crate::{Label, Message};

/// Why a formula could not be computed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// Something of the case is missing or wrong: where, and what is told of it.
    At { culprits: Vec<(String, Message)>, code: &'static str },
    /// A figure that it reads could not be computed: the index of that fault.
    Inherited(u32),
}

impl Fault {
    pub fn at(pointer: impl Into<String>, code: &'static str, detail: impl Into<Message>) -> Box<Self> {
        Box::new(Fault::At { culprits: vec![(pointer.into(), detail.into())], code })
    }

    pub fn missing(pointer: impl Into<String>) -> Box<Self> {
        let pointer = pointer.into();
        let name = pointer.rsplit('/').next().unwrap_or_default();
        let detail = say!("缺少 {name}", "{name} is missing");
        Self::at(pointer, "missing", detail)
    }

    /// An input that people call something is missing.
    pub fn missing_input(pointer: impl Into<String>, label: &Label) -> Box<Self> {
        Self::at(pointer, "missing", say!("缺少{label}", "{label} is missing"; label))
    }

    /// What else is missing is told as well.
    pub(super) fn and(mut self: Box<Self>, other: Fault) -> Box<Self> {
        if let (Fault::At { culprits, code: "missing" }, Fault::At { culprits: more, code: "missing" }) =
            (&mut *self, other)
        {
            culprits.extend(more);
            culprits.dedup();
        }
        self
    }

    pub fn tell(&self, invalid: &mut Invalid) {
        let Fault::At { culprits, code } = self else { return };
        for (pointer, detail) in culprits {
            invalid.add(pointer, code, detail.clone());
        }
    }

    /// Whether it says of a subject, that something it needs is absent, without saying what.
    pub fn is_vague(&self) -> bool {
        matches!(self, Fault::At { code: "not_computable", .. })
    }
}

pub(crate) type Evaluated<T> = Result<T, Box<Fault>>;

/// Reading a scheme has shown that this cannot be; a scheme read before that was asked for may meet it.
pub(super) fn divided_by_zero(at: At) -> Box<Fault> {
    Fault::at(Case::pointer(at.kind, at.row), "division_by_zero", say!("除数为 0", "a divisor is 0"))
}

pub(in crate::evaluate) fn overflow(at: At) -> Box<Fault> {
    Fault::at(
        Case::pointer(at.kind, at.row),
        "overflow",
        say!("数值过大，无法精确计算", "the numbers are too large to be computed exactly"),
    )
}

pub(super) fn broken(at: At) -> Box<Fault> {
    Fault::at(
        Case::pointer(at.kind, at.row),
        "not_computable",
        say!("缺少所需的值", "a value that is needed is absent"),
    )
}
