//! What was read lately out of texts that never change, by the hash of the text. Nothing depends on it but speed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::Result;

type Key = [u8; 32];

/// The last few things that were read. Handlers of events are plain functions, so it is kept in a static.
pub struct Shelf<T> {
    places: usize,
    read: Mutex<VecDeque<(Key, Arc<T>)>>,
}

impl<T> Shelf<T> {
    pub const fn holding(places: usize) -> Self {
        Self { places, read: Mutex::new(VecDeque::new()) }
    }

    /// What these texts were read as, or else are read as now. What cannot be read is not remembered.
    pub fn get<E>(&self, texts: &[&str], read: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        let key = key(texts);
        if let Some(known) = self.find(&key) {
            return Ok(known);
        }
        let fresh = Arc::new(read()?);
        let mut shelf = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.push_front((key, fresh.clone()));
        shelf.truncate(self.places);
        Ok(fresh)
    }

    /// Whether these texts have been read lately.
    pub fn holds(&self, texts: &[&str]) -> bool {
        self.known(texts).is_some()
    }

    /// What these texts were read as lately.
    pub fn known(&self, texts: &[&str]) -> Option<Arc<T>> {
        self.find(&key(texts))
    }

    fn find(&self, key: &Key) -> Option<Arc<T>> {
        let shelf = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.iter().find(|(known, _)| known == key).map(|(_, read)| read.clone())
    }
}

/// Lengths keep texts apart.
fn key(texts: &[&str]) -> Key {
    let hash = texts
        .iter()
        .fold(Sha256::new(), |hash, text| hash.chain_update((text.len() as u64).to_be_bytes()).chain_update(text));
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_texts_when_read_again_then_the_last_few_are_remembered_and_what_cannot_be_read_is_not() {
        let (shelf, mut reads) = (Shelf::holding(2), Vec::new());
        let mut get = |texts: &[&str]| {
            let read = || {
                reads.push(texts.concat());
                texts.concat().parse::<u32>()
            };
            shelf.get(texts, read).map(|number| *number).ok()
        };

        assert_eq!((get(&["1", "2"]), get(&["1", "2"]), get(&["", "12"])), (Some(12), Some(12), Some(12)));
        assert_eq!((get(&["x"]), get(&["x"])), (None, None));
        assert_eq!((get(&["3"]), get(&["", "12"]), get(&["1", "2"])), (Some(3), Some(12), Some(12)));

        assert_eq!(reads, ["12", "12", "x", "x", "3", "12"]);
    }
}
