//! Every road to a flow, read off the schema itself: one that is new has no row here, and fails. By each of them another
//! client's flow is answered like one that never was, to the byte.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use esign_domain::{
    event::tail::{self, Filter},
    flow,
    ids::{FlowId, SealRecordId},
};
use esign_tests::{
    TestApp,
    app::Account,
    auth_system::AMOUNT,
    door::{Answer, code},
    fixture::{corporate, individual, with},
    gateway::gateway_message_id,
};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use uuid::Uuid;

const SCHEMA: &str = "{ __schema { types { name kind
    fields { name args { name type { ...T } } type { ...T } } inputFields { name type { ...T } } possibleTypes { name } } } }
    fragment T on __Type { name kind ofType { name kind ofType { name kind ofType { name kind ofType { name kind } } } } }";

/// The schema's types by name.
type Types = BTreeMap<String, Value>;

async fn types(app: &TestApp) -> Types {
    let schema = app.data(SCHEMA, json!({})).await["__schema"]["types"].take();
    let named = schema.as_array().unwrap().iter().map(|ty| (ty["name"].as_str().unwrap().to_owned(), ty.clone()));
    named.filter(|(name, _)| !name.starts_with("__")).collect()
}

/// The named type inside lists and non-nulls.
fn innermost(ty: &Value) -> &str {
    if ty["ofType"].is_null() { ty["name"].as_str().unwrap() } else { innermost(&ty["ofType"]) }
}

fn is_required(ty: &Value) -> bool {
    ty["kind"] == "NON_NULL"
}

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    of[name].as_array().into_iter().flatten()
}

fn name(of: &Value) -> &str {
    of["name"].as_str().unwrap()
}

/// What belongs to the catalogue, to a client or to nobody.
const OF_NO_FLOW: [&str; 11] = [
    "AgreementTemplate",
    "AgreementType",
    "AuthRule",
    "Client",
    "ClientSettings",
    "Decision",
    "GatewayTemplate",
    "PageInfo",
    "Selector",
    "SmsTemplate",
    "Viewer",
];

/// Every field that gives a flow, a part of one, or a list of either. The roots are walked one by one below, and what
/// hangs on something that is seen by the deep walk.
const LEADING: [&str; 40] = [
    "AuthRecord.flow",
    "CancelSignFlowPayload.flow",
    "H5Session.flow",
    "Mutation.abandonSeal",
    "Mutation.cancelSignFlow",
    "Mutation.resendSms",
    "Mutation.retrySeal",
    "Mutation.startSignFlow",
    "Query.node",
    "Query.planSignFlow",
    "Query.signFlow",
    "Query.signFlowEvents",
    "Query.signFlows",
    "ResendSmsPayload.flow",
    "SealRecord.flow",
    "SignFlow.authRecords",
    "SignFlow.events",
    "SignFlow.failure",
    "SignFlow.resend",
    "SignFlow.result",
    "SignFlow.sealRecords",
    "SignFlow.session",
    "SignFlow.smsRecords",
    "SignFlow.subject",
    "SignFlow.supersededBy",
    "SignFlow.supersedes",
    "SignFlowConnection.edges",
    "SignFlowConnection.nodes",
    "SignFlowEdge.node",
    "SignFlowEvent.flow",
    "SignFlowEventConnection.edges",
    "SignFlowEventConnection.nodes",
    "SignFlowEventEdge.node",
    "SignFlowPayload.flow",
    "SignResult.authRecord",
    "SignResult.failure",
    "SignResult.sealRecords",
    "SmsRecord.flow",
    "StartSignFlowPayload.flow",
    "Subscription.signFlowEvents",
];

/// Arguments and input fields that name nothing which is there: they say how much, which kind, where in one's own list,
/// or what a new flow is to be.
const NAMING_NOTHING: [&str; 39] = [
    "BankAccountInput.accountNo",
    "BankAccountInput.bankCode",
    "BankAccountInput.bankName",
    "CancelSignFlowInput.reason",
    "IdDocumentInput.number",
    "IdDocumentInput.type",
    "Mutation.abandonSeal(reason)",
    "Query.signFlowEvents(first)",
    "Query.signFlows(first)",
    "Query.signFlows(last)",
    "SignFlow.events(after)",
    "SignFlow.events(first)",
    "SignFlowEventFilter.scenes",
    "SignFlowEventFilter.terminalOnly",
    "SignFlowEventFilter.toStatuses",
    "SignFlowFilter.agreementType",
    "SignFlowFilter.createdFrom",
    "SignFlowFilter.createdTo",
    "SignFlowFilter.scenes",
    "SignFlowFilter.statuses",
    "StartSignFlowInput.agreementType",
    "StartSignFlowInput.agreementVariables",
    "StartSignFlowInput.businessAction",
    "StartSignFlowInput.expiresInSeconds",
    "StartSignFlowInput.fundPurpose",
    "StartSignFlowInput.metadata",
    "StartSignFlowInput.returnUrl",
    "StartSignFlowInput.scene",
    "StartSignFlowInput.subject",
    "SubjectInput.bankAccount",
    "SubjectInput.idDocument",
    "SubjectInput.mobile",
    "SubjectInput.name",
    "SubjectInput.role",
    "SubjectInput.signatoryName",
    "SubjectInput.subjectNo",
    "SubjectInput.type",
    // Walked by the story of the subscription.
    "Subscription.signFlowEvents(after)",
    "Subscription.signFlowEvents(filter)",
];

/// A flow of the demo client's at its end, and all by which it could be named.
struct Ours {
    /// Names by kind: the id of the flow, of its session, of its records.
    names: Vec<String>,
    flow: String,
    challenge: String,
    message: String,
    list_cursor: String,
    log_cursor: String,
}

const IDS: &str = "query($id: ID!) { signFlow(id: $id) { id session { id } sealRecords { id } authRecords { id }
    smsRecords { id } events { nodes { id } } } signFlows { edges { cursor } } signFlowEvents { edges { cursor } } }";

async fn completed(app: &TestApp, account: &Account, input: Value) -> FlowId {
    let id = app.try_start_as(account, input).await.unwrap().flow.id;
    app.run_jobs().await;
    app.signer(id).await.sign().await.unwrap();
    app.run_jobs().await;
    app.signer(id).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
    id
}

async fn ours(app: &TestApp) -> Ours {
    let id = completed(app, &app.demo, corporate("ours")).await;
    let message = gateway_message_id(app.gateway.taken().last().unwrap());
    let told = app.data(IDS, json!({"id": id.to_string()})).await;
    let flow = &told["signFlow"];
    let mut names = vec![name_of(flow), name_of(&flow["session"]), app.demo.client.id.to_string()];
    for records in ["sealRecords", "authRecords", "smsRecords"] {
        names.extend(list(flow, records).map(name_of));
    }
    names.extend(list(&flow["events"], "nodes").map(name_of));
    let cursor = |list: &str| told[list]["edges"][0]["cursor"].as_str().unwrap().to_owned();
    Ours {
        names,
        flow: id.to_string(),
        challenge: app.auth.newest().id,
        message,
        list_cursor: cursor("signFlows"),
        log_cursor: cursor("signFlowEvents"),
    }
}

fn name_of(node: &Value) -> String {
    node["id"].as_str().unwrap().to_owned()
}

/// A name of the same kind that nothing has.
fn unknown(name: &str) -> String {
    let (kind, _) = name.rsplit_once('_').unwrap();
    format!("{kind}_{}", Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001))
}

/// One way to name something: the roads it goes by, the request, what is named of ours, and what was never there.
type Way = (Vec<&'static str>, &'static str, Value, Value);

fn by_id(road: &'static [&'static str], request: &'static str, name: &str) -> Way {
    (road.to_vec(), request, json!({"id": name}), json!({"id": unknown(name)}))
}

fn by_filter(field: &'static str, road: &'static str, ours: &str, none: &str) -> Way {
    let list =
        "query($filter: SignFlowFilter) { signFlows(filter: $filter) { nodes { id } pageInfo { hasNextPage } } }";
    let filter = |value: &str| json!({"filter": {field: value}});
    (vec!["Query.signFlows(filter)", road], list, filter(ours), filter(none))
}

/// Every way there is.
fn ways(ours: &Ours) -> Vec<Way> {
    let subject = &corporate("ours")["subject"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (flow, none) = (ours.flow.as_str(), unknown(&ours.flow));
    let superseding = |id: &str| json!({"input": with(individual("new"), "/supersedes", json!(id))});
    let numbered = |no: &str| json!({"input": corporate(no)});
    let log = "query($filter: SignFlowEventFilter, $after: String) {
        signFlowEvents(filter: $filter, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }";
    let plan = "query($input: StartSignFlowInput!) { planSignFlow(input: $input) { authType smsText } }";
    let page = "query($after: String, $before: String) { signFlows(after: $after, before: $before) { nodes { id } } }";
    let no_cursor = "ZjE6MTcwMDAwMDAwMDAwMDAwMDpmbG93XzAxOTAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMQ";
    let mut ways = vec![
        by_id(&["Query.signFlow(id)"], "query($id: ID!) { signFlow(id: $id) { id } }", flow),
        (
            vec!["Query.signFlow(flowNo)"],
            "query($no: String) { signFlow(flowNo: $no) { id } }",
            json!({"no": "ours"}),
            json!({"no": "none"}),
        ),
        (
            vec!["Query.signFlow(clientCode)"],
            "query($code: String) { signFlow(flowNo: \"ours\", clientCode: $code) { id } }",
            json!({"code": "demo"}),
            json!({"code": "none"}),
        ),
        by_id(
            &["Mutation.cancelSignFlow(input)", "CancelSignFlowInput.flowId"],
            "mutation($id: ID!) { cancelSignFlow(input: {flowId: $id, reason: \"x\"}) { flow { id } } }",
            flow,
        ),
        by_id(
            &["Mutation.resendSms(input)", "ResendSmsInput.flowId"],
            "mutation($id: ID!) { resendSms(input: {flowId: $id}) { remaining } }",
            flow,
        ),
        by_id(&["Mutation.retrySeal(flowId)"], "mutation($id: ID!) { retrySeal(flowId: $id) { flow { id } } }", flow),
        by_id(
            &["Mutation.abandonSeal(flowId)"],
            "mutation($id: ID!) { abandonSeal(flowId: $id, reason: \"x\") { flow { id } } }",
            flow,
        ),
        (
            vec!["Mutation.startSignFlow(input)", "StartSignFlowInput.supersedes"],
            "mutation($input: StartSignFlowInput!) { startSignFlow(input: $input) { replayed } }",
            superseding(flow),
            superseding(&none),
        ),
        (vec!["Query.planSignFlow(input)"], plan, superseding(flow), superseding(&none)),
        (vec!["StartSignFlowInput.flowNo"], plan, numbered("ours"), numbered("none")),
        (
            vec!["Query.signFlowEvents(filter)", "SignFlowEventFilter.flowIds"],
            log,
            json!({"filter": {"flowIds": [flow]}}),
            json!({"filter": {"flowIds": [none]}}),
        ),
        (vec!["Query.signFlowEvents(after)"], log, json!({"after": ours.log_cursor}), json!({"after": "ZTE6MDow"})),
        (vec!["Query.signFlows(after)"], page, json!({"after": ours.list_cursor}), json!({"after": no_cursor})),
        (vec!["Query.signFlows(before)"], page, json!({"before": ours.list_cursor}), json!({"before": no_cursor})),
        by_filter(
            "idDocumentNumber",
            "SignFlowFilter.idDocumentNumber",
            &text(&subject["idDocument"]["number"]),
            "none",
        ),
        by_filter("challengeId", "SignFlowFilter.challengeId", &ours.challenge, "none"),
        by_filter("gatewayMessageId", "SignFlowFilter.gatewayMessageId", &ours.message, "none"),
        by_filter("subjectNo", "SignFlowFilter.subjectNo", &text(&subject["subjectNo"]), "none"),
        by_filter("mobile", "SignFlowFilter.mobile", &text(&subject["mobile"]), "13000000000"),
    ];
    for name in &ours.names {
        ways.push(by_id(&["Query.node(id)"], "query($id: ID!) { node(id: $id) { id __typename } }", name));
        match name.rsplit_once('_').unwrap().0 {
            "seal" | "auth" | "sms" => {
                ways.push(by_filter("recordId", "SignFlowFilter.recordId", name, &unknown(name)));
            }
            "client" => ways.push(by_filter("clientId", "SignFlowFilter.clientId", name, &unknown(name))),
            _ => {}
        }
    }
    ways
}

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
    let known: BTreeSet<_> = walked.chain(NAMING_NOTHING).map(ToOwned::to_owned).collect();
    assert_eq!(naming, known, "an argument could name a flow: have it walked below");
}

fn is_composite(types: &Types, ty: &str) -> bool {
    types.get(ty).is_some_and(|ty| ty["kind"] == "OBJECT" || ty["kind"] == "INTERFACE")
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
async fn a_foreign_name_is_answered_like_one_that_never_was() {
    let app = TestApp::new().await;
    let ours = ours(&app).await;
    let before = app.events(ours.flow.parse().unwrap()).await.len();
    let stranger = app.token(&app.other, None);
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

/// Everything that can be selected below a type; of a type met before on the way down, only what it holds itself.
fn everything(types: &Types, ty: &str, way: &[&str]) -> String {
    let mut selection = String::from("__typename");
    for field in selectable(types, ty) {
        let gives = innermost(&field["type"]);
        if !is_composite(types, gives) {
            selection += &format!(" {}", name(field));
        } else if !way.contains(&ty) {
            selection += &format!(" {} {{ {} }}", name(field), everything(types, gives, &[way, &[ty]].concat()));
        }
    }
    selection
}

/// The fields of a type that can be asked for as they are; what stands in edges stands in nodes as well.
fn selectable<'a>(types: &'a Types, ty: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    let plain = |field: &&Value| !list(field, "args").any(|argument| is_required(&argument["type"]));
    let of_flows = |field: &&Value| !OF_NO_FLOW.contains(&innermost(&field["type"]));
    list(&types[ty], "fields").filter(plain).filter(of_flows).filter(|field| name(field) != "edges")
}

/// A query for each field of a type that gives more than a value, with everything below it.
fn deep(types: &Types, list: &str, ty: &str) -> Vec<String> {
    let edges = selectable(types, ty).filter(|field| is_composite(types, innermost(&field["type"])));
    let below = |field: &Value| everything(types, innermost(&field["type"]), &[ty, "SignFlow"]);
    edges.map(|field| format!("{{ {list} {{ nodes {{ id {} {{ {} }} }} }} }}", name(field), below(field))).collect()
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
