//! Receipts in every form, many at a time, late, twice, and before we knew of their message.

use chrono::TimeDelta;
use esign_config::SmsGatewayKind::{Aliyun, Tencent};
use esign_domain::{
    ids::FlowId,
    sms::{
        self,
        entity::sms_record,
        receipt::{Receipt, Received, receive},
    },
    terms::SmsStatus::{Accepted, Delivered, Failed, Queued},
};
use esign_tests::{
    TestApp,
    fixture::corporate,
    gateway::{FakeGateway, Mishap, NAME, busy, gateway_message_id},
};
use http::{Request, header};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

async fn record(app: &TestApp, id: FlowId) -> sms_record::Model {
    sms::query::of_flows(app, &[id]).await.unwrap().remove(0)
}

async fn waiting(app: &TestApp) -> u64 {
    sms::receipt::early::Entity::find().count(app.db.read()).await.unwrap()
}

async fn tell(app: &TestApp, gateway: &str, body: &Value) -> Value {
    let request = Request::post(format!("/callbacks/sms/{gateway}/{gateway}-receipts"));
    let request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string().into());
    let answer = app.call(request.unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn carriers_tell_in_their_own_forms_many_at_a_time() {
    for (kind, thanks) in [(Aliyun, json!({"code": 0, "msg": "成功"})), (Tencent, json!({"result": 0, "errmsg": "OK"}))]
    {
        let app = TestApp::with_gateways(vec![FakeGateway::carrier("carrier", kind)], |_| {}).await;
        crate::gateways::review(&app, "carrier", "APPROVED").await;
        let mut ids = Vec::new();
        for n in 0..3 {
            ids.push(app.start(corporate(&format!("batch-{n}"))).await.id);
            app.run_jobs().await;
        }
        let taken = app.gateway.taken();
        let told = |n: usize, arrived: bool| {
            let id = gateway_message_id(&taken[n]);
            let code = if arrived { "DELIVRD" } else { "MK:0005" };
            match kind {
                Aliyun => json!({"phone_number": "13800000000", "success": arrived, "err_code": code, "sms_size": "1",
                    "biz_id": id, "out_id": taken[n].message_id}),
                _ => json!({"mobile": "13800000000", "report_status": if arrived { "SUCCESS" } else { "FAIL" },
                    "errmsg": code, "description": "d", "sid": id}),
            }
        };
        let batch = json!([told(0, true), told(1, false)]);
        assert_eq!(tell(&app, "carrier", &batch).await, thanks);
        assert_eq!(
            tell(&app, "carrier", &json!([told(0, false), told(1, true)])).await,
            thanks,
            "the first word counts"
        );
        let states = [record(&app, ids[0]).await, record(&app, ids[1]).await, record(&app, ids[2]).await];
        assert_eq!(states.each_ref().map(|record| record.status), [Delivered, Failed, Accepted]);
        assert_eq!(states[1].failure_code.as_deref(), Some("MK:0005"));
        for id in ids {
            assert_eq!(app.state(id).await, "PENDING_SIGN", "a receipt moves no flow");
        }
        assert_eq!(waiting(&app).await, 0);
    }
}

#[tokio::test]
async fn a_receipt_that_overtakes_the_answer_is_applied_when_that_comes() {
    for (named, failure) in [(false, None), (false, Some("OFF")), (true, None), (true, Some("OFF"))] {
        let app = TestApp::new().await;
        // The gateway has it, and says so to everybody but us.
        app.gateway.script.fail(1, Mishap::LostReply);
        let id = app.start(corporate("overtaken")).await.id;
        app.run_jobs().await;
        let sms = app.gateway.taken().pop().unwrap();
        let receipt = |failure: Option<&str>| Receipt {
            gateway_message_id: gateway_message_id(&sms),
            message_id: named.then(|| sms.message_id.clone()),
            failure: failure.map(str::to_owned),
        };
        assert_eq!(receive(&app, NAME, &receipt(failure)).await.unwrap(), Received::Kept);
        let contrary = if failure.is_some() { None } else { Some("LATE") };
        assert_eq!(receive(&app, NAME, &receipt(contrary)).await.unwrap(), Received::Kept, "the first word counts");
        assert_eq!(receive(&app, "another", &receipt(None)).await.unwrap(), Received::Kept, "of another gateway");
        assert_eq!((record(&app, id).await.status, waiting(&app).await), (Queued, 2));
        app.live_through(TimeDelta::seconds(5)).await;
        let told = record(&app, id).await;
        assert_eq!(told.status, if failure.is_some() { Failed } else { Delivered }, "{named}");
        assert_eq!((told.failure_code.as_deref(), told.gateway_message_id.is_some()), (failure, true));
        assert_eq!(app.state(id).await, "PENDING_SIGN");
        assert_eq!(receive(&app, NAME, &receipt(None)).await.unwrap(), Received::Late);
        assert_eq!(waiting(&app).await, 1);
        // What nobody asks for goes out after a week, with the next that waits.
        app.advance(TimeDelta::days(8));
        let other = Receipt { gateway_message_id: "gw-unknown".into(), message_id: None, failure: None };
        assert_eq!(receive(&app, NAME, &other).await.unwrap(), Received::Kept);
        assert_eq!(waiting(&app).await, 1);
        app.run_jobs().await;
    }
}

#[tokio::test]
async fn what_was_looked_up_goes_by_our_own_id_and_its_receipt_finds_it() {
    let app = TestApp::with_gateways(vec![FakeGateway::carrier("carrier", Aliyun)], |_| {}).await;
    crate::gateways::review(&app, "carrier", "APPROVED").await;
    let id = app.start(corporate("looked-up")).await.id;
    app.run_jobs().await;
    let sms = app.gateway.taken().pop().unwrap();
    let body = json!([{"success": true, "biz_id": "another^0", "out_id": sms.message_id}]);
    tell(&app, "carrier", &body).await;
    assert_eq!(record(&app, id).await.status, Delivered);
}

#[tokio::test]
async fn a_receipt_says_that_a_message_was_taken_when_nobody_else_does() {
    let gateways = vec![FakeGateway::carrier("carrier", Aliyun), FakeGateway::generic("backup")];
    let app = TestApp::with_gateways(gateways, |_| {}).await;
    crate::gateways::review(&app, "carrier", "APPROVED").await;
    app.gateway.script.fail(1, Mishap::LostReply);
    app.gateway.asking.always(Some(busy()));
    let id = app.start(corporate("told-by-receipt")).await.id;
    app.run_jobs().await;
    let sms = app.gateway.taken().pop().unwrap();
    tell(&app, "carrier", &json!([{"success": true, "biz_id": "9006^0", "out_id": sms.message_id}])).await;
    assert_eq!(record(&app, id).await.status, Queued);
    app.live_through(TimeDelta::seconds(5)).await;
    let told = record(&app, id).await;
    assert_eq!((told.status, told.attempt, told.gateway.as_deref()), (Delivered, 2, Some("carrier")));
    assert_eq!((app.state(id).await.as_str(), waiting(&app).await), ("PENDING_SIGN", 0));
    assert_eq!((app.gateway.asked().len(), app.gateway.calls().len(), app.others[0].calls().len()), (0, 1, 0));
}

#[tokio::test]
async fn acceptance_and_receipt_at_the_same_moment_find_each_other() {
    let app = TestApp::new().await;
    for n in 0..20 {
        let id = app.start(corporate(&format!("same-moment-{n}"))).await.id;
        let message_id = record(&app, id).await.id.to_string();
        let receipt = Receipt {
            gateway_message_id: format!("gw-{message_id}"),
            message_id: (n % 2 == 0).then_some(message_id),
            failure: None,
        };
        let (_, received) = tokio::join!(app.run_jobs(), receive(&app, NAME, &receipt));
        assert_ne!(received.unwrap(), Received::Late);
        assert_eq!(record(&app, id).await.status, Delivered, "{n}");
    }
    assert_eq!(waiting(&app).await, 0);
}
