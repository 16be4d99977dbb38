use lettre::message::Mailbox;
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use platform::config::{ConfigError, Environment};

/// Where mail goes out, whom it is from, and where people read what it is about.
#[derive(Clone)]
pub struct Settings {
    pub(crate) smtp: AsyncSmtpTransportBuilder,
    pub(crate) from: Mailbox,
    pub(crate) portal: Portal,
}

/// Base address of the portal that mails lead to.
#[derive(Clone)]
pub(crate) struct Portal(pub String);

#[derive(Debug)]
pub struct SettingsError(String);

impl std::fmt::Display for SettingsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}

impl From<ConfigError> for SettingsError {
    fn from(error: ConfigError) -> Self {
        Self(error.to_string())
    }
}

impl Settings {
    /// `smtp_url` is `smtp://` (no TLS), `smtp+starttls://` or `smtps://`, with `user:password@` where the server
    /// asks for them; `from` is an address or `Name <address>`.
    pub fn new(smtp_url: &str, from: &str, portal: &str) -> Result<Self, SettingsError> {
        let url = match smtp_url.strip_prefix("smtp+starttls://") {
            Some(rest) => format!("smtp://{rest}?tls=required"),
            None => smtp_url.to_owned(),
        };
        // The cause could quote the password.
        let smtp = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url).map_err(|_| {
            SettingsError("STEELYARD_SMTP_URL is none of smtp://, smtp+starttls:// or smtps:// with a host".to_owned())
        })?;
        let from = from.parse().map_err(|error| SettingsError(format!("STEELYARD_MAIL_FROM: {from}: {error}")))?;
        Ok(Self { smtp, from, portal: Portal(portal.trim_end_matches('/').to_owned()) })
    }

    /// Reads `STEELYARD_SMTP_URL` (or `STEELYARD_SMTP_URL_FILE`), `STEELYARD_MAIL_FROM` and `STEELYARD_PORTAL_URL`.
    pub fn from_env() -> Result<Self, SettingsError> {
        let mut environment = Environment::default();
        let smtp_url = environment.secret("STEELYARD_SMTP_URL");
        let from = environment.required("STEELYARD_MAIL_FROM");
        let portal = environment.required("STEELYARD_PORTAL_URL");
        environment.check()?;
        Self::new(smtp_url.expose(), &from, &portal)
    }

    /// For commands that send nothing.
    pub fn nowhere() -> Result<Self, SettingsError> {
        Self::new("smtp://localhost", "steelyard@localhost", "http://localhost")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_reach_a_mail_server_is_understood_and_nothing_else() {
        for url in ["smtp://127.0.0.1:2525", "smtp+starttls://u:p@mail.example", "smtps://u:p@mail.example:465"] {
            assert!(Settings::new(url, "HR <hr@example.com>", "https://hr.example.com/").is_ok(), "{url}");
        }
        let refused = Settings::new("http://u:secret@mail", "hr@example.com", "x").err().unwrap();
        assert!(!refused.to_string().contains("secret"));
        assert!(Settings::new("smtp://mail", "nobody", "x").is_err());
    }
}
