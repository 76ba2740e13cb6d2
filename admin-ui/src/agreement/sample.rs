//! What the gallery shows of agreements.

use std::collections::BTreeMap;

use esign_domain::{
    agreement::{check::TextProblem, preview::Preview},
    words::Lang,
};

use super::{Head, sheet::Sheet};
use crate::moment::Moment;

/// A text.
pub const SOURCE: &str = "// 门店合作协议\n#let d = json(\"/data.json\")\n#set page(paper: \"a4\", margin: 18mm)\n\
    #set text(font: \"Noto Serif SC\", size: 14pt)\n\n= 门店合作协议\n\n\
    甲方：#d.clientName\\\n乙方：#d.subject.name\n\n第一条　乙方同意按 #d.variables.rate 的费率支付服务费，费用从结算款中扣除；\
    乙方对账有异议的，应在收到账单后五个工作日内提出。\n\n#box(width: 76mm, height: 30mm) <sign_signatory>\n";

/// A page of it.
const PAGE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 595 842" width="595" height="842"><rect width="595" height="842" fill="#fff"/><g fill="#1b1d21"><rect x="190" y="70" width="215" height="20"/><rect x="60" y="130" width="260" height="9"/><rect x="60" y="156" width="300" height="9"/><rect x="60" y="200" width="475" height="9"/><rect x="60" y="226" width="475" height="9"/><rect x="60" y="252" width="180" height="9"/></g><path d="M60 420h215" stroke="#1b1d21"/></svg>"##;

/// A time.
pub fn moment() -> Moment {
    Moment { short: "11-18 14:20".into(), full: "2026-11-18T14:20:00+08:00".into() }
}

/// A type.
pub fn head() -> Head {
    Head {
        code: "STORE_AGREEMENT".into(),
        name: "门店合作协议".into(),
        enabled: true,
        version: 3,
        scenes: vec!["COLLECTION".into(), "BATCH_PAYMENT".into()],
        subject_types: vec!["CORPORATE".into(), "INDIVIDUAL".into()],
    }
}

/// What comes of it, and of the same with something wrong.
pub fn sheet(wrong: bool) -> Sheet {
    let problem = |place, message: &str| TextProblem { place, message: message.into() };
    let problems = vec![
        problem(Some((11, 13)), "dictionary does not contain key \"rate\""),
        problem(None, "needs exactly one box labelled <seal_company>; there are 0 (with: CORPORATE, COLLECTION)"),
    ];
    let preview = Preview {
        pages: if wrong { Vec::new() } else { vec![PAGE.into(), PAGE.into()] },
        pdf: (!wrong).then(Vec::new),
        variables: vec!["rate".into()],
        problems: if wrong { problems } else { Vec::new() },
    };
    let values = BTreeMap::from([("rate".to_owned(), "千分之六".to_owned())]);
    Sheet::from(&preview, SOURCE, &values, Lang::Zh)
}
