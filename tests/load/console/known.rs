//! Flows of a database by chance, so that what is looked for is there.

use esign_domain::{
    App,
    flow::{entity::sign_flow, input::Subject, secret},
    ids::{ClientId, SmsRecordId},
    sms,
};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect, prelude::*};

use crate::Failure;

/// A flow by which pages are made.
pub struct One {
    /// The flow.
    pub flow: sign_flow::Model,
    /// Who signs it.
    pub subject: Subject,
    /// Its message.
    pub message: Option<SmsRecordId>,
}

/// The flows of a database by which pages are made, and what else is known of it.
pub struct Known {
    /// Some flows.
    pub ones: Vec<One>,
    /// The client of fewest flows.
    pub tiny: ClientId,
    /// The client of most.
    pub large: ClientId,
}

impl Known {
    /// Takes some flows by chance, and the clients of most and of fewest flows.
    pub async fn of(app: &App) -> Result<Self, Failure> {
        let words = |error: sea_orm::DbErr| error.to_string();
        let flows = sign_flow::Entity::find()
            .order_by_asc(sea_orm::sea_query::Func::random())
            .limit(200)
            .all(app.db.read())
            .await
            .map_err(words)?;
        let mut clients: Vec<(ClientId, i64)> = sign_flow::Entity::find()
            .select_only()
            .column(sign_flow::Column::ClientId)
            .column_as(sign_flow::Column::Id.count(), "many")
            .group_by(sign_flow::Column::ClientId)
            .into_tuple()
            .all(app.db.read())
            .await
            .map_err(words)?;
        clients.sort_by_key(|(_, many)| *many);
        let (Some(tiny), Some(large)) = (clients.first(), clients.last()) else { return Err("no flows".into()) };
        let ids: Vec<_> = flows.iter().map(|flow| flow.id).collect();
        let words = |error: esign_domain::Error| error.to_string();
        let mut subjects = secret::subjects(app, &ids).await.map_err(words)?;
        let messages = sms::query::of_flows(app, &ids).await.map_err(words)?;
        let one = |flow: sign_flow::Model| {
            let message = messages.iter().find(|message| message.flow_id == Some(flow.id)).map(|message| message.id);
            Some(One { subject: subjects.remove(&flow.id)?, message, flow })
        };
        let ones = flows.into_iter().filter_map(one).collect();
        Ok(Self { ones, tiny: tiny.0, large: large.0 })
    }
}
