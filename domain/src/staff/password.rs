//! Passwords: argon2id (RFC 9106) with 19 MiB, 2 passes and 1 lane, the least OWASP's password storage sheet asks for.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc},
};
use esign_config::Secret;
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::entity::PasswordHash;
use crate::{
    clock::Random,
    error::{Error, Result},
};

/// The least characters a chosen password has.
pub const MIN_CHARACTERS: usize = 12;
/// The most bytes: hashing shouldn't be a way to keep us busy.
pub const MAX_BYTES: usize = 256;

/// So many are hashed at a time: each takes 19 MiB, and a crowd at the door must not take all there is.
static HASHING: Semaphore = Semaphore::const_new(8);

/// Letters and digits that aren't taken for each other when read aloud or copied by hand: 32, so five bits each.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A random password of 100 bits, in four groups of five.
pub fn generate(random: &Random) -> Secret {
    let letters = letters::<20>(random);
    let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
    Secret::new(groups.join("-"))
}

/// Random letters, five bits each.
pub(super) fn letters<const N: usize>(random: &Random) -> [char; N] {
    random.bytes::<N>().map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
}

/// Refuses a password that is too short or too long; nothing else makes one better (NIST SP 800-63B, 3.1.1).
pub fn check(password: &Secret) -> Result<()> {
    let text = password.expose();
    if text.chars().count() < MIN_CHARACTERS || text.len() > MAX_BYTES {
        return Err(Error::field(
            "password",
            format!("must have {MIN_CHARACTERS} characters or more, at most {MAX_BYTES} bytes"),
        ));
    }
    Ok(())
}

/// Hashes a password under a fresh salt. Takes tens of milliseconds, away from the threads that serve.
pub async fn hash(random: &Random, password: &Secret) -> Result<PasswordHash> {
    let salt = random.bytes::<16>();
    let password = password.clone();
    aside(move || {
        let hash: phc::PasswordHash =
            Argon2::default().hash_password_with_salt(password.expose().as_bytes(), &salt).map_err(Error::internal)?;
        Ok(PasswordHash(hash.to_string()))
    })
    .await
}

/// Whether the password is the one of this hash.
pub async fn matches(password: &Secret, hash: &PasswordHash) -> Result<bool> {
    let (password, hash) = (password.clone(), hash.clone());
    aside(move || {
        let hash = phc::PasswordHash::new(&hash.0).map_err(Error::internal)?;
        Ok(Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok())
    })
    .await
}

/// Away from the threads that serve, with whoever else hashes. The place is kept until the work has ended, though nobody
/// may wait for it any more.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let place = HASHING.acquire().await.map_err(Error::internal)?;
    let work = move || {
        let done = work();
        drop(place);
        done
    };
    spawn_blocking(work).await.map_err(Error::internal)?
}
