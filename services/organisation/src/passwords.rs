//! Passwords are kept as argon2id hashes; hashing and checking run beside the async threads, a few at a time.

use std::sync::{Arc, OnceLock};
use std::thread::available_parallelism;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use platform::{Problem, Result};
use tokio::sync::{Semaphore, SemaphorePermit};

pub const SHORTEST: usize = 12;
pub const LONGEST: usize = 200;

pub struct Passwords {
    desk: Semaphore,
    nobody: Arc<OnceLock<String>>,
}

impl Passwords {
    pub fn new() -> Self {
        Self { desk: Semaphore::new(cores()), nobody: Arc::default() }
    }

    /// A place at the desk where passwords are checked: as many as there are cores, so that guesses sent
    /// all at once neither exhaust the memory nor overtake the count of failures.
    pub async fn place(&self) -> Result<SemaphorePermit<'_>> {
        self.desk.acquire().await.map_err(Problem::internal)
    }

    /// Whether the password is the hashed one. Without a hash the answer is no, and takes as long.
    pub async fn check(&self, password: String, hash: Option<String>) -> Result<bool> {
        let nobody = self.nobody.clone();
        aside(move || {
            let known = hash.is_some();
            let hash = match hash {
                Some(hash) => hash,
                None => nobodys_hash(&nobody)?,
            };
            Ok(matches(&password, &hash)? && known)
        })
        .await
    }

    pub async fn hash(&self, password: String) -> Result<String> {
        aside(move || hash(&password)).await
    }

    /// Hashes many passwords on all cores, in their order.
    pub async fn hash_all(&self, passwords: Vec<String>) -> Result<Vec<String>> {
        let share = passwords.len().div_ceil(cores()).max(1);
        let shares: Vec<_> = passwords
            .chunks(share)
            .map(<[String]>::to_vec)
            .map(|share| tokio::spawn(aside(move || share.iter().map(|p| hash(p)).collect::<Result<Vec<_>>>())))
            .collect();
        let mut hashes = Vec::with_capacity(passwords.len());
        for share in shares {
            hashes.extend(share.await.map_err(Problem::internal)??);
        }
        Ok(hashes)
    }
}

fn cores() -> usize {
    available_parallelism().map_or(2, usize::from)
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?
}

fn nobodys_hash(nobody: &OnceLock<String>) -> Result<String> {
    if let Some(hash) = nobody.get() {
        return Ok(hash.clone());
    }
    let fresh = hash("nobody has this password")?;
    Ok(nobody.get_or_init(|| fresh).clone())
}

fn hash(password: &str) -> Result<String> {
    let hash: PasswordHash = Argon2::default().hash_password(password.as_bytes()).map_err(Problem::internal)?;
    Ok(hash.to_string())
}

fn matches(password: &str, hash: &str) -> Result<bool> {
    let hash = PasswordHash::new(hash).map_err(Problem::internal)?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let passwords = Passwords::new();
        let all = vec!["correct horse battery".to_owned(), "staple staple staple".to_owned(), "third".to_owned()];
        let hashes = passwords.hash_all(all.clone()).await.unwrap();
        assert!(hashes.iter().all(|hash| hash.starts_with("$argon2id$")));
        assert!(passwords.check(all[1].clone(), Some(hashes[1].clone())).await.unwrap());
        assert!(!passwords.check(all[0].clone(), Some(hashes[1].clone())).await.unwrap());
        assert!(!passwords.check("nobody has this password".to_owned(), None).await.unwrap());
    }
}
