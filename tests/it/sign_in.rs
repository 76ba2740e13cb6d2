//! Staff sign in: password, code, recovery code; wrong tries, locks, sessions and their ends; accounts that change
//! meanwhile; and what the audit log says of all that.

use std::net::{IpAddr, Ipv4Addr};

use chrono::TimeDelta;
use esign_config::{Secret, Settings};
use esign_domain::{
    App, Caller,
    audit::{self, AuditFilter},
    caller::Role,
    error::{Error, Result},
    ids::Id,
    staff::{
        Staff, one_time, own, recovery, register,
        session::{self, Session, Stage},
        sign_in::{self, Attempt, Signed},
        totp,
    },
};
use esign_tests::TestApp;
use serde_json::Value;
use uuid::Uuid;

const FROM: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 7));

/// A member of staff with a password of their own.
struct Member {
    staff: Staff,
    password: Secret,
}

async fn member(app: &App, name: &str, role: Role) -> Member {
    let new = register::NewStaff { name: name.into(), role, password: None };
    let made = register::add(app, &Caller::System, new).await.unwrap();
    Member { staff: made.staff, password: made.password }
}

async fn password(app: &App, name: &str, password: &Secret) -> Result<Signed> {
    sign_in::with_password(app, Attempt { name, password, from: Some(FROM), agent: "Firefox\n/140" }).await
}

impl Member {
    async fn sign_in(&self, app: &App) -> Signed {
        password(app, &self.staff.name, &self.password).await.unwrap()
    }

    /// Signs in and sets a TOTP up; gives the session, the secret and the recovery codes.
    async fn with_totp(&self, app: &App) -> (Signed, Secret, Vec<Secret>) {
        let signed = self.sign_in(app).await;
        let begun = totp::begin(app, &signed.token).await.unwrap();
        let (signed, codes) = totp::confirm(app, &signed.token, &code(app, &begun.secret)).await.unwrap();
        (signed, begun.secret, codes)
    }
}

fn code(app: &App, secret: &Secret) -> String {
    one_time::code_now(secret.expose(), app.now()).unwrap()
}

/// A code that is none of those that are good now.
fn wrong(app: &App, secret: &Secret) -> String {
    let near: Vec<_> = [-30, 0, 30]
        .map(|by| one_time::code_now(secret.expose(), app.now() + TimeDelta::seconds(by)).unwrap())
        .into_iter()
        .collect();
    (0..4).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).unwrap()
}

async fn found(app: &App, token: &Secret) -> Option<Session> {
    session::find(app, token).await.unwrap()
}

fn is_locked<T>(told: &Result<T>) -> Option<i64> {
    match told {
        Err(Error::RateLimited { retry_after_seconds }) => Some(*retry_after_seconds),
        _ => None,
    }
}

/// The log, oldest first: actor, action, and what it says of a sign-in.
async fn log(app: &App) -> Vec<String> {
    let (entries, _) = audit::list(app, &Caller::System, AuditFilter::default(), None, 500).await.unwrap();
    let line = |entry: &audit::entity::Model| {
        let after = entry.after.clone().unwrap_or_default();
        let word = ["outcome", "why", "by"].iter().filter_map(|key| after[*key].as_str()).collect::<Vec<_>>().join(" ");
        format!("{} {} {word}", entry.actor, entry.action).trim_end().to_owned()
    };
    // The clients of the story are made before it begins.
    entries.iter().rev().filter(|entry| entry.action != "createClient").map(line).collect()
}

#[tokio::test]
async fn a_password_opens_a_session_and_signing_out_ends_it() {
    let app = TestApp::new().await;
    let li = member(&app, "li.wei", Role::Operator).await;
    let signed = li.sign_in(&app).await;
    let session = found(&app, &signed.token).await.unwrap();
    assert_eq!((session.stage, session.ip), (Stage::Full, Some(FROM)));
    assert!(session.csrf == signed.session.csrf && session.csrf != signed.token);
    let caller = session.caller(Some(FROM)).unwrap();
    assert_eq!(
        caller,
        Caller::Staff { id: li.staff.id, name: "li.wei".into(), role: Role::Operator, from: Some(FROM) }
    );
    assert_eq!(session::list_of(&app, &caller, li.staff.id).await.unwrap()[0].agent, "Firefox/140");
    assert!(found(&app, &Secret::new("something else")).await.is_none());
    let printed = format!("{signed:?}");
    assert!(!printed.contains(signed.token.expose()) && !printed.contains(session.csrf.expose()), "{printed}");

    session::end(&app, &caller, &signed.token).await.unwrap();
    session::end(&app, &caller, &signed.token).await.unwrap();
    assert!(found(&app, &signed.token).await.is_none());
    let told = log(&app).await;
    assert_eq!(told, ["system createStaff", "staff:li.wei signIn SIGNED_IN PASSWORD", "staff:li.wei signOut"]);
}

#[tokio::test]
async fn a_session_ends_after_half_an_hour_of_rest_and_after_twelve_hours() {
    let app = TestApp::new().await;
    let li = member(&app, "li.wei", Role::Operator).await;
    let token = li.sign_in(&app).await.token;
    for _ in 0..24 {
        app.advance(TimeDelta::minutes(29));
        assert!(found(&app, &token).await.is_some());
    }
    app.advance(TimeDelta::minutes(24));
    assert!(found(&app, &token).await.is_none(), "twelve hours are over");
    let token = li.sign_in(&app).await.token;
    app.advance(TimeDelta::minutes(30));
    assert!(found(&app, &token).await.is_none(), "half an hour without a request");
}

#[tokio::test]
async fn who_is_refused_is_not_told_why_and_the_log_does_not_hold_what_was_typed() {
    let app = TestApp::new().await;
    let li = member(&app, "li.wei", Role::Operator).await;
    member(&app, "admin", Role::Admin).await;
    let gone = member(&app, "gone", Role::Operator).await;
    register::set_enabled(&app, &Caller::System, gone.staff.id, 1, false).await.unwrap();
    for (name, secret) in [("li.wei", &gone.password), ("gone", &gone.password), ("hunter2-my-password", &li.password)]
    {
        assert!(matches!(password(&app, name, secret).await, Err(Error::Unauthenticated)), "{name}");
    }
    let told = log(&app).await;
    let expected = ["WRONG_PASSWORD", "DISABLED", "UNKNOWN_NAME"].map(|why| format!("somebody signIn REFUSED {why}"));
    assert_eq!(told[4..], expected);
    let (entries, _) = audit::list(&app, &Caller::System, AuditFilter::default(), None, 500).await.unwrap();
    assert!(!format!("{entries:?}").contains("hunter2"));
    assert_eq!(entries[2].target, li.staff.id.to_string());
    assert_eq!(entries[2].ip.as_deref(), Some("10.0.0.7"));
}

#[tokio::test]
async fn wrong_tries_lock_a_name_for_ever_longer_whether_somebody_bears_it_or_not() {
    let app = TestApp::new().await;
    let li = member(&app, "li.wei", Role::Operator).await;
    let bad = Secret::new("not the password");
    for name in ["li.wei", "nobody"] {
        for _ in 0..5 {
            assert!(matches!(password(&app, name, &bad).await, Err(Error::Unauthenticated)));
        }
        assert_eq!(is_locked(&password(&app, name, &li.password).await), Some(61), "{name}: the right one isn't told");
        app.advance(TimeDelta::seconds(60));
        assert!(matches!(password(&app, name, &bad).await, Err(Error::Unauthenticated)));
        assert_eq!(is_locked(&password(&app, name, &li.password).await), Some(121));
        app.advance(TimeDelta::seconds(120));
    }
    li.sign_in(&app).await;
    assert!(matches!(password(&app, "li.wei", &bad).await, Err(Error::Unauthenticated)));
    li.sign_in(&app).await;
    let told = log(&app).await;
    // Those that met the lock left nothing: six entries a name, one for the try after the sign-in.
    assert_eq!(told.iter().filter(|line| line.contains("REFUSED")).count(), 13);
}

#[tokio::test]
async fn nobody_gets_one_try_more_by_trying_at_once() {
    let app = TestApp::with(|settings| settings.database.max_connections = 16).await;
    member(&app, "li.wei", Role::Operator).await;
    let bad = Secret::new("not the password");
    let tries = (0..12).map(|_| password(&app, "li.wei", &bad));
    let told = futures_util::future::join_all(tries).await;
    assert_eq!(told.iter().filter(|told| matches!(told, Err(Error::Unauthenticated))).count(), 5);
    assert_eq!(told.iter().filter(|told| is_locked(told).is_some()).count(), 7);
}

#[tokio::test]
async fn a_code_is_asked_for_and_is_good_once() {
    let app = TestApp::new().await;
    let li = member(&app, "li.wei", Role::Operator).await;
    let (enrolled, secret, _) = li.with_totp(&app).await;
    assert_eq!(enrolled.session.stage, Stage::Full);
    app.advance(TimeDelta::seconds(30));
    let first = li.sign_in(&app).await;
    assert_eq!(first.session.stage, Stage::Code);
    assert!(matches!(first.session.caller(None), Err(Error::Unauthenticated)));
    let told = sign_in::with_code(&app, &first.token, &wrong(&app, &secret)).await;
    assert!(matches!(told, Err(Error::InvalidArgument(_))));
    let now = code(&app, &secret);
    let full = sign_in::with_code(&app, &first.token, &now).await.unwrap();
    assert_eq!((full.session.stage, full.recovery_left), (Stage::Full, None));
    assert!(found(&app, &first.token).await.is_none(), "the token is another");
    assert!(found(&app, &full.token).await.is_some());
    let again = li.sign_in(&app).await;
    assert!(matches!(sign_in::with_code(&app, &again.token, &now).await, Err(Error::InvalidArgument(_))), "a replay");
    app.advance(TimeDelta::minutes(10));
    let late = sign_in::with_code(&app, &again.token, &code(&app, &secret)).await;
    assert!(matches!(late, Err(Error::Unauthenticated)), "ten minutes for the steps");
}

#[tokio::test]
async fn a_known_password_opens_no_endless_row_of_codes() {
    let app = TestApp::new().await;
    let li = member(&app, "li.wei", Role::Operator).await;
    let (_, secret, _) = li.with_totp(&app).await;
    for _ in 0..5 {
        let token = li.sign_in(&app).await.token;
        let told = sign_in::with_code(&app, &token, &wrong(&app, &secret)).await;
        assert!(matches!(told, Err(Error::InvalidArgument(_))));
    }
    assert!(is_locked(&password(&app, "li.wei", &li.password).await).is_some());
}

#[tokio::test]
async fn a_recovery_code_stands_in_once() {
    let app = TestApp::new().await;
    let li = member(&app, "li.wei", Role::Operator).await;
    let (enrolled, _, codes) = li.with_totp(&app).await;
    assert_eq!(codes.len(), recovery::CODES);
    let token = li.sign_in(&app).await.token;
    let typed = codes[3].expose().to_uppercase().replace('-', " ");
    let full = sign_in::with_code(&app, &token, &typed).await.unwrap();
    assert_eq!(full.recovery_left, Some(9));
    let token = li.sign_in(&app).await.token;
    assert!(matches!(sign_in::with_code(&app, &token, &typed).await, Err(Error::InvalidArgument(_))));
    let renewed = totp::renew_recovery_codes(&app, &full.token).await.unwrap();
    assert_eq!(recovery::left(&app, &enrolled.session.caller(None).unwrap(), li.staff.id).await.unwrap(), 10);
    assert!(matches!(sign_in::with_code(&app, &token, codes[4].expose()).await, Err(Error::InvalidArgument(_))));
    assert_eq!(sign_in::with_code(&app, &token, renewed[0].expose()).await.unwrap().recovery_left, Some(9));
}

#[tokio::test]
async fn a_role_that_can_not_do_without_sets_a_totp_up_first() {
    let app = TestApp::with(|settings: &mut Settings| settings.staff.totp_required = vec!["admin".into()]).await;
    let admin = member(&app, "admin", Role::Admin).await;
    let signed = admin.sign_in(&app).await;
    assert_eq!(signed.session.stage, Stage::Enrol);
    assert!(signed.session.caller(None).is_err());
    let begun = totp::begin(&app, &signed.token).await.unwrap();
    assert!(begun.uri.contains(begun.secret.expose()) && begun.qr_svg.starts_with("<svg "));
    assert_eq!(totp::begin(&app, &signed.token).await.unwrap().secret, begun.secret, "asked again, it is the same");
    let told = totp::confirm(&app, &signed.token, &wrong(&app, &begun.secret)).await;
    assert!(matches!(told, Err(Error::InvalidArgument(_))));
    let (full, _) = totp::confirm(&app, &signed.token, &code(&app, &begun.secret)).await.unwrap();
    assert!(full.session.caller(None).is_ok());
    assert!(found(&app, &signed.token).await.is_none());
    assert!(
        matches!(totp::remove(&app, &full.token).await, Err(Error::StateConflict { status }) if status == "TOTP_REQUIRED")
    );
    let operator = member(&app, "li.wei", Role::Operator).await;
    assert_eq!(operator.sign_in(&app).await.session.stage, Stage::Full);
}

#[tokio::test]
async fn a_totp_is_touched_only_by_who_has_just_shown_who_they_are() {
    let app = TestApp::new().await;
    let li = member(&app, "li.wei", Role::Operator).await;
    let (full, secret, _) = li.with_totp(&app).await;
    app.advance(TimeDelta::minutes(5));
    assert!(!found(&app, &full.token).await.unwrap().is_fresh(app.now()));
    let stale =
        |told: Result<()>| assert!(matches!(told, Err(Error::StateConflict { status }) if status == "PROOF_NEEDED"));
    stale(totp::remove(&app, &full.token).await);
    stale(totp::renew_recovery_codes(&app, &full.token).await.map(drop));
    let bad = Secret::new("not the password");
    assert!(session::prove_again(&app, &full.token, &bad, Some(&code(&app, &secret))).await.is_err());
    assert!(session::prove_again(&app, &full.token, &li.password, None).await.is_err());
    stale(totp::remove(&app, &full.token).await);
    session::prove_again(&app, &full.token, &li.password, Some(&code(&app, &secret))).await.unwrap();
    assert!(found(&app, &full.token).await.unwrap().is_fresh(app.now()));
    totp::remove(&app, &full.token).await.unwrap();
    assert_eq!(li.sign_in(&app).await.session.stage, Stage::Full);
}

#[tokio::test]
async fn a_change_of_an_account_ends_its_sessions_at_once() {
    let app = TestApp::new().await;
    let admin = member(&app, "admin", Role::Admin).await.sign_in(&app).await.session.caller(None).unwrap();
    let li = member(&app, "li.wei", Role::Operator).await;
    let id = li.staff.id;
    let token = li.sign_in(&app).await.token;
    let changed = register::set_role(&app, &admin, id, 1, Role::Auditor).await.unwrap();
    assert!(found(&app, &token).await.is_none());
    let stale = register::set_role(&app, &admin, id, 1, Role::Admin).await;
    assert!(matches!(stale, Err(Error::LostUpdate { version: 2 })));
    let token = li.sign_in(&app).await.token;
    assert_eq!(found(&app, &token).await.unwrap().staff.role, "auditor");
    let changed = register::set_enabled(&app, &admin, id, changed.version, false).await.unwrap();
    assert!(found(&app, &token).await.is_none());
    assert!(matches!(password(&app, "li.wei", &li.password).await, Err(Error::Unauthenticated)));
    register::set_enabled(&app, &admin, id, changed.version, true).await.unwrap();
    let (full, _, _) = li.with_totp(&app).await;
    register::reset_totp(&app, &admin, "li.wei").await.unwrap();
    assert!(found(&app, &full.token).await.is_none());
    let token = li.sign_in(&app).await.token;
    let reset = register::reset_password(&app, &admin, "li.wei", None).await.unwrap();
    assert!(found(&app, &token).await.is_none());
    let token = password(&app, "li.wei", &reset.password).await.unwrap().token;
    let token = own::choose_password(&app, &token, &Secret::new("a password of my own")).await.unwrap().token;
    let sessions = session::list_of(&app, &admin, id).await.unwrap();
    assert_eq!(sessions.len(), 1);
    session::end_one(&app, &admin, sessions[0].id).await.unwrap();
    assert!(matches!(session::end_one(&app, &admin, sessions[0].id).await, Err(Error::NotFound)));
    assert!(found(&app, &token).await.is_none());
    let told = log(&app).await;
    let acts: Vec<_> = told.iter().filter_map(|line| line.strip_prefix("staff:admin ")).collect();
    let expected = "signIn SIGNED_IN PASSWORD,setStaffRole,setStaffEnabled,setStaffEnabled,resetStaffTotp,resetStaffPassword,endSession";
    assert_eq!(acts.join(","), expected);
}

#[tokio::test]
async fn members_change_their_own_password_and_lose_their_other_sessions() {
    let app = TestApp::new().await;
    let li = member(&app, "li.wei", Role::Operator).await;
    let (here, elsewhere) = (li.sign_in(&app).await, li.sign_in(&app).await);
    let new = Secret::new("correct horse battery");
    assert!(own::change_password(&app, &here.token, &new, &new).await.is_err());
    assert!(own::change_password(&app, &here.token, &li.password, &Secret::new("short")).await.is_err());
    own::change_password(&app, &here.token, &li.password, &new).await.unwrap();
    assert!(found(&app, &here.token).await.is_some() && found(&app, &elsewhere.token).await.is_none());
    assert!(password(&app, "li.wei", &li.password).await.is_err());
    assert!(password(&app, "li.wei", &new).await.is_ok());
    let caller = here.session.caller(None).unwrap();
    assert_eq!(session::end_all_of(&app, &caller, li.staff.id).await.unwrap(), 2);
    assert!(found(&app, &here.token).await.is_none());
}

#[tokio::test]
async fn the_last_admin_stays_even_when_two_close_each_other_at_once() {
    let app = TestApp::new().await;
    let (one, other) = (member(&app, "one", Role::Admin).await, member(&app, "other", Role::Admin).await);
    let close = |member: &Member| {
        let id = member.staff.id;
        register::set_enabled(&app, &Caller::System, id, 1, false)
    };
    let demote = |member: &Member| {
        let id = member.staff.id;
        register::set_role(&app, &Caller::System, id, 1, Role::Auditor)
    };
    let (first, second) = tokio::join!(close(&one), demote(&other));
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    let refused = first.err().or(second.err()).unwrap();
    assert!(matches!(&refused, Error::InvalidArgument(problems) if problems[0].problem == "this is the last admin"));
    let unknown = register::set_enabled(&app, &Caller::System, Id::new(Uuid::nil()), 1, true).await;
    assert!(matches!(unknown, Err(Error::NotFound)));
}

#[tokio::test]
async fn nothing_of_what_opens_an_account_is_in_the_log_or_in_the_clear() {
    let app = TestApp::new().await;
    let li = member(&app, "li.wei", Role::Operator).await;
    let (full, secret, codes) = li.with_totp(&app).await;
    let dump = format!("{:?}", esign_tests::database::TestDatabase::dump(&app.db).await);
    for hidden in [&li.password, &full.token, &full.session.csrf, &secret, &codes[0]] {
        assert!(!dump.contains(hidden.expose()));
    }
    let entries = audit::list(&app, &Caller::System, AuditFilter::default(), None, 500).await.unwrap().0;
    assert!(entries.iter().all(|entry| entry.after.as_ref().is_none_or(|after: &Value| after.is_object())));
}

#[tokio::test]
async fn a_password_that_an_admin_knows_opens_only_the_step_that_asks_for_another() {
    let app = TestApp::new().await;
    let boss = member(&app, "boss", Role::Admin).await;
    let admin = boss.sign_in(&app).await.session.caller(None).unwrap();
    let new = register::NewStaff { name: "li.wei".into(), role: Role::Operator, password: None };
    let made = register::add(&app, &admin, new).await.unwrap();
    let signed = password(&app, "li.wei", &made.password).await.unwrap();
    assert_eq!(signed.session.stage, Stage::Password);
    assert!(signed.session.caller(None).is_err());
    for refused in [&made.password, &Secret::new("too short")] {
        let told = own::choose_password(&app, &signed.token, refused).await;
        assert!(matches!(told, Err(Error::InvalidArgument(_))), "{told:?}");
    }
    let elsewhere = password(&app, "li.wei", &made.password).await.unwrap();
    let chosen = Secret::new("a password of my own");
    let full = own::choose_password(&app, &signed.token, &chosen).await.unwrap();
    assert_eq!(full.session.stage, Stage::Full);
    assert!(found(&app, &full.token).await.is_some() && found(&app, &signed.token).await.is_none());
    let told = own::choose_password(&app, &elsewhere.token, &Secret::new("the admin was quicker?")).await;
    assert!(matches!(told, Err(Error::Unauthenticated)), "whoever else had begun is out");
    assert!(matches!(password(&app, "li.wei", &made.password).await, Err(Error::Unauthenticated)));
    assert_eq!(password(&app, "li.wei", &chosen).await.unwrap().session.stage, Stage::Full);
    let told = log(&app).await;
    let at = told.iter().position(|line| line == "staff:li.wei changePassword").unwrap();
    assert_eq!(told[at + 1], "staff:li.wei signIn SIGNED_IN PASSWORD", "in only now: {told:?}");
}

#[tokio::test]
async fn a_reset_password_gives_way_after_the_code_and_only_when_another_gave_it() {
    let app = TestApp::new().await;
    let (boss, li) = (member(&app, "boss", Role::Admin).await, member(&app, "li.wei", Role::Operator).await);
    let admin = boss.sign_in(&app).await.session.caller(None).unwrap();
    let (_, secret, _) = li.with_totp(&app).await;
    app.advance(TimeDelta::seconds(30));
    let reset = register::reset_password(&app, &admin, "li.wei", None).await.unwrap();
    let first = password(&app, "li.wei", &reset.password).await.unwrap();
    assert_eq!(first.session.stage, Stage::Code, "the password alone leads nowhere");
    let told = own::choose_password(&app, &first.token, &Secret::new("a password of theirs")).await;
    assert!(matches!(told, Err(Error::Unauthenticated)));
    let second = sign_in::with_code(&app, &first.token, &code(&app, &secret)).await.unwrap();
    assert_eq!(second.session.stage, Stage::Password);
    let full = own::choose_password(&app, &second.token, &Secret::new("a password of my own")).await.unwrap();
    assert_eq!(full.session.stage, Stage::Full);
    let own = register::reset_password(&app, &admin, "boss", None).await.unwrap();
    assert_eq!(password(&app, "boss", &own.password).await.unwrap().session.stage, Stage::Full, "nobody else knows it");
    let shell = register::reset_password(&app, &Caller::System, "boss", None).await.unwrap();
    assert_eq!(password(&app, "boss", &shell.password).await.unwrap().session.stage, Stage::Full);
}
