//! What handlers share: parsed bodies, pages, versions, and writes that happen once.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, LOCATION,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::http::{StatusCode, Uri};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use diesel::pg::Pg;
use diesel::{AsChangeset, Insertable, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel_async::RunQueryDsl;
use futures_util::future::LocalBoxFuture;
use jiff::civil::Date;
use jiff_diesel::ToDiesel;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tracing::Instrument;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::{Caller, Permission};
use crate::contract::Contract;
use crate::language::{self, of_problems};
use crate::problem::{Code, FieldError, MOST_LISTED, Problem};
use crate::schema::idempotency_keys;
use crate::service::Platform;
use crate::sql::{self, Cached};
use crate::store::Tx;
use crate::tabular::Faults;
use crate::text::is_paragraph;
use crate::{Locale, Message, Result, say, telemetry};

/// A JSON body, or a problem that says where it is wrong. Unknown keys are refused by types that
/// `#[serde(deny_unknown_fields)]`.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let bytes = bytes.await.map_err(|error| too_large_or_malformed(&error))?;
            request.extensions_mut().insert(BodyHash(Sha256::digest(&bytes).to_vec()));
            json_body(&request, &bytes).map(Self)
        })
    }
}

/// Reads a JSON body: as the document has it first, so that all faults are told at once, then into its type.
pub fn json_body<T: DeserializeOwned>(request: &HttpRequest, bytes: &[u8]) -> Result<T> {
    if bytes.is_empty() {
        return Err(Problem::new(Code::MalformedRequest, say!("请求没有内容", "the request has no body")));
    }
    let body: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| not_json(&error))?;
    refuse_nul(bytes, &body)?;
    Contract::check_body(request, &body)?;
    let reader = &mut serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(reader).map_err(|error| unreadable(&error))
}

fn too_large_or_malformed(error: &actix_web::Error) -> Problem {
    let code = match error.as_response_error().status_code() {
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
        _ => Code::MalformedRequest,
    };
    Problem::new(code, say!("请求内容无法读取", "the request body cannot be read"))
}

fn not_json(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    Problem::new(
        Code::MalformedRequest,
        say!("请求内容不是 JSON：第 {line} 行第 {column} 列", "the body is not JSON: line {line}, column {column}"),
    )
}

/// What the document cannot say of a body, such as that a field is there twice. The parser's own words are for
/// programmers, so they go to the log.
fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    tracing::debug!(%error, "a body as documented was not read");
    let pointer: String = error
        .path()
        .iter()
        .map(|segment| segment.to_string())
        .map(|segment| segment.trim_matches(['[', ']']).replace('~', "~0").replace('/', "~1"))
        .filter(|segment| segment != "." && segment != "?")
        .map(|segment| format!("/{segment}"))
        .collect();
    Problem::field(pointer, say!("此处的值无法读取", "this cannot be read"))
}

/// What is told of a text with U+0000: PostgreSQL cannot keep it, and nobody means it.
fn nul() -> Message {
    say!("文本不能包含 U+0000", "a text cannot contain U+0000")
}

/// Refuses U+0000 wherever it is in a JSON document.
fn refuse_nul(bytes: &[u8], body: &serde_json::Value) -> Result<()> {
    let escaped = br"\u0000";
    if !bytes.windows(escaped.len()).any(|window| window == escaped) {
        return Ok(());
    }
    let mut errors = Errors::default();
    find_nul(body, &mut String::new(), &mut errors);
    errors.check()
}

fn find_nul(value: &serde_json::Value, at: &mut String, errors: &mut Errors) {
    let before = at.len();
    match value {
        serde_json::Value::String(text) if text.contains('\0') => errors.add(at.as_str(), nul()),
        serde_json::Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                at.push_str(&format!("/{index}"));
                find_nul(item, at, errors);
                at.truncate(before);
            }
        }
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                if name.contains('\0') {
                    errors.add(at.as_str(), say!("字段名不能包含 U+0000", "a name cannot contain U+0000"));
                }
                at.push_str(&format!("/{}", name.replace('~', "~0").replace('/', "~1").replace('\0', "")));
                find_nul(member, at, errors);
                at.truncate(before);
            }
        }
        _ => {}
    }
}

/// Refuses U+0000 in an address: in the query it is told by the parameter's name, in the path as `/path`.
fn refuse_nul_in_address(uri: &Uri) -> Result<()> {
    let mut errors = Errors::default();
    if uri.path().contains("%00") {
        errors.add("/path", nul());
    }
    for parameter in uri.query().unwrap_or_default().split('&').filter(|parameter| parameter.contains("%00")) {
        let name = parameter.split('=').next().unwrap_or_default();
        errors.add(format!("/{}", name.replace("%00", "")), nul());
    }
    errors.check()
}

/// Stands at the door of every server: refuses addresses that cannot be meant, lets no error out that is not a
/// problem document, and tells browsers to trust the answer with nothing.
pub async fn guard<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let (is_page, locale) = (request.path().starts_with("/docs"), of_problems(request.headers()));
    let mut response = match refuse_nul_in_address(request.uri()) {
        Ok(()) => documented(next.call(request).await?, locale),
        Err(problem) => request.into_response(problem.response(locale)).map_into_right_body(),
    };
    let policy = if is_page { PAGE_POLICY } else { "default-src 'none'; frame-ancestors 'none'" };
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, policy),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    // What is about people stays in no cache on the way.
    if !is_page && !response.headers().contains_key(CACHE_CONTROL) {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// What the page to try the API may do: run its own scripts, and ask its own server.
const PAGE_POLICY: &str =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/// An error of the framework's own as a problem document. Ours are, and health answers in JSON too.
fn documented<B: MessageBody>(response: ServiceResponse<B>, locale: Locale) -> ServiceResponse<EitherBody<B>> {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || media(response.headers()).is_some_and(|media| media.contains("json")) {
        return response.map_into_left_body();
    }
    let (request, _) = response.into_parts();
    let problem =
        Problem::new(Code::of(status), Message::same(status.canonical_reason().unwrap_or("the request failed")));
    ServiceResponse::new(request, problem.response(locale)).map_into_right_body()
}

/// Whether an answer is a problem document.
pub fn is_problem(headers: &HeaderMap) -> bool {
    media(headers).is_some_and(|media| media.starts_with("application/problem+json"))
}

fn media(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok())
}

#[derive(Clone)]
struct BodyHash(Vec<u8>);

/// The whole body as bytes, for files; counts as the request for idempotency.
pub struct RawBody(pub web::Bytes);

impl FromRequest for RawBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            Contract::check_query(&request)?;
            let bytes = bytes.await.map_err(|error| too_large_or_malformed(&error))?;
            request.extensions_mut().insert(BodyHash(Sha256::digest(&bytes).to_vec()));
            Ok(Self(bytes))
        })
    }
}

/// Which part of a list is wanted.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next` of the page before.
    pub after: Option<String>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<i64>,
}

impl PageQuery {
    /// Items to return.
    pub fn limit(&self) -> Result<i64> {
        match self.limit.unwrap_or(50) {
            limit @ 1..=500 => Ok(limit),
            _ => Err(Problem::field("/limit", say!("limit 须在 1 到 500 之间", "limit is between 1 and 500"))),
        }
    }

    /// The key that the page before ended with, where it is not a mere text.
    pub fn after_key<Key: FromStr>(&self) -> Result<Option<Key>> {
        let not_a_key =
            |_| Problem::field("/after", say!("after 须为分页返回的 `next`", "after is the `next` of a page"));
        self.after.as_deref().map(|text| text.parse().map_err(not_a_key)).transpose()
    }
}

/// One page of a list; `next` is the `after` of the page that follows.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts what a query for `limit + 1` rows found down to a page.
    pub fn cut(mut items: Vec<T>, limit: i64, key: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(key) } else { None };
        Self { items, next }
    }
}

/// The version of a resource that a change is meant for, from `If-Match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub i64);

impl IfMatch {
    /// Refuses the change when the resource has another version by now.
    pub fn check(self, version: i64) -> Result<()> {
        if self.0 == version {
            return Ok(());
        }
        Err(Problem::new(
            Code::PreconditionFailed,
            say!("当前版本为 {version}，请重新读取", "the current version is {version}; read it again"),
        ))
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(if_match(request))
    }
}

fn if_match(request: &HttpRequest) -> Result<IfMatch> {
    let Some(header) = request.headers().get(IF_MATCH) else {
        return Err(Problem::new(
            Code::PreconditionRequired,
            say!("请将读取到的 ETag 放在 `If-Match` 中", "send the ETag you read as `If-Match`"),
        ));
    };
    header.to_str().ok().and_then(|text| text.trim_matches('"').parse().ok()).map(IfMatch).ok_or_else(|| {
        Problem::new(
            Code::MalformedRequest,
            say!("`If-Match` 不是本接口的 ETag", "`If-Match` is not an ETag of this API"),
        )
    })
}

/// An answer to a write, in a form that can be kept and given again for the same idempotency key.
#[derive(Clone, Debug)]
pub struct Reply {
    status: StatusCode,
    body: Option<String>,
    version: Option<i64>,
    location: Option<String>,
}

impl Reply {
    pub fn ok(body: &impl Serialize) -> Result<Self> {
        Ok(Self { status: StatusCode::OK, body: Some(serde_json::to_string(body)?), version: None, location: None })
    }

    pub fn created(location: impl Into<String>, body: &impl Serialize) -> Result<Self> {
        Ok(Self { status: StatusCode::CREATED, location: Some(location.into()), ..Self::ok(body)? })
    }

    /// Taken, and being worked on.
    pub fn accepted(body: &impl Serialize) -> Result<Self> {
        Ok(Self { status: StatusCode::ACCEPTED, ..Self::ok(body)? })
    }

    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None, version: None, location: None }
    }

    /// The version that becomes the `ETag`.
    pub fn version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    pub fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(version) = self.version {
            response.insert_header((ETAG, etag(version)));
        }
        if let Some(location) = self.location {
            response.insert_header((LOCATION, location));
        }
        match self.body {
            Some(body) => response.content_type("application/json").body(body),
            None => response.finish(),
        }
    }
}

fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// A read's answer with its version as `ETag`.
pub fn versioned(body: &impl Serialize, version: i64) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, etag(version))).json(body)
}

/// A write: one transaction for the state, the audit entry, the events and the idempotency record.
pub struct Write {
    platform: Platform,
    key: Option<String>,
    request: HttpRequest,
}

impl FromRequest for Write {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(write(request))
    }
}

fn write(request: &HttpRequest) -> Result<Write> {
    let key = match request.headers().get("idempotency-key") {
        None => None,
        Some(value) => match value.to_str() {
            Ok(text) if !text.is_empty() && text.len() <= 255 => Some(text.to_owned()),
            _ => {
                return Err(Problem::new(
                    Code::MalformedRequest,
                    say!("`Idempotency-Key` 须为 1 到 255 个字符", "`Idempotency-Key` has 1 to 255 characters"),
                ));
            }
        },
    };
    Ok(Write { platform: Platform::of(request)?, key, request: request.clone() })
}

/// The answer to the first request with a key; without a status while that request is still worked on.
#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys, check_for_backend(Pg))]
struct Remembered {
    request_hash: Vec<u8>,
    status: Option<i16>,
    etag: Option<String>,
    location: Option<String>,
    body: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = idempotency_keys)]
struct FreshKey<'a> {
    company_id: Uuid,
    account: Uuid,
    key: &'a str,
    request_hash: &'a [u8],
    created_at: sql::Timestamp,
}

#[derive(AsChangeset)]
#[diesel(table_name = idempotency_keys)]
struct Answered<'a> {
    status: i16,
    etag: Option<String>,
    location: Option<&'a str>,
    body: Option<&'a str>,
}

impl Write {
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The language in which the caller is told what to know about the request.
    pub fn locale(&self) -> Locale {
        language::of_problems(self.request.headers())
    }

    /// Runs `work` in a transaction of the caller's company. With an `Idempotency-Key` seen before, the
    /// kept answer is given instead and nothing happens twice.
    pub async fn run<P: Permission>(
        &self,
        caller: &Caller<P>,
        work: impl AsyncFnOnce(&mut Tx) -> Result<Reply>,
    ) -> Result<HttpResponse> {
        let mut tx = self.platform.store.begin(caller.company, caller.actor(), self.platform.clock.now()).await?;
        match self.once(&mut tx, caller.account, work).await {
            Ok(reply) => {
                tx.commit().await?;
                Ok(reply.into_response())
            }
            Err(problem) => {
                tx.rollback().await?;
                Err(problem)
            }
        }
    }

    async fn once(
        &self,
        tx: &mut Tx,
        account: Uuid,
        work: impl AsyncFnOnce(&mut Tx) -> Result<Reply>,
    ) -> Result<Reply> {
        let Some(key) = &self.key else { return work(tx).await };
        let hash = self.request_hash();
        let fresh =
            FreshKey { company_id: tx.company, account, key, request_hash: &hash, created_at: tx.now.to_diesel() };
        let is_fresh = diesel::insert_into(idempotency_keys::table)
            .values(fresh)
            .on_conflict_do_nothing()
            .cached()
            .execute(tx.conn())
            .await?;
        let row = idempotency_keys::table.find((tx.company, account, key));
        if is_fresh == 0 {
            let remembered: Remembered = row.select(Remembered::as_select()).get_result(tx.conn()).await?;
            return remembered.reply(&hash);
        }
        let reply = work(tx).await?;
        let answered = Answered {
            status: i16::try_from(reply.status.as_u16()).unwrap_or(200),
            etag: reply.version.map(|version| version.to_string()),
            location: reply.location.as_deref(),
            body: reply.body.as_deref(),
        };
        diesel::update(row).set(answered).cached().execute(tx.conn()).await?;
        Ok(reply)
    }

    fn request_hash(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(self.request.method().as_str());
        hash.update(self.request.uri().to_string());
        if let Some(BodyHash(body)) = self.request.extensions().get::<BodyHash>() {
            hash.update(body);
        }
        hash.finalize().to_vec()
    }
}

impl Remembered {
    fn reply(self, hash: &[u8]) -> Result<Reply> {
        if self.request_hash != hash {
            return Err(Problem::new(
                Code::IdempotencyKeyReused,
                say!("新的请求请使用新的 `Idempotency-Key`", "use a new `Idempotency-Key` for a new request"),
            ));
        }
        let status = self.status.and_then(|s| StatusCode::from_u16(u16::try_from(s).unwrap_or(500)).ok());
        Ok(Reply {
            status: status.ok_or_else(|| {
                Problem::conflict(say!(
                    "使用此幂等键的第一次请求仍在处理中",
                    "the first request with this key is still being worked on"
                ))
            })?,
            body: self.body,
            version: self.etag.and_then(|v| v.parse().ok()),
            location: self.location,
        })
    }
}

/// A read in a transaction of the caller's company; `work` may add audit entries. Where the connection breaks in the
/// middle, nothing has been written, and it is read once more.
pub async fn read<P: Permission, T>(
    platform: &Platform,
    caller: &Caller<P>,
    work: impl AsyncFn(&mut Tx) -> Result<T>,
) -> Result<T> {
    let begin = || platform.store.begin(caller.company, caller.actor(), platform.clock.now());
    let mut tx = begin().await?;
    let mut answer = work(&mut tx).await;
    if answer.is_err() && tx.is_broken() {
        tx = begin().await?;
        answer = work(&mut tx).await;
    }
    match answer {
        Ok(value) => {
            tx.commit().await?;
            Ok(value)
        }
        Err(problem) => {
            tx.rollback().await?;
            Err(problem)
        }
    }
}

/// Where a request comes from, as the gateway says; the peer where it says nothing.
pub fn origin(request: &HttpRequest) -> IpAddr {
    let said = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let peer = || request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    network(said.unwrap_or_else(peer))
}

/// One subscriber of IPv6 has a whole /64.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

impl FromRequest for Platform {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// Characters of a text that people write and others read.
const LONGEST_TEXT: usize = 4000;

/// Collects what is wrong with a request, to be told all at once: the first hundred errors, and how many there are.
#[derive(Clone, Debug, Default)]
pub struct Errors {
    first: Vec<FieldError>,
    total: usize,
    /// What is wrong with a table: pointers `/row/column` go to it, and are told in the order of its rows.
    table: Option<Faults>,
}

impl Errors {
    /// Goes on with what is wrong with a table.
    pub fn of_table(faults: Faults) -> Self {
        Self { table: Some(faults), ..Self::default() }
    }

    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<Message>) {
        self.add_with(pointer, || detail.into());
    }

    /// Adds an error whose words are looked for only when they will be told.
    pub fn add_with(&mut self, pointer: impl Into<String>, detail: impl FnOnce() -> Message) {
        let pointer = pointer.into();
        if let Some(table) = &mut self.table
            && let Some((row, column)) = row_and_column(&pointer)
        {
            return match column {
                "" => table.add_row_with(row, detail),
                column => table.add_with(row, column, detail),
            };
        }
        self.total += 1;
        if self.first.len() < MOST_LISTED {
            self.first.push(FieldError::new(pointer, detail()));
        }
    }

    /// Adds an error unless a text is there, is no book and can be shown.
    pub fn check_text(&mut self, pointer: impl Into<String>, text: &str) {
        match text.trim().chars().count() {
            0 => self.add(pointer, say!("此项必填", "this is needed")),
            1..=LONGEST_TEXT if is_paragraph(text) => {}
            1..=LONGEST_TEXT => {
                self.add(pointer, say!("含有无法显示的字符", "it contains characters that cannot be shown"));
            }
            _ => self.add(pointer, say!("最多 {LONGEST_TEXT} 个字符", "at most {LONGEST_TEXT} characters")),
        }
    }

    /// Adds an error when a day is outside of the years in which people work.
    pub fn check_day(&mut self, pointer: impl Into<String>, day: Date) {
        if !basics::day::is_plausible(day) {
            self.add(pointer, say!("日期须在 1900 年到 2200 年之间", "this day is not in the years 1900 to 2200"));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.total == 0 && self.table.as_ref().is_none_or(Faults::is_empty)
    }

    pub fn check(self) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let (of_table, in_table) = self.table.map(Faults::errors).unwrap_or_default();
        Err(Problem::invalid_of(self.first.into_iter().chain(of_table).collect(), self.total + in_table))
    }
}

/// The row and the column of `/3/unit`; of `/3` there is no column.
fn row_and_column(pointer: &str) -> Option<(usize, &str)> {
    let (row, column) = pointer.strip_prefix('/')?.split_once('/').unwrap_or((pointer.get(1..)?, ""));
    Some((row.parse().ok()?, column))
}

/// What is not wrong with a request and should be known all the same; part of an answer.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Notes {
    /// What the caller should know, each with where it stands; a hundred at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<FieldError>,
    /// How many notes there are, when there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    notes_total: Option<usize>,
}

impl Notes {
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<Message>) {
        if self.notes.len() < MOST_LISTED {
            self.notes.push(FieldError::new(pointer, detail));
        } else {
            self.notes_total = Some(self.notes_total.unwrap_or(MOST_LISTED) + 1);
        }
    }

    /// The same as one reader is told it.
    #[must_use]
    pub fn only(&self, locale: Locale) -> Self {
        let notes = self.notes.iter().cloned().map(|note| note.only(locale)).collect();
        Self { notes, notes_total: self.notes_total }
    }

    pub fn listed(&self) -> &[FieldError] {
        &self.notes
    }
}

/// A day of a request: one of the years in which people work.
pub fn plausible(pointer: &str, day: Option<Date>) -> Result<Option<Date>> {
    let mut errors = Errors::default();
    if let Some(day) = day {
        errors.check_day(pointer, day);
    }
    errors.check().map(|()| day)
}

/// Gives every request a span that continues the caller's trace, a line in the log and a count.
pub async fn trace<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let started = tokio::time::Instant::now();
    let platform = request.app_data::<web::Data<Platform>>().cloned();
    let service = platform.as_ref().map_or("gateway", |p| p.name);
    let method = request.method().to_string();
    let path = request.path().to_owned();
    let span = tracing::info_span!(
        "request",
        otel.name = %format!("{method} {}", request.match_pattern().unwrap_or_default()),
        otel.kind = "server",
        service,
        method,
        path,
        trace_id = tracing::field::Empty,
    );
    telemetry::follow(&span, request.headers().get("traceparent").and_then(|v| v.to_str().ok()));
    let quiet = path.starts_with("/health/");
    let mut response = next.call(request).instrument(span.clone()).await?;
    let (status, took) = (response.status().as_u16(), started.elapsed());
    if let Some(platform) = platform {
        platform.metrics.count(&method, status, took);
    }
    if let Some(id) = telemetry::trace_id(&span)
        && let Ok(value) = HeaderValue::from_str(&id)
    {
        response.headers_mut().insert(HeaderName::from_static("x-trace-id"), value);
    }
    if !quiet {
        span.in_scope(|| tracing::info!(status, microseconds = took.as_micros() as u64, "answered"));
    }
    Ok(response)
}
