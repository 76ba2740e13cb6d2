//! Every error code there is: how it comes about, what it carries, in which words, and that its trace id finds the log.
//!
//! The codes are read off the domain's own sources, so a new one without a row fails. All of them, with both messages,
//! stand in one snapshot.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use chrono::TimeDelta;
use esign_domain::{flow, ids::FlowId, sms::entity::sms_template, words::Lang};
use esign_tests::{
    TestApp,
    auth_system::refused,
    door::Answer,
    fixture::{corporate, individual, with},
    journal::Journal,
    sealer,
};
use futures_util::FutureExt;
use http::{Request, header};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

/// How a code is told.
struct Row {
    code: &'static str,
    told: Told,
}

/// Where, and with what.
enum Told {
    /// By the API: HTTP status, whether a retry may help, and the names of its details.
    ByTheApi(u16, bool, &'static [&'static str]),
    /// To the person with the link.
    OnThePages,
    /// As a flow's `failure.code`, and whether a new flow may succeed.
    AsFailure(bool),
    /// Not yet: what tells it is still to be built.
    Later,
}
use Told::{AsFailure, ByTheApi, Later, OnThePages};

const CODES: [Row; 26] = [
    row("AGREEMENT_TYPE_NOT_SUPPORTED", ByTheApi(200, false, &["allowed"])),
    row("ALREADY_EXISTS", ByTheApi(200, false, &["conflictsWith"])),
    row("AUTH_FAILED", AsFailure(true)),
    row("AUTH_INIT_FAILED", AsFailure(true)),
    row("AUTH_RULE_NOT_FOUND", ByTheApi(200, false, &["agreementType", "scene", "subjectType"])),
    row("AUTH_TIMEOUT", AsFailure(true)),
    // No error of anybody's: the word for a flow that was withdrawn.
    row("CANCELLED", Later),
    row("FORBIDDEN", ByTheApi(200, false, &[])),
    row("H5_SESSION_INVALID", OnThePages),
    row("IDEMPOTENCY_CONFLICT", ByTheApi(200, false, &["fields"])),
    row("INTERNAL", ByTheApi(200, true, &[])),
    row("INVALID_ARGUMENT", ByTheApi(200, false, &["fields"])),
    row("INVALID_REQUEST", ByTheApi(400, false, &[])),
    row("NOT_FOUND", ByTheApi(200, false, &[])),
    row("QUERY_TOO_COMPLEX", ByTheApi(400, false, &[])),
    row("RATE_LIMITED", ByTheApi(429, true, &["retryAfterSeconds"])),
    row("SCENE_NOT_SUPPORTED", ByTheApi(400, false, &["allowed"])),
    row("SESSION_EXPIRED", AsFailure(true)),
    row("SIGN_DECLINED", AsFailure(false)),
    row("SIGN_FAILED", AsFailure(true)),
    // Over a socket, when a subscriber doesn't keep up: told by the socket's own tests.
    row("SLOW_CONSUMER", Later),
    row("SMS_RATE_LIMITED", ByTheApi(200, false, &["remaining", "retryAfterSeconds"])),
    row("SMS_SEND_FAILED", ByTheApi(200, true, &[])),
    row("SMS_TEMPLATE_NOT_FOUND", ByTheApi(200, false, &["agreementType", "scene", "subjectType"])),
    row("STATE_CONFLICT", ByTheApi(200, false, &["status"])),
    row("UNAUTHENTICATED", ByTheApi(401, false, &[])),
];

const fn row(code: &'static str, told: Told) -> Row {
    Row { code, told }
}

/// The codes that the domain's sources name, and those it has words for.
fn known() -> BTreeSet<String> {
    let source = include_str!("../../domain/src/error.rs");
    let of_verbs = source.lines().filter_map(|line| {
        let (variant, code) = line.trim().split_once(" => \"")?;
        variant.starts_with("Self::").then(|| code.trim_end_matches("\",").to_owned())
    });
    let words: BTreeMap<String, String> = serde_json::from_str(include_str!("../../domain/words/en.json")).unwrap();
    let with_words = words.into_keys().filter(|key| key.chars().all(|letter| !letter.is_ascii_lowercase()));
    of_verbs.chain(with_words).chain(["SLOW_CONSUMER".to_owned()]).collect()
}

const START: &str = "mutation($input: StartSignFlowInput!) { startSignFlow(input: $input) { replayed } }";
const CANCEL: &str =
    "mutation($id: ID!) { cancelSignFlow(input: {flowId: $id, reason: \"订单取消\"}) { flow { id } } }";
const RESEND: &str = "mutation($id: ID!) { resendSms(input: {flowId: $id}) { remaining } }";
/// For the companies that a shipped rule is for.
const SECOND_RULE: &str = "mutation { createAuthRule(input: {selector: {subjectType: CORPORATE},
    authType: FACE_VERIFICATION, enabled: true}) { authRule { id } } }";
const TEST_SMS: &str =
    "mutation($id: ID!) { sendTestSms(templateId: $id, mobile: \"13900139000\") { smsRecord { id } } }";
const LIST: &str = "{ signFlows { nodes { id } } }";
const DEEP: &str = "{ signFlows(first: 100) { nodes { events(first: 100) { nodes { id } } } } }";

/// A platform with a flow under way and one that is over.
struct Stage {
    app: TestApp,
    running: FlowId,
    over: FlowId,
}

impl Stage {
    async fn set() -> Self {
        let app = TestApp::new().await;
        let running = app.start(corporate("running")).await.id;
        let over = app.start(individual("over")).await.id;
        flow::cancel(&app, &app.demo.caller(), over, "订单取消").await.unwrap();
        app.run_jobs().await;
        Self { app, running, over }
    }

    /// Has a code told; gives the answer and the flow that it is about.
    async fn provoke(&self, code: &str, language: &str) -> (Answer, Option<FlowId>) {
        let (app, all) = (&self.app, self.app.token(&self.app.demo, None));
        let start = |input: Value| app.ask(&all, language, START, json!({"input": input})).boxed();
        let about = |query: &'static str, id: FlowId| app.ask(&all, language, query, json!({"id": id.to_string()}));
        let answer = match code {
            "AGREEMENT_TYPE_NOT_SUPPORTED" => start(with(corporate("new"), "/agreementType", json!("NONE"))).await,
            "ALREADY_EXISTS" => app.ask(&all, language, SECOND_RULE, json!({})).await,
            "FORBIDDEN" => app.ask(&app.token(&app.demo, Some("flows:write")), language, LIST, json!({})).await,
            "IDEMPOTENCY_CONFLICT" => start(with(corporate("running"), "/fundPurpose", json!("其他"))).await,
            "INVALID_ARGUMENT" => start(corporate("not a flow no")).await,
            "INVALID_REQUEST" => app.ask(&all, language, "{ nonsense }", json!({})).await,
            "NOT_FOUND" => app.ask(&all, language, CANCEL, json!({"id": "flow_none"})).await,
            "QUERY_TOO_COMPLEX" => app.ask(&all, language, DEEP, json!({})).await,
            "SCENE_NOT_SUPPORTED" => start(with(corporate("new"), "/scene", json!("LENDING"))).await,
            "UNAUTHENTICATED" => app.ask("nobody's", language, "{ viewer { kind } }", json!({})).await,
            "AUTH_RULE_NOT_FOUND" => {
                without(app, "auth_rule", "enabled = false", "enabled = true").await;
                let answer = start(corporate("new")).await;
                without(app, "auth_rule", "enabled = true", "enabled = false").await;
                answer
            }
            "SMS_TEMPLATE_NOT_FOUND" => {
                without(app, "sms_template", "status = 'DISABLED'", "status = 'ENABLED'").await;
                let answer = start(corporate("new")).await;
                without(app, "sms_template", "status = 'ENABLED'", "status = 'DISABLED'").await;
                answer
            }
            "SMS_SEND_FAILED" => {
                app.gateway.fail(1);
                let template = sms_template::Entity::find().one(app.db.read()).await.unwrap().unwrap();
                app.ask(&all, language, TEST_SMS, json!({"id": template.id.to_string()})).await
            }
            "RATE_LIMITED" => return (too_many(language).await, None),
            "SMS_RATE_LIMITED" => return (about(RESEND, self.running).await, Some(self.running)),
            "STATE_CONFLICT" => return (about(CANCEL, self.over).await, Some(self.over)),
            "INTERNAL" => {
                break_evidence(app).await;
                let answer = about(CANCEL, self.running).await;
                mend_evidence(app).await;
                return (answer, Some(self.running));
            }
            other => panic!("{other}: say how it comes about"),
        };
        (answer, None)
    }
}

/// Changes the catalogue as staff will.
async fn without(app: &TestApp, table: &str, set: &str, were: &str) {
    app.db.write().execute_unprepared(&format!("update {table} set {set} where {were}")).await.unwrap();
}

/// Takes away the table that every event with a personal value needs.
pub async fn break_evidence(app: &TestApp) {
    app.db.write().execute_unprepared("alter table event_secret rename to event_secret_away").await.unwrap();
}

/// Gives it back.
pub async fn mend_evidence(app: &TestApp) {
    app.db.write().execute_unprepared("alter table event_secret_away rename to event_secret").await.unwrap();
}

async fn too_many(language: &str) -> Answer {
    let app = TestApp::with(|settings| {
        (settings.limits.requests_per_second, settings.limits.request_burst) = (1, 1);
    })
    .await;
    let token = app.token(&app.demo, None);
    loop {
        let answer = app.ask(&token, language, "{ viewer { kind } }", json!({})).await;
        if answer.status == 429 {
            assert!(answer.headers.contains_key(header::RETRY_AFTER));
            return answer;
        }
    }
}

/// What an error says besides its code, retryable and traceId.
fn details(extensions: &Value) -> Vec<String> {
    let named = extensions
        .as_object()
        .unwrap()
        .keys()
        .filter(|name| !["code", "retryable", "traceId"].contains(&name.as_str()));
    let mut named: Vec<_> = named.cloned().collect();
    named.sort();
    named
}

/// The lines of a log that belong to a request.
pub fn lines<'a>(log: &'a str, trace: &str) -> Vec<&'a str> {
    log.lines().filter(|line| line.contains(&format!("traceId={trace}"))).collect()
}

/// Checks what one telling of a code must be; gives its message.
fn check(row: &Row, answer: &Answer, flow: Option<FlowId>, log: &str) -> String {
    let ByTheApi(status, retryable, promised) = row.told else { panic!("{} is not told by the API", row.code) };
    let body = answer.json();
    let error = &body["errors"][0];
    let extensions = &error["extensions"];
    assert_eq!(extensions["code"], row.code, "{body}");
    assert_eq!((answer.status.as_u16(), &extensions["retryable"]), (status, &json!(retryable)), "{body}");
    assert_eq!(details(extensions), promised, "{body}");
    let trace = extensions["traceId"].as_str().unwrap();
    assert_eq!(answer.headers["x-trace-id"], trace, "{}: one id everywhere", row.code);
    let lines = lines(log, trace);
    assert!(!lines.is_empty(), "{}: nothing in the log", row.code);
    let names = |what: &str| lines.iter().any(|line| line.contains(what));
    assert!(row.code == "UNAUTHENTICATED" || names("client=client:demo"), "{}: {lines:?}", row.code);
    if let Some(id) = flow {
        assert!(names(&format!("flow={id}")), "{}: {lines:?}", row.code);
    }
    if row.code == "INTERNAL" {
        assert!(names("unexpected error"), "its cause is told to the log alone: {lines:?}");
    }
    error["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_code_is_told_as_promised_and_found_in_the_log() {
    let rows: BTreeSet<_> = CODES.iter().map(|row| row.code.to_owned()).collect();
    assert_eq!(rows, known(), "a code is new: give it a row, and say how it comes about");
    let (journal, stage) = (Journal::begin(), Stage::set().await);
    let mut catalogue = BTreeMap::new();
    for row in &CODES {
        let mut told = json!({"zh": Lang::Zh.say(row.code), "en": Lang::En.say(row.code)});
        if let ByTheApi(status, retryable, details) = row.told {
            for (lang, header) in [("zh", "zh-CN,zh;q=0.9"), ("en", "en-US,en;q=0.9,zh;q=0.1")] {
                let (answer, flow) = stage.provoke(row.code, header).await;
                told[lang] = check(row, &answer, flow, &journal.text()).into();
            }
            told["status"] = status.into();
            told["retryable"] = retryable.into();
            told["details"] = json!(details);
        }
        catalogue.insert(row.code, told);
    }
    insta::assert_json_snapshot!(catalogue);
    stage.app.run_jobs().await;
}

#[tokio::test]
async fn a_caller_may_bring_an_id_of_their_own() {
    let (journal, app) = (Journal::begin(), TestApp::new().await);
    let id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request = Request::post("/graphql").header("traceparent", format!("00-{id}-00f067aa0ba902b7-01"));
    let answer = app.call(request.body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.json()["errors"][0]["extensions"]["traceId"], id);
    assert!(!lines(&journal.text(), id).is_empty());
}

/// Ends a flow with a failure.
async fn fail(app: &TestApp, code: &str) -> FlowId {
    let company = corporate(code);
    match code {
        "SESSION_EXPIRED" => {
            let id = app.start(with(company, "/expiresInSeconds", json!(60))).await.id;
            app.live_through(TimeDelta::seconds(60)).await;
            id
        }
        "SIGN_DECLINED" | "SIGN_FAILED" => {
            let id = app.start(company).await.id;
            app.run_jobs().await;
            let signer = app.signer(id).await;
            if code == "SIGN_DECLINED" {
                signer.decline("不签了").await.unwrap();
                return id;
            }
            signer.read().await.unwrap();
            app.sealer.laying_out.fail(3, sealer::Mishap::Fails);
            esign_domain::seal::blob::delete(app, &format!("flows/{id}/1/document.json")).await.unwrap();
            while !app.flow(id).await.status.is_terminal() {
                assert!(signer.write_name().await.is_err());
            }
            id
        }
        _ => {
            if code == "AUTH_INIT_FAILED" {
                app.auth.creating.fail(1, refused());
            }
            let id = app.sign(company).await;
            app.run_jobs().await;
            if code == "AUTH_FAILED" {
                app.call_back("msg-failed", &app.auth.reject(false)).await;
            } else if code == "AUTH_TIMEOUT" {
                app.signer(id).await.see_payment().await.unwrap();
                app.pass(TimeDelta::hours(72)).await;
            }
            id
        }
    }
}

#[tokio::test]
async fn a_flows_failure_is_told_in_both_languages() {
    let app = TestApp::with(|settings| settings.flow.auth_attempts = 1).await;
    let query = "query($id: ID!) { signFlow(id: $id) { failure { code message retryable } } }";
    for row in &CODES {
        let AsFailure(retryable) = row.told else { continue };
        let id = fail(&app, row.code).await;
        for (language, lang) in [("zh-CN", Lang::Zh), ("en", Lang::En)] {
            let vars = json!({"id": id.to_string()});
            let told = app.ask(&app.token(&app.demo, None), language, query, vars).await.json();
            let expected = json!({"code": row.code, "message": lang.say(row.code), "retryable": retryable});
            assert_eq!(told["data"]["signFlow"]["failure"], expected);
        }
    }
    app.run_jobs().await;
}
