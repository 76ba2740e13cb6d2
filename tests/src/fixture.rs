//! What upstream asks for, as it stands in the GraphQL variable `input`; the domain reads the same JSON.

use serde_json::{Value, json};

/// A company whose account is verified by a transfer.
pub fn corporate(flow_no: &str) -> Value {
    json!({
        "flowNo": flow_no,
        "scene": "COLLECTION",
        "businessAction": "COLLECTION_AUTHORIZATION",
        "fundPurpose": "门店资金归集",
        "subject": {
            "type": "CORPORATE",
            "role": "STORE",
            "subjectNo": format!("S-{flow_no}"),
            "name": "福州云帆商贸有限公司",
            "idDocument": {"type": "UNIFIED_SOCIAL_CREDIT_CODE", "number": "91350100M000100Y43"},
            "mobile": format!("138{:08}", digits(flow_no, 100_000_000)),
            "bankAccount": {
                "accountNo": format!("5719{:012}", digits(flow_no, 1_000_000_000_000)),
                "bankName": "招商银行",
                "bankCode": "CMB",
            },
            "signatoryName": "张思远",
        },
        "agreementType": "SETTLEMENT_MANDATE",
        "metadata": {"order": flow_no},
    })
}

/// A person whose face is verified.
pub fn individual(flow_no: &str) -> Value {
    json!({
        "flowNo": flow_no,
        "scene": "BATCH_PAYMENT",
        "businessAction": "PAYMENT_ACTIVATION",
        "fundPurpose": "劳务报酬",
        "subject": {
            "type": "INDIVIDUAL",
            "role": "RECEIVER",
            "subjectNo": format!("P-{flow_no}"),
            "name": "李晓明",
            "idDocument": {"type": "RESIDENT_ID_CARD", "number": "11010519491231002X"},
            "mobile": format!("139{:08}", digits(flow_no, 100_000_000)),
        },
        "agreementType": "PAYMENT_AGENCY_AGREEMENT",
    })
}

/// A person who could be verified by an account of their own as well.
pub fn individual_with_account(flow_no: &str) -> Value {
    with(
        individual(flow_no),
        "/subject/bankAccount",
        json!({
            "accountNo": format!("6222{:012}", digits(flow_no, 1_000_000_000_000)),
            "bankName": "工商银行",
        }),
    )
}

/// The same with another value at a JSON pointer; null takes it away.
pub fn with(mut input: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
    let parent = input.pointer_mut(parent).and_then(Value::as_object_mut).expect("the pointer's parent is an object");
    if value.is_null() {
        parent.remove(name);
    } else {
        parent.insert(name.to_owned(), value);
    }
    input
}

/// Digits that are always the same for a flow and different for another (FNV-1a).
fn digits(flow_no: &str, modulus: u64) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    flow_no.bytes().fold(0xcbf2_9ce4_8422_2325, mix) % modulus
}
