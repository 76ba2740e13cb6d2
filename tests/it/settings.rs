//! What a client has otherwise than configured, and what staff change while flows are under way.

use chrono::TimeDelta;
use esign_domain::{
    agreement::entity::{agreement_template, agreement_type},
    auth::entity::auth_rule,
    client::{ClientSettings, entity::client},
    error::Error,
    flow::{self, h5::Reading},
    seal,
    sms::{self, entity::sms_template},
};
use esign_sealing::Ink;
use esign_tests::{
    TestApp,
    auth_system::AMOUNT,
    door::code,
    fixture::{corporate, individual},
    sealer::Mishap,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QueryFilter, prelude::*};
use serde_json::json;

async fn give(app: &TestApp, settings: ClientSettings) {
    let row = client::ActiveModel {
        id: sea_orm::ActiveValue::Unchanged(app.demo.client.id),
        settings: Set(settings),
        ..Default::default()
    };
    row.update(app.db.write()).await.unwrap();
}

#[tokio::test]
async fn a_clients_own_limits_hold_for_its_flows() {
    let app = TestApp::new().await;
    give(
        &app,
        ClientSettings {
            session_seconds: Some(3_600),
            resend_max: Some(1),
            resend_gap_seconds: Some(300),
            auth_attempts: Some(1),
            allow_typed_name: Some(true),
            restart_after_decline: Some(true),
        },
    )
    .await;
    let id = app.start(individual("own")).await.id;
    assert_eq!(app.flow(id).await.expires_at, app.now() + TimeDelta::hours(1));
    app.run_jobs().await;
    let caller = app.demo.caller();
    app.advance(TimeDelta::seconds(299));
    let early = sms::resend(&app, &caller, id).await;
    assert!(matches!(early, Err(Error::SmsRateLimited { retry_after_seconds: Some(1), remaining: 1 })), "{early:?}");
    app.advance(TimeDelta::seconds(1));
    assert_eq!(sms::resend(&app, &caller, id).await.unwrap().1.remaining, 0);
    app.run_jobs().await;
    let signer = app.signer(id).await;
    signer.read().await.unwrap();
    signer.sign_as(signer.submission(), Ink::TypedName("李晓明".into())).await.unwrap();
    signer.start_face().await.unwrap();
    app.run_jobs().await;
    app.call_back("msg-1", &app.auth.reject(true)).await;
    assert_eq!(app.state(id).await, "FAILED AUTH_FAILED", "its one attempt is spent");

    let declined = app.start(individual("declined")).await.id;
    app.run_jobs().await;
    app.signer(declined).await.decline("no").await.unwrap();
    assert!(flow::query::restartable(&app, &app.flow(declined).await).await.unwrap());
    let theirs = app.try_start_as(&app.other, individual("theirs")).await.unwrap().flow;
    assert_eq!(theirs.expires_at, app.now() + TimeDelta::hours(72), "another client's are as configured");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_typed_name_is_no_signature_unless_the_client_allows_it() {
    let app = TestApp::new().await;
    let id = app.start(individual("typed")).await.id;
    app.run_jobs().await;
    let signer = app.signer(id).await;
    signer.read().await.unwrap();
    let refused = signer.sign_as(signer.submission(), Ink::TypedName("李晓明".into())).await;
    assert!(matches!(refused, Err(Error::InvalidArgument(_))));
    assert_eq!(app.state(id).await, "PENDING_SIGN");
}

#[tokio::test]
async fn a_repeated_call_gets_its_flow_whatever_staff_have_changed_since() {
    let app = TestApp::new().await;
    app.start(corporate("before")).await;
    app.run_jobs().await;
    auth_rule::Entity::delete_many().exec(app.db.write()).await.unwrap();
    assert!(matches!(app.try_start(corporate("after")).await, Err(Error::AuthRuleNotFound(_))));
    sms_template::Entity::update_many()
        .col_expr(sms_template::Column::Status, Expr::value("DISABLED"))
        .exec(app.db.write())
        .await
        .unwrap();
    agreement_type::Entity::update_many()
        .col_expr(agreement_type::Column::Enabled, Expr::value(false))
        .exec(app.db.write())
        .await
        .unwrap();
    assert!(matches!(app.try_start(corporate("after")).await, Err(Error::AgreementTypeNotSupported { .. })));
    let again = app.try_start(corporate("before")).await.unwrap();
    assert!(again.replayed);
    // It goes on with what was decided then.
    app.advance(TimeDelta::minutes(1));
    sms::resend(&app, &app.demo.caller(), again.flow.id).await.unwrap();
    app.run_jobs().await;
    app.signer(again.flow.id).await.sign().await.unwrap();
    app.run_jobs().await;
    app.signer(again.flow.id).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(again.flow.id).await, "COMPLETED");
}

#[tokio::test]
async fn the_most_specific_rule_wins_and_the_decision_is_kept() {
    let app = TestApp::new().await;
    let shipped = auth_rule::Entity::find()
        .filter(auth_rule::Column::SubjectType.eq("INDIVIDUAL"))
        .one(app.db.read())
        .await
        .unwrap()
        .unwrap();
    let mut special = shipped.clone().into_active_model().reset_all();
    special.id = Set(app.id());
    special.number = Set(100);
    special.scene = Set(Some(esign_domain::terms::Scene::BatchPayment));
    special.selector = Set("BATCH_PAYMENT/INDIVIDUAL/*".into());
    special.auth_type = Set(esign_domain::terms::AuthType::PaymentVerification);
    let special = special.insert(app.db.write()).await.unwrap();
    let input = esign_tests::fixture::individual_with_account("special");
    let id = app.start(input).await.id;
    app.run_jobs().await;
    auth_rule::Entity::delete_by_id(special.id).exec(app.db.write()).await.unwrap();
    let query =
        "query($id: ID!) { signFlow(id: $id) { authType decision { authRule { id } authRuleVersion explanation } } }";
    let flow = app.data(query, json!({"id": id.to_string()})).await["signFlow"].take();
    assert_eq!(flow["authType"], "PAYMENT_VERIFICATION");
    assert_eq!(flow["decision"]["authRuleVersion"], 1);
    let words = flow["decision"]["explanation"].as_str().unwrap();
    assert!(words.contains(&shipped.selector), "the beaten rule is named: {words}");
}

/// A second document for the agreement that companies sign.
async fn publish_second(app: &TestApp) {
    let kind = agreement_type::Entity::find().filter(agreement_type::Column::Code.eq("SETTLEMENT_MANDATE"));
    let kind = kind.one(app.db.read()).await.unwrap().unwrap();
    let text = agreement_template::Entity::find().filter(agreement_template::Column::AgreementTypeId.eq(kind.id));
    let mut second = text.one(app.db.read()).await.unwrap().unwrap().into_active_model().reset_all();
    second.id = Set(app.id());
    second.document_name = Set("附件".into());
    second.source = Set("= 附件".into());
    second.position = Set(2);
    second.insert(app.db.write()).await.unwrap();
}

#[tokio::test]
async fn every_document_is_read_signed_and_sealed_or_none() {
    let app = TestApp::new().await;
    publish_second(&app).await;
    let id = app.start(corporate("two-papers")).await.id;
    app.run_jobs().await;
    let signer = app.signer(id).await;
    signer.open().await.unwrap();
    let reading = |position| Reading { position, seconds: 3, pages_shown: 2, reached_end: true };
    let hasty = signer.record(reading(1)).await;
    assert!(matches!(hasty, Err(Error::InvalidArgument(_))), "the least time has not gone by");
    app.advance(TimeDelta::seconds(3));
    signer.record(reading(1)).await.unwrap();
    assert!(matches!(signer.write_name().await, Err(Error::StateConflict { status }) if status == "NOT_READ"));
    app.advance(TimeDelta::seconds(3));
    signer.record(reading(2)).await.unwrap();
    signer.write_name().await.unwrap();
    app.run_jobs().await;
    // The first document is sealed, the second fails: neither counts.
    app.sealer.sealing.next([None, Some(Mishap::Fails)]);
    signer.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "SEALING");
    let seals = seal::query::of_flows(&app, &[id]).await.unwrap();
    assert!(seals.iter().all(|seal| seal.sealed_digest.is_none() && seal.status.as_str() == "SIGNED"));
    app.live_through(TimeDelta::seconds(2)).await;
    assert_eq!(app.state(id).await, "COMPLETED");
    let seals = seal::query::of_flows(&app, &[id]).await.unwrap();
    assert_eq!(seals.len(), 2);
    assert_ne!(seals[0].sealed_digest, seals[1].sealed_digest);
}

#[tokio::test]
async fn a_disabled_client_is_out_at_once() {
    let app = TestApp::new().await;
    let row = client::ActiveModel {
        id: sea_orm::ActiveValue::Unchanged(app.demo.client.id),
        enabled: Set(false),
        ..Default::default()
    };
    row.update(app.db.write()).await.unwrap();
    let form = [("grant_type", "client_credentials"), ("client_id", "demo"), ("client_secret", &app.demo.secret)];
    assert_eq!(app.post_form("/oauth/token", &form).await.status, 401);
    let token = app.token(&app.demo, None);
    assert_eq!(code(&app.graphql_as(&token, "{ viewer { name } }", json!({})).await), Some("UNAUTHENTICATED"));
}
