//! Finding flows: by whatever one has in hand, in either order, from either end; counted, and taken away as a table.

use chrono::TimeDelta;
use esign_domain::{
    Caller,
    audit::{self, AuditFilter},
    caller::Role,
    error::Error,
    flow::{
        self,
        entity::sign_flow,
        query::{self, Count, FlowFilter, FlowKey, Order, Search, Slice, Sort, View},
    },
    ids::{Id, StaffId},
    terms::FlowStatus,
    words::Lang,
};
use esign_tests::{
    TestApp,
    fixture::{corporate, individual, with},
};
use futures_util::TryStreamExt;
use serde_json::json;
use uuid::Uuid;

fn staff(role: Role) -> Caller {
    Caller::Staff { id: StaffId::new(Uuid::nil()), name: "kai".into(), role, from: None }
}

async fn found(app: &TestApp, filter: &FlowFilter, order: Order) -> Vec<String> {
    let slice = Slice { order, limit: 100, ..Slice::default() };
    let (flows, _) = query::list(app, &staff(Role::Auditor), filter, slice).await.unwrap();
    flows.into_iter().map(|flow| flow.flow_no).collect()
}

async fn search(app: &TestApp, text: &str) -> Vec<String> {
    let search = Search::read(app, text).unwrap().expect("there is something to look for");
    found(app, &search.into_filter(FlowFilter::default()), Order::default()).await
}

#[tokio::test]
async fn a_flow_is_found_by_whatever_one_has_in_hand() {
    let app = TestApp::new().await;
    let one = app.start(corporate("GJ-2027-001")).await;
    app.advance(TimeDelta::seconds(1));
    app.start(with(individual("GJ-2027-002"), "/subject/mobile", json!("13711112222"))).await;
    app.run_jobs().await;
    let record = esign_domain::seal::query::of_flows(&app, &[one.id]).await.unwrap()[0].id;
    for (text, expected) in [
        ("GJ-2027-001", vec!["GJ-2027-001"]),
        ("GJ-2027", vec!["GJ-2027-002", "GJ-2027-001"]),
        ("gj-2027", vec![]),
        ("J-2027", vec![]),
        (" 13711112222 ", vec!["GJ-2027-002"]),
        ("+86 137-1111-2222", vec!["GJ-2027-002"]),
        ("福州云帆商贸有限公司", vec!["GJ-2027-001"]),
        ("福州云帆", vec![]),
        ("李晓明", vec!["GJ-2027-002"]),
        ("91350100M000100Y43", vec!["GJ-2027-001"]),
        ("11010519491231002x", vec!["GJ-2027-002"]),
        ("S-GJ-2027-001", vec!["GJ-2027-001"]),
        (&one.id.to_string(), vec!["GJ-2027-001"]),
        (&record.to_string(), vec!["GJ-2027-001"]),
        ("13711112223", vec![]),
    ] {
        assert_eq!(search(&app, text).await, expected, "{text}");
    }
    assert!(Search::read(&app, "  ").unwrap().is_none());
    assert!(matches!(Search::read(&app, "GJ"), Err(Error::InvalidArgument(_))));
}

#[tokio::test]
async fn what_stands_in_an_address_finds_the_same_and_tells_nothing() {
    let app = TestApp::new().await;
    app.start(individual("one")).await;
    app.run_jobs().await;
    for text in ["李晓明", "11010519491231002X", individual("one")["subject"]["mobile"].as_str().unwrap()] {
        let Some(Search::Personal(key)) = Search::read(&app, text).unwrap() else { panic!("{text} is personal") };
        let address = key.to_string();
        assert!(!address.contains(text) && address.is_ascii(), "{address}");
        let again = FlowFilter { personal: Some(address.parse().unwrap()), ..FlowFilter::default() };
        assert_eq!(found(&app, &again, Order::default()).await, ["one"], "{text}");
    }
    for text in ["", "mobile-", "mobile-00", "account-00", "李晓明"] {
        assert!(text.parse::<query::PersonalKey>().is_err(), "{text}");
    }
}

/// Five flows at different moments; the second has moved last.
async fn five(app: &TestApp) -> Vec<sign_flow::Model> {
    let mut flows = Vec::new();
    for n in 1..=5 {
        flows.push(app.start(if n == 3 { individual("f-3") } else { corporate(&format!("f-{n}")) }).await);
        app.pass(TimeDelta::minutes(1)).await;
    }
    app.advance(TimeDelta::seconds(1));
    app.signer(flows[1].id).await.decline("条款不同意").await.unwrap();
    app.run_jobs().await;
    flows
}

#[tokio::test]
async fn every_order_can_be_walked_from_either_end() {
    let app = TestApp::new().await;
    five(&app).await;
    for (order, expected) in [
        (Order { sort: Sort::Started, oldest_first: false }, ["f-5", "f-4", "f-3", "f-2", "f-1"]),
        (Order { sort: Sort::Started, oldest_first: true }, ["f-1", "f-2", "f-3", "f-4", "f-5"]),
        (Order { sort: Sort::Changed, oldest_first: false }, ["f-2", "f-5", "f-4", "f-3", "f-1"]),
        (Order { sort: Sort::Changed, oldest_first: true }, ["f-1", "f-3", "f-4", "f-5", "f-2"]),
    ] {
        for backwards in [false, true] {
            let (mut seen, mut place) = (Vec::new(), None);
            loop {
                let (after, before) = if backwards { (None, place) } else { (place, None) };
                let slice = Slice { order, after, before, backwards, limit: 2 };
                let (part, more) = query::list(&app, &Caller::System, &FlowFilter::default(), slice).await.unwrap();
                let edge = if backwards { part.first() } else { part.last() };
                place = edge.map(|flow| FlowKey::of(flow, order).to_string().parse().unwrap());
                let part: Vec<_> = part.into_iter().map(|flow| flow.flow_no).collect();
                seen = if backwards { [part, seen].concat() } else { [seen, part].concat() };
                if !more {
                    break;
                }
            }
            assert_eq!(seen, expected, "{order:?} backwards: {backwards}");
        }
    }
}

#[tokio::test]
async fn views_hold_what_their_names_say_and_are_counted() {
    let app = TestApp::new().await;
    let flows = five(&app).await;
    app.gateway.fail(100);
    app.start(corporate("unreached")).await;
    app.live_through(TimeDelta::minutes(40)).await;
    let expected = [
        (View::All, vec!["unreached", "f-5", "f-4", "f-3", "f-2", "f-1"]),
        (View::Open, vec!["unreached", "f-5", "f-4", "f-3", "f-1"]),
        (View::Attention, vec!["unreached"]),
        (View::Completed, vec![]),
        (View::Unfinished, vec!["f-2"]),
    ];
    let counts = query::counts(&app, &staff(Role::Operator), &FlowFilter::default()).await.unwrap();
    for ((view, names), counted) in expected.into_iter().zip(counts) {
        let filter = FlowFilter::default().seen(view);
        assert_eq!(found(&app, &filter, Order::default()).await, names, "{view:?}");
        assert_eq!(counted, (view, Count::Exactly(names.len() as u64)));
    }
    let declined = FlowFilter { failure_code: Some("SIGN_DECLINED".into()), ..FlowFilter::default() };
    assert_eq!(found(&app, &declined, Order::default()).await, ["f-2"]);
    let faces = FlowFilter { auth_type: Some(app.flow(flows[2].id).await.auth_type), ..FlowFilter::default() };
    assert_eq!(found(&app, &faces, Order::default()).await, ["f-3"]);
    let waiting = FlowFilter { statuses: Some(vec![FlowStatus::Created]), ..FlowFilter::default() };
    assert_eq!(found(&app, &waiting, Order::default()).await, ["unreached"]);
    // A status and a view hold together, also where no flow of the status can stand in the view.
    let statuses = Some(vec![FlowStatus::Created, FlowStatus::Failed]);
    let two = FlowFilter { statuses, client_id: Some(flows[0].client_id), ..FlowFilter::default() };
    let both: [&[&str]; 5] = [&["unreached", "f-2"], &["unreached"], &["unreached"], &[], &["f-2"]];
    let counts = query::counts(&app, &Caller::System, &two).await.unwrap();
    for ((view, names), counted) in View::ALL.into_iter().zip(both).zip(counts) {
        assert_eq!(found(&app, &two.seen(view), Order::default()).await, names, "{view:?}");
        assert_eq!(counted, (view, Count::Exactly(names.len() as u64)));
    }
    let others = query::counts(&app, &app.other.caller(), &FlowFilter::default()).await.unwrap();
    assert!(others.iter().all(|(_, count)| *count == Count::Exactly(0)), "{others:?}");
    app.gateway.fail(0);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_flow_that_rests_too_long_where_only_we_can_move_it_needs_somebody() {
    let app = TestApp::new().await;
    let id = app.start(corporate("rests")).await.id;
    app.run_jobs().await;
    let resting = async |by: TimeDelta| {
        let filter = FlowFilter::default().seen(View::Attention);
        app.advance(by);
        found(&app, &filter, Order::default()).await
    };
    assert_eq!(resting(TimeDelta::hours(1)).await, [""; 0], "the signer has time");
    app.signer(id).await.sign().await.unwrap();
    app.run_jobs().await;
    app.auth.judge_later();
    app.signer(id).await.amount(37).await.unwrap();
    let limit = query::dwell_limit(FlowStatus::Authenticating).unwrap();
    assert_eq!(resting(limit).await, [""; 0]);
    assert_eq!(resting(TimeDelta::seconds(1)).await, ["rests"]);
    app.run_jobs().await;
}

async fn exported(app: &TestApp, caller: &Caller, lang: Lang, filter: FlowFilter) -> Vec<String> {
    let pieces = flow::export((**app).clone(), caller, lang, filter, Order::default()).await.unwrap();
    let text: String = pieces.try_collect().await.unwrap();
    text.strip_prefix('\u{feff}').expect("spreadsheets need it").lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn what_is_taken_away_is_masked_for_everybody_and_written_down() {
    let app = TestApp::new().await;
    let mut strange = corporate("=1+1");
    strange["flowNo"] = json!("-1.A1");
    strange["subject"]["name"] = json!("=HYPERLINK(\"http://x\")");
    strange["subject"]["subjectNo"] = json!("@x");
    app.start(strange).await;
    app.start(individual("person")).await;
    app.run_jobs().await;
    for role in [Role::Admin, Role::Operator, Role::Auditor] {
        let lines = exported(&app, &staff(role), Lang::Zh, FlowFilter::default()).await;
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("流程编号,流水号,上游系统,"), "{}", lines[0]);
        let all = lines.join("\n");
        assert!(!all.contains("李晓明") && all.contains("李*明") && all.contains("139****"), "{all}");
        assert!(
            all.contains("\"'=HYPERLINK(\"\"http://x\"\")\"")
                && all.contains(",\"'@x\",")
                && all.contains(",\"'-1.A1\",")
        );
    }
    let by_mobile = Search::read(&app, individual("person")["subject"]["mobile"].as_str().unwrap()).unwrap().unwrap();
    let lines = exported(&app, &staff(Role::Auditor), Lang::En, by_mobile.into_filter(FlowFilter::default())).await;
    assert_eq!(lines.len(), 2);
    assert!(lines[1].contains(",person,"), "{}", lines[1]);
    let filter = AuditFilter { action: Some("exportSignFlows".into()), ..AuditFilter::default() };
    let (entries, _) = audit::list(&app, &Caller::System, filter, None, 10).await.unwrap();
    assert_eq!(entries.len(), 4);
    assert_eq!(entries[0].actor, "staff:kai");
    assert_eq!(entries[0].after, Some(json!({"view": "all", "person": "mobile"})));
    // Another client sees nothing of it, and gets a table of nothing.
    assert_eq!(exported(&app, &app.other.caller(), Lang::En, FlowFilter::default()).await.len(), 1);
}

#[tokio::test]
async fn a_table_of_many_pieces_holds_every_flow_once() {
    let app = TestApp::new().await;
    let model = app.start(corporate("model")).await;
    app.run_jobs().await;
    copies(&app, &model, 2_345).await;
    let lines = exported(&app, &staff(Role::Operator), Lang::En, FlowFilter::default()).await;
    let names: std::collections::BTreeSet<_> = lines[1..].iter().map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!((lines.len(), names.len()), (2_347, 2_346));
    let counts = query::counts(&app, &Caller::System, &FlowFilter::default()).await.unwrap();
    assert_eq!(counts[0], (View::All, Count::AtLeast(1_000)));
    gone(&app, &model).await;
}

/// Rows like that of a flow, in a database that holds nothing else of them.
async fn copies(app: &TestApp, model: &sign_flow::Model, count: u128) {
    use sea_orm::{EntityTrait, IntoActiveModel};
    let row =
        |n: u128| sign_flow::Model { id: Id::new(Uuid::from_u128(n)), flow_no: format!("copy-{n}"), ..model.clone() };
    for first in (1..=count).step_by(200) {
        let rows = (first..=count.min(first + 199)).map(|n| row(n).into_active_model());
        sign_flow::Entity::insert_many(rows).exec_without_returning(app.db.write()).await.unwrap();
    }
}

/// Takes them away again: a flow without its rows is not sound.
async fn gone(app: &TestApp, model: &sign_flow::Model) {
    use sea_orm::{EntityTrait, QueryFilter, prelude::*};
    let others = sign_flow::Entity::delete_many().filter(sign_flow::Column::Id.ne(model.id));
    others.exec(app.db.write()).await.unwrap();
}
