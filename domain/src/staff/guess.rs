//! Guessing: how often somebody may be wrong under one sign-in name, and how long nobody is listened to afterwards.
//!
//! A try is counted before it is judged, so that nobody gets one more by trying at once; one that was right is taken
//! back. What is counted is the name that was typed, whether somebody bears it or not: a lock doesn't tell. A wrong code
//! counts like a wrong password, and only a whole sign-in wipes the slate: a known password opens no endless row of codes.

use chrono::{DateTime, TimeDelta, Utc};
use esign_config::Staff as Limits;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::entity::staff_guess::{ActiveModel, Column, Entity};
use crate::{
    app::App,
    error::{Error, Result},
};

/// Wrong tries are forgotten when there was none for so long.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(1);

/// A try that was counted and not judged yet.
pub(super) struct Try {
    name_hash: Vec<u8>,
    /// Until when the name is locked if this try was wrong, too.
    pub(super) locks_until: Option<DateTime<Utc>>,
}

/// Counts a try under a name; `RATE_LIMITED` while it is locked.
pub(super) async fn count(app: &App, name: &str) -> Result<Try> {
    let now = app.now();
    let name_hash = app.vault.lookup("staff.name", name);
    let tx = app.write_tx().await?;
    Entity::delete_many().filter(Column::LastAt.lt(now - FORGOTTEN_AFTER)).exec(&tx).await?;
    let first =
        ActiveModel { name_hash: Set(name_hash.clone()), tries: Set(0), locked_until: Set(None), last_at: Set(now) };
    let known = OnConflict::column(Column::NameHash).do_nothing().to_owned();
    Entity::insert(first).on_conflict(known).try_insert().exec_without_returning(&tx).await?;
    let open = Condition::any().add(Column::LockedUntil.is_null()).add(Column::LockedUntil.lte(now));
    let counted = Entity::update_many()
        .col_expr(Column::Tries, Expr::col(Column::Tries).add(1))
        .col_expr(Column::LastAt, Expr::value(now))
        .filter(Column::NameHash.eq(name_hash.clone()))
        .filter(open)
        .exec(&tx)
        .await?;
    let row = Entity::find_by_id(name_hash.clone()).one(&tx).await?.ok_or(Error::NotFound)?;
    if counted.rows_affected == 0 {
        let left = row.locked_until.map_or(TimeDelta::zero(), |until| until - now);
        return Err(Error::RateLimited { retry_after_seconds: left.num_seconds() + 1 });
    }
    let locks_until = lock(&app.settings.staff, row.tries).map(|lock| now + lock);
    set_lock(&tx, &name_hash, locks_until).await?;
    app.commit(tx).await?;
    Ok(Try { name_hash, locks_until })
}

/// How long the name is locked after so many tries.
fn lock(limits: &Limits, tries: i32) -> Option<TimeDelta> {
    let beyond = u32::try_from(tries - limits.wrong_tries).ok()?;
    let seconds = Ord::min(limits.lock_seconds.saturating_mul(2_i64.saturating_pow(beyond)), limits.lock_max_seconds);
    Some(TimeDelta::seconds(seconds))
}

impl Try {
    /// It was right, but not yet the whole of a sign-in: it is as if it had not been.
    pub(super) async fn take_back(&self, tx: &impl ConnectionTrait) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Tries, Expr::col(Column::Tries).sub(1))
            .col_expr(Column::LockedUntil, Expr::value(None::<DateTime<Utc>>))
            .filter(Column::NameHash.eq(self.name_hash.clone()))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// They are who they say they are: nothing is held against the name.
    pub(super) async fn forget(&self, tx: &impl ConnectionTrait) -> Result<()> {
        Entity::delete_by_id(self.name_hash.clone()).exec(tx).await?;
        Ok(())
    }
}

async fn set_lock(tx: &impl ConnectionTrait, name_hash: &[u8], until: Option<DateTime<Utc>>) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LockedUntil, Expr::value(until))
        .filter(Column::NameHash.eq(name_hash.to_vec()))
        .exec(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use esign_config::{Profile, Settings, from_sources};

    use super::*;

    #[test]
    fn a_lock_doubles_up_to_its_longest() {
        let limits = from_sources(Settings::shipped(Profile::Sandbox)).unwrap().staff;
        let seconds = |tries| lock(&limits, tries).map(|lock| lock.num_seconds());
        assert_eq!([1, 4, 5, 6, 7, 10].map(seconds), [None, None, Some(60), Some(120), Some(240), Some(1920)]);
        assert_eq!([11, 12, 70, i32::MAX].map(seconds), [Some(3600); 4]);
    }
}
