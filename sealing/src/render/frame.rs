//! What goes over the pipe between the pool and a worker: frames of JSON, each led by its length.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::io;

use super::{LaidOut, Layout, LayoutError, Reading};

/// The largest frame either side accepts, in bytes. An agreement of twenty pages is about 10 MB with its pictures.
pub(super) const MAX_FRAME: usize = 64 << 20;

/// The first frame: how the worker is to limit itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Limits {
    /// Address space in bytes.
    pub(super) memory_bytes: u64,
    /// Processor time for each job, in seconds.
    pub(super) cpu_seconds: u64,
    /// Where the typefaces are, if configured.
    pub(super) fonts_dir: Option<std::path::PathBuf>,
}

/// Each later frame to the worker: what it is to do.
#[derive(Serialize, Deserialize)]
pub(super) enum Job<'a> {
    /// Lay out, and hand over everything.
    LayOut(Cow<'a, Layout>),
    /// Lay out all the same, and hand over where the boxes and how large the pages are.
    TryOut(Cow<'a, Layout>),
    /// Read a text without running it.
    Read(Cow<'a, str>),
}

/// What a worker has to say.
#[derive(Serialize, Deserialize)]
pub(super) enum Reply {
    /// Its limits are set and its typefaces are loaded.
    Ready,
    /// The layout.
    LaidOut(LaidOut),
    /// What the text reads.
    Read(Reading),
}

/// Each frame from the worker: the first says whether it is ready, the others answer a job.
pub(super) type Answer = Result<Reply, LayoutError>;

/// A frame's bytes: four bytes of length, big-endian, then the JSON.
pub(super) fn encode<T: Serialize>(value: &T) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, value)?;
    let length = bytes.len() - 4;
    let length = u32::try_from(length).ok().filter(|_| length <= MAX_FRAME).ok_or(io::ErrorKind::FileTooLarge)?;
    bytes[..4].copy_from_slice(&length.to_be_bytes());
    Ok(bytes)
}

/// The length a frame announces, or an error if it is over the limit.
pub(super) fn announced(head: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_be_bytes(head) as usize;
    if length > MAX_FRAME { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(length) }
}

/// Bytes as Base64, for JSON.
pub(super) mod base64_bytes {
    use super::{Deserialize, Deserializer, Serialize, Serializer};
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error;

    pub(in crate::render) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        STANDARD.encode(bytes).serialize(serializer)
    }

    pub(in crate::render) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
