//! Tokens whose signature was found right before.
//!
//! A client shows the same token some thousand times before it ends, and to check its signature costs more than all else
//! that is done about it. So what a token says is remembered under its hash, and only that: whether its time is over and
//! what its client may do is asked each time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::token::AccessClaims;
use crate::vault;

/// So many tokens are remembered at most.
const MOST: usize = 10_000;

/// What tokens say that were found right.
#[derive(Default)]
pub(super) struct Proven(Mutex<HashMap<[u8; 32], Arc<AccessClaims>>>);

impl Proven {
    /// What the token says, as remembered or else as it is found now.
    pub(super) fn claims<E>(
        &self,
        token: &str,
        verify: impl FnOnce() -> Result<AccessClaims, E>,
    ) -> Result<Arc<AccessClaims>, E> {
        let hash = vault::sha256(token.as_bytes());
        if let Some(claims) = self.known().get(&hash) {
            return Ok(Arc::clone(claims));
        }
        let claims = Arc::new(verify()?);
        let mut known = self.known();
        if known.len() >= MOST {
            let newest = claims.iat;
            known.retain(|_, old| old.exp > newest);
        }
        if known.len() < MOST {
            known.insert(hash, Arc::clone(&claims));
        }
        Ok(claims)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<[u8; 32], Arc<AccessClaims>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
