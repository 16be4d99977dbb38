//! When a mail is tried again, and when it is given up.

use jiff::{SignedDuration, Timestamp};
use platform::{Message, say};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A language that mail is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    Chinese,
    English,
}

impl Locale {
    /// The language of a person; Chinese unless they asked for English.
    pub fn of(tag: &str) -> Self {
        if tag == "en" || tag.starts_with("en-") { Self::English } else { Self::Chinese }
    }

    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }
}

/// Where a mail is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for its first try.
    Queued,
    /// Is with the sender just now.
    Sending,
    /// The mail server took it.
    Sent,
    /// The last try failed; it is tried again at `next_try_at`.
    Failed,
    /// Given up.
    Dead,
    /// The recipient has no address.
    Undeliverable,
}

impl State {
    pub const ALL: [Self; 6] = [Self::Queued, Self::Sending, Self::Sent, Self::Failed, Self::Dead, Self::Undeliverable];

    pub fn text(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Dead => "dead",
            Self::Undeliverable => "undeliverable",
        }
    }

    /// As people are told it.
    pub fn told(self) -> Message {
        match self {
            Self::Queued => say!("等待发送", "queued"),
            Self::Sending => say!("正在发送", "sending"),
            Self::Sent => say!("已发送", "sent"),
            Self::Failed => say!("发送失败，将重试", "waiting to be tried again"),
            Self::Dead => say!("多次发送失败，已放弃", "given up on"),
            Self::Undeliverable => say!("无法送达", "undeliverable"),
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.text() == text)
    }

    /// Whether somebody may ask for another try.
    pub fn may_be_retried(self) -> bool {
        matches!(self, Self::Failed | Self::Dead | Self::Undeliverable)
    }
}

/// Why a try failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Another try may succeed.
    Passing(String),
    /// This mail will never be taken.
    Final(String),
}

/// What becomes of a mail after a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    pub state: State,
    pub next_try_at: Option<Timestamp>,
    pub last_error: Option<String>,
    pub sent_at: Option<Timestamp>,
}

/// A day and a half of trying.
const MOST_TRIES: i32 = 20;
const ERROR_LENGTH: usize = 500;

pub fn after_try(tries: i32, outcome: Result<(), Failure>, now: Timestamp) -> After {
    let given_up = |error: String| After {
        state: State::Dead,
        next_try_at: None,
        last_error: Some(shortened(error)),
        sent_at: None,
    };
    match outcome {
        Ok(()) => After { state: State::Sent, next_try_at: None, last_error: None, sent_at: Some(now) },
        Err(Failure::Final(error)) => given_up(error),
        Err(Failure::Passing(error)) if tries >= MOST_TRIES => given_up(error),
        Err(Failure::Passing(error)) => After {
            state: State::Failed,
            next_try_at: Some(now.saturating_add(pause(tries)).unwrap_or(Timestamp::MAX)),
            last_error: Some(shortened(error)),
            sent_at: None,
        },
    }
}

/// How long to wait after so many tries.
fn pause(tries: i32) -> SignedDuration {
    SignedDuration::from_mins(match tries {
        ..=1 => 1,
        2 => 5,
        3 => 30,
        _ => 120,
    })
}

fn shortened(error: String) -> String {
    error.chars().take(ERROR_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-09-28T01:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_failed_try_is_repeated_later_and_later_and_then_given_up() {
        let wait = |tries| {
            let after = after_try(tries, Err(Failure::Passing("busy".to_owned())), now());
            (after.state, after.next_try_at.map(|at| (at.as_second() - now().as_second()) / 60))
        };
        assert_eq!(wait(1), (State::Failed, Some(1)));
        assert_eq!(wait(2), (State::Failed, Some(5)));
        assert_eq!(wait(3), (State::Failed, Some(30)));
        assert_eq!(wait(4), (State::Failed, Some(120)));
        assert_eq!(wait(19), (State::Failed, Some(120)));
        assert_eq!(wait(20), (State::Dead, None));
    }

    #[test]
    fn a_final_refusal_is_given_up_at_once_and_success_is_the_end() {
        let refused = after_try(1, Err(Failure::Final("550 no such user".to_owned())), now());
        assert_eq!((refused.state, refused.last_error.as_deref()), (State::Dead, Some("550 no such user")));
        let sent = after_try(3, Ok(()), now());
        assert_eq!((sent.state, sent.sent_at, sent.last_error), (State::Sent, Some(now()), None));
    }

    #[test]
    fn states_are_written_as_they_are_read() {
        for state in State::ALL {
            assert_eq!(State::parse(state.text()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.text());
        }
        assert!(!State::Sent.may_be_retried() && State::Dead.may_be_retried());
    }

    #[test]
    fn people_are_written_to_in_chinese_unless_they_asked_for_english() {
        assert_eq!(Locale::of("en"), Locale::English);
        assert_eq!(Locale::of("zh-CN"), Locale::Chinese);
        assert_eq!(Locale::of("fr"), Locale::Chinese);
    }
}
