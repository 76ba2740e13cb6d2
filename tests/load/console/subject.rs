//! Who signs a seeded flow: as many people and companies as there would be, with numbers of the right form.

use esign_domain::flow::StartSignFlow;

use super::{model::Model, story::mixed};

const FAMILIES: [&str; 8] = ["陈", "林", "黄", "吴", "赵", "欧阳", "周", "徐"];
/// Names that many bear: a quarter of all people has one of them.
const COMMON: [&str; 8] = ["晴", "磊", "晓霞", "桐", "思远", "建国", "雅", "一鸣"];
const LETTERS: [&str; 24] = [
    "文", "明", "志", "国", "海", "玉", "春", "丽", "秀", "英", "华", "金", "永", "红", "云", "佳", "子", "天", "浩",
    "宇", "梓", "涵", "若", "安",
];
const TOWNS: [&str; 6] = ["杭州", "宁波", "苏州", "成都", "温州", "福州"];
const TRADES: [&str; 6] = ["清禾餐饮管理", "百味轩酒店", "云上茶事商贸", "锦里食集管理", "海泰鞋业", "小满烘焙"];

/// The model's input with another subject.
pub fn another(model: &Model, number: u64) -> StartSignFlow {
    let mut input = model.input.clone();
    let head = if input.subject.bank_account.is_some() { "MS" } else { "PF" };
    input.flow_no = format!("{head}{:03}-{number:08}", number / 10_000 % 1000);
    let subject = &mut input.subject;
    subject.subject_no = format!("S-{:07}", mixed(number, 5) % 3_000_000);
    if subject.signatory_name.is_some() {
        let branch = mixed(number, 10) % 20_000;
        subject.name = format!("{}{}有限公司第 {branch} 分店", pick(&TOWNS, number, 8), pick(&TRADES, number, 9));
        subject.signatory_name = Some(person(number));
        subject.id_document.number = company_number(mixed(number, 12) % 100_000_000);
    } else {
        subject.name = person(number);
        subject.id_document.number = person_number(mixed(number, 12));
    }
    subject.mobile = format!("+861{}{:09}", 3 + number % 7, mixed(number, 11) % 1_000_000_000);
    input
}

fn pick<'a>(list: &[&'a str], number: u64, salt: u64) -> &'a str {
    let place = usize::try_from(mixed(number, salt)).unwrap_or_default();
    list[place % list.len()]
}

fn person(number: u64) -> String {
    let family = pick(&FAMILIES, number, 6);
    if mixed(number, 13).is_multiple_of(4) {
        return format!("{family}{}", pick(&COMMON, number, 7));
    }
    format!("{family}{}{}", pick(&LETTERS, number, 14), pick(&LETTERS, number, 15))
}

/// GB 11643-1999.
fn person_number(lot: u64) -> String {
    const WEIGHTS: [u64; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let (year, month, day) = (1955 + lot % 50, 1 + lot / 50 % 12, 1 + lot / 600 % 28);
    let front = format!("330106{year}{month:02}{day:02}{:03}", lot / 16_800 % 1000);
    let sum: u64 = front.bytes().zip(WEIGHTS).map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
    let check = ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"];
    format!("{front}{}", check[usize::try_from(sum % 11).unwrap_or_default()])
}

/// GB 32100-2015, of digits alone but for its check character.
fn company_number(lot: u64) -> String {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [u64; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let front = format!("913301060{lot:08}");
    let sum: u64 = front.bytes().zip(WEIGHTS).map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
    let check = ALPHABET[usize::try_from((31 - sum % 31) % 31).unwrap_or_default()];
    format!("{front}{}", char::from(check))
}
