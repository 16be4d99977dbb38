//! Why a formula could not be computed.

use super::At;
use crate::case::Case;
use crate::invalid::Invalid;
use crate::message::Message;
use crate::say;

/// Why a formula could not be computed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// Something of the case is missing or wrong.
    At { pointers: Vec<String>, code: &'static str, detail: Message },
    /// A figure that it reads could not be computed: the index of that fault.
    Inherited(u32),
}

impl Fault {
    pub fn at(pointer: impl Into<String>, code: &'static str, detail: impl Into<Message>) -> Box<Self> {
        Box::new(Fault::At { pointers: vec![pointer.into()], code, detail: detail.into() })
    }

    pub fn missing(pointer: impl Into<String>) -> Box<Self> {
        let pointer = pointer.into();
        let detail = missing(&pointer);
        Self::at(pointer, "missing", detail)
    }

    /// What else is missing is told as well.
    pub(super) fn and(mut self: Box<Self>, other: Fault) -> Box<Self> {
        if let (Fault::At { pointers, code: "missing", .. }, Fault::At { pointers: more, code: "missing", .. }) =
            (&mut *self, other)
        {
            pointers.extend(more);
            pointers.dedup();
        }
        self
    }

    pub fn tell(&self, invalid: &mut Invalid) {
        let Fault::At { pointers, code, detail } = self else { return };
        for pointer in pointers {
            match pointers.len() {
                2.. if *code == "missing" => invalid.add(pointer, code, missing(pointer)),
                _ => invalid.add(pointer, code, detail.clone()),
            }
        }
    }
}

fn missing(pointer: &str) -> Message {
    say!("缺少 {}", "{} is missing", pointer.rsplit('/').next().unwrap_or(""))
}

pub(crate) type Evaluated<T> = Result<T, Box<Fault>>;

/// Reading a scheme has shown that this cannot be; a scheme read before that was asked for may meet it.
pub(super) fn divided_by_zero(at: At) -> Box<Fault> {
    Fault::at(Case::pointer(at.kind, at.row), "division_by_zero", say!("除数为 0", "a divisor is 0"))
}

pub(super) fn overflow(at: At) -> Box<Fault> {
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
