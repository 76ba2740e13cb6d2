//! Starting: once for each flowNo, whatever happens.

use chrono::TimeDelta;
use esign_domain::{error::Error, ids::FlowId, sms::entity::sms_record};
use esign_tests::{
    TestApp,
    door::code,
    fixture::{corporate, individual, with},
};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use uuid::Uuid;

const START: &str = "mutation($input: StartSignFlowInput!) { startSignFlow(input: $input) { replayed flow {
    id status restartable failure { code } session { url } result { status } supersedes { id } } } }";
const PLAN: &str = "query($input: StartSignFlowInput!) { planSignFlow(input: $input) {
    authType authRule { id } smsTemplate { id } smsText documents { documentName version } expiresAt } }";

async fn start(app: &TestApp, input: Value) -> Value {
    app.graphql(START, json!({"input": input})).await
}

fn problems(answer: &Value) -> Vec<String> {
    let fields = answer["errors"][0]["extensions"]["fields"].as_array().cloned().unwrap_or_default();
    let mut paths: Vec<_> = fields.iter().map(|field| field["path"].as_str().unwrap().to_owned()).collect();
    paths.sort();
    paths
}

#[tokio::test]
async fn fifty_identical_calls_at_once_make_one_flow() {
    let app = TestApp::new().await;
    let answers = join_all((0..50).map(|_| start(&app, corporate("once")))).await;
    let ids: std::collections::BTreeSet<_> =
        answers.iter().map(|answer| answer["data"]["startSignFlow"]["flow"]["id"].as_str().expect("a flow")).collect();
    assert_eq!(ids.len(), 1);
    let new = answers.iter().filter(|answer| answer["data"]["startSignFlow"]["replayed"] == false).count();
    assert_eq!(new, 1);
    app.run_jobs().await;
    assert_eq!(app.gateway.taken().len(), 1);
    assert_eq!(sms_record::Entity::find().count(app.db.read()).await.unwrap(), 1);
}

#[tokio::test]
async fn of_different_calls_at_once_one_wins_and_the_others_conflict() {
    let app = TestApp::new().await;
    let call = |n: usize| start(&app, with(corporate("contested"), "/metadata", json!({"n": n})));
    let answers = join_all((0..10).map(call)).await;
    let codes: Vec<_> = answers.iter().filter_map(code).collect();
    assert_eq!(codes, ["IDEMPOTENCY_CONFLICT"; 9]);
    assert_eq!(answers.iter().filter(|answer| answer["data"]["startSignFlow"]["replayed"] == false).count(), 1);
    app.run_jobs().await;
    assert_eq!(app.gateway.taken().len(), 1);
}

#[tokio::test]
async fn a_repeated_call_gets_its_flow_at_every_stage() {
    let app = TestApp::new().await;
    let first = start(&app, corporate("again")).await["data"]["startSignFlow"]["flow"].take();
    let id: FlowId = first["id"].as_str().unwrap().parse().unwrap();
    app.run_jobs().await;
    let again = start(&app, corporate("again")).await["data"]["startSignFlow"].take();
    assert_eq!(again["replayed"], true);
    assert_eq!(again["flow"]["session"], first["session"], "the same link");
    let signer = app.signer(id).await;
    signer.sign().await.unwrap();
    app.run_jobs().await;
    signer.amount(esign_tests::auth_system::AMOUNT).await.unwrap();
    app.run_jobs().await;
    let done = start(&app, corporate("again")).await["data"]["startSignFlow"].take();
    assert_eq!((&done["replayed"], &done["flow"]["result"]["status"]), (&json!(true), &json!("COMPLETED")));
    assert_eq!(done["flow"]["session"]["url"], Value::Null, "a link that is over is shown to nobody");

    let failed = app.start(individual("ends")).await.id;
    app.run_jobs().await;
    app.signer(failed).await.decline("不需要了").await.unwrap();
    let told = start(&app, individual("ends")).await["data"]["startSignFlow"].take();
    assert_eq!(told["flow"]["failure"]["code"], "SIGN_DECLINED");
    assert_eq!(told["flow"]["restartable"], false);
}

#[tokio::test]
async fn the_same_content_counts_however_it_is_written() {
    let app = TestApp::new().await;
    let input = with(corporate("same"), "/subject/mobile", json!("13800138000"));
    app.start(input.clone()).await;
    for same in [
        with(input.clone(), "/subject/mobile", json!("+86 138-0013-8000")),
        with(input.clone(), "/returnUrl", Value::Null),
        with(input.clone(), "/metadata", json!({"order": "same", "none": null})),
        json!({"metadata": input["metadata"], "agreementVariables": null, "flowNo": "same"}),
    ] {
        let mut whole = input.clone();
        whole.as_object_mut().unwrap().extend(same.as_object().unwrap().clone());
        assert!(app.try_start(whole).await.unwrap().replayed);
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn other_content_is_refused_and_names_the_fields() {
    let app = TestApp::new().await;
    app.start(corporate("taken")).await;
    for (pointer, value, path) in [
        ("/scene", json!("MEMBER_SETTLEMENT"), "scene"),
        ("/subject/mobile", json!("13911112222"), "subject.mobile"),
        ("/subject/bankAccount/accountNo", json!("6222020200112233"), "subject.bankAccount.accountNo"),
        ("/subject/bankAccount/bankCode", Value::Null, "subject.bankAccount.bankCode"),
        ("/metadata", json!({"order": "another"}), "metadata"),
        ("/expiresInSeconds", json!(600), "expiresInSeconds"),
    ] {
        let answer = start(&app, with(corporate("taken"), pointer, value)).await;
        assert_eq!(code(&answer), Some("IDEMPOTENCY_CONFLICT"), "{pointer}: {answer}");
        assert_eq!(answer["errors"][0]["extensions"]["fields"], json!([path]));
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn every_problem_is_told_at_once_and_nothing_is_written() {
    let app = TestApp::new().await;
    let mut input = corporate("not a flow no");
    for (pointer, value) in [
        ("/fundPurpose", json!("")),
        ("/subject/name", json!("名".repeat(101))),
        ("/subject/mobile", json!("12345")),
        ("/subject/idDocument/number", json!("91350100M000100Y44")),
        ("/subject/bankAccount/accountNo", json!("12-34")),
        ("/subject/signatoryName", Value::Null),
        ("/returnUrl", json!("not an address")),
        ("/metadata", json!({"much": "x".repeat(2_048)})),
        ("/agreementVariables", json!({"count": 1})),
        ("/supersedes", json!("seal_1")),
    ] {
        input = with(input, pointer, value);
    }
    let answer = start(&app, input).await;
    assert_eq!(code(&answer), Some("INVALID_ARGUMENT"));
    let expected = [
        "agreementVariables",
        "flowNo",
        "fundPurpose",
        "metadata",
        "returnUrl",
        "subject.bankAccount.accountNo",
        "subject.idDocument.number",
        "subject.mobile",
        "subject.name",
        "subject.signatoryName",
        "supersedes",
    ];
    assert_eq!(problems(&answer), expected);
    // What needs the catalogue is told together as well.
    let mut input = individual("meaning");
    for (pointer, value) in [
        ("/expiresInSeconds", json!(0)),
        ("/returnUrl", json!("https://elsewhere.example/back")),
        ("/agreementVariables", json!({"nobodyAsked": "x"})),
    ] {
        input = with(input, pointer, value);
    }
    let answer = start(&app, input).await;
    assert_eq!(problems(&answer), ["agreementVariables.nobodyAsked", "expiresInSeconds", "returnUrl"]);
    let events = esign_domain::event::entity::flow_event::Entity::find().count(app.db.read()).await.unwrap();
    assert_eq!(events, 0);
}

#[tokio::test]
async fn each_refusal_has_its_code() {
    let app = TestApp::new().await;
    let table = [
        (with(corporate("a"), "/scene", json!("LENDING")), "SCENE_NOT_SUPPORTED"),
        (with(corporate("b"), "/agreementType", json!("NO_SUCH_TYPE")), "AGREEMENT_TYPE_NOT_SUPPORTED"),
        (with(corporate("c"), "/agreementType", json!("PAYMENT_AGENCY_AGREEMENT")), "AGREEMENT_TYPE_NOT_SUPPORTED"),
        (with(corporate("d"), "/subject/bankAccount", Value::Null), "INVALID_ARGUMENT"),
        (with(corporate("e"), "/subject/role", Value::Null), "INVALID_ARGUMENT"),
        (with(corporate("f"), "/unheardOf", json!(1)), "INVALID_ARGUMENT"),
        (with(corporate("g"), "/supersedes", json!(FlowId::new(Uuid::nil()))), "NOT_FOUND"),
    ];
    for (input, expected) in table {
        let answer = start(&app, input.clone()).await;
        assert_eq!(code(&answer), Some(expected), "{input} {answer}");
        let planned = app.graphql(PLAN, json!({"input": input})).await;
        assert_eq!(code(&planned), Some(expected), "the plan says the same");
    }
}

#[tokio::test]
async fn a_plan_says_what_a_start_would_do_and_writes_nothing() {
    let app = TestApp::new().await;
    let plan = app.data(PLAN, json!({"input": corporate("planned")})).await["planSignFlow"].take();
    assert_eq!(plan["authType"], "PAYMENT_VERIFICATION");
    assert_eq!(plan["documents"].as_array().unwrap().len(), 1);
    let text = plan["smsText"].as_str().unwrap();
    assert!(text.contains("/s/0000000000000000000000 "), "{text}");
    let flows = esign_domain::flow::entity::sign_flow::Entity::find().count(app.db.read()).await.unwrap();
    assert_eq!((flows, app.waiting("send_sms").await.len()), (0, 0));
    let face = app.data(PLAN, json!({"input": individual("planned")})).await["planSignFlow"].take();
    assert_eq!(face["authType"], "FACE_VERIFICATION");
}

#[tokio::test]
async fn a_missing_template_is_refused_or_fails_as_configured() {
    use esign_config::OnMissingTemplate::{Fail, Reject};
    for (setting, expected) in [(Reject, None), (Fail, Some("FAILED SMS_TEMPLATE_NOT_FOUND"))] {
        let app = TestApp::with(|settings| settings.sms.on_missing_template = setting).await;
        // Templates are never deleted: their versions hold them.
        app.db.write().execute_unprepared("update sms_template set status = 'DISABLED'").await.unwrap();
        match (app.try_start(corporate("no-text")).await, expected) {
            (Err(Error::SmsTemplateNotFound(_)), None) => {}
            (Ok(started), Some(state)) => {
                let id = started.flow.id;
                assert_eq!(app.state(id).await, state);
                let flow = start(&app, corporate("no-text")).await["data"]["startSignFlow"]["flow"].take();
                assert_eq!(flow["session"], Value::Null);
                assert_eq!(flow["result"]["status"], "FAILED");
                assert_eq!(flow["restartable"], true);
            }
            (other, _) => panic!("{:?}", other.map(|started| started.flow.status)),
        }
        assert_eq!(app.alerts.counts()[&esign_domain::alert::Alert::SmsTemplateMissing], 1);
        assert_eq!(app.run_jobs().await, 0);
    }
}

#[tokio::test]
async fn a_flow_is_superseded_once_and_only_when_it_may_be() {
    let app = TestApp::new().await;
    let successor = |flow_no: &str, old: FlowId| with(individual(flow_no), "/supersedes", json!(old));
    let old = app.start(individual("old")).await.id;
    let running = start(&app, successor("early", old)).await;
    assert_eq!(code(&running), Some("STATE_CONFLICT"), "still under way");
    app.live_through(TimeDelta::hours(73)).await;
    assert_eq!(app.state(old).await, "TIMED_OUT SESSION_EXPIRED");
    let foreign = app.try_start_as(&app.other, successor("theirs", old)).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
    let answers = join_all((0..5).map(|n| {
        let input = successor(&format!("new-{n}"), old);
        let app = &app;
        async move { start(app, input).await }
    }))
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| code(answer).is_none());
    assert_eq!(won.len(), 1, "{answers:?}");
    assert_eq!(won[0]["data"]["startSignFlow"]["flow"]["supersedes"]["id"], old.to_string());
    assert!(lost.iter().all(|answer| code(answer) == Some("STATE_CONFLICT")), "{lost:?}");
    let query = "query($id: ID!) { signFlow(id: $id) { restartable supersededBy { id } } }";
    let seen = app.data(query, json!({"id": old.to_string()})).await;
    assert_eq!(seen["signFlow"]["restartable"], false);
    assert_eq!(seen["signFlow"]["supersededBy"]["id"], won[0]["data"]["startSignFlow"]["flow"]["id"]);
    app.run_jobs().await;
}
