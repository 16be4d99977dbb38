//! When a mail is tried again, and when it is given up.

use jiff::{SignedDuration, Timestamp};
use platform::{Code, Problem, Result, say};

use super::mail::{After, Failure, MailSummary, State};
use crate::people::Person;

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

/// Somebody may ask for another try of what was not delivered and is not under way.
pub fn check_may_be_retried(state: State) -> Result<()> {
    if matches!(state, State::Failed | State::Dead | State::Undeliverable) {
        return Ok(());
    }
    let state = state.told();
    Err(Problem::wrong_state(say!("邮件{state}", "the mail is {state}"; state)))
}

/// Where another try goes: to the address that its recipient has by now, or else the one it had.
pub fn address_of_retry(mail: &MailSummary, recipient: Option<&Person>) -> Result<String> {
    let address = recipient.and_then(|person| person.email.clone()).or_else(|| mail.address.clone());
    let none = || say!("{} 没有邮箱地址", "{} has no mail address", mail.recipient);
    address.ok_or_else(|| Problem::new(Code::WrongState, none()))
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
    fn a_mail_that_is_on_its_way_or_there_is_not_tried_again() {
        for state in [State::Queued, State::Sending, State::Sent] {
            assert!(check_may_be_retried(state).is_err(), "{state}");
        }
        for state in [State::Failed, State::Dead, State::Undeliverable] {
            assert!(check_may_be_retried(state).is_ok(), "{state}");
        }
    }
}
