//! Decisions: what the three dimensions get, the whole matrix, its holes, and what a change would alter.

mod impact;

use std::collections::{BTreeMap, BTreeSet};

use esign_tests::{
    TestApp,
    door::code,
    fixture::{corporate, individual_with_account, with},
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

const RESOLVE: &str = "query($selector: ResolveInput!) {
    resolveAuthType(selector: $selector) { authType rule { id } candidates { id selector { scene subjectType } } }
    resolveSmsTemplate(selector: $selector) { smsTemplate { id } candidates { id } } }";

const MATRIX: &str = "{ decisionMatrix { scene subjectType agreementType allowed authType
    authRule { id shadowedBy { id } } smsTemplate { id shadowedBy { id } } } }";

const REPORT: &str = "{ decisionReport {
    withoutAuthType { scene subjectType agreementType allowed authType smsTemplate { id } }
    withoutSmsTemplate { scene subjectType agreementType authRule { id } }
    shadowedAuthRules { id shadowedBy { id } } shadowedSmsTemplates { id shadowedBy { id } }
    idleAuthRules { id shadowedBy { id } } idleSmsTemplates { id } } }";

const CREATE: &str = "mutation($rule: AuthRuleInput!) { createAuthRule(input: $rule) { authRule { id } } }";

/// The shipped agreement types with the scenes they are for.
const SHIPPED: [(&str, &[&str]); 3] = [
    ("PAYMENT_AGENCY_AGREEMENT", &["BATCH_PAYMENT", "MEMBER_SETTLEMENT"]),
    ("PAYMENT_AGENCY_MANDATE", &["COLLECTION", "BATCH_PAYMENT", "MEMBER_SETTLEMENT"]),
    ("SETTLEMENT_MANDATE", &["COLLECTION", "MEMBER_SETTLEMENT"]),
];

/// The name of a cell, or of a change of one.
fn name(cell: &Value) -> String {
    ["scene", "subjectType", "agreementType"].map(|part| cell[part].as_str().unwrap()).join(" ")
}

async fn matrix(app: &TestApp) -> BTreeMap<String, Value> {
    let told = app.data(MATRIX, json!({})).await["decisionMatrix"].take();
    let cells: BTreeMap<_, _> = told.as_array().unwrap().iter().map(|cell| (name(cell), cell.clone())).collect();
    assert_eq!(cells.len(), told.as_array().unwrap().len(), "each cell once");
    cells
}

async fn change(app: &TestApp, sql: &str) {
    app.db.write().execute_unprepared(sql).await.unwrap();
}

async fn create_rule(app: &TestApp, selector: Value, auth_type: &str) -> String {
    let input = json!({"selector": selector, "authType": auth_type, "enabled": true});
    let made = app.data(CREATE, json!({"rule": input})).await;
    made["createAuthRule"]["authRule"]["id"].as_str().unwrap().to_owned()
}

async fn shipped(app: &TestApp, kind: &str) -> String {
    let told = app.data("{ authRules { id version selector { subjectType } } }", json!({})).await;
    let rules = told["authRules"].as_array().unwrap();
    let is_it = |rule: &&Value| rule["selector"]["subjectType"] == kind && rule["version"] == 1;
    rules.iter().find(is_it).unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_three_dimensions_are_answered_with_all_that_match() {
    let app = TestApp::new().await;
    let general = create_rule(&app, json!({}), "PAYMENT_VERIFICATION").await;
    let special = create_rule(&app, json!({"scene": "COLLECTION"}), "PAYMENT_VERIFICATION").await;
    let ask = |scene: &str, kind: &str, code: &str| json!({"selector": {"scene": scene, "subjectType": kind, "agreementType": code}});
    let told = app.data(RESOLVE, ask("COLLECTION", "INDIVIDUAL", "SETTLEMENT_MANDATE")).await;
    let auth = &told["resolveAuthType"];
    assert_eq!((&auth["authType"], &auth["rule"]["id"]), (&json!("PAYMENT_VERIFICATION"), &json!(special)));
    let ids: Vec<_> = auth["candidates"].as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
    assert_eq!((ids.len(), ids[0], ids[2]), (3, &json!(special), &json!(general)));
    assert_eq!(auth["candidates"][1]["selector"], json!({"scene": null, "subjectType": "INDIVIDUAL"}));
    let sms = &told["resolveSmsTemplate"];
    assert_eq!(sms["candidates"], json!([sms["smsTemplate"]]));

    // Nothing matches: that is an answer.
    change(&app, "update auth_rule set enabled = false").await;
    change(&app, "update sms_template set status = 'DISABLED'").await;
    // So is one about a type that no flow may use now.
    change(&app, "update agreement_type set enabled = false").await;
    let told = app.data(RESOLVE, ask("COLLECTION", "INDIVIDUAL", "SETTLEMENT_MANDATE")).await;
    assert_eq!(told["resolveAuthType"], json!({"authType": null, "rule": null, "candidates": []}));
    assert_eq!(told["resolveSmsTemplate"], json!({"smsTemplate": null, "candidates": []}));

    for query in [
        "query($selector: ResolveInput!) { resolveAuthType(selector: $selector) { authType } }",
        "query($selector: ResolveInput!) { resolveSmsTemplate(selector: $selector) { smsTemplate { id } } }",
    ] {
        let refused = app.graphql(query, ask("COLLECTION", "INDIVIDUAL", "NONE")).await;
        assert_eq!(code(&refused), Some("INVALID_ARGUMENT"));
        assert_eq!(refused["errors"][0]["extensions"]["fields"][0]["path"], "selector.agreementType");
    }
}

#[tokio::test]
async fn the_matrix_says_what_every_start_would_do() {
    let app = TestApp::new().await;
    create_rule(&app, json!({"scene": "BATCH_PAYMENT"}), "PAYMENT_VERIFICATION").await;
    let agreement = json!({"agreementType": "SETTLEMENT_MANDATE", "subjectType": "INDIVIDUAL"});
    create_rule(&app, agreement, "PAYMENT_VERIFICATION").await;
    change(&app, "update auth_rule set enabled = false where selector = '*|CORPORATE|*'").await;
    let plan = "query($input: StartSignFlowInput!) { planSignFlow(input: $input) {
        authType authRule { id } smsTemplate { id } } }";
    let cells = matrix(&app).await;
    assert_eq!(cells.len(), 18);
    for (cell, told) in cells {
        let [scene, kind, agreement] = cell.split(' ').collect::<Vec<_>>()[..] else { panic!("{cell}") };
        let meant = SHIPPED.iter().any(|(code, scenes)| *code == agreement && scenes.contains(&scene));
        assert_eq!(told["allowed"], meant, "{cell}");
        let person = if kind == "CORPORATE" { corporate("plan") } else { individual_with_account("plan") };
        let input = with(with(person, "/scene", json!(scene)), "/agreementType", json!(agreement));
        let planned = app.graphql(plan, json!({"input": input})).await;
        match code(&planned) {
            None => {
                let plan = &planned["data"]["planSignFlow"];
                assert_eq!((&plan["authType"], &plan["authRule"]["id"]), (&told["authType"], &told["authRule"]["id"]));
                assert_eq!(plan["smsTemplate"]["id"], told["smsTemplate"]["id"], "{cell}");
            }
            Some("AUTH_RULE_NOT_FOUND") => {
                assert_eq!((&told["allowed"], &told["authRule"]), (&json!(true), &json!(null)), "{cell}");
            }
            Some(refusal) => {
                assert_eq!((refusal, &told["allowed"]), ("AGREEMENT_TYPE_NOT_SUPPORTED", &json!(false)), "{cell}");
                assert_eq!([&told["authType"], &told["authRule"], &told["smsTemplate"]], [&json!(null); 3], "{cell}");
            }
        }
    }
}

#[tokio::test]
async fn a_type_that_is_disabled_or_has_no_text_stays_in_the_matrix_and_is_allowed_nowhere() {
    let app = TestApp::new().await;
    change(&app, "update agreement_type set enabled = false where code = 'SETTLEMENT_MANDATE'").await;
    change(
        &app,
        "insert into agreement_type (id, code, name, scenes, subject_types, enabled, version, created_at, updated_at)
         select (select id from sms_template limit 1), 'BARE', 'bare', scenes, subject_types, enabled, version, created_at,
             updated_at
         from agreement_type where code = 'PAYMENT_AGENCY_MANDATE'",
    )
    .await;
    let cells = matrix(&app).await;
    assert_eq!(cells.len(), 24);
    for (cell, told) in cells {
        let is_out = cell.ends_with("SETTLEMENT_MANDATE") || cell.ends_with("BARE");
        assert!(!is_out || told["allowed"] == false && told["authRule"].is_null(), "{cell}: {told}");
    }
}

#[tokio::test]
async fn holes_and_whoever_never_decides_are_reported() {
    let app = TestApp::new().await;
    let empty = app.data(REPORT, json!({})).await["decisionReport"].take();
    assert!(empty.as_object().unwrap().values().all(|list| *list == json!([])), "nothing is wrong as shipped: {empty}");
    let (corporate, individual) = (shipped(&app, "CORPORATE").await, shipped(&app, "INDIVIDUAL").await);
    let general = create_rule(&app, json!({}), "FACE_VERIFICATION").await;
    // Never allowed together: that agreement is not for that scene.
    let impossible = json!({"scene": "BATCH_PAYMENT", "agreementType": "SETTLEMENT_MANDATE"});
    let idle = create_rule(&app, impossible, "FACE_VERIFICATION").await;
    let told = app.data(REPORT, json!({})).await["decisionReport"].take();
    // Four cells each of companies and people would be the general rule's; of two that take as many, the first by selector.
    assert_eq!(told["shadowedAuthRules"], json!([{"id": general, "shadowedBy": {"id": corporate}}]));
    assert_eq!(told["idleAuthRules"], json!([{"id": idle, "shadowedBy": null}]));
    let list = app.data("{ authRules { id shadowedBy { id } } }", json!({})).await;
    let shadows: BTreeMap<_, _> = list["authRules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| (rule["id"].as_str().unwrap().to_owned(), rule["shadowedBy"]["id"].clone()))
        .collect();
    let expected =
        [(&general, json!(corporate)), (&idle, json!(null)), (&corporate, json!(null)), (&individual, json!(null))];
    assert_eq!(shadows, expected.map(|(id, by)| (id.clone(), by)).into());

    change(&app, "update auth_rule set enabled = false where selector in ('*|*|*', '*|CORPORATE|*')").await;
    change(&app, "update sms_template set status = 'DISABLED' where selector = '*|INDIVIDUAL|*'").await;
    let told = app.data(REPORT, json!({})).await["decisionReport"].take();
    let holes = |list: &str| told[list].as_array().unwrap().iter().map(name).collect::<Vec<_>>();
    let allowed = |kind: &str| -> BTreeSet<String> {
        let cells =
            SHIPPED.iter().flat_map(|(code, scenes)| scenes.iter().map(move |scene| format!("{scene} {kind} {code}")));
        cells.collect()
    };
    assert_eq!(holes("withoutAuthType").into_iter().collect::<BTreeSet<_>>(), allowed("CORPORATE"));
    assert_eq!(holes("withoutSmsTemplate").into_iter().collect::<BTreeSet<_>>(), allowed("INDIVIDUAL"));
    assert_eq!(told["withoutAuthType"][0]["authType"], json!(null));
    assert!(told["withoutAuthType"][0]["smsTemplate"]["id"].is_string());
    assert_eq!(told["withoutSmsTemplate"][0]["authRule"]["id"], individual.as_str());
    assert_eq!(told["shadowedAuthRules"], json!([]));
}
