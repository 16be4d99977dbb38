use actix_web::{App, HttpServer, web};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes};
use jsonwebtoken::jwk::{Jwk, JwkSet, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use platform::auth::{AUDIENCE, Claims, ISSUER};
use platform::{Clock, Role};
use uuid::Uuid;

/// A fresh EdDSA key in PKCS#8 PEM, without the public half, as `openssl genpkey` writes it.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub fn generate_key_pem() -> String {
    let key = KeypairBytes { secret_key: rand::random(), public_key: None };
    key.to_pkcs8_pem(LineEnding::LF).expect("a key can be written").to_string()
}

/// Signs tokens in place of the organisation service and publishes its key on loopback.
#[derive(Clone)]
pub struct Issuer {
    key: EncodingKey,
    kid: String,
    pub jwks_url: String,
}

#[allow(clippy::expect_used, reason = "a test fails by panicking")]
impl Issuer {
    pub async fn start() -> Self {
        let pem = generate_key_pem();
        let key = EncodingKey::from_ed_pem(pem.as_bytes()).expect("a key");
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::EdDSA).expect("a public key");
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).expect("a thumbprint");
        jwk.common.key_id = Some(kid.clone());
        let set = web::Data::new(JwkSet { keys: vec![jwk] });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(set.clone())
                .route("/jwks", web::get().to(|set: web::Data<JwkSet>| async move { web::Json(set.get_ref().clone()) }))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .expect("a free port");
        let address = server.addrs()[0];
        tokio::spawn(server.run());
        Self { key, kid, jwks_url: format!("http://{address}/jwks") }
    }

    /// A token for an hour from the clock's now.
    pub fn token(
        &self,
        clock: &Clock,
        company: Uuid,
        employee: Option<&str>,
        roles: &[Role],
        scopes: &[&str],
    ) -> String {
        let now = clock.now().as_second();
        let claims = Claims {
            sub: Uuid::new_v5(&company, format!("{employee:?}{roles:?}").as_bytes()),
            company,
            employee: employee.map(str::to_owned),
            name: employee.unwrap_or("client").to_owned(),
            roles: roles.to_vec(),
            scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            iat: now,
            exp: now + 3600,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, &claims, &self.key).expect("a token")
    }
}
