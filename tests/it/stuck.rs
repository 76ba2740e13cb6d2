//! What needs a person: found where it is, mended once, and by whom it may be.

use chrono::TimeDelta;
use esign_domain::{
    Caller, audit,
    caller::{Role, Scope},
    error::Error,
    flow,
    ids::{FlowId, StaffId},
    job::{self, Job, Outcome, entity::job as job_row},
    seal,
    stuck::{self, Cause, Item, Stuck},
};
use esign_tests::{
    TestApp,
    auth_system::{AMOUNT, refused},
    fixture::corporate,
    gateway,
    sealer::Mishap,
};
use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait, QueryFilter, prelude::*};
use uuid::Uuid;

fn member(role: Role) -> Caller {
    Caller::Staff { id: StaffId::new(Uuid::nil()), name: "lan".into(), role, from: None }
}

async fn items(app: &TestApp, kind: Stuck) -> Vec<Item> {
    let items = stuck::list(app, &member(Role::Auditor), Some(kind)).await.unwrap();
    let counts = stuck::counts(app, &member(Role::Auditor)).await.unwrap();
    assert_eq!(counts.of(kind), items.len() as u64, "{kind:?}");
    items
}

async fn acts(app: &TestApp, action: &str) -> u64 {
    let of = audit::entity::Entity::find().filter(audit::entity::Column::Action.eq(action));
    of.count(app.db.read()).await.unwrap()
}

/// A flow whose evidence the auth system doesn't have: its job is given up.
async fn given_up(app: &TestApp, flow_no: &str) -> FlowId {
    app.auth.evidence.next([Some(refused())]);
    let id = app.sign(corporate(flow_no)).await;
    app.run_jobs().await;
    app.call_back(&format!("msg-{flow_no}"), &app.auth.pass()).await;
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
    id
}

#[tokio::test]
async fn what_is_stuck_is_listed_as_long_as_it_is() {
    let app = TestApp::new().await;
    assert_eq!(stuck::counts(&app, &member(Role::Operator)).await.unwrap().total(), 0);
    app.gateway.script.next([Some(gateway::Mishap::Refused(gateway::unknown_number()))]);
    let unreached = app.start(corporate("unreached")).await.id;
    app.run_jobs().await;
    let undelivered = items(&app, Stuck::Undelivered).await;
    assert_eq!(undelivered[0].flow.as_ref().unwrap().id, unreached);
    app.signer(unreached).await.open().await.unwrap();
    assert!(items(&app, Stuck::Undelivered).await.is_empty(), "whoever has the link needs no message");

    app.auth.creating.always(Some(refused_later()));
    let unchallenged = app.sign(corporate("unchallenged")).await;
    app.run_jobs().await;
    let failing = items(&app, Stuck::ChallengeFails).await;
    assert_eq!(failing[0].flow.as_ref().unwrap().id, unchallenged);
    assert!(failing[0].next.is_some_and(|next| next > app.now()) && failing[0].tries == Some(1));
    app.auth.creating.always(None);
    app.pass(TimeDelta::minutes(1)).await;
    assert!(items(&app, Stuck::ChallengeFails).await.is_empty());

    app.auth.judge_everything_later();
    app.signer(unchallenged).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    assert!(items(&app, Stuck::AuthSilent).await.is_empty());
    app.live_through(TimeDelta::minutes(11)).await;
    assert_eq!(items(&app, Stuck::AuthSilent).await[0].flow.as_ref().unwrap().id, unchallenged);

    app.sealer.sealing.always(Some(Mishap::Fails));
    app.call_back("msg-stuck", &app.auth.pass()).await;
    app.run_jobs().await;
    assert!(items(&app, Stuck::AuthSilent).await.is_empty());
    let seals = items(&app, Stuck::SealFails).await;
    assert_eq!((seals.len(), seals[0].tries, seals[0].flow.as_ref().unwrap().id), (1, Some(1), unchallenged));
    assert!(seals[0].told.is_some());
    app.sealer.sealing.always(None);
    seal::retry(&app, &member(Role::Operator), unchallenged).await.unwrap();
    app.run_jobs().await;
    assert_eq!(stuck::list(&app, &member(Role::Operator), None).await.unwrap().len(), 0);

    app.start(corporate("lying")).await;
    app.advance(TimeDelta::minutes(6));
    let lying = items(&app, Stuck::JobsOverdue).await;
    assert_eq!((lying[0].many, lying[0].since), (Some(1), app.now() - TimeDelta::minutes(6)));
    app.run_jobs().await;
    assert!(items(&app, Stuck::JobsOverdue).await.is_empty());
}

/// A failure that a later try may mend.
fn refused_later() -> esign_tests::auth_system::Mishap {
    esign_tests::auth_system::busy()
}

#[tokio::test]
async fn a_gateway_that_is_left_out_is_told_to_staff_alone() {
    let app = TestApp::with(|settings| settings.sms.breaker_failures = 2).await;
    app.gateway.fail(2);
    for flow_no in ["left-1", "left-2"] {
        app.start(corporate(flow_no)).await;
    }
    app.run_jobs().await;
    let open = items(&app, Stuck::GatewayOpen).await;
    assert_eq!(open[0].gateway.as_deref(), Some(gateway::NAME));
    assert!(open[0].since <= app.now() && open[0].next.is_some_and(|next| next > app.now()));
    let client = stuck::list(&app, &app.demo.caller(), Some(Stuck::GatewayOpen)).await.unwrap();
    assert!(client.is_empty());
    app.live_through(TimeDelta::minutes(5)).await;
    assert!(items(&app, Stuck::GatewayOpen).await.is_empty());
}

#[tokio::test]
async fn a_job_that_was_given_up_is_run_again_once_by_whoever_may() {
    let app = TestApp::new().await;
    let (id, operator) = (given_up(&app, "again").await, member(Role::Operator));
    let dead = items(&app, Stuck::JobDiscarded).await;
    assert_eq!((dead[0].flow.as_ref().unwrap().id, dead[0].cause), (id, Some(Cause::Gone)));
    let (job, kind) = dead[0].job.clone().unwrap();
    assert_eq!(kind, "fetch_evidence");
    assert!(matches!(stuck::run_job_again(&app, &member(Role::Auditor), job).await, Err(Error::Forbidden)));
    let stranger = app.other.with_scopes([Scope::FlowsOperate, Scope::FlowsRead].into());
    assert!(matches!(stuck::run_job_again(&app, &stranger, job).await, Err(Error::NotFound)));
    assert!(stuck::list(&app, &stranger, None).await.unwrap().is_empty());
    assert_eq!(stuck::counts(&app, &stranger).await.unwrap().total(), 0);
    assert!(stuck::run_job_again(&app, &operator, job).await.unwrap());
    assert!(!stuck::run_job_again(&app, &operator, job).await.unwrap(), "the second time there is nothing to do");
    assert!(items(&app, Stuck::JobDiscarded).await.is_empty());
    assert_eq!(app.run_jobs().await, 1);
    assert!(esign_domain::auth::query::of_flows(&app, &[id]).await.unwrap()[0].evidence_blob.is_some());
    assert_eq!(acts(&app, "runJobAgain").await, 1);
}

#[tokio::test]
async fn many_who_run_a_job_again_at_once_run_it_once() {
    let app = TestApp::new().await;
    given_up(&app, "crowd").await;
    let job = items(&app, Stuck::JobDiscarded).await[0].job.clone().unwrap().0;
    let operator = member(Role::Operator);
    let all = futures_util::future::join_all((0..8).map(|_| stuck::run_job_again(&app, &operator, job))).await;
    assert_eq!(all.into_iter().filter(|told| *told.as_ref().unwrap()).count(), 1);
    assert_eq!(app.waiting("fetch_evidence").await.len(), 1);
    app.run_jobs().await;
}

#[tokio::test]
async fn one_that_waits_already_stands_for_both() {
    let app = TestApp::new().await;
    let id = given_up(&app, "twin").await;
    let dead = items(&app, Stuck::JobDiscarded).await[0].job.clone().unwrap().0;
    let record = esign_domain::auth::query::of_flows(&app, &[id]).await.unwrap()[0].id;
    let (now, later) = (app.now(), app.now() + TimeDelta::hours(1));
    job::enqueue(app.db.write(), Job::FetchEvidence { record }, Some(id), now, later).await.unwrap();
    assert!(stuck::run_job_again(&app, &member(Role::Operator), dead).await.unwrap());
    assert_eq!(app.waiting("fetch_evidence").await, [now], "it is due now, and it is one");
    app.run_jobs().await;
}

#[tokio::test]
async fn who_had_the_job_before_it_was_given_up_overwrites_nothing() {
    let app = TestApp::new().await;
    let id = given_up(&app, "fenced").await;
    let dead = items(&app, Stuck::JobDiscarded).await[0].job.clone().unwrap().0;
    let old = job_row::Entity::find_by_id(dead).one(app.db.read()).await.unwrap().unwrap();
    stuck::run_job_again(&app, &member(Role::Operator), dead).await.unwrap();
    assert!(!job::finish(&app, &old, &Outcome::Discard("late".into())).await.unwrap());
    app.run_jobs().await;
    assert!(esign_domain::auth::query::of_flows(&app, &[id]).await.unwrap()[0].evidence_blob.is_some());
}

#[tokio::test]
async fn a_job_that_is_put_away_stays_away_with_its_reason() {
    let app = TestApp::new().await;
    let id = given_up(&app, "away").await;
    let operator = member(Role::Operator);
    let dead = items(&app, Stuck::JobDiscarded).await[0].job.clone().unwrap().0;
    let bare = stuck::dismiss_job(&app, &operator, dead, " ").await;
    assert!(matches!(bare, Err(Error::InvalidArgument(_))));
    assert!(stuck::dismiss_job(&app, &operator, dead, "对方已书面确认 13800138000").await.unwrap());
    assert!(!stuck::dismiss_job(&app, &operator, dead, "再来一次").await.unwrap());
    assert!(!stuck::run_job_again(&app, &operator, dead).await.unwrap());
    assert!(items(&app, Stuck::JobDiscarded).await.is_empty());
    let timeline = flow::staff::timeline(&app, &operator, id).await.unwrap().unwrap();
    let put_away = timeline.entries.iter().find(|entry| entry.what.key() == "dismissJob").unwrap();
    assert_eq!(put_away.note.as_deref(), Some("对方已书面确认 ***"));
    assert_eq!(app.run_jobs().await, 0);
}

#[tokio::test]
async fn all_of_a_kind_are_run_again_together() {
    let app = TestApp::new().await;
    for flow_no in ["bulk-1", "bulk-2", "bulk-3"] {
        given_up(&app, flow_no).await;
    }
    let now = app.now();
    let unreadable = job_row::ActiveModel {
        kind: Set("seal".into()),
        unique_key: Set("nobody".into()),
        payload: Set(serde_json::json!({"kind": "unheard_of"})),
        state: Set("available".into()),
        due_at: Set(now),
        attempt: Set(0),
        failures: Set(0),
        created_at: Set(now),
        ..Default::default()
    };
    job_row::Entity::insert(unreadable).exec(app.db.write()).await.unwrap();
    app.run_jobs().await;
    assert_eq!(items(&app, Stuck::JobDiscarded).await.len(), 4);
    let operator = member(Role::Operator);
    assert_eq!(stuck::run_all_again(&app, &operator, Some("fetch_evidence")).await.unwrap(), 3);
    assert_eq!(stuck::run_all_again(&app, &operator, Some("fetch_evidence")).await.unwrap(), 0);
    app.run_jobs().await;
    let rest = items(&app, Stuck::JobDiscarded).await;
    assert_eq!((rest.len(), rest[0].cause), (1, Some(Cause::Unreadable)));
    let client = app.demo.caller();
    assert!(stuck::list(&app, &client, None).await.unwrap().is_empty(), "a job of no flow is nobody's");
    assert!(stuck::dismiss_job(&app, &operator, rest[0].job.clone().unwrap().0, "旧版本留下的").await.unwrap());
}
