use std::time::Duration;

use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::graphql::{door::Pace, rate::Rate, rig};

struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
    fn code(&self) -> Value {
        self.json()["errors"][0]["extensions"]["code"].clone()
    }
}

async fn sent(request: axum::http::request::Builder, body: impl Into<Body>) -> Answer {
    through(rig::door(Pace::default(), Duration::ZERO), request, body).await
}

async fn through(door: Door<rig::Rig>, request: axum::http::request::Builder, body: impl Into<Body>) -> Answer {
    let response = router(Arc::new(door)).oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: parts.status.as_u16(), headers: parts.headers, text: String::from_utf8(bytes.into()).unwrap() }
}

fn post() -> axum::http::request::Builder {
    Request::post("/graphql").header("authorization", "Bearer good").header("content-type", JSON)
}

fn query(text: &str) -> String {
    json!({"query": text}).to_string()
}

#[tokio::test]
async fn media_types_are_negotiated() {
    for (accept, media, refused) in [
        (None, JSON, 400),
        (Some("*/*"), JSON, 400),
        (Some(JSON), JSON, 200),
        (Some(GRAPHQL_JSON), GRAPHQL_JSON, 400),
        (Some("application/graphql-response+json; charset=utf-8, application/json;q=0.9"), GRAPHQL_JSON, 400),
        (Some("application/json;q=0.1, application/graphql-response+json;q=0.2"), GRAPHQL_JSON, 400),
        (Some("text/html, application/*;q=0.5"), JSON, 400),
    ] {
        let request = || accept.map_or_else(post, |accept| post().header("accept", accept));
        let good = sent(request(), query("{ echo(text: \"签\") }")).await;
        assert_eq!(good.status, 200, "{accept:?}");
        assert_eq!(good.headers["content-type"], format!("{media}; charset=utf-8"));
        assert_eq!(good.json()["data"]["echo"], "签");
        for document in ["{", "{ nothing }", "{ echo(text: 1) }"] {
            let bad = sent(request(), query(document)).await;
            assert_eq!(bad.status, refused, "{accept:?} {document}");
            assert!(bad.json().get("data").is_none());
        }
    }
    assert_eq!(sent(post().header("accept", "text/html"), query("{ __typename }")).await.status, 406);
}

#[tokio::test]
async fn only_json_is_read() {
    for content_type in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/json; charset=gbk",
        "application/x-www-form-urlencoded",
    ] {
        let request =
            Request::post("/graphql").header("authorization", "Bearer good").header("content-type", content_type);
        let answer = sent(request, query("{ __typename }")).await;
        assert_eq!((answer.status, answer.code()), (415, "INVALID_REQUEST".into()), "{content_type}");
    }
    let packed = sent(post().header("content-encoding", "gzip"), query("{ __typename }")).await;
    assert_eq!(packed.status, 415);
    assert_eq!(sent(post().header("content-type", "text/plain"), query("{ __typename }")).await.status, 415);
    let bare = sent(Request::post("/graphql").header("authorization", "Bearer good"), query("{ __typename }")).await;
    assert_eq!(bare.status, 415);
}

#[tokio::test]
async fn requests_that_are_none_are_400() {
    for body in [
        "",
        "{",
        "[]",
        "7",
        "[{\"query\": \"{ __typename }\"}]",
        "{}",
        r#"{"query": {}}"#,
        r#"{"query": "{ __typename }", "variables": []}"#,
        r#"{"query": "{ __typename }", "operationName": 1}"#,
        r#"{"query": "{ __typename }", "extensions": "x"}"#,
    ] {
        let answer = sent(post().header("accept", JSON), body.to_owned()).await;
        assert_eq!((answer.status, answer.code()), (400, "INVALID_REQUEST".into()), "{body}");
        assert!(answer.json().get("data").is_none());
    }
    let long = sent(post(), query(&"#".repeat(BODY_BYTES))).await;
    assert_eq!((long.status, &long.headers["connection"]), (413, &HeaderValue::from_static("close")));
    let broken = futures_util::stream::iter([Ok("{"), Err(std::io::Error::other("gone"))]);
    assert_eq!(sent(post(), Body::from_stream(broken)).await.status, 408);
}

#[tokio::test]
async fn what_would_be_dear_to_read_is_refused_unread() {
    let values = json!({"query": "{ __typename }", "variables": {"a": vec![0; 20_000]}}).to_string();
    assert_eq!(sent(post(), values).await.code(), "QUERY_TOO_COMPLEX");
    let deep = format!(r#"{{"query": "{{ __typename }}", "variables": {{"a": {}"#, "[".repeat(1_000_000));
    assert_eq!(sent(post(), deep).await.code(), "QUERY_TOO_COMPLEX");
    let get = format!("/graphql?query=%7B__typename%7D&variables=[{}]", "[],".repeat(9_000));
    let answer = sent(Request::get(get).header("authorization", "Bearer good"), "").await;
    assert_eq!((answer.status, answer.code()), (400, "QUERY_TOO_COMPLEX".into()));
}

#[tokio::test]
async fn what_the_executor_would_fall_over_is_refused_before() {
    for document in [
        "query ($a: [Nothing] = [1]) { __typename }",
        "query ($a: Item) { __typename }",
        "query ($a: Nothing!) { echo(text: $a) }",
        "query ($b: Boolean!) { __typename @skip(if: $b) }",
    ] {
        let body = json!({"query": document, "variables": {"b": "x"}}).to_string();
        let answer = sent(post(), body).await;
        assert_eq!(answer.status, 400, "{document}");
        assert!(["INVALID_REQUEST".into(), "INVALID_ARGUMENT".into()].contains(&answer.code()), "{document}");
    }
}

#[tokio::test]
async fn a_document_with_a_thousand_faults_is_told_some_of_them() {
    let unused = (0..300).map(|n| format!("$a{n}: Int")).collect::<Vec<_>>().join(" ");
    let answer = sent(post(), query(&format!("query ({unused}) {{ __typename }}"))).await;
    assert_eq!(answer.code(), "INVALID_REQUEST");
    assert!(answer.json()["errors"].as_array().unwrap().len() <= 20);
}

#[tokio::test]
async fn whoever_has_no_good_token_is_told_how_to_get_one() {
    for authorization in [None, Some("Bearer bad"), Some("Basic good"), Some("good")] {
        let request = Request::post("/graphql").header("content-type", JSON);
        let request = authorization.map_or_else(
            || Request::post("/graphql").header("content-type", JSON),
            |value| request.header("authorization", value),
        );
        let answer = sent(request, query("{ __typename }")).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED".into()));
        assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
    }
}

#[tokio::test]
async fn get_is_for_queries() {
    let get = |parameters: &str| Request::get(format!("/graphql?{parameters}")).header("authorization", "Bearer good");
    let parameters = "query=query(%24t:String!)%7Becho(text:%24t)%7D&variables=%7B%22t%22:%22a%20b%22%7D";
    assert_eq!(sent(get(parameters), "").await.json()["data"]["echo"], "a b");
    let mutation = sent(get("query=mutation%7B__typename%7D").header("accept", JSON), "").await;
    assert_eq!(mutation.status, 405);
    assert_eq!(mutation.headers["allow"], "POST");
    assert_eq!(sent(get(""), "").await.status, 400);
    assert_eq!(sent(get("query=%7B__typename%7D&variables=x"), "").await.status, 400);
    assert_eq!(sent(get("query=subscription%7Bforever%7D"), "").await.status, 400);
}

#[tokio::test]
async fn errors_have_a_code_and_nothing_leaks() {
    let missing = sent(post(), query("{ missing echo(text: \"x\") }")).await;
    assert_eq!((missing.status, missing.code()), (200, "NOT_FOUND".into()));
    assert_eq!(missing.json()["data"], json!({"missing": null, "echo": "x"}), "the rest of the answer stands");
    for (field, status) in [("broken", 200), ("panics", 500)] {
        let answer = sent(post(), query(&format!("{{ {field} }}"))).await;
        assert_eq!((answer.status, answer.code()), (status, "INTERNAL".into()), "{field}");
        assert!(!answer.text.contains("hunter2"));
        assert_eq!(answer.json()["errors"][0]["extensions"]["retryable"], true);
    }
    let long = sent(post(), query(&format!("{{ {} }}", "a".repeat(10_000)))).await;
    assert!(long.text.len() < 1_000, "documents are not echoed whole");
}

#[tokio::test]
async fn fields_come_in_the_order_they_were_asked_for() {
    let answer = sent(post(), query("{ z: echo(text: \"1\") missing a: echo(text: \"2\") }")).await;
    assert!(answer.text.starts_with(r#"{"data":{"z":"1","missing":null,"a":"2"}"#), "{}", answer.text);
}

#[tokio::test]
async fn an_answer_has_a_greatest_length() {
    let answer = sent(post(), query("{ long }")).await;
    assert_eq!(answer.code(), "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn words_are_chinese_unless_english_is_asked_for() {
    let chinese = sent(post(), query("{ missing }")).await.json();
    let english = sent(post().header("accept-language", "en-GB,en;q=0.8"), query("{ missing }")).await.json();
    assert_eq!(english["errors"][0]["message"], "Not found");
    assert_ne!(chinese["errors"][0]["message"], english["errors"][0]["message"]);
}

#[tokio::test]
async fn too_many_requests_are_429() {
    let mut door = rig::door(Pace::default(), Duration::ZERO);
    door.rate = Rate::new(1, 1);
    let door = Arc::new(door);
    let ask = || async {
        let request = post().body(Body::from(query("{ __typename }"))).unwrap();
        router(door.clone()).oneshot(request).await.unwrap()
    };
    assert_eq!(ask().await.status(), 200);
    let refused = ask().await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "1");
}

#[tokio::test]
async fn the_schema_and_graphiql_are_served_without_a_token() {
    let sdl = sent(Request::get("/graphql/schema.graphql"), "").await;
    assert!(sdl.status == 200 && sdl.text.contains("type Query"));
    let page = sent(Request::get("/graphiql"), "").await;
    assert!(!page.headers["content-security-policy"].to_str().unwrap().contains("unsafe"));
    for part in page.text.split('"').filter(|part| part.starts_with("/graphiql/")) {
        assert_eq!(sent(Request::get(part), "").await.status, 200, "{part}");
    }
    assert!(!page.text.contains("http"), "nothing comes from another host");
    assert_eq!(sent(Request::get("/graphiql/..%2Fpage.html"), "").await.status, 404);
}

#[tokio::test]
async fn introspection_can_be_closed() {
    let introspection = || query("{ __schema { types { name } } }");
    assert!(sent(post(), introspection()).await.text.contains("ItemConnection"));
    let mut door = rig::door(Pace::default(), Duration::ZERO);
    door.introspection = false;
    assert!(!through(door, post(), introspection()).await.text.contains("ItemConnection"));
    let mut door = rig::door(Pace::default(), Duration::ZERO);
    door.introspection = false;
    assert_eq!(through(door, Request::get("/graphql/schema.graphql"), "").await.status, 404);
}
