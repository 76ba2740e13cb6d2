//! Reading templates.

use chrono::{DateTime, Utc};
use sea_orm::{Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::*, sea_query::ExprTrait};

use crate::{
    App, Caller,
    caller::Operation,
    error::Result,
    ids::SmsTemplateId,
    sms::entity::{sms_template, sms_template_version},
    terms::TemplateStatus,
};

/// A template.
pub async fn by_id(app: &App, caller: &Caller, id: SmsTemplateId) -> Result<Option<sms_template::Model>> {
    caller.require(Operation::SmsTemplate)?;
    Ok(sms_template::Entity::find_by_id(id).one(app.db.read()).await?)
}

/// A place in the list of templates, newest first: when one was made, and which, to break ties.
pub type Place = (DateTime<Utc>, SmsTemplateId);

/// Templates in a status or all, newest first, after a place. Gives also whether there are more.
pub async fn list(
    app: &App,
    caller: &Caller,
    status: Option<TemplateStatus>,
    after: Option<Place>,
    limit: u64,
) -> Result<(Vec<sms_template::Model>, bool)> {
    use sms_template::Column as C;
    caller.require(Operation::SmsTemplates)?;
    let older = |(at, id): Place| C::CreatedAt.lt(at).or(C::CreatedAt.eq(at).and(C::Id.lt(id)));
    let condition = Condition::all().add_option(status.map(|status| C::Status.eq(status))).add_option(after.map(older));
    let query = sms_template::Entity::find().filter(condition).limit(limit + 1);
    let mut templates = query.order_by_desc(C::CreatedAt).order_by_desc(C::Id).all(app.db.read()).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = templates.len() > limit;
    templates.truncate(limit);
    Ok((templates, more))
}

/// All versions of some templates, newest first.
pub async fn versions(app: &App, ids: &[SmsTemplateId]) -> Result<Vec<sms_template_version::Model>> {
    use sms_template_version::Column as C;
    let query = sms_template_version::Entity::find().filter(C::TemplateId.is_in(ids.iter().copied()));
    Ok(query.order_by_desc(C::Version).all(app.db.read()).await?)
}
