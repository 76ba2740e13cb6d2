//! Where files are kept: an object store, every object sealed under its own path.

use object_store::{ObjectStoreExt, PutPayload, path::Path};

use crate::{
    App,
    error::{Error, Result},
};

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
