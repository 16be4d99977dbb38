//! The one error type: transport-neutral inside a service, turned into problem details (RFC 9457) last.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use domain::scheme::SchemeProblem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Every kind of error the API can answer. The list is closed: clients may match on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    MalformedRequest,
    Unauthenticated,
    NotPermitted,
    NotFound,
    /// The address exists, but not with this method.
    MethodNotAllowed,
    Conflict,
    /// The state of the resource does not allow this now.
    WrongState,
    /// Something that must be there first is missing; `missing` lists it.
    Incomplete,
    /// A `Idempotency-Key` was used before with another request.
    IdempotencyKeyReused,
    PreconditionFailed,
    PreconditionRequired,
    TooLarge,
    UnsupportedFormat,
    ValidationFailed,
    TooManyRequests,
    /// The password was set by somebody else: choose one of your own first.
    PasswordChangeRequired,
    Internal,
    Unavailable,
}

impl Code {
    pub fn status(self) -> StatusCode {
        match self {
            Self::MalformedRequest => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::NotPermitted | Self::PasswordChangeRequired => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict | Self::WrongState | Self::Incomplete => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedFormat => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ValidationFailed | Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The code that says what a bare status says.
    pub fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::Unauthenticated,
            StatusCode::FORBIDDEN => Self::NotPermitted,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::CONFLICT => Self::Conflict,
            StatusCode::PRECONDITION_FAILED => Self::PreconditionFailed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedFormat,
            StatusCode::UNPROCESSABLE_ENTITY => Self::ValidationFailed,
            StatusCode::TOO_MANY_REQUESTS => Self::TooManyRequests,
            // Whoever was too busy to read a request says that it came too late.
            StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.is_server_error() => Self::Internal,
            _ => Self::MalformedRequest,
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::MalformedRequest => "The request cannot be read",
            Self::Unauthenticated => "Sign in first",
            Self::NotPermitted => "You may not do this",
            Self::NotFound => "There is no such thing",
            Self::MethodNotAllowed => "This address does not have this method",
            Self::Conflict => "This contradicts what is stored",
            Self::WrongState => "This cannot be done now",
            Self::Incomplete => "Something is still missing",
            Self::IdempotencyKeyReused => "This idempotency key belongs to another request",
            Self::PreconditionFailed => "It has changed since you read it",
            Self::PreconditionRequired => "Say which version you change",
            Self::TooLarge => "The request is too large",
            Self::UnsupportedFormat => "This format is not accepted",
            Self::ValidationFailed => "The request contains errors",
            Self::TooManyRequests => "Too many requests",
            Self::PasswordChangeRequired => "Choose a password of your own first",
            Self::Internal => "Something went wrong on our side",
            Self::Unavailable => "Not available right now",
        }
    }
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer into the request body, or `/row/column` of an imported file.
    pub pointer: String,
    pub detail: String,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// Longest scheme that is accepted, in bytes.
const LONGEST_SCHEME: usize = 1 << 20;

/// An error on its way to the caller.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {detail}", .code.title())]
pub struct Problem {
    pub code: Code,
    pub detail: String,
    pub errors: Vec<FieldError>,
    /// What still has to be done, for [`Code::Incomplete`].
    pub missing: Vec<serde_json::Value>,
    /// Seconds after which it is worth another try, for the `Retry-After` header.
    pub retry_after: Option<u64>,
}

impl Problem {
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let retry_after = matches!(code, Code::Unavailable | Code::TooManyRequests).then_some(1);
        Self { code, detail: detail.into(), errors: Vec::new(), missing: Vec::new(), retry_after }
    }

    /// The same, worth another try after so many seconds.
    pub fn after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what}"))
    }

    pub fn not_permitted(detail: impl Into<String>) -> Self {
        Self::new(Code::NotPermitted, detail)
    }

    pub fn wrong_state(detail: impl Into<String>) -> Self {
        Self::new(Code::WrongState, detail)
    }

    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(Code::Conflict, detail)
    }

    /// One field is wrong.
    pub fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(pointer, detail)])
    }

    /// Several fields are wrong.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => one.detail.clone(),
            many => format!("{} things are wrong", many.len()),
        };
        Self { errors, ..Self::new(Code::ValidationFailed, detail) }
    }

    /// A scheme that somebody wrote is wrong: every fault at once, each with its line and column.
    pub fn scheme(pointer: &str, faults: &[SchemeProblem]) -> Self {
        let located = |fault: &SchemeProblem| {
            FieldError::new(pointer, format!("line {}, column {}: {}", fault.line, fault.column, fault.message))
        };
        Self::invalid(faults.iter().map(located).collect())
    }

    /// Refuses a scheme that is too long to be read.
    pub fn check_scheme_length(pointer: &str, source: &str) -> Result<(), Self> {
        match source.len() {
            0..=LONGEST_SCHEME => Ok(()),
            _ => Err(Self::field(pointer, "a scheme has at most 1 MiB")),
        }
    }

    pub fn incomplete(detail: impl Into<String>, missing: Vec<serde_json::Value>) -> Self {
        Self { missing, ..Self::new(Code::Incomplete, detail) }
    }

    /// A fault on our side: logged once here, told to nobody.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(Code::Internal, "the fault has been recorded; try again later")
    }

    pub fn unavailable(cause: impl std::fmt::Display) -> Self {
        tracing::warn!(%cause, "dependency unavailable");
        Self::new(Code::Unavailable, "try again in a moment")
    }

    /// The database cannot write for want of room.
    pub fn no_room(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "the database has no room left");
        Self::new(Code::Unavailable, FULL).after(30)
    }

    pub fn is_for_want_of_room(&self) -> bool {
        self.code == Code::Unavailable && self.detail == FULL
    }

    pub fn document(&self) -> ProblemDocument {
        let name = serde_json::to_value(self.code).ok();
        let name = name.as_ref().and_then(|v| v.as_str()).unwrap_or("internal");
        ProblemDocument {
            r#type: format!("urn:steelyard:problem:{name}"),
            title: self.code.title().to_owned(),
            status: self.code.status().as_u16(),
            detail: self.detail.clone(),
            errors: self.errors.clone(),
            missing: self.missing.clone(),
        }
    }
}

/// Problem details as sent: `application/problem+json`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ProblemDocument {
    /// Stable identifier of the kind of problem: `urn:steelyard:problem:` and one of the codes.
    pub r#type: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub missing: Vec<serde_json::Value>,
}

/// What another service refused, as it told it.
impl From<ProblemDocument> for Problem {
    fn from(document: ProblemDocument) -> Self {
        let name = document.r#type.rsplit(':').next().unwrap_or_default();
        let code = serde_json::from_value(name.into()).unwrap_or(Code::Internal);
        Self { errors: document.errors, missing: document.missing, ..Self::new(code, document.detail) }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if self.code == Code::Unauthenticated {
            response.insert_header(("www-authenticate", "Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        response.content_type("application/problem+json").json(self.document())
    }
}

/// Settings are read before there is a log, and their errors quote no secrets.
impl From<crate::config::ConfigError> for Problem {
    fn from(error: crate::config::ConfigError) -> Self {
        Self::new(Code::Internal, error.to_string())
    }
}

/// What PostgreSQL says when its disk is full. Its error codes do not reach us, its words do.
const NO_ROOM: &str = "No space left on device";
/// How its words begin when it is going, coming, or has given a session up.
const GONE: [&str; 4] = [
    "terminating connection",
    "the database system is",
    "canceling statement due to statement timeout",
    "sorry, too many clients already",
];
/// What callers are told of a full disk.
const FULL: &str = "there is no room to write just now; try again later";

impl From<diesel::result::Error> for Problem {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind, Error};
        match error {
            Error::NotFound => Self::not_found("thing"),
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                Self::conflict(format!("it exists already ({})", info.constraint_name().unwrap_or("unique")))
            }
            Error::DatabaseError(
                DatabaseErrorKind::SerializationFailure
                | DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand,
                info,
            ) => Self::unavailable(info.message()),
            Error::DatabaseError(DatabaseErrorKind::Unknown, info) if info.message().contains(NO_ROOM) => {
                Self::no_room(info.message())
            }
            Error::DatabaseError(DatabaseErrorKind::Unknown, info)
                if GONE.iter().any(|text| info.message().starts_with(text)) =>
            {
                Self::unavailable(info.message())
            }
            other => Self::internal(other),
        }
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

impl From<redis::RedisError> for Problem {
    fn from(error: redis::RedisError) -> Self {
        Self::unavailable(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_scheme_of_a_mebibyte_then_it_is_the_longest() {
        let mut scheme = " ".repeat(1_048_576);
        assert!(Problem::check_scheme_length("/source", &scheme).is_ok());
        scheme.push(' ');
        let refused = Problem::check_scheme_length("/source", &scheme).unwrap_err();
        assert_eq!((refused.code, refused.errors[0].pointer.as_str()), (Code::ValidationFailed, "/source"));
    }
}
