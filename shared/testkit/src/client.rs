use std::sync::Arc;

use serde_json::Value;

use crate::documented::Documented;

/// An API client that speaks for one caller.
#[derive(Clone)]
pub struct Client {
    base: String,
    token: Option<String>,
    documented: Option<Arc<Documented>>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub etag: Option<String>,
    pub headers: Vec<(String, String)>,
    pub text: String,
    /// The body as it came, for files.
    pub bytes: Vec<u8>,
    /// The body as JSON; null when it is none.
    pub body: Value,
}

impl Answer {
    /// The answer, if its status is this one; fails the test otherwise.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// A text field of the body by JSON pointer; empty when absent.
    pub fn str(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

#[allow(clippy::expect_used, reason = "a test fails by panicking")]
impl Client {
    pub fn new(base: impl Into<String>, token: Option<String>) -> Self {
        Self { base: base.into(), token, documented: None }
    }

    /// The same client, whose answers must be as the service's document says.
    pub fn documented(self, documented: Option<Arc<Documented>>) -> Self {
        Self { documented, ..self }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], Vec::new()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.json("POST", path, &[], body).await
    }

    pub async fn put(&self, path: &str, etag: Option<&str>, body: Value) -> Answer {
        let headers: Vec<(&str, &str)> = etag.map(|etag| ("if-match", etag)).into_iter().collect();
        self.json("PUT", path, &headers, body).await
    }

    pub async fn json(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/json"));
        self.send(method, path, &headers, body.to_string().into_bytes()).await
    }

    /// Any request at all.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let verb = method.parse().expect("a method");
        let client = awc::Client::builder().timeout(std::time::Duration::from_secs(120)).finish();
        let mut request = client.request(verb, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.insert_header(("authorization", format!("Bearer {token}")));
        }
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        let mut response = request.send_body(body).await.expect("the server answers");
        let bytes = response.body().limit(1 << 30).await.expect("a whole body").to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(n, v)| (n.to_string(), v.to_str().unwrap_or_default().to_owned()))
            .collect();
        let answer = Answer {
            status: response.status().as_u16(),
            etag: headers.iter().find(|(n, _)| n == "etag").map(|(_, v)| v.clone()),
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            headers,
            text,
            bytes,
        };
        if let Some(documented) = &self.documented {
            documented.check(method, path, &answer);
        }
        answer
    }
}
