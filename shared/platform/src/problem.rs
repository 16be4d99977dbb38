//! The one error type: transport-neutral inside a service, turned into problem details (RFC 9457) last.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LANGUAGE, RETRY_AFTER, VARY, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use basics::{Locale, Message, say};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::missing::Missing;

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

    pub fn title(self) -> Message {
        match self {
            Self::MalformedRequest => say!("请求无法解析", "The request cannot be read"),
            Self::Unauthenticated => say!("请先登录", "Sign in first"),
            Self::NotPermitted => say!("没有权限执行此操作", "You may not do this"),
            Self::NotFound => say!("找不到所请求的内容", "There is no such thing"),
            Self::MethodNotAllowed => say!("该地址不支持此方法", "This address does not have this method"),
            Self::Conflict => say!("与已有数据冲突", "This contradicts what is stored"),
            Self::WrongState => say!("当前状态下不能执行此操作", "This cannot be done now"),
            Self::Incomplete => say!("还有未完成的事项", "Something is still missing"),
            Self::IdempotencyKeyReused => {
                say!("该幂等键已用于另一请求", "This idempotency key belongs to another request")
            }
            Self::PreconditionFailed => say!("数据在读取之后已被修改", "It has changed since you read it"),
            Self::PreconditionRequired => say!("请注明所修改的版本", "Say which version you change"),
            Self::TooLarge => say!("请求过大", "The request is too large"),
            Self::UnsupportedFormat => say!("不支持此格式", "This format is not accepted"),
            Self::ValidationFailed => say!("请求内容有误", "The request contains errors"),
            Self::TooManyRequests => say!("请求过于频繁", "Too many requests"),
            Self::PasswordChangeRequired => say!("请先设置自己的密码", "Choose a password of your own first"),
            Self::Internal => say!("系统内部出错", "Something went wrong on our side"),
            Self::Unavailable => say!("服务暂不可用", "Not available right now"),
        }
    }
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer into the request body, or `/row/column` of an imported file.
    pub pointer: String,
    /// In the language of the caller.
    #[schema(value_type = String)]
    pub detail: Message,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, detail: impl Into<Message>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }

    /// The same as one reader is told it.
    #[must_use]
    pub fn only(self, locale: Locale) -> Self {
        Self { detail: self.detail.only(locale), ..self }
    }
}

/// Errors that one answer lists; the rest are counted, so that no answer grows with the request.
pub(crate) const MOST_LISTED: usize = 100;

/// Longest scheme that is accepted, in bytes.
const LONGEST_SCHEME: usize = 1 << 20;

/// An error on its way to the caller. What we learn of it (its cause) is for the log and the operator, not for callers.
#[derive(Clone, Debug)]
pub struct Problem {
    pub code: Code,
    pub detail: Message,
    pub errors: Vec<FieldError>,
    /// What still has to be done, for [`Code::Incomplete`].
    pub missing: Vec<Missing>,
    /// How many errors or missing things there are, of which the first are listed.
    pub total: usize,
    /// Seconds after which it is worth another try, for the `Retry-After` header.
    pub retry_after: Option<u64>,
    /// What went wrong on our side; it is logged where the problem leaves us.
    pub cause: Option<String>,
}

/// For logs and for the operator.
impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.cause {
            Some(cause) => f.write_str(cause),
            None => write!(f, "{}: {}", self.code.title(), self.detail),
        }
    }
}

impl std::error::Error for Problem {}

impl Problem {
    pub fn new(code: Code, detail: impl Into<Message>) -> Self {
        let retry_after = matches!(code, Code::Unavailable | Code::TooManyRequests).then_some(1);
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            missing: Vec::new(),
            total: 0,
            retry_after,
            cause: None,
        }
    }

    /// The same, worth another try after so many seconds.
    #[must_use]
    pub fn after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    pub fn not_found(what: impl Into<Message>) -> Self {
        let what = what.into();
        Self::new(Code::NotFound, say!("找不到该{what}", "there is no such {what}"; what))
    }

    pub fn not_permitted(detail: impl Into<Message>) -> Self {
        Self::new(Code::NotPermitted, detail)
    }

    pub fn wrong_state(detail: impl Into<Message>) -> Self {
        Self::new(Code::WrongState, detail)
    }

    pub fn conflict(detail: impl Into<Message>) -> Self {
        Self::new(Code::Conflict, detail)
    }

    /// One field is wrong.
    pub fn field(pointer: impl Into<String>, detail: impl Into<Message>) -> Self {
        Self::invalid(vec![FieldError::new(pointer, detail)])
    }

    /// Several fields are wrong.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let total = errors.len();
        Self::invalid_of(errors, total)
    }

    /// Several fields are wrong, of which the first are known by name.
    pub(crate) fn invalid_of(mut errors: Vec<FieldError>, total: usize) -> Self {
        errors.truncate(MOST_LISTED);
        let detail = match errors.as_slice() {
            [one] if total == 1 => one.detail.clone(),
            listed if listed.len() == total => say!("有 {total} 处错误", "{total} things are wrong"),
            listed => {
                let first = listed.len();
                say!("有 {total} 处错误，这里列出前 {first} 处", "{total} things are wrong; here are the first {first}")
            }
        };
        Self { errors, total, ..Self::new(Code::ValidationFailed, detail) }
    }

    /// Everything that is wrong with one text, such as a scheme.
    pub fn faults(pointer: &str, faults: impl IntoIterator<Item = Message>) -> Self {
        Self::invalid(faults.into_iter().map(|fault| FieldError::new(pointer, fault)).collect())
    }

    /// Refuses a scheme that is too long to be read.
    pub fn check_scheme_length(pointer: &str, source: &str) -> Result<(), Self> {
        match source.len() {
            0..=LONGEST_SCHEME => Ok(()),
            _ => Err(Self::field(pointer, say!("方案最大为 1 MiB", "a scheme has at most 1 MiB"))),
        }
    }

    pub fn incomplete(detail: impl Into<Message>, mut missing: Vec<Missing>) -> Self {
        let total = missing.len();
        missing.truncate(MOST_LISTED);
        Self { missing, total, ..Self::new(Code::Incomplete, detail) }
    }

    fn with_cause(self, cause: impl std::fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..self }
    }

    /// A fault on our side.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let told = say!("故障已记录，请稍后再试", "the fault has been recorded; try again later");
        Self::new(Code::Internal, told).with_cause(cause)
    }

    pub fn unavailable(cause: impl std::fmt::Display) -> Self {
        Self::new(Code::Unavailable, say!("请稍候再试", "try again in a moment")).with_cause(cause)
    }

    /// The database cannot write for want of room.
    pub fn no_room(cause: impl std::fmt::Display) -> Self {
        Self::new(Code::Unavailable, full()).after(30).with_cause(cause)
    }

    /// Writes the cause into the log; once, where a request is answered.
    pub fn log(&self) {
        match (&self.cause, self.code) {
            (Some(cause), Code::Unavailable) => tracing::warn!(%cause, "a request could not be served"),
            (Some(cause), _) => tracing::error!(%cause, "a request failed"),
            (None, _) => {}
        }
    }

    pub fn is_for_want_of_room(&self) -> bool {
        self.code == Code::Unavailable && self.detail == full()
    }

    /// As it is sent, told in a language.
    pub fn document(&self, locale: Locale) -> ProblemDocument {
        let name = serde_json::to_value(self.code).ok();
        let name = name.as_ref().and_then(|v| v.as_str()).unwrap_or("internal");
        ProblemDocument {
            r#type: format!("urn:steelyard:problem:{name}"),
            title: self.code.title().get(locale).to_owned(),
            status: self.code.status().as_u16(),
            detail: self.detail.get(locale).to_owned(),
            errors: self.errors.iter().cloned().map(|error| error.only(locale)).collect(),
            missing: self.missing.iter().cloned().map(|missing| missing.only(locale)).collect(),
            total: Some(self.total).filter(|total| *total > self.errors.len().max(self.missing.len())),
        }
    }

    pub fn response(&self, locale: Locale) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if self.code == Code::Unauthenticated {
            response.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        response.insert_header((CONTENT_LANGUAGE, tag(locale))).insert_header((VARY, "Accept-Language"));
        response.content_type("application/problem+json").json(self.document(locale))
    }
}

fn tag(locale: Locale) -> &'static str {
    match locale {
        Locale::ZhCn => "zh-CN",
        Locale::En => "en",
    }
}

/// Problem details as sent: `application/problem+json`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// Stable identifier of the kind of problem: `urn:steelyard:problem:` and one of the codes.
    pub r#type: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// How many errors or missing things there are, when only the first hundred are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
}

/// What another service refused, as it told it.
impl From<ProblemDocument> for Problem {
    fn from(document: ProblemDocument) -> Self {
        let name = document.r#type.rsplit(':').next().unwrap_or_default();
        let code = serde_json::from_value(name.into()).unwrap_or(Code::Internal);
        let detail = Message::same(document.detail);
        let listed = document.errors.len().max(document.missing.len());
        Self {
            errors: document.errors,
            missing: document.missing,
            total: document.total.unwrap_or(listed),
            ..Self::new(code, detail)
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// Before it is known who asked ([`crate::language::tell_problems`]).
    fn error_response(&self) -> HttpResponse {
        self.response(Locale::En)
    }
}

/// Settings are read before there is a log, and their errors quote no secrets.
impl From<crate::config::ConfigError> for Problem {
    fn from(error: crate::config::ConfigError) -> Self {
        Self::new(Code::Internal, Message::same(error.to_string())).with_cause(error)
    }
}

/// What PostgreSQL says when its disk is full. Its error codes do not reach us, its words do.
const NO_ROOM: &str = "No space left on device";
/// How its words begin when it is going, coming, or has given up a session or one of two that waited for each other.
const GONE: [&str; 5] = [
    "deadlock detected",
    "terminating connection",
    "the database system is",
    "canceling statement due to statement timeout",
    "sorry, too many clients already",
];
/// What callers are told of a full disk.
fn full() -> Message {
    say!("存储空间不足，暂时无法写入；请稍后再试", "there is no room to write just now; try again later")
}

impl From<diesel::result::Error> for Problem {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind, Error};
        match error {
            Error::NotFound => Self::not_found(say!("内容", "thing")),
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => Self::conflict(say!(
                "已存在（{}）",
                "it exists already ({})",
                info.constraint_name().unwrap_or("unique")
            )),
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

    fn is_chinese(text: &str) -> bool {
        text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
    }

    /// Every code, as the document of the API lists them.
    fn codes() -> Vec<Code> {
        let schema = serde_json::to_value(<Code as utoipa::PartialSchema>::schema()).unwrap();
        serde_json::from_value(schema["enum"].clone()).unwrap()
    }

    #[test]
    fn given_every_code_when_told_then_its_title_is_there_in_both_languages() {
        assert!(codes().len() >= 17);
        for code in codes() {
            let problem = Problem::new(code, say!("细节", "detail"));
            let (zh, en) = (problem.document(Locale::ZhCn), problem.document(Locale::En));
            assert!(is_chinese(&zh.title) && !is_chinese(&en.title) && !en.title.is_empty(), "{code:?}");
            assert_eq!((zh.detail.as_str(), en.detail.as_str()), ("细节", "detail"));
            assert_eq!((zh.r#type, zh.status), (en.r#type, en.status));
        }
    }

    #[test]
    fn given_a_fault_of_ours_when_told_then_its_cause_is_for_the_operator_and_not_for_callers() {
        let problem = Problem::internal("relation \"notes\" does not exist");
        assert_eq!(problem.to_string(), "relation \"notes\" does not exist");
        let told = serde_json::to_string(&problem.document(Locale::En)).unwrap();
        assert!(!told.contains("relation"), "{told}");
    }

    #[test]
    fn given_wrong_fields_when_told_then_each_is_in_the_language_asked_for() {
        let problem = Problem::field("/limit", say!("须在 1 到 500 之间", "is between 1 and 500"));
        assert_eq!(problem.document(Locale::ZhCn).errors[0].detail.to_string(), "须在 1 到 500 之间");
        assert_eq!(problem.document(Locale::En).errors[0].detail.to_string(), "is between 1 and 500");
    }

    #[test]
    fn given_a_scheme_of_a_mebibyte_then_it_is_the_longest() {
        let mut scheme = " ".repeat(1_048_576);
        assert!(Problem::check_scheme_length("/source", &scheme).is_ok());
        scheme.push(' ');
        let refused = Problem::check_scheme_length("/source", &scheme).unwrap_err();
        assert_eq!((refused.code, refused.errors[0].pointer.as_str()), (Code::ValidationFailed, "/source"));
    }

    #[test]
    fn given_more_errors_than_an_answer_lists_then_it_lists_the_first_and_counts_all() {
        let errors = (1..=101).map(|row| FieldError::new(format!("/{row}"), Message::same("wrong"))).collect();
        let told = Problem::invalid(errors).document(Locale::En);
        assert_eq!((told.errors.len(), told.total), (100, Some(101)));
        assert_eq!(told.errors[99].pointer, "/100");
        assert_eq!(told.detail, "101 things are wrong; here are the first 100");
        let told = Problem::invalid(vec![FieldError::new("/1", Message::same("wrong")); 100]).document(Locale::En);
        assert_eq!((told.errors.len(), told.total), (100, None));
        let told = Problem::incomplete(Message::same("wait"), vec![Missing::default(); 300]).document(Locale::En);
        assert_eq!((told.missing.len(), told.total), (100, Some(300)));
    }
}
