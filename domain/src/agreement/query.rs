//! Reading the catalogue.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::*};

use super::entity::{agreement_template, agreement_type};
use crate::{
    App, Caller,
    caller::Operation,
    error::{Error, Result},
    ids::{AgreementTemplateId, AgreementTypeId},
    reference,
    seal::entity::seal_record,
};

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

/// Every version of every document of a type: by place, the newest first.
pub async fn versions(app: &App, caller: &Caller, id: AgreementTypeId) -> Result<Vec<agreement_template::Model>> {
    use agreement_template::Column;
    caller.require(Operation::AgreementType)?;
    let query = agreement_template::Entity::find().filter(Column::AgreementTypeId.eq(id));
    Ok(query.order_by_asc(Column::Position).order_by_desc(Column::Version).all(app.db.read()).await?)
}

/// How many flows have each of these versions; a version without a flow isn't named. They are flows of every client, so
/// no client is told.
pub async fn uses(
    app: &App,
    caller: &Caller,
    ids: &[AgreementTemplateId],
) -> Result<HashMap<AgreementTemplateId, i64>> {
    use seal_record::Column;
    caller.require(Operation::AgreementType)?;
    if caller.tenant().is_some() {
        return Err(Error::Forbidden);
    }
    let query = seal_record::Entity::find().select_only().column(Column::TemplateId).column_as(Column::Id.count(), "n");
    let query = query.filter(Column::TemplateId.is_in(ids.iter().copied())).group_by(Column::TemplateId);
    Ok(query.into_tuple::<(AgreementTemplateId, i64)>().all(app.db.read()).await?.into_iter().collect())
}
