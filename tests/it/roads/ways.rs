//! Every way to name something that belongs to a flow, each with a name of ours and one that nothing ever had.

use esign_domain::ids::FlowId;
use esign_tests::{
    TestApp,
    app::Account,
    auth_system::AMOUNT,
    fixture::{corporate, individual, with},
    gateway::gateway_message_id,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::schema::list;

/// A flow of the demo client's at its end, and all by which it could be named.
pub struct Ours {
    /// Names by kind: the id of the flow, of its session, of its records.
    pub names: Vec<String>,
    pub flow: String,
    pub challenge: String,
    pub message: String,
    pub list_cursor: String,
    pub log_cursor: String,
}

pub const IDS: &str = "query($id: ID!) { signFlow(id: $id) { id session { id } sealRecords { id } authRecords { id }
    smsRecords { id } events { nodes { id } } } signFlows { edges { cursor } } signFlowEvents { edges { cursor } } }";

pub async fn completed(app: &TestApp, account: &Account, input: Value) -> FlowId {
    let id = app.try_start_as(account, input).await.unwrap().flow.id;
    app.run_jobs().await;
    app.signer(id).await.sign().await.unwrap();
    app.run_jobs().await;
    app.signer(id).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
    id
}

pub async fn ours(app: &TestApp) -> Ours {
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

pub fn name_of(node: &Value) -> String {
    node["id"].as_str().unwrap().to_owned()
}

/// A name of the same kind that nothing has.
pub fn unknown(name: &str) -> String {
    let (kind, _) = name.rsplit_once('_').unwrap();
    format!("{kind}_{}", Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001))
}

/// One way to name something: the roads it goes by, the request, what is named of ours, and what was never there.
pub type Way = (Vec<&'static str>, &'static str, Value, Value);

pub fn by_id(road: &'static [&'static str], request: &'static str, name: &str) -> Way {
    (road.to_vec(), request, json!({"id": name}), json!({"id": unknown(name)}))
}

pub fn by_filter(field: &'static str, road: &'static str, ours: &str, none: &str) -> Way {
    let list =
        "query($filter: SignFlowFilter) { signFlows(filter: $filter) { nodes { id } pageInfo { hasNextPage } } }";
    let filter = |value: &str| json!({"filter": {field: value}});
    (vec!["Query.signFlows(filter)", road], list, filter(ours), filter(none))
}

/// Every way there is.
pub fn ways(ours: &Ours) -> Vec<Way> {
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
