//! A small client of the public API, for whoever plays something through it.

use std::time::Duration;

use platform::{Message, Problem, Result};
use serde_json::{Value, json};

#[derive(Clone)]
pub struct Api {
    base_url: String,
    token: Option<String>,
}

impl Api {
    pub fn new(base_url: &str) -> Self {
        Self { base_url: base_url.to_owned(), token: None }
    }

    /// A client that holds a token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The same caller, at another address.
    pub fn at(&self, base_url: &str) -> Self {
        Self { base_url: base_url.to_owned(), ..self.clone() }
    }

    /// Signs a person in.
    pub async fn sign_in(&self, company: &str, username: &str, password: &str) -> Result<Self> {
        let body = json!({ "grant_type": "password", "company": company, "username": username, "password": password });
        self.sign_in_with(body).await
    }

    /// Signs a machine client in.
    pub async fn sign_in_client(&self, id: &str, secret: &str) -> Result<Self> {
        self.sign_in_with(json!({ "grant_type": "client_credentials", "client_id": id, "client_secret": secret })).await
    }

    async fn sign_in_with(&self, body: Value) -> Result<Self> {
        let answer = self.post("/v1/tokens", body).await?;
        Ok(self.with_token(text(&answer, "/access_token")))
    }

    pub async fn get(&self, path: &str) -> Result<Value> {
        let (_, body) = self.send("GET", path, &[], Vec::new()).await?;
        Ok(parse(&body))
    }

    pub async fn get_text(&self, path: &str, accept: &str) -> Result<String> {
        Ok(self.send("GET", path, &[("accept", accept)], Vec::new()).await?.1)
    }

    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        let headers = [("content-type", "application/json")];
        let (_, body) = self.send("POST", path, &headers, body.to_string().into_bytes()).await?;
        Ok(parse(&body))
    }

    pub async fn delete(&self, path: &str) -> Result<Value> {
        let (_, body) = self.send("DELETE", path, &[], Vec::new()).await?;
        Ok(parse(&body))
    }

    pub async fn post_file(&self, path: &str, content_type: &str, file: Vec<u8>) -> Result<Value> {
        let (_, body) = self.send("POST", path, &[("content-type", content_type)], file).await?;
        Ok(parse(&body))
    }

    /// Reads a resource and puts a new state in place of the one read.
    pub async fn replace(&self, path: &str, sub_path: &str, body: Value) -> Result<Value> {
        let (etag, _) = self.send("GET", path, &[], Vec::new()).await?;
        let etag = etag.unwrap_or_default();
        let headers = [("content-type", "application/json"), ("if-match", etag.as_str())];
        let (_, body) = self.send("PUT", &format!("{path}{sub_path}"), &headers, body.to_string().into_bytes()).await?;
        Ok(parse(&body))
    }

    /// Posts to a resource with the version read just before.
    pub async fn act(&self, path: &str, action: &str, body: Value) -> Result<Value> {
        let (etag, _) = self.send("GET", path, &[], Vec::new()).await?;
        let etag = etag.unwrap_or_default();
        let headers = [("content-type", "application/json"), ("if-match", etag.as_str())];
        let (_, body) = self.send("POST", &format!("{path}{action}"), &headers, body.to_string().into_bytes()).await?;
        Ok(parse(&body))
    }

    pub async fn put(&self, path: &str, body: Value) -> Result<Value> {
        let headers = [("content-type", "application/json")];
        let (_, body) = self.send("PUT", path, &headers, body.to_string().into_bytes()).await?;
        Ok(parse(&body))
    }

    /// Puts a state in place of one whose version is known; `"0"` makes what was not there.
    pub async fn put_version(&self, path: &str, etag: &str, body: Value) -> Result<Value> {
        let headers = [("content-type", "application/json"), ("if-match", etag)];
        let (_, body) = self.send("PUT", path, &headers, body.to_string().into_bytes()).await?;
        Ok(parse(&body))
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<(Option<String>, String)> {
        let client = awc::Client::builder().timeout(Duration::from_secs(600)).finish();
        let verb = method.parse().map_err(Problem::internal)?;
        let mut request = client.request(verb, format!("{}{path}", self.base_url));
        if let Some(token) = &self.token {
            request = request.insert_header(("authorization", format!("Bearer {token}")));
        }
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        let mut response = request.send_body(body).await.map_err(Problem::unavailable)?;
        let etag = response.headers().get("etag").and_then(|v| v.to_str().ok()).map(str::to_owned);
        let bytes = response.body().limit(1 << 30).await.map_err(Problem::unavailable)?;
        let body = String::from_utf8_lossy(&bytes).into_owned();
        if response.status().is_success() {
            return Ok((etag, body));
        }
        Err(refusal(method, path, &body))
    }
}

/// The problem as the API told it, with the request that met it.
fn refusal(method: &str, path: &str, body: &str) -> Problem {
    match serde_json::from_str::<platform::problem::ProblemDocument>(body) {
        Ok(document) => {
            let problem = Problem::from(document);
            let errors: String = problem.errors.iter().map(|e| format!("\n  {} {}", e.pointer, e.detail)).collect();
            Problem {
                detail: platform::Message::same(format!("{method} {path}: {}{errors}", problem.detail)),
                ..problem
            }
        }
        Err(_) => Problem::new(platform::Code::Internal, Message::same(format!("{method} {path}: {body}"))),
    }
}

fn parse(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or(Value::Null)
}

/// A text of an answer by JSON pointer; empty when absent.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A list of an answer by JSON pointer; empty when absent.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
