//! Machine clients sign in with their id and secret.

use platform::store::Actor;
use platform::{Code, Platform, Problem, Result, Role, say};
use serde_json::json;
use uuid::Uuid;

use super::begin;
use super::sign_in::Subject;
use crate::clients;

/// Lets a machine client in that has its secret.
pub async fn sign_in(platform: &Platform, client: Uuid, secret: &str) -> Result<Subject> {
    let refused =
        || Problem::new(Code::Unauthenticated, say!("客户端或其密钥错误", "the client or its secret is wrong"));
    let mut tx = begin(platform, Uuid::nil()).await?;
    let company = clients::rows::home_of(&mut tx, client).await?.unwrap_or_default();
    tx.enter(company).await?;
    let login = clients::rows::with_secret(&mut tx, client, &clients::rules::hash(secret)).await?;
    let Some(login) = login else {
        tx.rollback().await?;
        return Err(refused());
    };
    tx.actor = Actor::of(client, None, &login.name);
    tx.audit("clients.signed-in", &client.to_string(), json!({ "name": login.name })).await?;
    tx.commit().await?;
    Ok(Subject {
        id: client,
        company,
        employee: None,
        name: login.name,
        roles: vec![Role::Machine],
        scopes: login.scopes,
    })
}
