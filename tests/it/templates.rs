//! SMS templates: written, enabled, changed by several at once, and found as they were by the flows that used them.

use std::sync::Arc;

use esign_domain::{
    audit::entity as audit_entry,
    sms::entity::{sms_template, sms_template_version},
    terms::TemplateStatus,
};
use esign_tests::{TestApp, contender, door::code, fixture::individual, race::Starter};
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, prelude::*};
use serde_json::{Value, json};

const CREATE: &str =
    "mutation($input: SmsTemplateInput!) { createSmsTemplate(input: $input) { smsTemplate { ...T } } }";
const UPDATE: &str = "mutation($id: ID!, $version: Int!, $input: SmsTemplateInput!) {
    updateSmsTemplate(id: $id, expectedVersion: $version, input: $input) { smsTemplate { ...T } } }";
const SET: &str = "mutation($id: ID!, $version: Int!, $status: TemplateStatus!) {
    setSmsTemplateStatus(id: $id, expectedVersion: $version, status: $status) { smsTemplate { ...T } } }";
const ONE: &str = "query($id: ID!) { smsTemplate(id: $id) { ...T versions { version body signName
    gatewayTemplates { code review } madeBy madeAt } } }";
const FIELDS: &str = "fragment T on SmsTemplate { id name selector { scene subjectType agreementType } body signName
    gatewayTemplates { gateway code review note } status version updatedBy }";
const BODY: &str = "请在 {{ expiresAt }} 前打开 {{ publicUrl }}/s/{{ linkCode }} 签字。";

/// What a template of batch payments is to be.
fn input(body: &str) -> Value {
    json!({"name": "批量付款通知", "selector": {"scene": "BATCH_PAYMENT"}, "body": body})
}

async fn ask(app: &TestApp, operation: &str, variables: Value) -> Value {
    app.graphql(&format!("{operation} {FIELDS}"), variables).await
}

/// The template that an operation gives.
async fn done(app: &TestApp, operation: &str, variables: Value) -> Value {
    let mut answer = ask(app, operation, variables).await;
    assert!(answer["errors"].is_null(), "{}", answer["errors"]);
    let (_, payload) = answer["data"].as_object_mut().unwrap().iter_mut().next().unwrap();
    payload["smsTemplate"].take()
}

async fn create(app: &TestApp, input: Value) -> Value {
    done(app, CREATE, json!({"input": input})).await["id"].take()
}

async fn set(app: &TestApp, id: &Value, version: i32, status: &str) -> Value {
    ask(app, SET, json!({"id": id, "version": version, "status": status})).await
}

/// A template that is enabled.
async fn enabled(app: &TestApp, input: Value) -> Value {
    let id = create(app, input).await;
    assert!(code(&set(app, &id, 1, "ENABLED").await).is_none());
    id
}

async fn one(app: &TestApp, id: &Value) -> Value {
    app.data(&format!("{ONE} {FIELDS}"), json!({"id": id})).await["smsTemplate"].take()
}

fn extensions(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]
}

/// The problems that an answer tells, as `path: problem`.
fn problems(answer: &Value) -> Vec<String> {
    assert_eq!(code(answer), Some("INVALID_ARGUMENT"), "{answer}");
    let text = |field: &Value, name: &str| field[name].as_str().unwrap().to_owned();
    let fields = extensions(answer)["fields"].as_array().unwrap();
    fields.iter().map(|field| format!("{}: {}", text(field, "path"), text(field, "problem"))).collect()
}

/// What was done to a template, by the version that each act made: the clock stands still, so ids tell no order.
async fn acts(app: &TestApp, id: &Value) -> Vec<audit_entry::Model> {
    let of = audit_entry::Column::Target.eq(id.as_str().unwrap());
    let mut acts = audit_entry::Entity::find().filter(of).all(app.db.read()).await.unwrap();
    acts.sort_by_key(|act| act.after.as_ref().unwrap()["version"].as_i64());
    acts
}

#[tokio::test]
async fn the_life_of_a_template_with_every_version_and_every_act() {
    let app = TestApp::new().await;
    let made = done(&app, CREATE, json!({"input": input("写到一半：{{ nobody }}")})).await;
    let id = made["id"].clone();
    assert_eq!((&made["status"], &made["version"]), (&json!("DRAFT"), &json!(1)), "a draft may be half written");
    assert_eq!(made["updatedBy"], "client:demo");

    let refused = set(&app, &id, 1, "DISABLED").await;
    assert_eq!((code(&refused), &extensions(&refused)["status"]), (Some("STATE_CONFLICT"), &json!("DRAFT")));
    assert_eq!(problems(&set(&app, &id, 1, "DRAFT").await), ["status: a template never becomes a draft again"]);

    app.advance(chrono::TimeDelta::seconds(1));
    let whole = json!({"id": id, "version": 1, "input": {"name": " 批量付款通知 ", "selector": {"scene": "BATCH_PAYMENT"},
        "body": format!("  {BODY}\n"), "signName": "云帆商贸",
        "gatewayTemplates": [{"gateway": "sandbox", "code": "SMS_7", "review": "APPROVED", "note": " "}]}});
    let changed = done(&app, UPDATE, whole.clone()).await;
    assert_eq!((&changed["body"], &changed["name"]), (&json!(BODY), &json!("批量付款通知")));
    let told = json!([{"gateway": "sandbox", "code": "SMS_7", "review": "APPROVED", "note": null}]);
    assert_eq!((&changed["version"], &changed["gatewayTemplates"]), (&json!(2), &told));
    let again = json!({"id": id, "version": 2, "input": whole["input"]});
    assert_eq!(done(&app, UPDATE, again).await["version"], 2, "what is the same changes nothing");

    for (version, status) in [(2, "ENABLED"), (3, "DISABLED"), (4, "ENABLED")] {
        let answer = set(&app, &id, version, status).await;
        assert!(code(&answer).is_none(), "{answer}");
        let same = set(&app, &id, version + 1, status).await;
        assert_eq!((code(&same), &extensions(&same)["status"]), (Some("STATE_CONFLICT"), &json!(status)));
    }
    assert_eq!(problems(&set(&app, &id, 5, "DRAFT").await), ["status: a template never becomes a draft again"]);

    let kept = one(&app, &id).await;
    assert_eq!((&kept["status"], &kept["version"]), (&json!("ENABLED"), &json!(5)));
    let versions = kept["versions"].as_array().unwrap();
    assert_eq!(versions.iter().map(|v| v["version"].as_i64().unwrap()).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    assert_eq!((&versions[4]["body"], &versions[4]["signName"]), (&json!("写到一半：{{ nobody }}"), &Value::Null));
    assert_eq!((&versions[0]["body"], &versions[0]["signName"]), (&json!(BODY), &json!("云帆商贸")));
    assert_eq!(versions[0]["gatewayTemplates"], json!([{"code": "SMS_7", "review": "APPROVED"}]));
    assert_eq!(versions[3]["madeBy"], "client:demo");

    let acts = acts(&app, &id).await;
    let names: Vec<_> = acts.iter().map(|act| act.action.as_str()).collect();
    let status = "setSmsTemplateStatus";
    assert_eq!(names, ["createSmsTemplate", "updateSmsTemplate", status, status, status], "refusals leave no act");
    assert_eq!(acts[0].before, None);
    for (earlier, later) in acts.iter().zip(&acts[1..]) {
        assert_eq!(earlier.after, later.before, "each begins where the one before ended");
    }
    let last = acts[4].after.clone().unwrap();
    assert_eq!(
        last,
        json!({"name": "批量付款通知", "body": BODY, "signName": "云帆商贸", "status": "ENABLED", "version": 5,
            "selector": {"scene": "BATCH_PAYMENT", "subjectType": null, "agreementType": null},
            "gatewayTemplates": told})
    );
    assert!(acts.iter().all(|act| act.actor == "client:demo" && act.ip.as_deref() == Some("127.0.0.1")));
    for sql in ["update sms_template_version set body = 'x'", "delete from sms_template_version"] {
        assert!(app.db.write().execute_unprepared(sql).await.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn a_template_that_is_not_there() {
    let app = TestApp::new().await;
    for id in ["smstpl_none", "smstpl_01900000-0000-7000-8000-000000000001", "flow_none"] {
        assert_eq!(one(&app, &json!(id)).await, Value::Null);
        let change = json!({"id": id, "version": 1, "input": input(BODY)});
        assert_eq!(code(&ask(&app, UPDATE, change).await), Some("NOT_FOUND"));
        assert_eq!(code(&set(&app, &json!(id), 1, "ENABLED").await), Some("NOT_FOUND"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_change_the_same_version_one_wins_and_the_other_leaves_nothing() {
    let (app, starter) = (Arc::new(TestApp::new().await), Starter::of("two edits of a template"));
    let id = create(&app, input(BODY)).await;
    for round in 0..20 {
        let version = 1 + round;
        let body = |who: usize| format!("{who} 第 {round} 轮 {BODY}");
        let edit = |who: usize| {
            let change = json!({"id": id, "version": version, "input": input(&body(who))});
            contender!(app => ask(&app, UPDATE, change).await)
        };
        let told = starter.run(vec![edit(0), edit(1)]).await;
        let winner = usize::from(code(&told[0]).is_some());
        assert!(code(&told[winner]).is_none(), "{told:?}");
        assert_eq!(code(&told[1 - winner]), Some("STATE_CONFLICT"));
        assert_eq!(extensions(&told[1 - winner])["version"], version + 1);
        let kept = one(&app, &id).await;
        assert_eq!((&kept["version"], &kept["body"]), (&json!(version + 1), &json!(body(winner))));
        assert_eq!(kept["versions"][0]["body"], body(winner));
        let lost = sms_template_version::Column::Body.eq(body(1 - winner));
        assert_eq!(sms_template_version::Entity::find().filter(lost).count(app.db.read()).await.unwrap(), 0);
        let acts = acts(&app, &id).await;
        assert_eq!(acts.len(), usize::try_from(version).unwrap() + 1);
        assert_eq!(acts.last().unwrap().after.as_ref().unwrap()["body"], body(winner));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_with_one_selector_that_are_enabled_at_once_one_is_and_the_other_is_told_which() {
    let (app, starter) = (Arc::new(TestApp::new().await), Starter::of("two templates enabled"));
    for round in 0..20 {
        let mut ids = Vec::new();
        for _ in 0..2 {
            ids.push(create(&app, input(BODY)).await);
        }
        let enable = |id: &Value| {
            let id = id.clone();
            contender!(app => set(&app, &id, 1, "ENABLED").await)
        };
        let told = starter.run(vec![enable(&ids[0]), enable(&ids[1])]).await;
        let winner = usize::from(code(&told[0]).is_some());
        assert!(code(&told[winner]).is_none(), "round {round}: {told:?}");
        assert_eq!(code(&told[1 - winner]), Some("ALREADY_EXISTS"), "round {round}: {told:?}");
        assert_eq!(extensions(&told[1 - winner])["conflictsWith"], ids[winner]);
        let loser = one(&app, &ids[1 - winner]).await;
        assert_eq!((&loser["status"], &loser["version"]), (&json!("DRAFT"), &json!(1)));
        assert_eq!(acts(&app, &ids[1 - winner]).await.len(), 1);
        assert!(code(&set(&app, &ids[winner], 2, "DISABLED").await).is_none());
    }
}

#[tokio::test]
async fn an_enabled_one_can_not_take_the_selector_of_another_and_a_draft_can() {
    let app = TestApp::new().await;
    let first = enabled(&app, input(BODY)).await;
    let narrow =
        json!({"name": "n", "body": BODY, "selector": {"scene": "COLLECTION", "agreementType": "SETTLEMENT_MANDATE"}});
    let second = enabled(&app, narrow).await;
    let moved = json!({"id": second, "version": 2, "input": input(BODY)});
    let refused = ask(&app, UPDATE, moved).await;
    assert_eq!((code(&refused), &extensions(&refused)["conflictsWith"]), (Some("ALREADY_EXISTS"), &first));
    assert_eq!(one(&app, &second).await["version"], 2);
    let draft = create(&app, input(BODY)).await;
    assert_eq!(code(&set(&app, &draft, 1, "ENABLED").await), Some("ALREADY_EXISTS"));
    assert!(code(&set(&app, &first, 2, "DISABLED").await).is_none());
    assert!(code(&set(&app, &draft, 1, "ENABLED").await).is_none(), "the place is free");
}

#[tokio::test]
async fn a_flow_keeps_the_version_it_was_started_with() {
    let app = TestApp::new().await;
    let id = enabled(&app, input(BODY)).await;
    let flow = app.start(individual("kept")).await.id;
    app.run_jobs().await;
    let changed = json!({"id": id, "version": 2, "input": input(&format!("新：{BODY}"))});
    assert_eq!(done(&app, UPDATE, changed).await["version"], 3);
    let later = app.start(individual("later")).await.id;
    app.run_jobs().await;
    let decision = "query($id: ID!) { signFlow(id: $id) { decision { smsTemplateVersion smsTemplate { id version
        versions { version body } } } smsRecords { templateVersion } } }";
    for (flow, version) in [(flow, 2), (later, 3)] {
        let told = app.data(decision, json!({"id": flow.to_string()})).await["signFlow"].take();
        assert_eq!(told["decision"]["smsTemplateVersion"], version);
        assert_eq!(
            (&told["decision"]["smsTemplate"]["id"], &told["decision"]["smsTemplate"]["version"]),
            (&id, &json!(3))
        );
        assert_eq!(told["smsRecords"][0]["templateVersion"], version);
        let versions = told["decision"]["smsTemplate"]["versions"].as_array().unwrap();
        let used = versions.iter().find(|kept| kept["version"] == version).unwrap()["body"].as_str().unwrap();
        assert_eq!(used.starts_with('新'), version == 3);
    }
    let texts: Vec<_> = app.gateway.taken().iter().map(|sms| sms.text.clone()).collect();
    assert!(texts[0].starts_with("请在") && texts[1].starts_with("新："), "{texts:?}");
    let shown = sms_template::Entity::find().filter(sms_template::Column::Status.eq(TemplateStatus::Enabled));
    assert_eq!(shown.count(app.db.read()).await.unwrap(), 3, "the two that are shipped, and this one");
}
