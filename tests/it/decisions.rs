//! Decisions: what the three dimensions get, the whole matrix, and what a change would alter.

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

const CREATE: &str = "mutation($rule: AuthRuleInput!) { createAuthRule(input: $rule) { authRule { id } } }";
const UPDATE: &str = "mutation($id: ID!, $version: Int!, $rule: AuthRuleInput!) {
    updateAuthRule(id: $id, expectedVersion: $version, input: $rule) { authRule { id } } }";
const DELETE: &str = "mutation($id: ID!) { deleteAuthRule(id: $id) { deletedId } }";
const IMPACT: &str = "query($id: ID, $rule: AuthRuleInput) { authRuleImpact(id: $id, rule: $rule) {
    scene subjectType agreementType before after } }";

/// Asks what a change of rules would alter, makes it, and looks at the matrix; gives the rule and how many cells changed.
async fn foreseen(app: &TestApp, id: Option<&str>, rule: Value) -> (String, usize) {
    let told = app.data(IMPACT, json!({"id": id, "rule": rule})).await["authRuleImpact"].take();
    let before = matrix(app).await;
    let written = match (id, rule.is_null()) {
        (None, _) => app.data(CREATE, json!({"rule": rule})).await,
        (Some(id), true) => app.data(DELETE, json!({"id": id})).await,
        (Some(id), false) => {
            let known =
                app.data("query($id: ID!) { node(id: $id) { ... on AuthRule { version } } }", json!({"id": id}));
            let version = known.await["node"]["version"].clone();
            app.data(UPDATE, json!({"id": id, "version": version, "rule": rule})).await
        }
    };
    let after = matrix(app).await;
    let foretold: BTreeMap<_, _> = told.as_array().unwrap().iter().map(|change| (name(change), change)).collect();
    assert_eq!(foretold.len(), told.as_array().unwrap().len(), "each cell once");
    for (cell, was) in &before {
        let (was, is) = (&was["authType"], &after[cell]["authType"]);
        match foretold.get(cell) {
            Some(change) => {
                assert_ne!(was, is, "{cell}");
                assert_eq!((&change["before"], &change["after"]), (was, is), "{cell}");
            }
            None => assert_eq!(was, is, "{cell} changed, and nobody was told"),
        }
    }
    let id = id.map_or_else(|| written["createAuthRule"]["authRule"]["id"].as_str().unwrap().to_owned(), str::to_owned);
    (id, foretold.len())
}

async fn shipped(app: &TestApp, kind: &str) -> String {
    let told = app.data("{ authRules { id version selector { subjectType } } }", json!({})).await;
    let rules = told["authRules"].as_array().unwrap();
    let is_it = |rule: &&Value| rule["selector"]["subjectType"] == kind && rule["version"] == 1;
    rules.iter().find(is_it).unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_a_change_of_rules_would_alter_is_what_it_alters() {
    let app = TestApp::new().await;
    let rule = |selector: Value, auth_type: &str, enabled: bool| json!({"selector": selector, "authType": auth_type, "enabled": enabled});
    let (pay, face) = ("PAYMENT_VERIFICATION", "FACE_VERIFICATION");
    let (corporate, individual) = (shipped(&app, "CORPORATE").await, shipped(&app, "INDIVIDUAL").await);
    let (batch, altered) = foreseen(&app, None, rule(json!({"scene": "BATCH_PAYMENT"}), pay, true)).await;
    assert_eq!(altered, 2, "people in that scene, with its two agreement types");
    // The same answer from another rule is no change.
    let mandate = json!({"scene": "BATCH_PAYMENT", "agreementType": "PAYMENT_AGENCY_MANDATE"});
    let (same, altered) = foreseen(&app, None, rule(mandate.clone(), pay, true)).await;
    assert_eq!(altered, 0);
    // Nor is one that isn't enabled, until it is.
    let settlement = json!({"agreementType": "SETTLEMENT_MANDATE"});
    let (waiting, altered) = foreseen(&app, None, rule(settlement.clone(), pay, false)).await;
    assert_eq!(altered, 0);
    assert_eq!(foreseen(&app, Some(&waiting), rule(settlement.clone(), pay, true)).await.1, 2);
    assert_eq!(foreseen(&app, Some(&waiting), rule(settlement, face, true)).await.1, 4);
    // A rule that moves away leaves its cells to others, and takes new ones.
    assert_eq!(foreseen(&app, Some(&batch), rule(json!({"scene": "COLLECTION"}), face, true)).await.1, 2);
    assert_eq!(foreseen(&app, Some(&same), rule(mandate, pay, false)).await.1, 1);
    // A deletion leaves holes, and a rule for all fills them.
    assert_eq!(foreseen(&app, Some(&corporate), json!(null)).await.1, 4);
    assert_eq!(foreseen(&app, Some(&individual), json!(null)).await.1, 4);
    assert_eq!(foreseen(&app, None, rule(json!({}), face, true)).await.1, 8);
    assert_eq!(foreseen(&app, Some(&waiting), json!(null)).await.1, 0);
}

#[tokio::test]
async fn an_impact_is_refused_where_the_write_would_be() {
    let app = TestApp::new().await;
    let (corporate, individual) = (shipped(&app, "CORPORATE").await, shipped(&app, "INDIVIDUAL").await);
    let rule = |selector: Value, enabled: bool| json!({"selector": selector, "authType": "FACE_VERIFICATION", "enabled": enabled});
    let twin = json!({"subjectType": "CORPORATE"});
    let nobody = "rule_00000000-0000-7000-8000-000000000000";
    for (id, rule, expected) in [
        (None, json!(null), Some("INVALID_ARGUMENT")),
        (None, rule(json!({"agreementType": "NONE"}), true), Some("INVALID_ARGUMENT")),
        (Some(nobody), json!(null), Some("NOT_FOUND")),
        (Some("nonsense"), rule(json!({}), true), Some("NOT_FOUND")),
        (None, rule(twin.clone(), true), Some("ALREADY_EXISTS")),
        (Some(&individual), rule(twin.clone(), true), Some("ALREADY_EXISTS")),
        (Some(&individual), rule(twin.clone(), false), None),
        (Some(&corporate), rule(twin, true), None),
    ] {
        let told = app.graphql(IMPACT, json!({"id": id, "rule": rule})).await;
        assert_eq!(code(&told), expected, "{id:?} {rule} {told}");
        if expected == Some("ALREADY_EXISTS") {
            assert_eq!(told["errors"][0]["extensions"]["conflictsWith"], corporate.as_str());
        }
    }
    let neither = app.graphql("{ smsTemplateImpact { scene } }", json!({})).await;
    let problem = |path: &str| json!({"path": path, "problem": "one of id and template is needed"});
    assert_eq!(neither["errors"][0]["extensions"]["fields"], json!([problem("id"), problem("template")]));
}

const TEMPLATE_IMPACT: &str = "query($id: ID, $template: SmsTemplateInput) {
    smsTemplateImpact(id: $id, template: $template) { scene subjectType agreementType before { id } after { id } } }";

/// The same for templates: asks, does what it takes to have it in use (or out of it), and looks at the matrix.
async fn foreseen_template(app: &TestApp, id: Option<&str>, template: Value) -> (String, usize) {
    let told = app.data(TEMPLATE_IMPACT, json!({"id": id, "template": template})).await["smsTemplateImpact"].take();
    let before = matrix(app).await;
    let id = match id {
        Some(id) if !template.is_null() => {
            update_template(app, id, &template).await;
            id.to_owned()
        }
        Some(id) => id.to_owned(),
        None => {
            let create =
                "mutation($input: SmsTemplateInput!) { createSmsTemplate(input: $input) { smsTemplate { id } } }";
            let made = app.data(create, json!({"input": template})).await;
            made["createSmsTemplate"]["smsTemplate"]["id"].as_str().unwrap().to_owned()
        }
    };
    set_status(app, &id, if template.is_null() { "DISABLED" } else { "ENABLED" }).await;
    let after = matrix(app).await;
    let foretold: BTreeMap<_, _> = told.as_array().unwrap().iter().map(|change| (name(change), change)).collect();
    for (cell, was) in &before {
        let (was, is) = (&was["smsTemplate"]["id"], &after[cell]["smsTemplate"]["id"]);
        let Some(change) = foretold.get(cell) else {
            assert_eq!(was, is, "{cell} changed, and nobody was told");
            continue;
        };
        assert_ne!(was, is, "{cell}");
        assert_eq!(change["before"]["id"], *was, "{cell}");
        // A template that wasn't there yet could not be named.
        let is_new = change["after"]["id"] == "smstpl_00000000-0000-0000-0000-000000000000";
        assert!(change["after"]["id"] == *is || is_new && *is == id.as_str(), "{cell}: {change}");
    }
    (id, foretold.len())
}

async fn known_template(app: &TestApp, id: &str) -> Value {
    let query = "query($id: ID!) { smsTemplate(id: $id) { version status } }";
    app.data(query, json!({"id": id})).await["smsTemplate"].take()
}

async fn update_template(app: &TestApp, id: &str, template: &Value) {
    let update = "mutation($id: ID!, $version: Int!, $input: SmsTemplateInput!) {
        updateSmsTemplate(id: $id, expectedVersion: $version, input: $input) { smsTemplate { id } } }";
    let version = known_template(app, id).await["version"].clone();
    app.data(update, json!({"id": id, "version": version, "input": template})).await;
}

async fn set_status(app: &TestApp, id: &str, status: &str) {
    let known = known_template(app, id).await;
    if known["status"] != status {
        let set = "mutation($id: ID!, $version: Int!, $status: TemplateStatus!) {
            setSmsTemplateStatus(id: $id, expectedVersion: $version, status: $status) { smsTemplate { id } } }";
        app.data(set, json!({"id": id, "version": known["version"], "status": status})).await;
    }
}

#[tokio::test]
async fn what_a_change_of_templates_would_alter_is_what_it_alters() {
    let app = TestApp::new().await;
    let template = |selector: Value, body: &str| {
        json!({"name": "通知", "selector": selector,
            "body": format!("{{{{ clientName }}}}请您{body}，请打开 {{{{ publicUrl }}}}/s/{{{{ linkCode }}}} 办理")})
    };
    let batch = json!({"scene": "BATCH_PAYMENT"});
    let (id, altered) = foreseen_template(&app, None, template(batch.clone(), "签署")).await;
    assert_eq!(altered, 4);
    assert_eq!(foreseen_template(&app, Some(&id), template(batch.clone(), "尽快签署")).await.1, 0, "only its text");
    let mandate = json!({"agreementType": "SETTLEMENT_MANDATE"});
    assert_eq!(foreseen_template(&app, Some(&id), template(mandate.clone(), "尽快签署")).await.1, 8);
    assert_eq!(foreseen_template(&app, Some(&id), json!(null)).await.1, 4);
    assert_eq!(foreseen_template(&app, Some(&id), json!(null)).await.1, 0, "it is out of use already");
    assert_eq!(foreseen_template(&app, Some(&id), template(mandate.clone(), "签署")).await.1, 4);

    let twin = app.graphql(TEMPLATE_IMPACT, json!({"template": template(mandate, "签署")})).await;
    assert_eq!(code(&twin), Some("ALREADY_EXISTS"));
    assert_eq!(twin["errors"][0]["extensions"]["conflictsWith"], id.as_str());
    let unknown = json!({"template": template(json!({"agreementType": "NONE"}), "签署")});
    assert_eq!(code(&app.graphql(TEMPLATE_IMPACT, unknown).await), Some("INVALID_ARGUMENT"));
    let nobody = json!({"id": "smstpl_00000000-0000-7000-8000-000000000000"});
    assert_eq!(code(&app.graphql(TEMPLATE_IMPACT, nobody).await), Some("NOT_FOUND"));
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
