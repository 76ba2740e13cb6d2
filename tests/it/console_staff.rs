//! Accounts of staff at the console: admins keep them, members keep their own, and how a browser gets in.

use chrono::TimeDelta;
use esign_domain::{
    App, Caller, audit,
    caller::Role,
    staff::{one_time, register},
};
use esign_tests::{
    TestApp,
    console::{Desk, PASSWORD, location},
    door::Answer,
};

/// What stands between two texts.
fn between<'a>(html: &'a str, before: &str, after: &str) -> &'a str {
    let rest = html.split_once(before).unwrap_or_else(|| panic!("{before} in {html}")).1;
    rest.split_once(after).expect("an end").0
}

async fn id_of(app: &App, name: &str) -> String {
    let all = register::list(app, &Caller::System).await.unwrap();
    all.into_iter().find(|member| member.name == name).unwrap().id.to_string()
}

async fn sign_in(browser: &Desk<'_>, name: &str, password: &str) -> Answer {
    browser.post_unmarked("/admin/sign-in", &[("name", name), ("password", password)]).await
}

/// The code that an authenticator shows for the key on a page.
fn code(app: &TestApp, page: &str) -> String {
    let key = between(page, "<code>", "</code>").replace(' ', "");
    one_time::code_now(&key, app.now()).unwrap()
}

fn status(answer: &Answer) -> u16 {
    answer.status.as_u16()
}

#[tokio::test]
async fn an_admin_makes_an_account_and_its_password_is_shown_once() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let wrong = admin.post("/admin/staff", &[("name", "李伟"), ("role", "operator")]).await;
    assert_eq!(status(&wrong), 422);
    assert!(wrong.text().contains("value=\"李伟\"") && wrong.text().contains("class=\"problem\""), "{}", wrong.text());
    assert_eq!(status(&admin.post("/admin/staff", &[("name", "li.wei"), ("role", "owner")]).await), 422);
    let made = admin.post("/admin/staff", &[("name", "li.wei"), ("role", "operator")]).await;
    assert_eq!(status(&made), 200);
    let page = made.text();
    let password = between(&page, "<code>", "</code>");
    assert_eq!(location(&sign_in(&app.stranger(), "li.wei", password).await), "/admin/sign-in/password?back=%2Fadmin");
    assert_eq!(status(&admin.post("/admin/staff", &[("name", "li.wei"), ("role", "operator")]).await), 422);
    let member = format!("/admin/staff/{}", id_of(&app, "li.wei").await);
    for path in ["/admin/staff", &member, "/admin/audit"] {
        let page = admin.page(path).await;
        assert!(page.contains("li.wei") && !page.contains(password), "{path}");
    }
}

#[tokio::test]
async fn acts_on_an_account_are_asked_about_done_once_and_end_its_sessions() {
    let app = TestApp::new().await;
    let (admin, operator) = (app.desk(Role::Admin).await, app.desk(Role::Operator).await);
    let member = format!("/admin/staff/{}", id_of(&app, "operator").await);
    for act in ["role", "suspension", "reinstatement", "password", "authenticator", "session-end"] {
        let page = admin.page(&format!("{member}/{act}")).await;
        assert!(page.contains(&format!("action=\"{member}/{act}\"")) && page.contains("operator"), "{act}");
    }
    assert_eq!(status(&admin.get(&format!("{member}/deletion")).await), 404);
    let role = |version| [("role", "auditor"), ("version", version)];
    assert_eq!(location(&admin.post(&format!("{member}/role"), &role("1")).await), member);
    assert_eq!(status(&admin.post(&format!("{member}/role"), &role("1")).await), 422, "somebody was quicker");
    let out = operator.get("/admin/clients").await;
    assert_eq!(location(&out), "/admin/sign-in?note=ended&back=%2Fadmin%2Fclients");
    assert!(admin.page(&member).await.contains("审计"));
    let suspended = admin.post(&format!("{member}/suspension"), &[("version", "2")]).await;
    assert_eq!(location(&suspended), member);
    assert_eq!(status(&sign_in(&app.stranger(), "operator", PASSWORD).await), 422);
    admin.post(&format!("{member}/reinstatement"), &[("version", "3")]).await;
    let reset = admin.post(&format!("{member}/password"), &[]).await.text();
    let password = between(&reset, "<code>", "</code>").to_owned();
    assert_eq!(status(&sign_in(&app.stranger(), "operator", PASSWORD).await), 422);
    choose(&app, "operator", &password, "a password of my own").await;
    let page = admin.page(&member).await;
    let session = between(&page, &format!("{member}/sessions/"), "\"").to_owned();
    let one = format!("{member}/sessions/{session}");
    assert!(admin.page(&one).await.contains(&format!("action=\"{one}\"")));
    assert_eq!(location(&admin.post(&one, &[]).await), member);
    assert!(!admin.page(&member).await.contains("/sessions/"));
}

/// Signs in with a password that an admin gave, as far as into the console.
async fn choose<'a>(app: &'a TestApp, name: &str, given: &str, own: &str) -> Desk<'a> {
    let mut browser = app.stranger();
    let first = sign_in(&browser, name, given).await;
    let step = "/admin/sign-in/password";
    browser.keep(&first, step).await;
    assert_eq!(status(&browser.get("/admin/flows").await), 303, "not in yet");
    for (password, again) in [("short", "short"), (own, "another"), (given, given)] {
        let told = browser.post(step, &[("password", password), ("again", again)]).await;
        assert_eq!(status(&told), 422, "{password}");
        assert!(told.text().contains("class=\"problem\""), "{}", told.text());
    }
    let unmarked = browser.post_unmarked(step, &[("password", own), ("again", own)]).await;
    assert_eq!(status(&unmarked), 403);
    let form = [("password", own), ("again", own), ("back", "/admin/flows")];
    let chosen = browser.post(step, &form).await;
    assert_eq!(location(&chosen), "/admin/flows");
    browser.keep(&chosen, "/admin/account").await;
    browser
}

#[tokio::test]
async fn who_signs_in_with_a_password_that_an_admin_gave_chooses_another() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let made = admin.post("/admin/staff", &[("name", "li.wei"), ("role", "operator")]).await.text();
    let given = between(&made, "<code>", "</code>").to_owned();
    let member = choose(&app, "li.wei", &given, "a password of my own").await;
    assert!(member.page("/admin/account").await.contains("li.wei"));
    assert_eq!(location(&member.get("/admin/sign-in/password").await), "/admin/sign-in", "there is no such step now");
    assert_eq!(status(&sign_in(&app.stranger(), "li.wei", &given).await), 422);
}

#[tokio::test]
async fn the_last_admin_is_told_why_it_stays() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let own = format!("/admin/staff/{}", id_of(&app, "admin").await);
    for (act, form) in [("suspension", vec![("version", "1")]), ("role", vec![("version", "1"), ("role", "auditor")])] {
        let answer = admin.post(&format!("{own}/{act}"), &form).await;
        assert_eq!(status(&answer), 422);
        assert!(answer.text().contains("这是最后一个管理员"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_proof_that_lies_back_is_asked_for_again_before_accounts_are_touched() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    app.desk(Role::Operator).await;
    let member = format!("/admin/staff/{}", id_of(&app, "operator").await);
    app.advance(TimeDelta::minutes(6));
    let answer = admin.post(&format!("{member}/password"), &[]).await;
    assert!(location(&answer).starts_with("/admin/proof?back=%2Fadmin%2Fstaff"), "{}", location(&answer));
    assert_eq!(status(&sign_in(&app.stranger(), "operator", PASSWORD).await), 303, "nothing changed");
    assert_eq!(status(&admin.post("/admin/proof", &[("password", "wrong"), ("back", &member)]).await), 422);
    let proven = admin.post("/admin/proof", &[("password", PASSWORD), ("back", &member)]).await;
    assert_eq!(location(&proven), member);
    assert_eq!(status(&admin.post(&format!("{member}/password"), &[]).await), 200);
}

#[tokio::test]
async fn who_is_no_admin_sees_no_accounts_and_forced_is_refused_and_written_down() {
    let app = TestApp::new().await;
    let (admin, operator, auditor) =
        (app.desk(Role::Admin).await, app.desk(Role::Operator).await, app.desk(Role::Auditor).await);
    let member = format!("/admin/staff/{}", id_of(&app, "admin").await);
    for desk in [&operator, &auditor] {
        assert!(!desk.page("/admin/account").await.contains("/admin/staff"));
        for path in ["/admin/staff", "/admin/staff/new", &member] {
            assert_eq!(status(&desk.get(path).await), 403, "{path}");
        }
        assert_eq!(status(&desk.post("/admin/staff", &[("name", "planted"), ("role", "admin")]).await), 403);
        for act in ["role", "suspension", "password", "authenticator", "session-end", "sessions/x"] {
            let form = [("role", "auditor"), ("version", "1")];
            assert_eq!(status(&desk.post(&format!("{member}/{act}"), &form).await), 403, "{act}");
        }
    }
    let filter = audit::AuditFilter { action: Some(audit::REFUSED.into()), ..audit::AuditFilter::default() };
    assert_eq!(audit::list(&app, &Caller::System, filter, None, 100).await.unwrap().0.len(), 2 * 10);
    assert!(!admin.page("/admin/staff").await.contains("planted"));
}

#[tokio::test]
async fn members_change_their_password_and_end_their_sessions() {
    let app = TestApp::new().await;
    let here = app.desk(Role::Auditor).await;
    sign_in(&app.stranger(), "auditor", PASSWORD).await;
    let new = "another long password";
    for (old, typed, again) in [("wrong", new, new), (PASSWORD, new, "other"), (PASSWORD, "short", "short")] {
        let form = [("oldPassword", old), ("password", typed), ("again", again)];
        let answer = here.post("/admin/account/password", &form).await;
        assert_eq!(status(&answer), 422, "{old} {typed} {again}");
        assert!(answer.text().contains("class=\"problem\"") && !answer.text().contains(new));
    }
    let page = here.page("/admin/account").await;
    let other = between(&page, "/admin/account/sessions/", "\"").to_owned();
    let one = format!("/admin/account/sessions/{other}");
    assert!(here.page(&one).await.contains(&one));
    assert_eq!(location(&here.post(&one, &[]).await), "/admin/account");
    assert!(!here.page("/admin/account").await.contains("/admin/account/sessions/"), "one's own is left");
    let form = [("oldPassword", PASSWORD), ("password", new), ("again", new)];
    assert_eq!(location(&here.post("/admin/account/password", &form).await), "/admin/account");
    assert_eq!(status(&sign_in(&app.stranger(), "auditor", new).await), 303);
    assert_eq!(location(&here.post("/admin/account/session-end", &[]).await), "/admin/sign-in?note=out");
    assert!(location(&here.get("/admin/account").await).starts_with("/admin/sign-in"));
}

#[tokio::test]
async fn an_authenticator_is_set_up_used_and_stood_in_for() {
    let app = TestApp::new().await;
    let mut desk = app.desk(Role::Operator).await;
    let page = desk.page("/admin/account/authenticator").await;
    assert!(page.contains("<svg xmlns") && page.contains("role=\"img\""));
    let wrong = desk.post("/admin/account/authenticator", &[("code", "abcdef")]).await;
    assert_eq!(status(&wrong), 422);
    assert_eq!(code(&app, &wrong.text()), code(&app, &page), "the key stays the same");
    let done = desk.post("/admin/account/authenticator", &[("code", &code(&app, &page))]).await;
    assert_eq!(status(&done), 200);
    desk.keep(&done, "/admin/account").await;
    let codes = done.text();
    assert_eq!(between(&codes, "<ol class=\"codes\">", "</ol>").matches("<li>").count(), 10);
    let recovery = between(&codes, "<li>", "</li>").to_owned();
    assert!(!desk.page("/admin/account").await.contains(&recovery));

    let mut browser = app.stranger();
    let first = browser.post_unmarked("/admin/sign-in", &[("name", "operator"), ("password", PASSWORD)]).await;
    assert_eq!(location(&first), "/admin/sign-in/code?back=%2Fadmin");
    browser.keep(&first, "/admin/sign-in/code").await;
    assert!(location(&browser.get("/admin/account").await).starts_with("/admin/sign-in"), "not in yet");
    assert_eq!(status(&browser.post_unmarked("/admin/sign-in/code", &[("code", "000000")]).await), 422);
    let second = browser.post_unmarked("/admin/sign-in/code", &[("code", &recovery)]).await;
    assert_eq!(location(&second), "/admin/account?note=recovery");
    browser.keep(&second, "/admin/account").await;
    assert!(browser.page("/admin/account?note=recovery").await.contains("还剩 9 个"));

    let renewed = browser.post("/admin/account/recovery-codes", &[]).await.text();
    assert_eq!(between(&renewed, "<ol class=\"codes\">", "</ol>").matches("<li>").count(), 10);
    assert_eq!(location(&browser.post("/admin/account/authenticator/removal", &[]).await), "/admin/account");
    assert_eq!(location(&sign_in(&app.stranger(), "operator", PASSWORD).await), "/admin");
}

#[tokio::test]
async fn a_role_that_can_not_do_without_is_led_to_the_authenticator_first() {
    let app = TestApp::with(|settings| settings.staff.totp_required = vec!["operator".into()]).await;
    let new = register::NewStaff { name: "li.wei".into(), role: Role::Operator, password: None };
    let password = register::add(&app, &Caller::System, new).await.unwrap().password;
    let mut browser = app.stranger();
    let form = [("name", "li.wei"), ("password", password.expose()), ("back", "/admin/audit")];
    let first = browser.post_unmarked("/admin/sign-in", &form).await;
    let here = "/admin/sign-in/authenticator";
    assert_eq!(location(&first), format!("{here}?back=%2Fadmin%2Faudit"));
    browser.keep(&first, here).await;
    assert!(location(&browser.get("/admin/audit").await).starts_with("/admin/sign-in"), "not in yet");
    let page = browser.page(here).await;
    assert_eq!(status(&browser.post_unmarked(here, &[("code", &code(&app, &page))]).await), 403, "without the mark");
    assert_eq!(status(&browser.post(here, &[("code", "abcdef")]).await), 422);
    let done = browser.post(here, &[("code", &code(&app, &page)), ("back", "/admin/audit")]).await;
    assert!(done.text().contains("href=\"/admin/audit\""));
    browser.keep(&done, "/admin/account").await;
    assert!(!browser.page("/admin/account").await.contains("authenticator/removal"));
    assert!(location(&app.stranger().get(here).await).starts_with("/admin/sign-in"));
}

#[tokio::test]
async fn a_locked_name_is_told_the_seconds_and_a_session_that_ended_leads_back() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    for _ in 0..5 {
        assert_eq!(status(&sign_in(&app.stranger(), "operator", "wrong").await), 422);
    }
    let locked = sign_in(&app.stranger(), "operator", PASSWORD).await;
    assert_eq!(status(&locked), 429);
    assert!(locked.text().contains("61 秒后再试"), "{}", locked.text());
    app.advance(TimeDelta::minutes(31));
    let ended = desk.get("/admin/audit?action=signIn").await;
    let to = location(&ended).to_owned();
    assert_eq!(to, "/admin/sign-in?note=ended&back=%2Fadmin%2Faudit%3Faction%3DsignIn");
    let page = app.get(&to).await.text();
    assert!(page.contains("登录已过期") && page.contains("value=\"/admin/audit?action=signIn\""), "{page}");
}
