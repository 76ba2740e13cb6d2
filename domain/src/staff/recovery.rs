//! Recovery codes: ten, for the day the device with the TOTP is gone. Each is good once.

use chrono::{DateTime, Utc};
use esign_config::Secret;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr,
};

use super::{
    entity::{
        TokenHash,
        staff_recovery_code::{ActiveModel, Column, Entity},
    },
    password,
};
use crate::{
    app::App,
    caller::{Caller, Operation},
    clock::Random,
    error::Result,
    ids::StaffId,
    vault,
};

/// How many there are to begin with.
pub const CODES: usize = 10;

/// How many are left. A member's own, or an admin's to ask.
pub async fn left(app: &App, caller: &Caller, id: StaffId) -> Result<u64> {
    if !matches!(caller, Caller::Staff { id: own, .. } if *own == id) {
        caller.require(Operation::Staff)?;
    }
    count(app.db.read(), id).await
}

pub(super) async fn count(db: &impl ConnectionTrait, id: StaffId) -> Result<u64> {
    Ok(Entity::find().filter(Column::StaffId.eq(id)).filter(Column::UsedAt.is_null()).count(db).await?)
}

/// Puts ten new codes in the place of those there are.
pub(super) async fn renew(app: &App, tx: &impl ConnectionTrait, id: StaffId) -> Result<Vec<Secret>> {
    remove(tx, id).await?;
    let now = app.now();
    let codes: Vec<Secret> = (0..CODES).map(|_| generate(&app.random)).collect();
    let rows = codes.iter().map(|code| ActiveModel {
        id: Set(app.random.uuid(now)),
        staff_id: Set(id),
        code_hash: Set(hash(code.expose())),
        created_at: Set(now),
        used_at: Set(None),
    });
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(codes)
}

pub(super) async fn remove(tx: &impl ConnectionTrait, id: StaffId) -> Result<()> {
    Entity::delete_many().filter(Column::StaffId.eq(id)).exec(tx).await?;
    Ok(())
}

/// Uses a code up; false: it is none of theirs, or it was used before.
pub(super) async fn use_up(tx: &impl ConnectionTrait, id: StaffId, code: &str, now: DateTime<Utc>) -> Result<bool> {
    let used = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now))
        .filter(Column::StaffId.eq(id))
        .filter(Column::CodeHash.eq(hash(code)))
        .filter(Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(used.rows_affected > 0)
}

/// 80 random bits in four groups of four.
fn generate(random: &Random) -> Secret {
    let letters = password::letters::<16>(random);
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Secret::new(groups.join("-"))
}

/// The hash of a code, however it was typed: in capitals, with spaces, without dashes. The row is found by it: whoever
/// could tell by time how much of a hash is right still has no code to it.
fn hash(code: &str) -> TokenHash {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    TokenHash(vault::sha256(plain.as_bytes()).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code = generate(&Random::seeded(1));
        assert_eq!(code.expose().len(), 19);
        let typed = code.expose().to_uppercase().replace('-', " ");
        assert_eq!(hash(&typed), hash(code.expose()));
        assert_ne!(hash("aaaa"), hash(code.expose()));
        assert_ne!(generate(&Random::seeded(2)), code);
    }
}
