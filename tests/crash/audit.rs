//! What only the database can show: that no write came too late, and that nothing is left to do.
//!
//! On PostgreSQL triggers of our own write down who claims a job and who ends a claim: each server's connections carry its
//! name. A worker that was frozen past its lease, and whose job somebody else has taken over, must not end that claim; and
//! what an attempt wrote for good (a digest, a credential, a gateway's number) must never be written over.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use esign_domain::{
    clock::{Clock, SystemClock},
    job::entity::job::{Column, Entity},
};
use sea_orm::{Condition, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, prelude::*};

use crate::{
    Failure,
    database::{Database, texts},
    server::LEASE_SECONDS,
};

const CLAIMS: &str = "
create table crash_claim (job bigint, attempt integer, who text, primary key (job, attempt));
create table crash_finding (at timestamptz not null default clock_timestamp(), what text not null);
create table crash_lapse (job bigint, attempt integer);
create function crash_job() returns trigger language plpgsql as $$
declare
    me text := current_setting('application_name');
    claimer text := (select who from crash_claim where job = old.id and attempt = old.attempt);
begin
    if new.attempt > old.attempt then
        insert into crash_claim values (new.id, new.attempt, me);
    end if;
    if old.state = 'running' and (new.state <> 'running' or new.attempt > old.attempt) then
        if old.lease_until < clock_timestamp() then
            insert into crash_lapse values (old.id, old.attempt);
        elsif claimer is distinct from me then
            insert into crash_finding (what) values (format(
                'job %s %s: %s ended attempt %s, which %s had', old.id, old.kind, me, old.attempt, claimer));
        end if;
    end if;
    return new;
end $$;
create trigger crash_job before update on job for each row execute function crash_job();
create function crash_once() returns trigger language plpgsql as $$
declare
    before text := to_jsonb(old) ->> tg_argv[0];
begin
    if before is not null and (to_jsonb(new) ->> tg_argv[0]) is distinct from before then
        insert into crash_finding (what) values (format(
            '%s %s: %s was %s and became %s', tg_table_name, old.id, tg_argv[0], before, to_jsonb(new) ->> tg_argv[0]));
    end if;
    return new;
end $$;";
/// What is written once.
const ONCE: [(&str, &str); 9] = [
    ("sign_flow", "completed_at"),
    ("sms_record", "gateway_message_id"),
    ("auth_record", "challenge_id"),
    ("auth_record", "credential_sha256"),
    ("auth_entry", "wrong"),
    ("seal_record", "content_digest"),
    ("seal_record", "sealed_digest"),
    ("seal_record", "sealed_blob"),
    ("seal_record", "signed_at"),
];
/// A job that is due for longer than this, with nothing else to do, is stuck.
const STUCK: TimeDelta = TimeDelta::seconds(3);
/// How long what is due may take, once everything goes well again.
const LAST: Duration = Duration::from_secs(3 * LEASE_SECONDS);

/// Begins to write down what happens; on PostgreSQL only.
pub async fn begin(database: &Database) -> Result<(), Failure> {
    let connection = database.look().await?;
    if matches!(database, Database::Postgres { .. }) {
        let run = async |sql: String| connection.execute_unprepared(&sql).await.map_err(|error| error.to_string());
        run(CLAIMS.to_owned()).await?;
        for (table, column) in ONCE {
            run(format!(
                "create trigger crash_once_{column} before update of {column} on {table} for each row \
                 execute function crash_once('{column}')"
            ))
            .await?;
        }
    }
    Ok(())
}

/// What was found.
pub struct Audit {
    /// In words.
    pub summary: String,
    /// What did not hold.
    pub problems: Vec<Failure>,
}

/// Waits until nothing is due any more, then tells what was written down.
pub async fn end(database: &Database) -> Result<Audit, Failure> {
    let connection = database.look().await?;
    let mut problems = at_rest(&connection).await?;
    let mut summary = format!("{} jobs are at rest", jobs(&connection, Condition::all()).await?.len());
    if matches!(database, Database::Postgres { .. }) {
        let lapsed = texts(&connection, "select count(*)::text from crash_lapse").await?;
        let claims = texts(&connection, "select count(*)::text from crash_claim").await?;
        let found = texts(&connection, "select at || ' ' || what from crash_finding order by at").await?;
        let (claims, lapsed, late) = (claims.concat(), lapsed.concat(), found.len());
        summary = format!("{summary}, {claims} claims, {lapsed} leases lapsed, {late} late writes");
        problems.extend(found.into_iter().map(|what| format!("a late write: {what}")));
    }
    Ok(Audit { summary, problems })
}

/// Whatever is due is done within a while, and nothing was given up.
async fn at_rest(connection: &DatabaseConnection) -> Result<Vec<Failure>, Failure> {
    let began = Instant::now();
    loop {
        let late = SystemClock.now() - STUCK;
        let due = Condition::all().add(Column::State.eq("available")).add(Column::DueAt.lt(late));
        let lapsed = Condition::all().add(Column::State.eq("running")).add(Column::LeaseUntil.lt(late));
        let left = jobs(connection, Condition::any().add(due).add(lapsed)).await?;
        if left.is_empty() || began.elapsed() > LAST {
            let given_up = jobs(connection, Condition::all().add(Column::State.eq("discarded"))).await?;
            let stuck = left.into_iter().map(|job| format!("a job is due and nobody does it: {job}"));
            return Ok(stuck.chain(given_up.into_iter().map(|job| format!("a job was given up: {job}"))).collect());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn jobs(connection: &DatabaseConnection, which: Condition) -> Result<Vec<String>, Failure> {
    let found = Entity::find().filter(which).all(connection).await.map_err(|error| error.to_string())?;
    let told = |job: esign_domain::job::entity::job::Model| {
        let (id, kind, state, attempt) = (job.id, job.kind, job.state, job.attempt);
        format!("{id} {kind} {state}, attempt {attempt}, due {}, last error {:?}", job.due_at, job.last_error)
    };
    Ok(found.into_iter().map(told).collect())
}
