//! Reading the catalogue.

use std::sync::Arc;

use super::entity::agreement_type;
use crate::{App, Caller, caller::Operation, error::Result, reference};

/// Every agreement type, enabled or not, by code.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<Arc<agreement_type::Model>>> {
    caller.require(Operation::AgreementTypes)?;
    Ok(reference::current(app).await?.agreements().iter().map(|agreement| agreement.kind.clone()).collect())
}

/// The agreement type of a code.
pub async fn by_code(app: &App, caller: &Caller, code: &str) -> Result<Option<Arc<agreement_type::Model>>> {
    caller.require(Operation::AgreementType)?;
    let reference = reference::current(app).await?;
    Ok(reference.agreements().iter().find(|agreement| agreement.kind.code == code).map(|found| found.kind.clone()))
}
