//! The list for the gallery.

use esign_domain::{
    flow::query::{Count, View},
    terms::{FlowStatus, Scene},
};

use super::{
    asked::{Asked, FOUND},
    chip::Chip,
    page::{self, ListPage},
    row::Row,
};
use crate::{drawing::Drawing, fields::Fields, problem::Problems};

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let all: Vec<Row> = (1..).zip(FlowStatus::ALL).map(|(number, status)| Row::sample(number, *status)).collect();
    let wrong = Problems::default().and("search", "编号至少输入 3 个字符".into());
    let nobody = format!("who=mobile-{}", "00".repeat(32));
    vec![
        Drawing::new("flows", list("scene=COLLECTION&scene=BATCH_PAYMENT&from=2026-11-21&to=2026-11-22", all)),
        Drawing::new("flows-none", list("", vec![])),
        Drawing::new("flows-nothing-found", list(&nobody, vec![])),
        Drawing::new("flows-search-wrong", list("", vec![]).refused("MS", wrong)),
    ]
}

fn list(query: &str, rows: Vec<Row>) -> ListPage {
    let asked = Asked::read(&Fields::read(query.as_bytes()));
    let counts =
        [Count::AtLeast(1_000), Count::Exactly(412), Count::Exactly(6), Count::AtLeast(1_000), Count::Exactly(88)];
    ListPage {
        tabs: View::ALL.into_iter().zip(counts).map(|(view, count)| page::tab(&asked, view, count)).collect(),
        chips: vec![
            Chip::of_days(&asked),
            Chip::of_terms(&asked, "scene", true, "scene", Scene::ALL.iter().map(|one| one.as_str())),
            Chip::of(&asked, "client", false, [("a".to_owned(), "云帆商户通")]),
        ],
        heads: page::heads(&asked),
        typed: asked.list.text("number").to_owned(),
        found: page::found(&asked),
        unsearched: asked.without(&FOUND),
        state: asked.list.link(""),
        problems: Problems::default(),
        narrowed: asked.is_narrowed(),
        clear: page::clear(&asked),
        export: "/admin/flows/export.csv".into(),
        first: 1,
        last: rows.len() as u64,
        total: "1,000+".into(),
        earlier: String::new(),
        later: if rows.is_empty() { String::new() } else { "/admin/flows?after=x".into() },
        rows,
    }
}
