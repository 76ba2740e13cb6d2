//! Upstream systems at the console: made, changed, switched off, their secrets shown once, and who may do what.

use chrono::TimeDelta;
use esign_config::Secret;
use esign_domain::{
    Caller,
    audit::{self, AuditFilter},
    caller::{Role, Scope, scope_names},
    client::{Client, ClientInput, authenticate::authenticate, query, register, webhook_secret},
};
use esign_tests::{
    TestApp,
    console::{PASSWORD, carried, location},
};

const MARKUP: &str = "<img src=x onerror=alert(1)>";
const MARKUP_AS_TEXT: &str = "&lt;img src=x onerror=alert(1)&gt;";

async fn client(app: &TestApp, code: &str) -> Option<Client> {
    query::find_by_code(app.db.read(), code).await.unwrap()
}

async fn entries(app: &TestApp, action: &str) -> Vec<audit::entity::Model> {
    let filter = AuditFilter { action: Some(action.into()), ..AuditFilter::default() };
    audit::list(app, &Caller::System, filter, None, 100).await.unwrap().0
}

/// The secret that a page shows.
fn secret(html: &str) -> &str {
    let (_, rest) = html.split_once("<p class=\"secret\"><code>").unwrap_or_else(|| panic!("no secret: {html}"));
    rest.split('<').next().unwrap()
}

#[tokio::test]
async fn a_client_is_made_and_its_first_secret_is_shown_this_once() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    assert!(admin.page("/admin/clients/new").await.contains("value=\"flows:read\" checked"));
    let form = [("code", "yunfan"), ("name", MARKUP), ("scope", "flows:read"), ("scope", "flows:write")];
    let answer = admin.post("/admin/clients", &form).await;
    assert_eq!((answer.status.as_u16(), answer.headers["cache-control"].to_str().unwrap()), (200, "no-store"));
    let html = answer.text();
    let secret = secret(&html);
    assert!(secret.starts_with("esk_") && html.contains(&format!("data-copy=\"{secret}\"")));
    let made = authenticate(&app, "yunfan", secret).await.expect("the secret opens it");
    assert_eq!(scope_names(&made.scopes.0), ["flows:read", "flows:write"]);
    for page in ["/admin/clients", &format!("/admin/clients/{}", made.id), "/admin/audit"] {
        let html = admin.page(page).await;
        assert!(!html.contains(secret), "{page}");
        assert!(!html.contains(MARKUP), "{page}");
    }
    let html = admin.page(&format!("/admin/clients/{}", made.id)).await;
    assert!(html.contains(MARKUP_AS_TEXT) && html.contains(&format!("/admin/audit?target={}", made.id)));
    let log = entries(&app, "createClient").await;
    assert!(!format!("{log:?}").contains(secret));

    let again = admin.post("/admin/clients", &form).await;
    assert_eq!(again.status, 422);
    assert!(again.text().contains("value=\"yunfan\"") && again.text().contains(MARKUP_AS_TEXT));
}

#[tokio::test]
async fn before_a_secret_is_made_the_password_is_asked_for_again() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let demo = app.demo.client.id;
    app.advance(TimeDelta::minutes(6));
    let secrets = [format!("/admin/clients/{demo}/secret"), format!("/admin/clients/{demo}/webhook-secret")];
    for path in secrets.iter().map(String::as_str).chain(["/admin/clients/new"]) {
        assert!(location(&admin.get(path).await).starts_with("/admin/proof?back="), "{path}");
    }
    for path in &secrets {
        let answer = admin.post(path, &[("hours", "0")]).await;
        assert_eq!(
            (answer.status.as_u16(), location(&answer).starts_with("/admin/proof?back=")),
            (303, true),
            "{path}"
        );
    }
    let form = [("code", "yunfan"), ("name", "云帆"), ("scope", "flows:read")];
    let answer = admin.post("/admin/clients", &form).await;
    let back = location(&answer).to_owned();
    assert!(client(&app, "yunfan").await.is_none());
    assert_eq!(query::ages(&app, &Caller::System, demo).await.unwrap().0.len(), 1, "no secret was made");

    // Whoever gives it goes on with what was typed.
    let (_, back) = back.split_once("back=").unwrap();
    let query = format!("back={back}");
    let (_, back) = url::form_urlencoded::parse(query.as_bytes()).next().unwrap();
    let proof = admin.post("/admin/proof", &[("password", PASSWORD), ("back", &back)]).await;
    let html = admin.page(location(&proof)).await;
    assert!(html.contains("value=\"yunfan\"") && html.contains("value=\"云帆\""), "{html}");
    assert!(html.contains("value=\"flows:read\" checked") && !html.contains("value=\"flows:write\" checked"));
    assert_eq!(admin.post("/admin/clients", &form).await.status, 200);
}

#[tokio::test]
async fn a_client_is_changed_whole_and_the_second_of_two_is_told_what_it_is_now() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let old = app.demo.client.clone();
    let path = format!("/admin/clients/{}", old.id);
    let html = admin.page(&format!("{path}/edit")).await;
    assert_eq!(carried(&html, &path), [("version".to_owned(), "1".to_owned())]);
    let form = [
        ("version", "1"),
        ("name", MARKUP),
        ("scope", "flows:read"),
        ("webhookUrl", "https://hooks.example/esign"),
        ("event", "sign_flow.completed"),
        ("returnUrlOrigins", "https://a.example\r\n\r\nHTTPS://B.example:443/"),
        ("settings.sessionSeconds", "86400"),
        ("settings.resendMax", ""),
        ("settings.allowTypedName", "yes"),
        ("settings.restartAfterDecline", "no"),
    ];
    let answer = admin.post(&path, &form).await;
    assert_eq!((answer.status.as_u16(), location(&answer)), (303, path.as_str()), "{}", answer.text());
    let now = client(&app, "demo").await.unwrap();
    assert_eq!(
        (now.version, now.name.as_str(), scope_names(&now.scopes.0)),
        (2, MARKUP, vec!["flows:read".to_owned()])
    );
    assert_eq!(now.return_url_origins.0, ["https://a.example", "https://b.example"]);
    assert_eq!((now.settings.session_seconds, now.settings.resend_max), (Some(86_400), None));
    assert_eq!((now.settings.allow_typed_name, now.settings.restart_after_decline), (Some(true), Some(false)));
    assert_eq!((now.webhook_events.0.len(), now.enabled), (1, true));
    let html = admin.page(&path).await;
    assert!(html.contains(MARKUP_AS_TEXT) && !html.contains(MARKUP) && html.contains("https://hooks.example/esign"));

    let late = [("version", "1"), ("name", "后到的人"), ("scope", "flows:write")];
    let answer = admin.post(&path, &late).await;
    let html = answer.text();
    assert_eq!(answer.status, 422);
    assert!(html.contains("value=\"后到的人\"") && html.contains("这里被人改过"), "what was typed stays");
    assert!(html.contains("现在是 <b class=\"b6\">https://hooks.example/esign</b>") && html.contains(MARKUP_AS_TEXT));
    assert_eq!(carried(&html, &path), [("version".to_owned(), "2".to_owned())]);
    assert_eq!(client(&app, "demo").await.unwrap(), now);
}

#[tokio::test]
async fn what_is_wrong_with_a_client_stands_beside_it() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let path = format!("/admin/clients/{}", app.demo.client.id);
    let form = [
        ("version", "1"),
        ("name", ""),
        ("scope", "root:all"),
        ("webhookUrl", "http://hooks.example"),
        ("returnUrlOrigins", "https://a.example\nhttp://b.example"),
        ("settings.resendMax", "1000"),
        ("settings.authAttempts", "三次"),
    ];
    let answer = admin.post(&path, &form).await;
    assert!(answer.status == 422 && answer.text().contains("须为整数") && answer.text().contains("value=\"三次\""));
    let answer = admin.post(&path, &form[..6]).await;
    let html = answer.text();
    assert_eq!(answer.status, 422);
    for said in [
        "须为 1-100 个可见字符",
        "root:all 须为其中之一",
        "须为 https 地址",
        "http://b.example 须为 https://主机",
        "须在 0 到 100 之间",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
    assert!(html.contains("value=\"1000\"") && html.contains("https://a.example\nhttp://b.example"));
    assert_eq!(client(&app, "demo").await.unwrap(), app.demo.client);
}

#[tokio::test]
async fn a_client_is_disabled_by_its_code_and_enabled_again() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let (path, secret) = (format!("/admin/clients/{}", app.demo.client.id), &app.demo.secret);
    let off = format!("{path}/disabling");
    let html = admin.page(&off).await;
    assert!(html.contains("请填写它的代码 demo"));
    let wrong = admin.post(&off, &[("version", "1"), ("typed", "Demo")]).await;
    assert!(
        wrong.status == 422
            && wrong.text().contains("请照上面的代码原样填写")
            && wrong.text().contains("value=\"Demo\"")
    );
    assert_eq!(admin.post(&off, &[("version", "7"), ("typed", "demo")]).await.status, 422);
    assert!(authenticate(&app, "demo", secret).await.is_ok());
    let answer = admin.post(&off, &[("version", "1"), ("typed", "demo")]).await;
    assert_eq!((answer.status.as_u16(), location(&answer)), (303, path.as_str()));
    assert!(authenticate(&app, "demo", secret).await.is_err());
    let disabled = client(&app, "demo").await.unwrap();
    let kept = Client { enabled: true, version: 1, updated_at: app.demo.client.updated_at, ..disabled };
    assert_eq!(kept, app.demo.client, "nothing else has changed");
    let answer = admin.post(&format!("{path}/enabling"), &[("version", "2")]).await;
    assert_eq!(answer.status, 303);
    assert!(authenticate(&app, "demo", secret).await.is_ok());
}

#[tokio::test]
async fn secrets_take_over_from_each_other_as_long_as_was_asked_for() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let demo = app.demo.client.id;
    let path = format!("/admin/clients/{demo}/secret");
    for wrong in ["721", "-1", "", "一天"] {
        let answer = admin.post(&path, &[("hours", wrong)]).await;
        assert!(answer.status == 422 && answer.text().contains("aria-invalid"), "{wrong}");
    }
    let second = secret(&admin.post(&path, &[("hours", "2")]).await.text()).to_owned();
    for good in [&app.demo.secret, &second] {
        assert!(authenticate(&app, "demo", good).await.is_ok());
    }
    let html = admin.page(&format!("/admin/clients/{demo}")).await;
    assert!(html.contains("旧密钥，失效于") && html.contains("当前密钥") && !html.contains(&second));
    app.advance(TimeDelta::hours(2));
    assert!(authenticate(&app, "demo", &app.demo.secret).await.is_err());

    let admin = admin.again().await;
    let third = secret(&admin.post(&path, &[("hours", "0")]).await.text()).to_owned();
    assert!(authenticate(&app, "demo", &second).await.is_err() && authenticate(&app, "demo", &third).await.is_ok());

    let path = format!("/admin/clients/{demo}/webhook-secret");
    let first = secret(&admin.post(&path, &[("hours", "24")]).await.text()).to_owned();
    let signing = webhook_secret::current(&app, app.db.read(), demo).await.unwrap();
    assert_eq!(signing.iter().map(Secret::expose).collect::<Vec<_>>(), [first.as_str()]);
    let log = [entries(&app, "rotateClientSecret").await, entries(&app, "rotateWebhookSecret").await].concat();
    assert_eq!(log.len(), 3);
    assert!([&second, &third, &first].iter().all(|secret| !format!("{log:?}").contains(secret.as_str())));
}

#[tokio::test]
async fn who_may_not_keep_clients_is_offered_nothing_and_what_is_forced_is_written_down() {
    let app = TestApp::new().await;
    let path = format!("/admin/clients/{}", app.demo.client.id);
    let mut done = 0;
    for role in [Role::Operator, Role::Auditor] {
        let desk = app.desk(role).await;
        for page in ["/admin/clients", &path] {
            let html = desk.page(page).await;
            for act in ["/admin/clients/new", "/edit", "/disabling", "/secret", "/webhook-secret"] {
                assert!(!html.contains(&format!("{act}\"")), "{role:?} is offered {act} on {page}");
            }
        }
        let acts = ["", "/disabling", "/enabling", "/secret", "/webhook-secret"].map(|act| format!("{path}{act}"));
        let form = [("version", "1"), ("name", "改"), ("typed", "demo"), ("hours", "0"), ("code", "new")];
        for act in acts.iter().map(String::as_str).chain(["/admin/clients"]) {
            done += 1;
            let answer = desk.post(act, &form).await;
            assert_eq!(
                (answer.status.as_u16(), entries(&app, audit::REFUSED).await.len()),
                (403, done),
                "{role:?} {act}"
            );
        }
        for page in
            ["/edit", "/disabling", "/enabling", "/secret", "/webhook-secret"].map(|page| format!("{path}{page}"))
        {
            done += 1;
            assert_eq!(desk.get(&page).await.status, 403, "{role:?} {page}");
        }
    }
    assert_eq!(client(&app, "demo").await.unwrap(), app.demo.client);
    assert_eq!(query::ages(&app, &Caller::System, app.demo.client.id).await.unwrap().0.len(), 1);
}

#[tokio::test]
async fn what_a_client_has_stays_though_who_changes_it_could_not_give_it() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let scopes = scope_names(&Scope::ALL.iter().copied().collect());
    let input = ClientInput { code: "all".into(), name: "全部".into(), scopes, ..ClientInput::default() };
    let made = register::register(&app, &Caller::System, input).await.unwrap().client;
    let html = admin.page(&format!("/admin/clients/{}/edit", made.id)).await;
    let (_, boxes) = html.split_once("name=\"scope\"").unwrap();
    assert_eq!(
        1 + boxes.matches("name=\"scope\"").count(),
        Scope::ALL.len(),
        "an admin holds every scope: none is locked"
    );
    assert!(!html.contains("您没有，不能授予"));
}
