//! Clients as staff keep them: made, changed, given new secrets, and everything of it written down.

use chrono::TimeDelta;
use esign_domain::{audit, client::webhook_secret, ids::ClientId};
use esign_tests::{TestApp, door::code};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde_json::{Value, json};

const CREATE: &str = "mutation($input: ClientInput!) { createClient(input: $input) { secret client { ...C } } }
    fragment C on Client { id code name scopes webhookUrl webhookEvents returnUrlOrigins enabled version
        settings { sessionSeconds authAttempts allowTypedName } }";
const UPDATE: &str = "mutation($id: ID!, $version: Int!, $input: ClientInput!) {
    updateClient(id: $id, expectedVersion: $version, input: $input) { client { ...C } } }
    fragment C on Client { id code name scopes webhookUrl webhookEvents returnUrlOrigins enabled version
        settings { sessionSeconds authAttempts allowTypedName } }";
const LOG: &str = "query($filter: AuditFilter, $first: Int, $after: String) {
    auditLog(filter: $filter, first: $first, after: $after) {
        nodes { id actor action target before after ip } pageInfo { hasNextPage endCursor } } }";

fn shop() -> Value {
    json!({"code": "mall", "name": "云帆商城", "scopes": ["flows:read", "flows:write"],
        "webhookUrl": "https://mall.example/hooks", "returnUrlOrigins": ["https://Mall.example/"],
        "settings": {"sessionSeconds": 3600, "allowTypedName": true}})
}

async fn token_for(app: &TestApp, secret: &str) -> u16 {
    let form = [("grant_type", "client_credentials"), ("client_id", "mall"), ("client_secret", secret)];
    app.post_form("/oauth/token", &form).await.status.as_u16()
}

#[tokio::test]
async fn a_client_is_made_changed_and_shut_out() {
    let app = TestApp::new().await;
    let made = app.data(CREATE, json!({"input": shop()})).await["createClient"].take();
    let (client, secret) = (&made["client"], made["secret"].as_str().unwrap());
    let id = client["id"].as_str().unwrap();
    assert_eq!(client["returnUrlOrigins"], json!(["https://mall.example"]));
    assert_eq!(client["webhookEvents"].as_array().unwrap().len(), 4, "the four that end a flow");
    assert_eq!(client["settings"], json!({"sessionSeconds": 3600, "authAttempts": null, "allowTypedName": true}));
    assert_eq!(token_for(&app, secret).await, 200);

    let taken = app.graphql(CREATE, json!({"input": shop()})).await;
    assert_eq!(taken["errors"][0]["extensions"]["conflictsWith"], "mall");

    // What is left out stays, what is null goes.
    let change = json!({"code": "mall", "name": "云帆集市", "scopes": ["flows:read"]});
    let vars = json!({"id": id, "version": 1, "input": change});
    let changed = app.data(UPDATE, vars.clone()).await["updateClient"]["client"].take();
    assert_eq!((&changed["name"], &changed["version"]), (&json!("云帆集市"), &json!(2)));
    assert_eq!(changed["webhookUrl"], "https://mall.example/hooks");
    assert_eq!(changed["settings"]["sessionSeconds"], 3600);
    let lost = app.graphql(UPDATE, vars).await;
    assert_eq!(code(&lost), Some("STATE_CONFLICT"));
    assert_eq!(lost["errors"][0]["extensions"]["version"], 2);
    assert!(lost["errors"][0]["message"].as_str().unwrap().contains("version"), "{lost}");

    let out =
        json!({"code": "mall", "name": "云帆集市", "scopes": [], "webhookUrl": null, "settings": {}, "enabled": false});
    let changed =
        app.data(UPDATE, json!({"id": id, "version": 2, "input": out})).await["updateClient"]["client"].take();
    assert_eq!((&changed["webhookUrl"], &changed["settings"]["sessionSeconds"]), (&json!(null), &json!(null)));
    assert_eq!(token_for(&app, secret).await, 401, "it is out at once");
}

#[tokio::test]
async fn all_that_is_wrong_with_a_client_is_told_at_once() {
    let app = TestApp::new().await;
    let bad = json!({"code": "A", "name": " ", "scopes": ["flows:read", "everything"], "webhookUrl": "http://mall.example",
        "webhookEvents": ["sign_flow.completed", "order.paid"], "returnUrlOrigins": ["https://a.example/path"],
        "settings": {"authAttempts": 0}});
    let answer = app.ask(&app.token(&app.demo, None), "zh-CN", CREATE, json!({"input": bad})).await.json();
    let fields = answer["errors"][0]["extensions"]["fields"].as_array().unwrap();
    let paths: Vec<_> = fields.iter().map(|field| field["path"].as_str().unwrap()).collect();
    let expected =
        ["settings.authAttempts", "code", "name", "scopes.1", "webhookUrl", "webhookEvents.1", "returnUrlOrigins.0"];
    assert_eq!(paths, expected);
    for field in fields {
        let words = field["problem"].as_str().unwrap();
        assert!(words.chars().any(|letter| letter > '\u{2e80}'), "told in Chinese: {words}");
    }
    for address in ["https://u:p@mall.example/", "https://mall.example/#x", "ftp://mall.example", "mall.example", ""] {
        let mut input = shop();
        input["webhookUrl"] = address.into();
        let answer = app.graphql(CREATE, json!({"input": input})).await;
        assert_eq!(answer["errors"][0]["extensions"]["fields"][0]["path"], "webhookUrl", "{address}");
    }
}

#[tokio::test]
async fn nobody_hands_out_what_they_do_not_hold() {
    let app = TestApp::new().await;
    let token = app.token(&app.demo, Some("clients:write"));
    let answer = app.graphql_as(&token, CREATE, json!({"input": shop()})).await;
    let fields = answer["errors"][0]["extensions"]["fields"].as_array().unwrap();
    assert_eq!(fields.len(), 2, "{answer}");
    let mut input = shop();
    input["scopes"] = json!(["clients:write"]);
    let made = app.graphql_as(&token, CREATE, json!({"input": input})).await;
    assert_eq!(code(&made), None, "{made}");
    // What a client has it may keep, whoever changes its name.
    let all = json!({"code": "demo", "name": "演示", "scopes": app.demo.client.scopes});
    let vars = json!({"id": app.demo.client.id.to_string(), "version": 1, "input": all});
    assert_eq!(code(&app.graphql_as(&token, UPDATE, vars).await), None);
}

#[tokio::test]
async fn of_two_changes_at_once_one_wins_and_the_other_is_told() {
    let app = TestApp::new().await;
    let id = app.data(CREATE, json!({"input": shop()})).await["createClient"]["client"]["id"].take();
    let change =
        |name: &str| json!({"id": id, "version": 1, "input": {"code": "mall", "name": name, "scopes": ["flows:read"]}});
    let answers = join_all(["甲", "乙"].map(|name| app.graphql(UPDATE, change(name)))).await;
    let won: Vec<_> = answers.iter().filter(|answer| code(answer).is_none()).collect();
    let lost: Vec<_> = answers.iter().filter(|answer| code(answer) == Some("STATE_CONFLICT")).collect();
    assert_eq!((won.len(), lost.len()), (1, 1));
    assert_eq!(lost[0]["errors"][0]["extensions"]["version"], 2);
    let names = app.data("{ clients { code name } }", json!({})).await;
    let mall = names["clients"].as_array().unwrap().iter().find(|client| client["code"] == "mall").unwrap();
    assert_eq!(mall["name"], won[0]["data"]["updateClient"]["client"]["name"]);
    let log = app.data(LOG, json!({"filter": {"target": id, "action": "updateClient"}})).await;
    assert_eq!(log["auditLog"]["nodes"].as_array().unwrap().len(), 1, "what was refused is no act");
}

#[tokio::test]
async fn secrets_overlap_while_they_change_over() {
    let app = TestApp::new().await;
    let made = app.data(CREATE, json!({"input": shop()})).await["createClient"].take();
    let (id, first) = (made["client"]["id"].clone(), made["secret"].as_str().unwrap());
    let rotate =
        "mutation($id: ID!, $overlap: Int) { rotateClientSecret(id: $id, overlapSeconds: $overlap) { secret } }";
    let second = app.data(rotate, json!({"id": id, "overlap": 60})).await["rotateClientSecret"]["secret"].take();
    let second = second.as_str().unwrap();
    assert_eq!((token_for(&app, first).await, token_for(&app, second).await), (200, 200));
    app.advance(TimeDelta::seconds(60));
    assert_eq!((token_for(&app, first).await, token_for(&app, second).await), (401, 200));
    app.data(rotate, json!({"id": id, "overlap": 0})).await;
    assert_eq!(token_for(&app, second).await, 401, "a secret that has leaked ends now");
    let refused = app.graphql(rotate, json!({"id": id, "overlap": -1})).await;
    assert_eq!(code(&refused), Some("INVALID_ARGUMENT"));
    assert_eq!(code(&app.graphql(rotate, json!({"id": "client_none"})).await), Some("NOT_FOUND"));

    let rotate =
        "mutation($id: ID!, $overlap: Int) { rotateWebhookSecret(id: $id, overlapSeconds: $overlap) { secret } }";
    let client: ClientId = id.as_str().unwrap().parse().unwrap();
    let mut shown = Vec::new();
    for _ in 0..2 {
        let secret = app.data(rotate, json!({"id": id})).await["rotateWebhookSecret"]["secret"].take();
        shown.insert(0, secret.as_str().unwrap().to_owned());
        app.advance(TimeDelta::seconds(1));
    }
    let current = || async {
        let secrets = webhook_secret::current(&app, app.db.read(), client).await.unwrap();
        secrets.iter().map(|secret| secret.expose().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(current().await, shown, "both sign, the newer first");
    standardwebhooks::Webhook::new(&shown[0]).expect("a secret of Standard Webhooks");
    app.advance(TimeDelta::hours(24));
    assert_eq!(current().await, shown[..1]);
}

#[tokio::test]
async fn the_log_tells_who_changed_what_from_where_and_holds_no_secret() {
    let app = TestApp::new().await;
    let made = app.data(CREATE, json!({"input": shop()})).await["createClient"].take();
    let id = made["client"]["id"].as_str().unwrap();
    let change = json!({"code": "mall", "name": "云帆集市", "scopes": ["flows:read"]});
    app.data(UPDATE, json!({"id": id, "version": 1, "input": change})).await;
    let rotate = "mutation($id: ID!) { rotateWebhookSecret(id: $id) { secret } }";
    let webhook = app.data(rotate, json!({"id": id})).await["rotateWebhookSecret"]["secret"].take();
    let log = app.data(LOG, json!({"filter": {"target": id}})).await["auditLog"]["nodes"].take();
    let told: Vec<_> = log.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(told, ["rotateWebhookSecret", "updateClient", "createClient"], "newest first");
    let update = &log[1];
    assert_eq!((&update["actor"], &update["ip"]), (&json!("client:demo"), &json!("127.0.0.1")));
    assert_eq!((&update["before"]["name"], &update["after"]["name"]), (&json!("云帆商城"), &json!("云帆集市")));
    assert_eq!(log[2]["before"], json!(null));
    for secret in [&made["secret"], &webhook] {
        let secret = secret.as_str().unwrap();
        assert!(!log.to_string().contains(&secret[8..]), "{log}");
    }
    // Page by page it is the same log.
    let (mut after, mut walked) = (json!(null), Vec::new());
    loop {
        let page =
            app.data(LOG, json!({"filter": {"target": id}, "first": 1, "after": after})).await["auditLog"].take();
        walked.extend(page["nodes"].as_array().unwrap().clone());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(json!(walked), log);
    let later = app.data(LOG, json!({"filter": {"target": id, "from": app.now() + TimeDelta::seconds(1)}})).await;
    assert_eq!(later["auditLog"]["nodes"], json!([]));
    let node =
        app.data("query($id: ID!) { node(id: $id) { ... on AuditEntry { action } } }", json!({"id": log[0]["id"]}));
    assert_eq!(node.await["node"]["action"], "rotateWebhookSecret");
}

#[tokio::test]
async fn the_log_is_for_ever() {
    let app = TestApp::new().await;
    let before =
        audit::entity::Entity::find().order_by_asc(audit::entity::Column::Seq).all(app.db.read()).await.unwrap();
    assert!(before.len() >= 2, "both clients of this story were made");
    for sql in ["update audit_entry set actor = 'nobody'", "delete from audit_entry"] {
        assert!(app.db.write().execute_unprepared(sql).await.is_err(), "{sql}");
    }
    let after =
        audit::entity::Entity::find().order_by_asc(audit::entity::Column::Seq).all(app.db.read()).await.unwrap();
    assert_eq!(before, after);
}
