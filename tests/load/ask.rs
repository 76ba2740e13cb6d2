//! What is asked for, and what a good answer looks like.

use serde_json::{Value, json};

use crate::{
    http::{Answer, post},
    template,
};

const START: &str = "mutation($input: StartSignFlowInput!) { startSignFlow(input: $input) { flow { id status session { url } } replayed } }";
const READ: &str = "query($id: ID!) { signFlow(id: $id) { id flowNo status scene authStatus createdAt } }";
const LIST: &str = "query { signFlows(first: 20) { edges { node { id flowNo status scene authStatus createdAt } } pageInfo { hasNextPage endCursor } } }";

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A new flow of a company: another number, subject, account and mobile each time.
    Start,
    /// A start that was made before, word for word: one of the first so many of this base.
    Replay(u64),
    /// One of so many seeded flows, drawn by lot.
    Read(u64),
    /// The newest 20 of the client's flows.
    List,
}

impl Ask {
    /// The request; `number` tells it from all others.
    pub fn request(self, token: &str, base: u64, number: u64) -> Vec<u8> {
        match self {
            Self::Start => graphql(token, START, &json!({"input": input(base + number)})),
            Self::Replay(made) => graphql(token, START, &json!({"input": input(base + lot(number) % made)})),
            Self::Read(flows) => graphql(token, READ, &json!({"id": template::flow_id(lot(number) % flows)})),
            Self::List => graphql(token, LIST, &Value::Null),
        }
    }

    /// Whether the answer is the one that was wanted.
    pub fn is_answered_by(self, answer: &Answer<'_>) -> bool {
        answer.status == 200
            && !answer.has("\"errors\"")
            && match self {
                Self::Start => answer.has("\"status\":\"CREATED\"") && answer.has("\"replayed\":false"),
                Self::Replay(_) => answer.has("\"replayed\":true") && answer.has("\"url\":\"http"),
                Self::Read(_) => answer.has("\"signFlow\":{\"id\":\"flow_"),
                Self::List => answer.has("\"hasNextPage\":true"),
            }
    }
}

fn graphql(token: &str, query: &str, variables: &Value) -> Vec<u8> {
    let headers = format!("authorization: Bearer {token}\r\ncontent-type: application/json\r\n");
    post("/graphql", &headers, &json!({"query": query, "variables": variables}).to_string())
}

/// What upstream would send for a company whose account is verified by a transfer.
pub fn input(number: u64) -> Value {
    json!({
        "flowNo": flow_no(number),
        "scene": "COLLECTION",
        "businessAction": "COLLECTION_AUTHORIZATION",
        "fundPurpose": "门店资金归集",
        "subject": {
            "type": "CORPORATE",
            "role": "STORE",
            "subjectNo": format!("S-{number:016}"),
            "name": "福州云帆商贸有限公司",
            "idDocument": {"type": "UNIFIED_SOCIAL_CREDIT_CODE", "number": credit_code(number)},
            "mobile": format!("138{:08}", number % 100_000_000),
            "bankAccount": {"accountNo": format!("5719{number:016}"), "bankName": "招商银行", "bankCode": "CMB"},
            "signatoryName": "张思远",
        },
        "agreementType": "SETTLEMENT_MANDATE",
        "metadata": {"order": format!("O-{number:016}")},
    })
}

/// Upstream's number of a flow.
pub fn flow_no(number: u64) -> String {
    format!("LOAD-{number:016}")
}

/// A unified social credit code with the check character that GB 32100 wants.
fn credit_code(number: u64) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91350100{:09}", number % 1_000_000_000);
    let mut weight = 1;
    let mut sum = 0;
    for digit in body.bytes() {
        sum += weight * usize::from(digit - b'0');
        weight = weight * 3 % 31;
    }
    format!("{body}{}", char::from(ALPHABET[(31 - sum % 31) % 31]))
}

/// A number that looks drawn by lot, and is always the same for the same number (splitmix64).
fn lot(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
