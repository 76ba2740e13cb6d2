//! Staff at one flow: what they see of it, what is to be done next, and the acts that show what is hidden.

use chrono::TimeDelta;
use esign_domain::{
    App, Caller, audit, auth,
    caller::Role,
    error::Error,
    flow::{
        self,
        staff::{
            self, PersonalField, Timeline,
            next::{Holder, Situation, StaffAct, WhyNot},
        },
    },
    ids::{FlowId, StaffId},
    seal, sms,
    terms::FlowEventType as Kind,
};
use esign_tests::{TestApp, auth_system::AMOUNT, fixture::corporate, sealer::Mishap};
use sea_orm::EntityTrait;
use uuid::Uuid;

fn member(role: Role) -> Caller {
    Caller::Staff { id: StaffId::new(Uuid::nil()), name: "lan".into(), role, from: None }
}

async fn told(app: &App, role: Role, id: FlowId) -> Timeline {
    staff::timeline(app, &member(role), id).await.unwrap().unwrap()
}

/// The acts of staff in the log, oldest first, with what they tell.
async fn acts(app: &App) -> Vec<(String, String)> {
    let entries = audit::entity::Entity::find().all(app.db.read()).await.unwrap();
    let text = |after: Option<serde_json::Value>| after.map(|after| after.to_string()).unwrap_or_default();
    let by_staff = entries.into_iter().filter(|entry| entry.actor.starts_with("staff:"));
    by_staff.map(|entry| (entry.action, text(entry.after))).collect()
}

/// What an operator can do at once.
fn can(timeline: &Timeline) -> Vec<StaffAct> {
    timeline.next.acts.iter().filter(|possible| possible.why_not.is_none()).map(|possible| possible.act).collect()
}

fn why_not(timeline: &Timeline, act: StaffAct) -> Option<WhyNot> {
    timeline.next.acts.iter().find(|possible| possible.act == act).unwrap().why_not
}

#[tokio::test]
async fn everything_that_is_known_stands_in_one_order_and_names_nobody() {
    let app = TestApp::new().await;
    let id = app.start(corporate("told")).await.id;
    let signer = app.signer(id).await;
    signer.open().await.unwrap();
    app.advance(TimeDelta::seconds(1));
    app.run_jobs().await;
    signer.sign().await.unwrap();
    app.run_jobs().await;
    app.advance(TimeDelta::minutes(2));
    signer.amount(AMOUNT + 1).await.unwrap();
    app.run_jobs().await;
    app.advance(TimeDelta::minutes(1));
    sms::resend(&app, &member(Role::Operator), id).await.unwrap();
    app.run_jobs().await;
    app.call_back("msg-told", &app.auth.pass()).await;
    app.sealer.sealing.next([Some(Mishap::Fails), None]);
    app.advance(TimeDelta::seconds(1));
    app.run_jobs().await;
    app.pass(TimeDelta::minutes(1)).await;
    app.advance(TimeDelta::seconds(1));
    app.call_back("msg-late", &app.auth.newest().as_if("FAILED")).await;
    let timeline = told(&app, Role::Operator, id).await;
    let keys: Vec<_> = timeline.entries.iter().rev().map(|entry| entry.what.key()).collect();
    let in_order = [
        "STARTED",
        "LINK_OPENED",
        "SmsAccepted",
        "READ",
        "SIGNED",
        "CHALLENGE_CREATED",
        "MATERIAL_SUBMITTED",
        "MATERIAL_REFUSED",
        "SMS_RESENT",
        "AUTH_PASSED",
        "SEAL_FAILED",
        "SEALED",
        "LateResult",
    ];
    let mut rest = keys.iter();
    for key in in_order {
        assert!(rest.any(|found| found == key), "{key} in {keys:?}");
    }
    for key in ["SmsQueued", "SmsAccepted", "AmountTyped", "CallbackReceived", "LateResult"] {
        assert!(keys.iter().any(|found| found == key), "{key} in {keys:?}");
    }
    assert!(timeline.entries.is_sorted_by_key(|entry| std::cmp::Reverse(entry.at)));
    assert_eq!(timeline.chain, Some(Ok(())));
    assert!(!timeline.left_out);
    let opened = timeline.entries.iter().find(|entry| entry.what.key() == "LINK_OPENED").unwrap();
    assert!(opened.fact("address").is_some_and(|address| address.ends_with('*')), "{opened:?}");
    let entries = format!("{:?} {:?} {:?}", timeline.entries, timeline.subject.as_ref().unwrap().mobile, timeline.jobs);
    let input = corporate("told");
    for path in ["/subject/mobile", "/subject/bankAccount/accountNo", "/subject/idDocument/number"] {
        let value = input.pointer(path).unwrap().as_str().unwrap();
        assert!(!entries.contains(value), "{path}");
    }
    let address = esign_tests::signer::visitor().address;
    assert!(!entries.contains("张思远") && !entries.contains(&address));
    let stranger = app.other.caller();
    assert!(staff::timeline(&app, &stranger, id).await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_to_be_done_next_is_told_at_every_step() {
    let app = TestApp::new().await;
    let id = app.start(corporate("next")).await.id;
    let first = told(&app, Role::Operator, id).await;
    assert_eq!((first.next.situation, first.next.situation.holder()), (Situation::Sending, Holder::System));
    assert_eq!(first.jobs.len(), 2, "the message and the session's end");
    app.run_jobs().await;
    let sent = told(&app, Role::Operator, id).await;
    assert_eq!((sent.next.situation, sent.next.situation.holder()), (Situation::ToSign, Holder::Signer));
    assert_eq!(can(&sent), [StaffAct::CopyLink, StaffAct::Cancel]);
    let Some(WhyNot::NotBefore(free)) = why_not(&sent, StaffAct::Resend) else { panic!("{:?}", sent.next) };
    app.clock.advance_to(free);
    assert_eq!(can(&told(&app, Role::Operator, id).await), [StaffAct::Resend, StaffAct::CopyLink, StaffAct::Cancel]);
    sms::resend(&app, &member(Role::Operator), id).await.unwrap();
    app.run_jobs().await;
    let auditor = told(&app, Role::Auditor, id).await;
    assert!(auditor.next.acts.iter().all(|possible| possible.why_not == Some(WhyNot::NotYours)));
    app.signer(id).await.sign().await.unwrap();
    assert_eq!(told(&app, Role::Operator, id).await.next.situation, Situation::MakingChallenge);
    app.run_jobs().await;
    let waits = told(&app, Role::Operator, id).await;
    assert_eq!(waits.next.situation, Situation::ToAnswer);
    assert_eq!(waits.next.ends_at, waits.attempts[0].expires_at);
    app.auth.judge_everything_later();
    app.signer(id).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    let judged = told(&app, Role::Operator, id).await;
    assert_eq!((judged.next.situation, judged.next.overdue), (Situation::Judging, false));
    assert!(can(&judged).contains(&StaffAct::AskAuthSystem) && !can(&judged).contains(&StaffAct::Cancel));
    app.advance(TimeDelta::minutes(11));
    assert!(told(&app, Role::Operator, id).await.next.overdue);
    app.sealer.sealing.always(Some(Mishap::Fails));
    app.call_back("msg-next", &app.auth.pass()).await;
    assert_eq!(told(&app, Role::Operator, id).await.next.situation, Situation::Sealing);
    app.run_jobs().await;
    let fails = told(&app, Role::Operator, id).await;
    assert_eq!(fails.next.situation, Situation::SealFails);
    assert_eq!(can(&fails), [StaffAct::RetrySeal, StaffAct::AbandonSeal]);
    let seal = fails.jobs.iter().find(|job| job.kind == "seal").unwrap();
    assert!(seal.due_at > app.now() && seal.failures == 1 && seal.last_error.is_some());
    seal::abandon(&app, &member(Role::Operator), id, "张思远 不再需要").await.unwrap();
    let over = told(&app, Role::Operator, id).await;
    assert_eq!((over.next.situation, over.next.ends_at), (Situation::Restartable, None));
    assert!(can(&over).is_empty());
    let given_up = over.entries.iter().find(|entry| entry.what.key() == "SEAL_ABANDONED").unwrap();
    assert_eq!(given_up.note.as_deref(), Some("张*远 不再需要"));
    let acts = acts(&app).await;
    let told: Vec<_> = acts.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(told, ["resendSms", "abandonSeal"]);
    assert!(!acts[1].1.contains("不再需要"), "a reason may name persons, and stands sealed: {acts:?}");
}

#[tokio::test]
async fn a_link_that_staff_copy_stands_in_the_chain_and_in_the_log() {
    let app = TestApp::new().await;
    let id = app.start(corporate("copied")).await.id;
    let link = staff::copy_link(&app, &member(Role::Operator), id).await.unwrap();
    assert!(link.ends_with(&app.signer(id).await.code));
    assert_eq!(app.history(id).await.last(), Some(&Kind::LinkCopied));
    assert_eq!(acts(&app).await, [("copyLink".to_owned(), "{}".to_owned())]);
    assert!(matches!(staff::copy_link(&app, &member(Role::Auditor), id).await, Err(Error::Forbidden)));
    flow::cancel(&app, &app.demo.caller(), id, "订单取消").await.unwrap();
    let late = staff::copy_link(&app, &member(Role::Operator), id).await;
    assert!(matches!(late, Err(Error::StateConflict { .. })), "{late:?}");
    assert_eq!(acts(&app).await.len(), 1, "what a client does with its own flow stands in its chain alone");
    app.run_jobs().await;
}

#[tokio::test]
async fn one_value_in_the_clear_costs_a_reason_and_stands_in_the_log_without_the_value() {
    let app = TestApp::new().await;
    let id = app.start(corporate("clear")).await.id;
    let admin = member(Role::Admin);
    let input = corporate("clear");
    for (field, path) in [
        (PersonalField::SignatoryName, "/subject/signatoryName"),
        (PersonalField::IdNumber, "/subject/idDocument/number"),
        (PersonalField::BankAccount, "/subject/bankAccount/accountNo"),
    ] {
        let value = input.pointer(path).unwrap().as_str().unwrap();
        let reason = format!("来电核对 {value}");
        assert_eq!(staff::reveal(&app, &admin, id, field, &reason).await.unwrap(), value);
        let (action, after) = acts(&app).await.pop().unwrap();
        assert_eq!(action, "revealPersonal");
        assert!(after.contains(field.as_str()) && after.contains("来电核对") && !after.contains(value), "{after}");
    }
    let known = acts(&app).await.len();
    for reason in ["", "   ", &"长".repeat(501)] {
        let refused = staff::reveal(&app, &admin, id, PersonalField::Mobile, reason).await;
        assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{reason}");
    }
    for role in [Role::Operator, Role::Auditor] {
        let refused = staff::reveal(&app, &member(role), id, PersonalField::Mobile, "想看").await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{role:?}");
    }
    let nobody = staff::reveal(&app, &admin, FlowId::new(Uuid::nil()), PersonalField::Mobile, "想看").await;
    assert!(matches!(nobody, Err(Error::NotFound)));
    assert_eq!(acts(&app).await.len(), known, "what was refused was not done");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_document_that_staff_look_at_is_a_look_in_the_log() {
    let app = TestApp::new().await;
    let id = app.start(corporate("looked")).await.id;
    let admin = member(Role::Admin);
    let (record, document) = staff::reading::outline(&app, &admin, id, 1).await.unwrap();
    assert!(!document.pages.is_empty());
    assert!(acts(&app).await.is_empty(), "nothing was shown yet");
    staff::reading::page_svg(&app, &admin, id, 1, 1).await.unwrap();
    let (name, bytes) = staff::reading::file(&app, &admin, id, 1).await.unwrap();
    assert!(name == record.document_name && !bytes.is_empty());
    assert_eq!(acts(&app).await.iter().filter(|(action, _)| action == "readDocument").count(), 2);
    let none = staff::reading::page_svg(&app, &admin, id, 1, 99).await;
    assert!(matches!(none, Err(Error::NotFound)));
    for role in [Role::Operator, Role::Auditor] {
        assert!(matches!(staff::reading::file(&app, &member(role), id, 1).await, Err(Error::Forbidden)));
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn the_auth_system_is_asked_at_once_and_once() {
    let app = TestApp::new().await;
    let operator = member(Role::Operator);
    let id = app.start(corporate("asked")).await.id;
    let early = auth::ask_now(&app, &operator, id).await;
    assert!(matches!(early, Err(Error::StateConflict { .. })));
    app.run_jobs().await;
    app.signer(id).await.sign().await.unwrap();
    app.run_jobs().await;
    app.auth.judge_everything_later();
    app.signer(id).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    app.live_through(TimeDelta::minutes(20)).await;
    assert_eq!(app.state(id).await, "AUTHENTICATING");
    app.auth.pass();
    let before = app.auth.calls().len();
    auth::ask_now(&app, &operator, id).await.unwrap();
    auth::ask_now(&app, &operator, id).await.unwrap();
    assert_eq!(app.waiting("poll_challenge").await, [app.now()], "two who ask have one question");
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
    let asked = app.auth.calls().split_off(before).into_iter().filter(|call| call.starts_with("state")).count();
    assert!(asked <= 1, "{:?}", app.auth.calls());
    assert_eq!(acts(&app).await.iter().filter(|(action, _)| action == "askAuthSystem").count(), 2);
    let late = auth::ask_now(&app, &operator, id).await;
    assert!(matches!(late, Err(Error::StateConflict { .. })));
}
