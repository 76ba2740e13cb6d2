//! Every road to a flow, read off the schema itself: one that is new has no row here, and fails. By each of them another
//! client's flow is answered like one that never was, to the byte.

mod schema;
mod table;
mod ways;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use esign_domain::{
    event::tail::{self, Filter},
    flow,
    ids::{FlowId, SealRecordId},
};
use esign_tests::{
    TestApp,
    door::{Answer, code},
    fixture::{corporate, with},
};
use futures_util::{FutureExt, StreamExt};
use schema::{deep, innermost, is_composite, list, name, types};
use serde_json::{Value, json};
use table::{ABOUT_NO_FLOW, LEADING, NAMING_NOTHING, OF_NO_FLOW};
use uuid::Uuid;
use ways::{completed, ours, ways};

#[tokio::test]
async fn every_road_to_a_flow_has_a_row() {
    let app = TestApp::new().await;
    let types = types(&app).await;
    let (mut leading, mut naming) = (BTreeSet::new(), BTreeSet::new());
    for (parent, ty) in &types {
        for field in list(ty, "fields") {
            let road = format!("{parent}.{}", name(field));
            let gives = innermost(&field["type"]);
            if is_composite(&types, gives) && !OF_NO_FLOW.contains(&gives) {
                leading.insert(road.clone());
            }
            naming.extend(list(field, "args").map(|argument| format!("{road}({})", name(argument))));
        }
        naming.extend(list(ty, "inputFields").map(|field| format!("{parent}.{}", name(field))));
    }
    let known: BTreeSet<_> = LEADING.iter().map(ToString::to_string).collect();
    assert_eq!(leading, known, "a field leads to flows: have it walked below, and give it a row");
    let walked = ways(&ours(&app).await).into_iter().flat_map(|(roads, ..)| roads);
    let known: BTreeSet<_> = walked.chain(NAMING_NOTHING.iter().copied()).map(ToOwned::to_owned).collect();
    naming.retain(|argument| !ABOUT_NO_FLOW.iter().any(|beginning| argument.starts_with(beginning)));
    assert_eq!(naming, known, "an argument could name a flow: have it walked below");
}

/// All of an answer that a caller can see, but the id of the request itself.
fn seen(answer: &Answer) -> String {
    let mut body = answer.json();
    if let Some(extensions) = body.pointer_mut("/errors/0/extensions").and_then(Value::as_object_mut) {
        assert!(extensions.remove("traceId").is_some());
    }
    let mut headers: Vec<_> = answer.headers.iter().filter(|(name, _)| *name != "x-trace-id").collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    format!("{} {headers:?} {body}", answer.status)
}

#[tokio::test]
async fn a_foreign_flow_is_not_there() {
    let app = TestApp::new().await;
    let ours = ours(&app).await;
    let before = app.events(ours.flow.parse().unwrap()).await.len();
    // Whoever may read the clients reads all of them: what staff keep is no client's own.
    let stranger = app.token(&app.other, Some("flows:read flows:write flows:operate deliveries:read pii:read"));
    let owner = app.token(&app.demo, None);
    for (roads, request, named, none) in ways(&ours) {
        let foreign = seen(&app.ask(&stranger, "en", request, named.clone()).await);
        let unknown = seen(&app.ask(&stranger, "en", request, none).await);
        assert_eq!(foreign, unknown, "{roads:?} {named}");
        let is_cursor = roads.iter().any(|road| road.ends_with("(after)") || road.ends_with("(before)"));
        if !is_cursor && !roads.contains(&"StartSignFlowInput.flowNo") {
            let owners = seen(&app.ask(&owner, "en", request, named.clone()).await);
            assert_ne!(owners, foreign, "{roads:?} {named}: its owner is answered otherwise");
        }
    }
    assert_eq!(app.events(ours.flow.parse().unwrap()).await.len(), before, "and nothing has moved");
    app.run_jobs().await;
}

#[tokio::test]
async fn no_field_of_ones_own_flows_leads_to_anothers() {
    let app = TestApp::new().await;
    let ours = ours(&app).await;
    // The stranger's flows are about the same person, number and account, and one takes another's place.
    let twin = |flow_no: &str| with(corporate("ours"), "/flowNo", json!(flow_no));
    app.pass(TimeDelta::minutes(2)).await;
    completed(&app, &app.other, twin("theirs-1")).await;
    app.pass(TimeDelta::minutes(2)).await;
    let old = app.try_start_as(&app.other, twin("theirs-2")).await.unwrap().flow.id;
    flow::cancel(&app, &app.other.caller(), old, "x").await.unwrap();
    let successor = with(twin("theirs-3"), "/supersedes", json!(old));
    app.try_start_as(&app.other, successor).await.unwrap();
    app.pass(TimeDelta::minutes(2)).await;
    let types = types(&app).await;
    let mut queries = deep(&types, "signFlows(first: 3)", "SignFlow");
    queries.extend(deep(&types, "signFlowEvents(first: 50)", "SignFlowEvent"));
    assert!(queries.len() >= 12, "{}", queries.len());
    for query in queries {
        let seen = app.graphql_as(&app.token(&app.other, None), &query, json!({})).await;
        assert_eq!(code(&seen), None, "{query}: {seen}");
        let (seen, own) = (seen.to_string(), app.data(&query, json!({})).await.to_string());
        for name in &ours.names {
            assert!(!seen.contains(name.rsplit_once('_').unwrap().1), "{query}: {name}");
        }
        assert!(own.contains(&ours.names[0]) || own.contains(&ours.names[5]), "its owner finds it: {query}");
    }
}

#[tokio::test]
async fn a_subscriber_hears_nothing_of_anothers_flows_by_any_filter() {
    let app = TestApp::new().await;
    let ours = ours(&app).await;
    let id: FlowId = ours.flow.parse().unwrap();
    let start = tail::Position::from_cursor(&ours.log_cursor).unwrap();
    let listen = |ids: Option<Vec<FlowId>>, after| {
        let mut filter = Filter::default();
        filter.flow_ids = ids;
        Box::pin(tail::subscribe((*app).clone(), &app.other.caller(), filter, after).unwrap())
    };
    let mut named = listen(Some(vec![id]), Some(start));
    let mut all = listen(None, Some(start));
    let mut live = listen(None, None);
    completed(&app, &app.demo, corporate("ours-again")).await;
    let theirs = app.try_start_as(&app.other, corporate("theirs")).await.unwrap().flow.id;
    app.run_jobs().await;
    for stream in [&mut all, &mut live] {
        for _ in 0..2 {
            assert_eq!(stream.next().await.unwrap().unwrap().event.flow_id, theirs);
        }
        assert!(stream.next().now_or_never().is_none());
    }
    assert!(named.next().now_or_never().is_none(), "as if the flow were not there");
}

#[tokio::test]
async fn a_download_address_opens_its_own_document_and_no_other() {
    let app = TestApp::new().await;
    let ours = ours(&app).await;
    let theirs = completed(&app, &app.other, corporate("theirs")).await;
    let query = "query($id: ID!) { signFlow(id: $id) { sealRecords { downloadUrl } } }";
    let told = app.graphql_as(&app.token(&app.other, None), query, json!({"id": theirs.to_string()})).await;
    let url = told["data"]["signFlow"]["sealRecords"][0]["downloadUrl"].as_str().unwrap().to_owned();
    let token = url.rsplit('/').next().unwrap();
    assert_eq!(app.get(&format!("/d/{token}")).await.status, 200);
    let ours: SealRecordId = ours.names.iter().find(|name| name.starts_with("seal_")).unwrap().parse().unwrap();
    let [foreign, unknown] = [ours.uuid(), Uuid::nil()].map(|id| forged(token, id));
    let (foreign, unknown) = (app.get(&foreign).await, app.get(&unknown).await);
    assert_eq!((foreign.status.as_u16(), foreign.body), (404, unknown.body));
}

/// The address with the id of another document in it.
fn forged(token: &str, id: Uuid) -> String {
    // 22 letters of base64 hold the 16 bytes of the id; the last of them holds two bits of it and four of what follows.
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits = id.as_u128();
    let place = |letter: u8| letters.iter().position(|known| *known == letter).unwrap();
    let mut forged: Vec<u8> = (0..21).map(|n| letters[(bits >> (122 - 6 * n)) as usize & 63]).collect();
    let last = place(token.as_bytes()[21]) & 15 | ((bits & 3) as usize) << 4;
    forged.push(letters[last]);
    format!("/d/{}{}", String::from_utf8(forged).unwrap(), &token[22..])
}
