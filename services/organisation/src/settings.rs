//! What the service is given: the keys that sign tokens, the token that founds companies, and rules about accounts.

use std::path::{Path, PathBuf};

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use platform::auth::Claims;
use platform::config::{ConfigError, Environment, Secret, variable};
use platform::{Problem, Result};
use sha2::{Digest, Sha256};

use crate::exclusive::ExclusiveRoles;

#[derive(Clone)]
pub struct Settings {
    /// Newest first: the first one signs, all are published, so that a key can be replaced while tokens live.
    pub signing_keys: Vec<SigningKey>,
    /// Who shows it may found a company.
    pub bootstrap_token: Secret,
    /// Roles that one account may not have together.
    pub exclusive_roles: ExclusiveRoles,
    pub initial_passwords: InitialPasswords,
    /// Wrong passwords in a row from one address after which a name has to wait there; 0 for any number.
    pub failures_allowed: u16,
}

/// What becomes of a password that somebody else has set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InitialPasswords {
    /// It opens the door to a password of one's own, and nothing else.
    #[default]
    Once,
    /// It is as good as one's own.
    Keep,
}

/// Wrong passwords in a row after which a name has to wait, unless told otherwise.
const FAILURES_ALLOWED: u16 = 10;

/// An EdDSA key that signs access tokens; its id is the JWK thumbprint (RFC 7638).
#[derive(Clone)]
pub struct SigningKey {
    id: String,
    key: EncodingKey,
    public: Jwk,
}

impl SigningKey {
    /// Reads a private key in PKCS#8 PEM, with or without its public half.
    pub fn from_pem(pem: &str) -> Result<Self> {
        let key = ed25519_dalek::SigningKey::from_pkcs8_pem(pem).map_err(Problem::internal)?;
        let private = private_half(key.to_bytes()).to_pkcs8_der().map_err(Problem::internal)?;
        let key = EncodingKey::from_ed_der(private.as_bytes());
        let mut public = Jwk::from_encoding_key(&key, Algorithm::EdDSA).map_err(Problem::internal)?;
        let id = public.thumbprint(ThumbprintHash::SHA256).map_err(Problem::internal)?;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { id, key, public })
    }
}

/// The form of RFC 8410 that everybody reads: without the public key.
fn private_half(secret_key: [u8; 32]) -> KeypairBytes {
    KeypairBytes { secret_key, public_key: None }
}

impl Settings {
    /// The usual rules.
    pub fn new(signing_keys: Vec<SigningKey>, bootstrap_token: Secret) -> Self {
        Self {
            signing_keys,
            bootstrap_token,
            exclusive_roles: ExclusiveRoles::default(),
            initial_passwords: InitialPasswords::default(),
            failures_allowed: FAILURES_ALLOWED,
        }
    }

    /// Reads `STEELYARD_SIGNING_KEYS_DIR` (every `*.pem`; the last by name is the newest),
    /// `STEELYARD_BOOTSTRAP_TOKEN` (or the file named by `STEELYARD_BOOTSTRAP_TOKEN_FILE`) and the rules about accounts.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut environment = Environment::default();
        let folder = environment.required("STEELYARD_SIGNING_KEYS_DIR");
        let bootstrap_token = environment.secret("STEELYARD_BOOTSTRAP_TOKEN");
        let settings = Self::new(Vec::new(), bootstrap_token).with_rules(&mut environment);
        environment.check()?;
        let signing_keys = signing_keys(Path::new(&folder))
            .map_err(|error| ConfigError::Unreadable("STEELYARD_SIGNING_KEYS_DIR".to_owned(), error))?;
        if signing_keys.is_empty() {
            let nothing = format!("there is no *.pem in {folder}");
            return Err(ConfigError::Unreadable("STEELYARD_SIGNING_KEYS_DIR".to_owned(), nothing));
        }
        Ok(Self { signing_keys, ..settings })
    }

    /// The same with the rules about accounts that the environment sets.
    pub fn with_rules(mut self, environment: &mut Environment) -> Self {
        if let Some(text) = variable("STEELYARD_EXCLUSIVE_ROLES") {
            match ExclusiveRoles::read(&text) {
                Ok(pairs) => self.exclusive_roles = pairs,
                Err(wrong) => environment
                    .refuse("STEELYARD_EXCLUSIVE_ROLES", format!("{wrong} is not a pair of roles such as auditor/hr")),
            }
        }
        match variable("STEELYARD_INITIAL_PASSWORDS").as_deref() {
            None => {}
            Some("once") => self.initial_passwords = InitialPasswords::Once,
            Some("keep") => self.initial_passwords = InitialPasswords::Keep,
            Some(other) => {
                environment.refuse("STEELYARD_INITIAL_PASSWORDS", format!("{other} is neither `once` nor `keep`"));
            }
        }
        self.failures_allowed = environment.number("STEELYARD_SIGN_IN_FAILURES", self.failures_allowed);
        self
    }

    /// For commands that serve nobody. No token can be issued and no company founded.
    pub fn without_secrets() -> Self {
        Self::new(Vec::new(), Secret::new(""))
    }

    /// A fresh EdDSA private key in PKCS#8 PEM.
    pub fn generate_key_pem() -> Result<Secret> {
        let pem = private_half(rand::random()).to_pkcs8_pem(LineEnding::LF).map_err(Problem::internal)?;
        Ok(Secret::new(pem.as_str()))
    }

    pub fn sign(&self, claims: &Claims) -> Result<String> {
        let newest = self.signing_keys.first().ok_or_else(|| Problem::internal("there is no signing key"))?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(newest.id.clone());
        jsonwebtoken::encode(&header, claims, &newest.key).map_err(Problem::internal)
    }

    pub fn public_keys(&self) -> JwkSet {
        JwkSet { keys: self.signing_keys.iter().map(|key| key.public.clone()).collect() }
    }

    pub fn may_bootstrap(&self, token: &str) -> bool {
        !self.bootstrap_token.expose().is_empty() && same_secret(token, self.bootstrap_token.expose())
    }
}

/// Compares digests, so that the time taken says nothing about where the texts differ.
fn same_secret(given: &str, held: &str) -> bool {
    Sha256::digest(given.as_bytes()) == Sha256::digest(held.as_bytes())
}

fn signing_keys(folder: &Path) -> Result<Vec<SigningKey>, String> {
    let unreadable = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            files.push(path);
        }
    }
    files.sort();
    let read = |file: &PathBuf| {
        let pem = std::fs::read_to_string(file).map_err(unreadable)?;
        SigningKey::from_pem(&pem).map_err(|_| format!("{} is not an Ed25519 key in PKCS#8 PEM", file.display()))
    };
    files.iter().rev().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(keys: usize) -> Settings {
        let key = |_| SigningKey::from_pem(Settings::generate_key_pem().unwrap().expose()).unwrap();
        Settings::new((0..keys).map(key).collect(), Secret::new("open sesame"))
    }

    #[test]
    fn every_key_is_published_under_its_thumbprint() {
        let set = settings(2).public_keys();
        let ids: Vec<_> = set.keys.iter().filter_map(|key| key.common.key_id.clone()).collect();
        assert_eq!(ids.len(), 2);
        assert_ne!(ids[0], ids[1]);
        assert_eq!(set.keys[0].thumbprint(ThumbprintHash::SHA256).unwrap(), ids[0]);
    }

    #[test]
    fn only_the_bootstrap_token_founds_companies() {
        let settings = settings(1);
        assert!(settings.may_bootstrap("open sesame"));
        assert!(!settings.may_bootstrap("open sesam"));
        assert!(!settings.may_bootstrap(""));
        assert!(!Settings::without_secrets().may_bootstrap(""));
    }

    #[test]
    fn the_last_key_by_name_is_the_newest() {
        let folder = std::env::temp_dir().join(format!("steelyard-keys-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir(&folder).unwrap();
        let newest = Settings::generate_key_pem().unwrap();
        std::fs::write(folder.join("2026-02.pem"), newest.expose()).unwrap();
        std::fs::write(folder.join("2026-01.pem"), Settings::generate_key_pem().unwrap().expose()).unwrap();
        std::fs::write(folder.join("README"), "not a key").unwrap();
        let keys = signing_keys(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(keys.len(), 2);
        assert_eq!(keys[0].id, SigningKey::from_pem(newest.expose()).unwrap().id);
    }
}
