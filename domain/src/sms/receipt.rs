//! Receipts: what carriers say became of a message.

use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, prelude::*};

use super::entity::sms_record;
use crate::{App, error::Result, terms::SmsStatus};

/// One receipt. `failure`: why it did not arrive; none: it did. A receipt for an unknown message, or for one whose fate is
/// known, moves nothing. True when it moved something.
pub async fn receive(app: &App, gateway: &str, gateway_message_id: &str, failure: Option<&str>) -> Result<bool> {
    let now = app.now();
    let mut change = sms_record::ActiveModel { updated_at: Set(now), ..Default::default() };
    match failure {
        None => {
            change.status = Set(SmsStatus::Delivered);
            change.delivered_at = Set(Some(now));
        }
        Some(code) => {
            change.status = Set(SmsStatus::Failed);
            change.failure_code = Set(Some(code.chars().take(64).collect()));
        }
    }
    let written = sms_record::Entity::update_many()
        .set(change)
        .filter(sms_record::Column::Gateway.eq(gateway))
        .filter(sms_record::Column::GatewayMessageId.eq(gateway_message_id))
        .filter(sms_record::Column::Status.eq(SmsStatus::Accepted))
        .exec(app.db.write())
        .await?;
    Ok(written.rows_affected > 0)
}
