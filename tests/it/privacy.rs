//! Personal data: masked for who may not see it. That it lies nowhere in the clear is the story of `planted`.

use esign_domain::{
    Caller,
    caller::Role,
    flow,
    ids::{FlowId, StaffId},
};
use esign_tests::{
    TestApp,
    auth_system::AMOUNT,
    fixture::{corporate, individual_with_account, with},
};
use serde_json::{Value, json};
use uuid::Uuid;

const SUBJECT: &str = "query($id: ID!) { signFlow(id: $id) { subject {
    name mobile idDocumentNumber signatoryName bankAccountNo bankName } } }";

async fn completed(app: &TestApp, input: Value) -> FlowId {
    let id = app.sign(input).await;
    let signer = app.signer(id).await;
    app.run_jobs().await;
    if app.flow(id).await.attempt == 0 {
        signer.start_face().await.unwrap();
        app.run_jobs().await;
        app.call_back(&format!("msg-{id}"), &app.auth.pass()).await;
    } else {
        signer.amount(11).await.unwrap();
        app.run_jobs().await;
        signer.amount(AMOUNT).await.unwrap();
    }
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
    id
}

#[tokio::test]
async fn personal_data_is_masked_without_the_right_to_it() {
    let app = TestApp::new().await;
    let company = with(corporate("company"), "/subject/mobile", json!("13800001234"));
    let company = with(company, "/subject/bankAccount/accountNo", json!("571900001111226688"));
    let person = with(individual_with_account("person"), "/subject/mobile", json!("+8613900005678"));
    let person = with(person, "/subject/bankAccount/accountNo", json!("6222020200110099"));
    let table = [
        (
            company,
            json!({"name": "福州云帆商贸有限公司", "mobile": "138****1234", "idDocumentNumber": "9135****0Y43",
                "signatoryName": "张*远", "bankAccountNo": "5719****6688", "bankName": "招商银行"}),
            json!({"name": "福州云帆商贸有限公司", "mobile": "+8613800001234", "idDocumentNumber": "91350100M000100Y43",
                "signatoryName": "张思远", "bankAccountNo": "571900001111226688", "bankName": "招商银行"}),
        ),
        (
            person,
            json!({"name": "李*明", "mobile": "139****5678", "idDocumentNumber": "1101****002X",
                "signatoryName": null, "bankAccountNo": "6222****0099", "bankName": "工商银行"}),
            json!({"name": "李晓明", "mobile": "+8613900005678", "idDocumentNumber": "11010519491231002X",
                "signatoryName": null, "bankAccountNo": "6222020200110099", "bankName": "工商银行"}),
        ),
    ];
    for (input, masked, clear) in table {
        let vars = json!({"id": app.start(input).await.id.to_string()});
        for (scopes, expected) in [("flows:read flows:write", masked), ("flows:read pii:read", clear)] {
            let answer = app.graphql_as(&app.token(&app.demo, Some(scopes)), SUBJECT, vars.clone()).await;
            assert_eq!(answer["data"]["signFlow"]["subject"], expected, "{scopes}: {answer}");
        }
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn the_credential_and_the_link_are_shown_to_the_owner_alone() {
    let app = TestApp::new().await;
    let id = completed(&app, corporate("owned")).await;
    let query = "query($id: ID!) { signFlow(id: $id) { authRecords { credential } result { authCredential } } }";
    let seen = app.data(query, json!({"id": id.to_string()})).await["signFlow"].take();
    assert_eq!(seen["authRecords"][0]["credential"], app.auth.newest().credential());
    assert_eq!(seen["result"]["authCredential"], app.auth.newest().credential());
    let staff = Caller::Staff { id: StaffId::new(Uuid::nil()), name: "kai".into(), role: Role::Admin, from: None };
    let (row, records) = (app.flow(id).await, esign_domain::auth::query::of_flows(&app, &[id]).await.unwrap());
    for caller in [staff.clone(), app.other.caller(), Caller::System] {
        let shown = esign_domain::auth::query::credential(&app, &caller, &row, &records[0]).unwrap();
        assert!(shown.is_none(), "{}", caller.label());
    }
    let open = app.start(corporate("link")).await;
    let link = "query($id: ID!) { signFlow(id: $id) { session { url } } }";
    let vars = json!({"id": open.id.to_string()});
    let reads = app.graphql_as(&app.token(&app.demo, Some("flows:read")), link, vars.clone()).await;
    assert_eq!(reads["data"]["signFlow"]["session"]["url"], Value::Null);
    let both = app.graphql_as(&app.token(&app.demo, Some("flows:read flows:write")), link, vars).await;
    assert!(both["data"]["signFlow"]["session"]["url"].is_string());
    assert!(!flow::query::may_have_link(&staff, &open));
    app.run_jobs().await;
}
