//! Where files are kept: an object store, every object sealed under its own path.

use object_store::{ObjectStore, ObjectStoreExt, PutPayload, path::Path};

use crate::{
    App,
    error::{Error, Result},
    vault,
};

/// As many bytes as show which key a file is under.
const HEAD_BYTES: u64 = vault::HEAD_BYTES as u64;

/// Keeps a file; one of the same path is replaced.
pub async fn put(app: &App, path: &str, clear: &[u8]) -> Result<()> {
    let sealed = app.vault.seal(&app.random, &place(path), clear);
    app.blobs.put(&Path::from(path), PutPayload::from(sealed)).await.map_err(Error::internal)?;
    Ok(())
}

/// Reads a file; none: there is none.
pub async fn get(app: &App, path: &str) -> Result<Option<Vec<u8>>> {
    let found = match app.blobs.get(&Path::from(path)).await {
        Ok(found) => found,
        Err(object_store::Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(Error::internal(error)),
    };
    let sealed = found.bytes().await.map_err(Error::internal)?;
    Ok(Some(app.vault.open(&place(path), &sealed)?))
}

/// The first bytes of a file as it is kept: enough to see which key it is under. None: it has gone.
pub(crate) async fn head(blobs: &dyn ObjectStore, path: &Path) -> Result<Option<Vec<u8>>> {
    match blobs.get_range(path, 0..HEAD_BYTES).await {
        Ok(bytes) => Ok(Some(bytes.to_vec())),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(Error::internal(error)),
    }
}

/// Seals a file again, under the newest key; false: it has gone. What a path holds never changes, so it does no harm
/// when somebody writes the same file meanwhile. One that is deleted in between these few instructions comes back,
/// sealed and referred to by nobody.
pub(crate) async fn reseal(app: &App, path: &str) -> Result<bool> {
    let Some(clear) = get(app, path).await? else { return Ok(false) };
    put(app, path, &clear).await?;
    Ok(true)
}

/// Deletes a file nobody refers to.
pub async fn delete(app: &App, path: &str) -> Result<()> {
    match app.blobs.delete(&Path::from(path)).await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(Error::internal(error)),
    }
}

fn place(path: &str) -> String {
    format!("blob:{path}")
}
