//! Receipts: what carriers say became of a message.
//!
//! A receipt may overtake the answer to the very send it is about. It is kept then, without anything of the person, and
//! applied when the acceptance is written. Neither misses the other: where the receipt names our own id both lock the
//! record, else both hold the gateway's id while they look. The first word about a message counts, and no receipt moves a
//! flow.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, prelude::*,
    sea_query::OnConflict,
};

use super::{dispatch::Taken, entity::sms_record};
use crate::{App, db, error::Result, ids::SmsRecordId, terms::SmsStatus, vault};

/// For so long a receipt waits for its message; who never sent one is not waited for for ever.
const PATIENCE: TimeDelta = TimeDelta::days(7);

/// A receipt that came before we knew of its message.
pub mod early {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;

    /// A receipt that came before we knew of its message.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sms_receipt")]
    pub struct Model {
        /// Our name of the gateway.
        #[sea_orm(primary_key, auto_increment = false)]
        pub gateway: String,
        /// The gateway's own id of the message.
        #[sea_orm(primary_key, auto_increment = false)]
        pub gateway_message_id: String,
        /// Why it did not arrive; none: it did.
        pub failure_code: Option<String>,
        /// When it came.
        pub received_at: DateTime<Utc>,
    }

    /// None: it waits for a row that isn't there yet.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a carrier says of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The gateway's own id of it.
    pub gateway_message_id: String,
    /// Ours, where the gateway names it.
    pub message_id: Option<String>,
    /// Why it did not arrive, in the carrier's own code; none: it did.
    pub failure: Option<String>,
}

/// What came of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// The message is DELIVERED or FAILED by it.
    Applied,
    /// Its message is not known yet: kept.
    Kept,
    /// The message's fate was known.
    Late,
}

/// Takes one receipt.
pub async fn receive(app: &App, gateway: &str, receipt: &Receipt) -> Result<Received> {
    let now = app.now();
    let failure = receipt.failure.as_ref().map(|code| code.chars().take(64).collect::<String>());
    let tx = app.write_tx().await?;
    let received = match record_of(&tx, gateway, receipt).await? {
        Some(record) if record.status == SmsStatus::Accepted => {
            let change = sms_record::ActiveModel { updated_at: Set(now), ..Default::default() };
            let write = sms_record::Entity::update_many().set(applied(change, now, failure));
            write.filter(sms_record::Column::Id.eq(record.id)).exec(&tx).await?;
            Received::Applied
        }
        Some(record) if record.status != SmsStatus::Queued => Received::Late,
        // Nobody told us yet that it was taken.
        unsettled => {
            let id = unsettled.map_or_else(|| receipt.gateway_message_id.clone(), |record| record.id.to_string());
            let gateway = gateway.to_owned();
            keep(&tx, early::Model { gateway, gateway_message_id: id, failure_code: failure, received_at: now })
                .await?;
            Received::Kept
        }
    };
    app.commit(tx).await?;
    Ok(received)
}

/// The record that a receipt is about, locked; or none, and the gateway's id held.
async fn record_of(tx: &DatabaseTransaction, gateway: &str, receipt: &Receipt) -> Result<Option<sms_record::Model>> {
    use sms_record::{Column, Entity};
    if let Some(id) = receipt.message_id.as_ref().and_then(|id| id.parse::<SmsRecordId>().ok()) {
        let ours = Entity::find_by_id(id).filter(Column::Gateway.eq(gateway)).lock_exclusive().one(tx).await?;
        if ours.is_some() {
            return Ok(ours);
        }
    }
    hold(tx, gateway, &receipt.gateway_message_id).await?;
    let named = Entity::find()
        .filter(Column::GatewayMessageId.eq(&receipt.gateway_message_id))
        .filter(Column::Gateway.eq(gateway))
        .lock_exclusive();
    Ok(named.one(tx).await?)
}

/// The first word counts here, too. Those that nobody will ask for any more go out with the next that comes.
async fn keep(tx: &DatabaseTransaction, receipt: early::Model) -> Result<()> {
    use early::{Column, Entity};
    let forgotten = receipt.received_at - PATIENCE;
    Entity::delete_many().filter(Column::ReceivedAt.lt(forgotten)).exec(tx).await?;
    let once = OnConflict::columns([Column::Gateway, Column::GatewayMessageId]).do_nothing().to_owned();
    Entity::insert(receipt.into_active_model()).on_conflict(once).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether a receipt tells that a gateway has a message of which we don't know whether it has. It goes by our own id then.
pub(super) async fn tells_of(app: &App, gateway: &str, record: SmsRecordId) -> Result<bool> {
    let key = (gateway.to_owned(), record.to_string());
    Ok(early::Entity::find_by_id(key).one(app.db.read()).await?.is_some())
}

/// The receipt that came before its message was known, if one did; it waits no more. The record is written before this is
/// asked.
async fn claim_early(
    tx: &DatabaseTransaction,
    record: SmsRecordId,
    gateway: &str,
    gateway_message_id: &str,
) -> Result<Option<early::Model>> {
    use early::{Column, Entity};
    hold(tx, gateway, gateway_message_id).await?;
    let claimed = Entity::delete_many()
        .filter(Column::Gateway.eq(gateway))
        .filter(Column::GatewayMessageId.is_in([gateway_message_id, &record.to_string()]))
        .exec_with_returning(tx)
        .await?;
    Ok(claimed.into_iter().next())
}

/// Applies a receipt that came before its message was known, if one did.
pub(super) async fn catch_up(app: &App, tx: &DatabaseTransaction, record: SmsRecordId, taken: &Taken) -> Result<()> {
    let Some(early) = claim_early(tx, record, &taken.gateway, &taken.gateway_message_id).await? else { return Ok(()) };
    let change = sms_record::ActiveModel { updated_at: Set(app.now()), ..Default::default() };
    let write = sms_record::Entity::update_many().set(applied(change, early.received_at, early.failure_code));
    write.filter(sms_record::Column::Id.eq(record)).exec(tx).await?;
    Ok(())
}

/// A record's fate by a receipt.
fn applied(change: sms_record::ActiveModel, at: DateTime<Utc>, failure: Option<String>) -> sms_record::ActiveModel {
    match failure {
        None => sms_record::ActiveModel { status: Set(SmsStatus::Delivered), delivered_at: Set(Some(at)), ..change },
        Some(code) => {
            sms_record::ActiveModel { status: Set(SmsStatus::Failed), failure_code: Set(Some(code)), ..change }
        }
    }
}

async fn hold(tx: &DatabaseTransaction, gateway: &str, gateway_message_id: &str) -> Result<()> {
    let name = vault::sha256(format!("sms_receipt:{gateway}:{gateway_message_id}").as_bytes());
    Ok(db::hold(tx, &name).await?)
}
