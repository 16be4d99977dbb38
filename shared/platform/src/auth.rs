//! Who calls, and what they may do. Every service checks the token itself; a handler's signature names the
//! permission it needs, so a handler without one does not exist.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::{Arc, RwLock};

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::contract::Contract;
use crate::problem::{Code, Problem};
use crate::service::Platform;
use crate::store::Actor;
use crate::{Clock, Message, Result, say};

/// What an account may be in its company. A manager is whoever has reports; the others are granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Employee,
    Manager,
    UnitHead,
    Hr,
    Executive,
    CommitteeMember,
    Finance,
    Auditor,
    Admin,
    /// A client of machines, such as payroll; what it may do is in its scopes.
    Machine,
}

impl Role {
    pub const ALL: [Self; 10] = [
        Self::Employee,
        Self::Manager,
        Self::UnitHead,
        Self::Hr,
        Self::Executive,
        Self::CommitteeMember,
        Self::Finance,
        Self::Auditor,
        Self::Admin,
        Self::Machine,
    ];

    /// As it is written in tokens and requests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Employee => "employee",
            Self::Manager => "manager",
            Self::UnitHead => "unit_head",
            Self::Hr => "hr",
            Self::Executive => "executive",
            Self::CommitteeMember => "committee_member",
            Self::Finance => "finance",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
            Self::Machine => "machine",
        }
    }
}

/// The claims of an access token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Account or client.
    pub sub: Uuid,
    pub company: Uuid,
    /// Employee number, when the account is a person's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employee: Option<String>,
    /// Name for the audit log: login or client name.
    pub name: String,
    pub roles: Vec<Role>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    pub iss: String,
    pub aud: String,
    pub iat: i64,
    pub exp: i64,
}

pub const ISSUER: &str = "steelyard";
pub const AUDIENCE: &str = "steelyard-api";

/// Something that a caller may or may not do. Declared with [`permission!`](crate::permission).
pub trait Permission: 'static {
    const NAME: &'static str;
    const ROLES: &'static [Role];
    /// Scope that lets a machine client do it.
    const SCOPE: Option<&'static str>;
}

/// Declares permissions: `permission! { pub SubmitPlan = "plans.submit": [Employee, Manager]; }`, with
/// `, scope "payroll.read"` before the semicolon where machine clients may have it.
#[macro_export]
macro_rules! permission {
    ($($(#[$doc:meta])* $vis:vis $name:ident = $text:literal : [$($role:ident),* $(,)?] $(, scope $scope:literal)?;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            $vis struct $name;

            impl $crate::Permission for $name {
                const NAME: &'static str = $text;
                const ROLES: &'static [$crate::Role] = &[$($crate::Role::$role),*];
                const SCOPE: Option<&'static str> = $crate::permission!(@scope $($scope)?);
            }
        )*
    };
    (@scope) => { None };
    (@scope $scope:literal) => { Some($scope) };
}

/// The authenticated caller, who holds permission `P`.
pub struct Caller<P> {
    pub account: Uuid,
    pub company: Uuid,
    pub employee: Option<String>,
    pub name: String,
    pub roles: Vec<Role>,
    permission: PhantomData<P>,
}

impl<P> Caller<P> {
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    pub fn has_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.has(*role))
    }

    /// The caller's employee number, or an error for accounts that are nobody's.
    pub fn number(&self) -> Result<&str> {
        self.employee
            .as_deref()
            .ok_or_else(|| Problem::not_permitted(say!("此账号不属于任何员工", "this account belongs to no employee")))
    }

    pub fn is(&self, number: &str) -> bool {
        self.employee.as_deref() == Some(number)
    }

    pub fn actor(&self) -> Actor {
        Actor::of(self.account, self.employee.as_deref(), &self.name)
    }
}

impl<P: Permission> FromRequest for Caller<P> {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(caller::<P>(request))
    }
}

/// The token of a request. The scheme's name may be in any case (RFC 9110).
pub fn bearer(headers: &HeaderMap) -> Result<&str> {
    let unauthenticated = |detail: Message| Problem::new(Code::Unauthenticated, detail);
    let header =
        headers.get(AUTHORIZATION).ok_or_else(|| unauthenticated(say!("请提供访问令牌", "send an access token")))?;
    let credentials = header.to_str().ok().and_then(|value| value.split_once(' '));
    credentials
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim_start())
        .ok_or_else(|| {
            unauthenticated(say!(
                "请以 `Authorization: Bearer …` 提供访问令牌",
                "send the access token as `Authorization: Bearer …`"
            ))
        })
}

fn caller<P: Permission>(request: &HttpRequest) -> Result<Caller<P>> {
    let platform = Platform::of(request)?;
    let claims = platform.verifier.verify(bearer(request.headers())?, &platform.clock)?;
    let by_role = claims.roles.iter().any(|role| P::ROLES.contains(role));
    let by_scope = P::SCOPE.is_some_and(|scope| claims.scopes.iter().any(|s| s == scope));
    if !by_role && !by_scope {
        return Err(Problem::not_permitted(say!("此操作需要权限 {}", "this needs the permission {}", P::NAME)));
    }
    Contract::check_head(request)?;
    Ok(Caller {
        account: claims.sub,
        company: claims.company,
        employee: claims.employee,
        name: claims.name,
        roles: claims.roles,
        permission: PhantomData,
    })
}

/// Checks tokens against the published keys.
#[derive(Clone, Default)]
pub struct Verifier {
    keys: Arc<RwLock<HashMap<String, DecodingKey>>>,
    /// The set that the keys are from.
    installed: Arc<RwLock<Option<JwkSet>>>,
    /// Checked tokens, so that a busy client costs one signature check, not one a request.
    checked: Arc<RwLock<HashMap<String, Claims>>>,
    /// Rung when a token names a key that is not known yet.
    pub stale: Arc<Notify>,
}

const CHECKED_AT_MOST: usize = 10_000;
/// Seconds that the clock of whoever signs may be ahead of the clock of whoever checks.
const CLOCKS_DIFFER: i64 = 120;

impl Verifier {
    /// Takes the keys of a set. What was checked with the same keys stays checked.
    pub fn install(&self, set: &JwkSet) {
        if let Ok(mut installed) = self.installed.write() {
            if installed.as_ref() == Some(set) {
                return;
            }
            *installed = Some(set.clone());
        }
        let keys = set
            .keys
            .iter()
            .filter_map(|jwk| Some((jwk.common.key_id.clone()?, DecodingKey::from_jwk(jwk).ok()?)))
            .collect();
        if let Ok(mut held) = self.keys.write() {
            *held = keys;
        }
        if let Ok(mut checked) = self.checked.write() {
            checked.clear();
        }
    }

    pub fn is_ready(&self) -> bool {
        self.keys.read().is_ok_and(|keys| !keys.is_empty())
    }

    /// The claims of a valid token.
    pub fn verify(&self, token: &str, clock: &Clock) -> Result<Claims> {
        let now = clock.now().as_second();
        let known = self.checked.read().ok().and_then(|checked| checked.get(token).cloned());
        let claims = match known {
            Some(claims) => claims,
            None => self.check_signature(token)?,
        };
        if claims.exp <= now {
            return Err(Problem::new(Code::Unauthenticated, say!("访问令牌已过期", "the access token has expired")));
        }
        if claims.iat > now + CLOCKS_DIFFER {
            tracing::warn!(ahead = claims.iat - now, "a token is dated ahead: the clocks of the machines differ");
            return Err(Problem::new(
                Code::Unauthenticated,
                say!("访问令牌的签发时间晚于本机时钟", "the access token is dated ahead of our clock"),
            ));
        }
        Ok(claims)
    }

    fn check_signature(&self, token: &str) -> Result<Claims> {
        let refused = || Problem::new(Code::Unauthenticated, say!("访问令牌无效", "the access token is not valid"));
        let header = jsonwebtoken::decode_header(token).map_err(|_| refused())?;
        let id = header.kid.ok_or_else(refused)?;
        let keys = self.keys.read().map_err(|_| Problem::internal("the key lock is poisoned"))?;
        let Some(key) = keys.get(&id) else {
            self.stale.notify_one();
            return Err(refused());
        };
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        // The clock is the service's own, so expiry is checked by the caller.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation).map_err(|_| refused())?.claims;
        if let Ok(mut checked) = self.checked.write() {
            if checked.len() >= CHECKED_AT_MOST {
                checked.clear();
            }
            checked.insert(token.to_owned(), claims.clone());
        }
        Ok(claims)
    }
}
