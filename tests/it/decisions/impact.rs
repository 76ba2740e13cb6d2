//! What a change would alter, asked before it is made, and looked at afterwards.

use std::collections::BTreeMap;

use esign_tests::{TestApp, door::code};
use serde_json::{Value, json};

use super::{CREATE, matrix, name, shipped};

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
