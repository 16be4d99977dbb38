use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpRequest};
use platform::{IfMatch, Problem, Result};

/// `If-Match` of a step from one state to the next: the states guard it already, so it may be left out,
/// but when it is sent it counts.
pub struct OptionalIfMatch(Option<IfMatch>);

impl OptionalIfMatch {
    pub fn check(&self, version: i64) -> Result<()> {
        self.0.map_or(Ok(()), |expected| expected.check(version))
    }
}

impl FromRequest for OptionalIfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !request.headers().contains_key(IF_MATCH) {
            return ready(Ok(Self(None)));
        }
        ready(IfMatch::from_request(request, payload).into_inner().map(|expected| Self(Some(expected))))
    }
}
