//! The signing keys of access and result tokens: a folder of PEM files, `access-*.pem` and `result-*.pem`.
//!
//! A file's name without `.pem` is the `kid` that tokens name the key by. The newest private key of each kind signs,
//! where newest means the greatest `kid`, so names hold a date; every key verifies. A file may hold a public key
//! instead: it verifies and never signs. That is how keys rotate without a stop when several processes serve: first the
//! new public key goes to all of them, then the private one. It is also how a result key is retired, for result tokens
//! have no end: the private key is destroyed, the public one stays for good.
//!
//! A process reads its folder again now and then ([`Keyset::reload`]), so none of this needs a restart.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, RwLock},
};

use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::JwkSet;
use serde_json::Value;

use super::{
    jws::{Refused, Ring},
    key::{Key, generate_pem},
    proven::Proven,
};
use crate::clock::Random;

/// `typ` of access tokens (RFC 9068).
pub const ACCESS_TYP: &str = "at+jwt";
/// `typ` of result tokens.
pub const RESULT_TYP: &str = "esign-result+jwt";

const ACCESS_FILE: &str = "access-";
const RESULT_FILE: &str = "result-";

/// Keys of both kinds of tokens; can always sign both.
pub struct Keyset {
    rings: RwLock<Rings>,
    /// Where the keys are read from; none: they are kept nowhere.
    folder: Option<PathBuf>,
}

#[derive(Clone)]
struct Rings {
    access: Arc<Ring>,
    result: Arc<Ring>,
    /// Access tokens that were found right under this ring, and are forgotten with it.
    proven: Arc<Proven>,
}

/// What a folder that was read again held otherwise than before, by key id; a key that turned from public to private,
/// or back, or into another one, is in both.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Keys that are new.
    pub come: Vec<String>,
    /// Keys that are no longer there.
    pub gone: Vec<String>,
}

impl Changes {
    /// Whether the folder is as it was.
    pub fn is_empty(&self) -> bool {
        self.come.is_empty() && self.gone.is_empty()
    }
}

/// Why the keys can't be used. Names the file and never what is in it.
#[derive(Debug, thiserror::Error)]
pub enum KeysetError {
    /// The folder or a file can't be read or written.
    #[error("{0}: {1}")]
    Io(String, #[source] io::Error),
    /// A file isn't a key.
    #[error("{0}: not an Ed25519 key as PEM (PKCS#8 PRIVATE KEY or PUBLIC KEY)")]
    NotAKey(String),
    /// A name that makes no key id.
    #[error("{0}: a key's file name has at most 64 of A-Z a-z 0-9 - _ . before .pem")]
    BadKid(String),
    /// Nothing to sign with.
    #[error("{0}: no private key {1}*.pem")]
    NoSigningKey(String, &'static str),
}

impl Keyset {
    /// Reads the folder. Other files in it are none of our business.
    pub fn load(folder: &Path) -> Result<Self, KeysetError> {
        Ok(Self { rings: RwLock::new(Rings::read(folder)?), folder: Some(folder.to_owned()) })
    }

    /// Reads the folder again. From then on its newest keys sign and only its keys verify; where it can't be used as
    /// it is, the keys in hand stay.
    pub fn reload(&self) -> Result<Changes, KeysetError> {
        let Some(folder) = &self.folder else { return Ok(Changes::default()) };
        let read = Rings::read(folder)?;
        let changes = self.rings().changes_to(&read);
        if !changes.is_empty() {
            *self.rings.write().expect("no holder of the keys panics") = read;
        }
        Ok(changes)
    }

    /// Reads the folder, or makes it with a key of each kind where it is missing or empty: the sandbox's first start.
    pub fn load_or_create(folder: &Path, random: &Random, now: DateTime<Utc>) -> Result<Self, KeysetError> {
        if is_empty(folder) {
            create(folder, random, now).map_err(|error| KeysetError::Io(folder.display().to_string(), error))?;
        }
        Self::load(folder)
    }

    /// Fresh keys that are kept nowhere: for tests.
    pub fn generate(random: &Random, now: DateTime<Utc>) -> Self {
        let fresh = |prefix| {
            vec![Key::from_pem(&new_kid(prefix, random, now), &generate_pem(random)).expect("a fresh key is a key")]
        };
        Self { rings: RwLock::new(Rings::new(fresh(ACCESS_FILE), fresh(RESULT_FILE))), folder: None }
    }

    /// The public keys of both kinds (RFC 7517), as served at `/.well-known/jwks.json`.
    pub fn jwks(&self) -> JwkSet {
        JwkSet { keys: self.rings().keys().map(|key| key.jwk.clone()).collect() }
    }

    /// Signs the word on how a flow ended.
    pub fn sign_result(&self, claims: &Value) -> String {
        self.rings().result.sign(claims).expect("a key set without a private key isn't made")
    }

    /// The claims of one of our result tokens. Whose flow it is (`iss`, `aud`, `sub`) is for the caller to judge.
    pub fn verify_result(&self, token: &str) -> Result<Value, Refused> {
        self.rings().result.verify(token)
    }

    /// The ring of access tokens, as it is now.
    pub(super) fn access(&self) -> Arc<Ring> {
        self.rings().access
    }

    /// Access tokens that were found right under the ring as it is now.
    pub(super) fn proven(&self) -> Arc<Proven> {
        self.rings().proven
    }

    /// The ring of result tokens.
    #[cfg(test)]
    pub(super) fn result(&self) -> Arc<Ring> {
        self.rings().result
    }

    fn rings(&self) -> Rings {
        self.rings.read().expect("no holder of the keys panics").clone()
    }
}

impl Rings {
    fn new(access: Vec<Key>, result: Vec<Key>) -> Self {
        Self {
            access: Arc::new(Ring::new(ACCESS_TYP, access)),
            result: Arc::new(Ring::new(RESULT_TYP, result)),
            proven: Arc::default(),
        }
    }

    fn read(folder: &Path) -> Result<Self, KeysetError> {
        let (mut access, mut result) = (Vec::new(), Vec::new());
        for (name, pem) in pem_files(folder)? {
            let ring = if name.starts_with(ACCESS_FILE) { &mut access } else { &mut result };
            ring.push(read_key(&name, &pem)?);
        }
        let rings = Self::new(access, result);
        for (ring, prefix) in [(&rings.access, ACCESS_FILE), (&rings.result, RESULT_FILE)] {
            if !ring.can_sign() {
                return Err(KeysetError::NoSigningKey(folder.display().to_string(), prefix));
            }
        }
        Ok(rings)
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        self.access.keys().iter().chain(self.result.keys())
    }

    fn changes_to(&self, other: &Self) -> Changes {
        let same = |one: &Key, two: &Key| one.jwk == two.jwk && one.private.is_some() == two.private.is_some();
        let missing = |from: &Self, of: &Self| {
            of.keys().filter(|key| !from.keys().any(|it| same(it, key))).map(|key| key.kid.clone()).collect()
        };
        Changes { come: missing(self, other), gone: missing(other, self) }
    }
}

/// The claims of a result token, checked with nothing but a JWKS document that was fetched or kept: the offline check.
pub fn verify_result(published: &JwkSet, token: &str) -> Result<Value, Refused> {
    Ring::new(RESULT_TYP, published.keys.iter().filter_map(Key::from_jwk).collect()).verify(token)
}

/// The key ids and texts of the folder's keys.
fn pem_files(folder: &Path) -> Result<Vec<(String, String)>, KeysetError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        |error| KeysetError::Io(path, error)
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".pem")) else { continue };
        if name.starts_with(ACCESS_FILE) || name.starts_with(RESULT_FILE) {
            files.push((name.to_owned(), fs::read_to_string(&path).map_err(failed(&path))?));
        }
    }
    Ok(files)
}

fn read_key(kid: &str, pem: &str) -> Result<Key, KeysetError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if kid.len() > 64 || !kid.bytes().all(allowed) {
        return Err(KeysetError::BadKid(format!("{kid}.pem")));
    }
    Key::from_pem(kid, pem).map_err(|_| KeysetError::NotAKey(format!("{kid}.pem")))
}

/// Ids sort by the time the keys were made.
fn new_kid(prefix: &str, random: &Random, now: DateTime<Utc>) -> String {
    format!("{prefix}{}-{}", now.format("%Y%m%dT%H%M%SZ"), hex::encode(random.bytes::<4>()))
}

fn is_empty(folder: &Path) -> bool {
    match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Makes the folder whole beside its place and moves it there: two processes that start together agree on one of the
/// two, and none ever reads half a folder.
fn create(folder: &Path, random: &Random, now: DateTime<Utc>) -> io::Result<()> {
    let mut fresh = folder.as_os_str().to_owned();
    fresh.push(format!(".{}", hex::encode(random.bytes::<8>())));
    let fresh = Path::new(&fresh);
    fs::create_dir_all(fresh)?;
    for prefix in [ACCESS_FILE, RESULT_FILE] {
        let path = fresh.join(format!("{}.pem", new_kid(prefix, random, now)));
        write_private(&path, &generate_pem(random))?;
    }
    match fs::rename(fresh, folder) {
        Ok(()) => Ok(()),
        Err(_) if !is_empty(folder) => fs::remove_dir_all(fresh),
        Err(error) => Err(error),
    }
}

/// Writes a file that only we can read, and sees it on the disk.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
