//! 阅读: who asks, what for, until when; each document page by page.

use serde::Serialize;

use super::Page;

/// The step `read`; with `again`, the documents once more for somebody who is about to sign.
#[derive(Debug, Clone, Serialize)]
pub struct ReadPage {
    /// Who asks.
    pub client: String,
    /// What for, in words.
    pub scene: String,
    /// Until when, in words.
    pub deadline: String,
    /// How many documents.
    pub count: usize,
    /// The documents in order.
    pub documents: Vec<Document>,
    /// How long each must be in sight at least, in seconds.
    pub least_seconds: u32,
    /// Everything was read before: no gate, only the way back.
    pub again: bool,
}

/// One document to read.
#[derive(Debug, Clone, Serialize)]
pub struct Document {
    /// Its place in the flow, from 1.
    pub number: i32,
    /// Its name, such as 代付授权协议.
    pub name: String,
    /// Its pages; none when it can't be laid out just now.
    pub leaves: Vec<Leaf>,
    /// The submission id of its reading.
    pub submission: String,
    /// It was read to its end before.
    pub read: bool,
}

/// One page of a document, as an image that can be enlarged without loss.
#[derive(Debug, Clone, Serialize)]
pub struct Leaf {
    /// From 1.
    pub number: usize,
    /// The URL of the image.
    pub source: String,
    /// Width in points, for the space it takes before it has come.
    pub width: u32,
    /// Height in points.
    pub height: u32,
}

impl Page for ReadPage {
    fn template(&self) -> &'static str {
        "step/read.html"
    }
    fn step(&self) -> &'static str {
        if self.again { "sign" } else { "read" }
    }
    fn progress(&self) -> Option<u8> {
        Some(1)
    }
    fn title(&self) -> String {
        "page-read".into()
    }
}

impl ReadPage {
    /// Two documents of three and two pages.
    pub fn sample() -> Self {
        let documents = [("代付授权协议", 3), ("结算授权委托书", 2)];
        Self {
            client: "上海云帆供应链管理有限公司".into(),
            scene: "会员结算".into(),
            deadline: "11 月 25 日 18:00".into(),
            count: documents.len(),
            documents: documents
                .into_iter()
                .zip(1..)
                .map(|((name, pages), number)| sample(number, name, pages))
                .collect(),
            least_seconds: 3,
            again: false,
        }
    }
}

fn sample(number: i32, name: &str, pages: usize) -> Document {
    let leaf = |page| Leaf {
        number: page,
        source: format!("/s/abc/documents/{number}/pages/{page}.svg"),
        width: 595,
        height: 842,
    };
    Document {
        number,
        name: name.into(),
        leaves: (1..=pages).map(leaf).collect(),
        submission: format!("sub_{number}"),
        read: false,
    }
}
