//! Passwords are kept as argon2id hashes; hashing and checking run beside the async threads, a few at a time.

use std::sync::{Arc, OnceLock};
use std::thread::available_parallelism;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use platform::{Code, Problem, Result, say};
use tokio::sync::{Semaphore, SemaphorePermit};

pub const SHORTEST: usize = 12;
pub const LONGEST: usize = 200;

/// Whoever waits for a place, for each core: strangers some seconds, those who are known here longer.
const STRANGERS_WAIT: usize = 16;
const KNOWN_WAIT: usize = 256;
/// Seconds after which it is worth another try when too many wait.
const TRY_AGAIN: u64 = 3;

pub struct Passwords {
    desk: Semaphore,
    /// Places in the queue before the desk.
    strangers: Semaphore,
    known: Semaphore,
    nobody: Arc<OnceLock<String>>,
}

/// Who waits for a place: whoever signed in before, under this name and from this address, or anybody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guest {
    Stranger,
    Known,
}

impl Passwords {
    pub fn new() -> Self {
        Self::with_desks(cores())
    }

    fn with_desks(desks: usize) -> Self {
        Self {
            desk: Semaphore::new(desks),
            strangers: Semaphore::new(desks * STRANGERS_WAIT),
            known: Semaphore::new(desks * KNOWN_WAIT),
            nobody: Arc::default(),
        }
    }

    /// A place at the desk where passwords are checked, if one is free.
    pub fn free_place(&self) -> Option<SemaphorePermit<'_>> {
        self.desk.try_acquire().ok()
    }

    /// A place at the desk where passwords are checked: as many as there are cores, so that guesses sent
    /// all at once neither exhaust the memory nor overtake the count of failures. So many wait for one at most, so
    /// that nobody waits for long.
    pub async fn place(&self, guest: Guest) -> Result<SemaphorePermit<'_>> {
        let queue = match guest {
            Guest::Stranger => &self.strangers,
            Guest::Known => &self.known,
        };
        let _waiting = queue.try_acquire().map_err(|_| {
            let detail = say!("登录人数过多，请稍候再试", "too many are signing in at once; try again in a moment");
            Problem::new(Code::Unavailable, detail).after(TRY_AGAIN)
        })?;
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
    use platform::futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn given_a_full_queue_when_a_stranger_comes_then_they_are_sent_away_and_who_is_known_waits() {
        let passwords = Passwords::with_desks(1);
        let held = passwords.free_place().unwrap();
        assert!(passwords.free_place().is_none());
        let mut waiting: Vec<_> = (0..STRANGERS_WAIT).map(|_| Box::pin(passwords.place(Guest::Stranger))).collect();
        for place in &mut waiting {
            assert!(place.now_or_never().is_none());
        }

        let refused = passwords.place(Guest::Stranger).await.unwrap_err();
        let mut known = Box::pin(passwords.place(Guest::Known));

        assert_eq!((refused.code, refused.retry_after), (Code::Unavailable, Some(TRY_AGAIN)));
        assert!((&mut known).now_or_never().is_none());
        drop((held, waiting));
        assert!(known.await.is_ok());
    }

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
