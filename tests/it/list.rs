//! Lists: every flow once, whichever way one pages through them.

use esign_tests::{
    TestApp,
    door::code,
    fixture::{corporate, individual},
};
use serde_json::{Value, json};

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String, $filter: SignFlowFilter) {
    signFlows(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
        nodes { flowNo } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

fn names(page: &Value) -> Vec<String> {
    page["nodes"].as_array().unwrap().iter().map(|node| node["flowNo"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn paging_forwards_and_backwards_gives_every_flow_once() {
    let app = TestApp::new().await;
    // All at the same moment of a clock that stands still: only the id tells them apart.
    for n in 0..23 {
        app.start(if n % 2 == 0 { corporate(&format!("f-{n}")) } else { individual(&format!("f-{n}")) }).await;
    }
    app.run_jobs().await;
    let all = names(&app.data(PAGE, json!({"first": 100})).await["signFlows"]);
    assert_eq!(all.len(), 23);
    for (size, cursor, from, more) in
        [("first", "after", "endCursor", "hasNextPage"), ("last", "before", "startCursor", "hasPreviousPage")]
    {
        let (mut seen, mut at) = (Vec::new(), Value::Null);
        loop {
            let page = app.data(PAGE, json!({size: 5, cursor: at})).await["signFlows"].take();
            let mut part = names(&page);
            if size == "last" {
                part.extend(seen);
                seen = part;
            } else {
                seen.extend(part);
            }
            if page["pageInfo"][more] == false {
                break;
            }
            at = page["pageInfo"][from].clone();
        }
        assert_eq!(seen, all, "{size}");
    }
}

#[tokio::test]
async fn filters_hold_together() {
    let app = TestApp::new().await;
    app.start(corporate("one")).await;
    app.advance(chrono::TimeDelta::seconds(1));
    app.start(individual("two")).await;
    app.run_jobs().await;
    let mobile = individual("two")["subject"]["mobile"].as_str().unwrap().to_owned();
    for (filter, expected) in [
        (json!({"statuses": ["PENDING_SIGN"]}), vec!["two", "one"]),
        (json!({"statuses": ["COMPLETED"]}), vec![]),
        (json!({"statuses": []}), vec![]),
        (json!({"scenes": ["COLLECTION"]}), vec!["one"]),
        (json!({"mobile": format!("+86{mobile}")}), vec!["two"]),
        (json!({"mobile": mobile, "scenes": ["COLLECTION"]}), vec![]),
        (json!({"subjectNo": "S-one"}), vec!["one"]),
        (json!({"agreementType": "SETTLEMENT_MANDATE"}), vec!["one"]),
        (json!({"createdTo": app.now()}), vec!["one"]),
        (json!({"createdFrom": app.now()}), vec!["two"]),
    ] {
        let page = app.data(PAGE, json!({"first": 10, "filter": filter})).await["signFlows"].take();
        assert_eq!(names(&page), expected, "{filter}");
    }
}

#[tokio::test]
async fn a_page_that_can_not_be_given_is_refused() {
    let app = TestApp::new().await;
    for variables in
        [json!({"first": 101}), json!({"first": -1}), json!({"after": "nonsense"}), json!({"first": 1, "last": 1})]
    {
        assert_eq!(code(&app.graphql(PAGE, variables.clone()).await), Some("INVALID_ARGUMENT"), "{variables}");
    }
}
