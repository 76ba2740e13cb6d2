//! Every way in which an SMS may go wrong, as often as it may: where the flow stands in the end, what the record tells,
//! and that the phone rings once at most.

use std::time::Duration;

use chrono::TimeDelta;
use esign_config::SmsGatewayKind::Aliyun;
use esign_domain::{
    alert::Alert,
    ids::FlowId,
    sms::{self, entity::sms_record, port::SmsFailure},
    terms::{
        FlowEventType as E,
        SmsStatus::{Accepted, Delivered, Failed, Queued},
    },
};
use esign_tests::{
    TestApp,
    fixture::corporate,
    gateway::{FakeGateway, Mishap, busy, silence},
    stand_in::{Ear, StandIn},
};
use sea_orm::{ConnectionTrait, Statement};
use tokio::net::TcpListener;

/// A message may be tried so often: once, and after each of the five gaps.
const TRIES: usize = 6;

async fn record(app: &TestApp, id: FlowId) -> sms_record::Model {
    sms::query::of_flows(app, &[id]).await.unwrap().remove(0)
}

/// What must be true of a flow whose message took `attempts` tries, the last of which ended well or didn't.
async fn judge(app: &TestApp, id: FlowId, attempts: usize, ended: Result<(), &str>) {
    let (flow, record) = (app.flow(id).await, record(app, id).await);
    let told = format!("{record:?}");
    assert_eq!(usize::try_from(record.attempt).unwrap(), attempts, "{told}");
    assert_eq!(record.next_attempt_at, None, "{told}");
    let (status, undelivered, code, sent, history): (_, _, _, _, &[E]) = match ended {
        Ok(()) => ("PENDING_SIGN", false, None, 1, &[E::Started, E::SmsAccepted]),
        Err(code) => ("CREATED", true, Some(code), 0, &[E::Started, E::SmsExhausted]),
    };
    assert_eq!(
        (flow.status.as_str(), flow.sms_undelivered, flow.sms_sent_count),
        (status, undelivered, sent),
        "{told}"
    );
    assert_eq!((record.status, record.failure_code.as_deref()), (if ended.is_ok() { Accepted } else { Failed }, code));
    assert_eq!(record.gateway_message_id.is_some() && record.sent_at.is_some(), ended.is_ok(), "{told}");
    // What somebody has or may have counts for the number; what nobody has does not.
    assert_eq!(record.counted_at.is_some(), ended.is_ok() || code == Some("UNKNOWN"), "{told}");
    assert_eq!(app.history(id).await, history);
}

/// What the record tells between the first try and the second.
async fn judge_waiting(app: &TestApp, id: FlowId, code: &str) {
    let record = record(app, id).await;
    assert_eq!((record.status, record.attempt, record.failure_code.as_deref()), (Queued, 1, Some(code)));
    assert_eq!(record.next_attempt_at.map(|at| vec![at]), Some(app.waiting("send_sms").await));
    assert!(record.failure_reason.is_some_and(|reason| !reason.is_empty()));
    assert_eq!(app.state(id).await, "CREATED");
}

#[tokio::test]
async fn whatever_fault_strikes_however_often_the_phone_rings_once_at_most() {
    let stand_in = StandIn::in_no_time().await;
    let app = TestApp::with_adapter(stand_in.adapter(Duration::from_secs(30))).await;
    let mut exhausted = 0;
    for (mode, code, rings_at_the_end) in
        [("error", "HTTP_503", 0), ("timeout", "UNKNOWN", 0), ("lost_reply", "UNKNOWN", 1), ("slow", "", 1)]
    {
        for count in 1..=TRIES {
            stand_in.arm(mode, count).await;
            let input = corporate(&format!("{mode}-{count}"));
            let id = app.start(input.clone()).await.id;
            app.run_jobs().await;
            if mode != "slow" {
                judge_waiting(&app, id, code).await;
            }
            app.live_through(TimeDelta::hours(1)).await;
            let spent = mode != "slow" && count == TRIES;
            let attempts = if mode == "slow" { 1 } else { (count + 1).min(TRIES) };
            judge(&app, id, attempts, if spent { Err(code) } else { Ok(()) }).await;
            let rang = stand_in.phone(input["subject"]["mobile"].as_str().unwrap()).await.len();
            assert_eq!(rang, if spent { rings_at_the_end } else { 1 }, "{mode} {count}");
            exhausted += u64::from(spent);
            assert_eq!(app.alerts.counts().get(&Alert::SmsExhausted).copied().unwrap_or_default(), exhausted);
            stand_in.arm("none", 0).await;
        }
    }
}

#[tokio::test]
async fn no_answer_in_time_is_an_unknown_outcome() {
    let stand_in = StandIn::reporting_to("http://127.0.0.1:1".into()).await;
    let app = TestApp::with_adapter(stand_in.adapter(Duration::from_millis(200))).await;
    stand_in.arm("timeout", 1).await;
    let id = app.start(corporate("timeout")).await.id;
    app.run_jobs().await;
    judge_waiting(&app, id, "UNKNOWN").await;
    assert!(record(&app, id).await.failure_reason.unwrap().starts_with("TIMEOUT"));
    // The machine may be slow, too: then it is just another of these.
    app.live_through(TimeDelta::hours(1)).await;
    assert_eq!(stand_in.phone(corporate("timeout")["subject"]["mobile"].as_str().unwrap()).await.len(), 1);
}

#[tokio::test]
async fn however_often_receipts_come_or_do_not_they_move_no_flow() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let door = format!("http://{}/callbacks/sms/sandbox/sandbox-receipts", listener.local_addr().unwrap());
    let stand_in = StandIn::reporting_to(door).await;
    let app = TestApp::with_adapter(stand_in.adapter(Duration::from_secs(30))).await;
    let mut ear = Ear::of(&app, listener);
    for (mode, receipts, status) in [("duplicate", 2, Delivered), ("silent", 0, Accepted)] {
        for count in 1..=TRIES {
            stand_in.arm(mode, count).await;
            let mut ids = Vec::new();
            // One more than there are faults: its receipt comes once.
            for n in 0..=count {
                ids.push(app.start(corporate(&format!("{mode}-{count}-{n}"))).await.id);
                app.run_jobs().await;
            }
            ear.hears(count * receipts + 1).await;
            assert!(ear.is_silent());
            for (n, id) in ids.into_iter().enumerate() {
                let record = record(&app, id).await;
                assert_eq!(record.status, if n < count { status } else { Delivered }, "{mode} {count} {n}");
                assert_eq!(record.delivered_at.is_some(), record.status == Delivered);
                assert_eq!(app.state(id).await, "PENDING_SIGN");
                assert_eq!(app.history(id).await, [E::Started, E::SmsAccepted]);
            }
        }
    }
    let early = Statement::from_string(app.db.backend(), "select 1 from sms_receipt");
    assert!(app.db.read().query_all_raw(early).await.unwrap().is_empty(), "whatever came early was applied");
}

/// The same at the port, for a gateway that answers what it knows and for a carrier that sends whatever it is given and
/// has to be asked.
#[tokio::test]
async fn a_carrier_is_asked_what_became_of_it_before_it_is_given_it_again() {
    for count in 1..=TRIES {
        // What a carrier never got is missing from what it has sent for a minute; so tries two and three only ask.
        let vanished = if count <= 3 { (count + 3, Ok(())) } else { (TRIES, Err("UNKNOWN")) };
        let unheard = (2, Ok(()));
        let failed = if count < TRIES { (count + 1, Ok(())) } else { (TRIES, Err("BUSY")) };
        for (name, mishap, (attempts, ended)) in [
            ("vanished", Mishap::Refused(silence()), vanished),
            ("unheard", Mishap::LostReply, unheard),
            ("failed", Mishap::Refused(busy()), failed),
        ] {
            let app =
                approved(TestApp::with_gateways(vec![FakeGateway::carrier("carrier", Aliyun)], |_| {}).await).await;
            app.gateway.script.fail(count, mishap);
            let id = app.start(corporate(&format!("{name}-{count}"))).await.id;
            app.live_through(TimeDelta::hours(1)).await;
            judge(&app, id, attempts, ended).await;
            let taken = app.gateway.taken().len();
            assert_eq!(taken, usize::from(ended.is_ok()), "{name} {count}");
            assert!(name != "failed" || app.gateway.asked().is_empty(), "what is known needs no question");
        }
    }
}

/// Has every template approved at the gateway `carrier`.
async fn approved(app: TestApp) -> TestApp {
    crate::gateways::review(&app, "carrier", "APPROVED").await;
    app
}

#[tokio::test]
async fn while_it_is_not_known_nobody_else_is_asked() {
    let gateways = || vec![FakeGateway::carrier("carrier", Aliyun), FakeGateway::generic("backup")];
    // The carrier has it, says nothing at first, and can't be asked.
    for (answers, ended, rang) in [(2, Ok(()), 1), (TRIES, Err("UNKNOWN"), 1)] {
        let app = approved(TestApp::with_gateways(gateways(), |_| {}).await).await;
        app.gateway.script.fail(1, Mishap::LostReply);
        app.gateway.asking.fail(answers, SmsFailure::Retryable { code: "HTTP_503".into(), reason: "?".into() });
        let id = app.start(corporate("asked")).await.id;
        app.run_jobs().await;
        app.live_through(TimeDelta::seconds(3)).await;
        let waiting = record(&app, id).await;
        assert_eq!((waiting.gateway.as_deref(), waiting.failure_code.as_deref()), (Some("carrier"), Some("UNKNOWN")));
        assert_eq!(waiting.failure_reason.as_deref(), Some("HTTP_503: ?"));
        app.live_through(TimeDelta::hours(1)).await;
        judge(&app, id, (answers + 2).min(TRIES), ended).await;
        assert_eq!((app.gateway.calls().len(), app.gateway.taken().len()), (1, rang));
        assert!(app.others[0].calls().is_empty(), "else the phone might ring twice");
    }
    // It surely hasn't: then another may have it, when the carrier still can't.
    let app = approved(TestApp::with_gateways(gateways(), |_| {}).await).await;
    app.gateway.script.next([Some(Mishap::Refused(silence())), Some(Mishap::Refused(busy()))]);
    let id = app.start(corporate("moved-on")).await.id;
    app.live_through(TimeDelta::minutes(1)).await;
    assert!(app.others[0].calls().is_empty());
    app.live_through(TimeDelta::hours(1)).await;
    judge(&app, id, 4, Ok(())).await;
    assert_eq!((app.gateway.asked().len(), app.gateway.taken().len(), app.others[0].taken().len()), (3, 0, 1));
    assert_eq!(record(&app, id).await.gateway.as_deref(), Some("backup"));
}

#[tokio::test]
async fn a_try_that_was_cut_off_is_looked_up_where_it_began() {
    let app = approved(TestApp::with_gateways(vec![FakeGateway::carrier("carrier", Aliyun)], |_| {}).await).await;
    let id = app.start(corporate("cut-off")).await.id;
    // The carrier takes it; what came of it is never written down.
    app.db.write().execute_unprepared("alter table sms_receipt rename to sms_receipt_away").await.unwrap();
    app.run_jobs().await;
    assert_eq!((record(&app, id).await.status, app.gateway.taken().len()), (Queued, 1));
    app.db.write().execute_unprepared("alter table sms_receipt_away rename to sms_receipt").await.unwrap();
    app.live_through(TimeDelta::hours(1)).await;
    judge(&app, id, 1, Ok(())).await;
    assert_eq!((app.gateway.calls().len(), app.gateway.asked().len(), app.gateway.taken().len()), (1, 1, 1));
}
