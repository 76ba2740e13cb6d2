//! Samples whose numbers pass every check, other ones for each flow: a mobile that has just had an SMS would have to wait.

use serde_json::{Value, json};

use crate::dice::Dice;

const CREDIT_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A company whose account is verified by a transfer.
pub fn company(flow_no: &str, dice: &mut Dice) -> Value {
    json!({
        "flowNo": flow_no, "scene": "MEMBER_SETTLEMENT", "fundPurpose": "SETTLEMENT", "agreementType": "SETTLEMENT_MANDATE",
        "subject": {
            "type": "CORPORATE", "role": "STORE", "name": "杭州清禾餐饮管理有限公司", "signatoryName": "张明远",
            "idDocument": {"type": "UNIFIED_SOCIAL_CREDIT_CODE", "number": credit_code(dice)},
            "mobile": format!("138{}", dice.digits(8)), "subjectNo": format!("P{}", dice.digits(8)),
            "bankAccount": {"accountNo": format!("622588{}", dice.digits(10)), "bankName": "招商银行"},
        },
    })
}

/// A person who is verified by the face.
pub fn person(flow_no: &str, dice: &mut Dice) -> Value {
    json!({
        "flowNo": flow_no, "scene": "BATCH_PAYMENT", "fundPurpose": "PAYROLL", "agreementType": "PAYMENT_AGENCY_AGREEMENT",
        "subject": {
            "type": "INDIVIDUAL", "role": "RECEIVER", "name": "李思雨",
            "idDocument": {"type": "RESIDENT_ID_CARD", "number": resident_id(dice)},
            "mobile": format!("139{}", dice.digits(8)), "subjectNo": format!("P{}", dice.digits(8)),
        },
    })
}

/// GB 32100: weights are powers of 3 modulo 31.
fn credit_code(dice: &mut Dice) -> String {
    let body = format!("91330106MA{}", dice.digits(7));
    let value = |sign: u8| CREDIT_ALPHABET.iter().position(|known| *known == sign).expect("a sign of the alphabet");
    let sum = weighted(body.bytes().map(value), 3, 31);
    format!("{body}{}", char::from(CREDIT_ALPHABET[(31 - sum) % 31]))
}

/// GB 11643: weights are powers of 2 modulo 11, the last place before the check digit has 2.
fn resident_id(dice: &mut Dice) -> String {
    let body = format!("3301061990{:02}15{}", dice.below(12) + 1, dice.digits(3));
    let backwards = body.bytes().rev().map(|digit| usize::from(digit - b'0') * 2);
    format!("{body}{}", char::from(b"10X98765432"[weighted(backwards, 2, 11)]))
}

fn weighted(values: impl Iterator<Item = usize>, base: usize, modulus: usize) -> usize {
    let step = |(sum, weight): (usize, usize), value| ((sum + value * weight) % modulus, weight * base % modulus);
    values.fold((0, 1), step).0
}
