//! What a change of rules would have done today: the flows that were started since midnight and would have been decided
//! otherwise. So whoever changes a rule sees not only which cells it alters but how much goes through them.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, Utc};
use sea_orm::{EntityTrait, FromQueryResult, QueryFilter, QuerySelect, prelude::*};

use super::impact::Change;
use crate::{
    App, Caller,
    auth::entity::auth_rule,
    caller::Operation,
    error::Result,
    flow::entity::sign_flow::{Column, Entity},
    selector::Question,
    terms::{AuthType, Scene, SubjectType},
};

/// So many flows of one kind were started.
#[derive(FromQueryResult)]
struct Started {
    scene: Scene,
    subject_type: SubjectType,
    agreement_type: String,
    auth_type: AuthType,
    flows: i64,
}

/// How many of the flows that were started today, in China's time, would have got another auth type, or none.
pub async fn flows_decided_otherwise(app: &App, caller: &Caller, changes: &[Change<auth_rule::Model>]) -> Result<u64> {
    caller.require(Operation::AuthRuleImpact)?;
    let after: HashMap<&Question, Option<AuthType>> =
        changes.iter().map(|change| (&change.question, change.after.as_ref().map(|rule| rule.auth_type))).collect();
    if after.is_empty() {
        return Ok(0);
    }
    let mut query = Entity::find()
        .select_only()
        .columns([Column::Scene, Column::SubjectType, Column::AgreementType, Column::AuthType])
        .column_as(Column::Id.count(), "flows")
        .filter(Column::CreatedAt.gte(midnight(app.now())));
    if let Some(client) = caller.tenant() {
        query = query.filter(Column::ClientId.eq(client));
    }
    for column in [Column::Scene, Column::SubjectType, Column::AgreementType, Column::AuthType] {
        query = query.group_by(column);
    }
    let started = query.into_model::<Started>().all(app.db.read()).await?;
    let otherwise =
        started.into_iter().filter_map(|Started { scene, subject_type, agreement_type, auth_type, flows }| {
            let then = after.get(&Question { scene, subject_type, agreement_type })?;
            (*then != Some(auth_type)).then_some(flows.unsigned_abs())
        });
    Ok(otherwise.sum())
}

/// When today began in China.
fn midnight(now: DateTime<Utc>) -> DateTime<Utc> {
    let here = now.with_timezone(&FixedOffset::east_opt(8 * 3_600).expect("+08:00 is an offset"));
    let since = chrono::TimeDelta::seconds(i64::from(chrono::Timelike::num_seconds_from_midnight(&here)));
    now - since - chrono::TimeDelta::nanoseconds(i64::from(now.timestamp_subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_when_it_does_in_china() {
        for (now, began) in [
            ("2026-11-22T06:20:31.5Z", "2026-11-21T16:00:00Z"),
            ("2026-11-21T16:00:00Z", "2026-11-21T16:00:00Z"),
            ("2026-11-21T15:59:59.9Z", "2026-11-20T16:00:00Z"),
        ] {
            let [now, began] = [now, began].map(|text| text.parse::<DateTime<Utc>>().expect("a time"));
            assert_eq!(midnight(now), began);
        }
    }
}
