//! Laying out: the shipped texts, their words, their boxes, and what a text may not do.

mod sample;

use esign_sealing::{Fonts, LaidOut, Layout, LayoutError, lay_out_in_process, sha256_hex, shipped};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;

static FONTS: LazyLock<Fonts> = LazyLock::new(|| Fonts::find(None).unwrap());

fn lay_out(source: &str, data: Value) -> Result<LaidOut, LayoutError> {
    lay_out_in_process(&Layout { source: source.to_owned(), data }, &FONTS)
}

fn problem(source: &str) -> (usize, String) {
    match lay_out(source, json!({})) {
        Err(LayoutError::Source { problems }) => (problems[0].line, problems[0].message.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_shipped_text_lays_out_for_every_kind_of_subject_and_scene() {
    for shipped in shipped() {
        for corporate in [false, true] {
            for scene in ["COLLECTION", "BATCH_PAYMENT", "MEMBER_SETTLEMENT"] {
                let mut data = sample::data(corporate);
                data["scene"] = scene.into();
                data["subject"]["bankName"] = Value::Null;
                data["subject"]["bankAccountNo"] = Value::Null;
                let laid_out = lay_out(shipped.source, data).unwrap();
                let labels: BTreeSet<_> = laid_out.boxes.iter().map(|placed| placed.label.as_str()).collect();
                assert!(labels.contains("sign_signatory"), "{}", shipped.code);
                assert_eq!(labels.contains("seal_company"), corporate, "{}", shipped.code);
                assert!((1..=3).contains(&laid_out.pages.len()), "{}", shipped.code);
            }
        }
    }
}

#[test]
fn the_words_are_those_of_the_text_and_claim_no_more_than_is_true() {
    for shipped in shipped() {
        let laid_out = lay_out(shipped.source, sample::data(true)).unwrap();
        let words = laid_out.pages.iter().map(|page| page.text.as_str()).collect::<Vec<_>>().join("\n");
        assert!(words.starts_with(shipped.document_name), "{words}");
        for expected in ["上海示例信息技术有限公司", "1001 **** **** 0123", "张三", "会员收益结算", "2026年11月25日前"]
        {
            assert!(words.contains(expected), "{}: {expected}", shipped.code);
        }
        for absent in ["可靠电子签名", "可靠的电子签名", "第 1 页", "null", "none"] {
            assert!(!words.contains(absent), "{}: {absent}", shipped.code);
        }
        assert!(!words.contains("2026年11月22日"), "the date of signing is not part of the text");
    }
}

#[test]
fn lines_of_a_paragraph_are_joined_and_paragraphs_are_not() {
    let source = "#set text(font: \"Noto Serif SC\")\n#set page(width: 60pt, margin: 5pt)\n一二三四五六七八九十\n\nalpha beta gamma";
    let laid_out = lay_out(source, json!({})).unwrap();
    assert_eq!(laid_out.pages[0].text, "一二三四五六七八九十\nalpha beta gamma");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let digest = || sha256_hex(&lay_out(shipped()[0].source, sample::data(true)).unwrap().pdf);
    assert_eq!(digest(), digest());
}

#[test]
fn a_box_is_where_the_text_puts_it() {
    let source = "#set page(width: 200pt, height: 300pt, margin: 10pt)\n#pagebreak()\n#place(top + left, dx: 20pt, dy: 30pt, [#box(width: 50pt, height: 40pt) <here>])";
    let laid_out = lay_out(source, json!({})).unwrap();
    let [placed] = laid_out.boxes.as_slice() else { panic!("{:?}", laid_out.boxes) };
    assert_eq!((placed.label.as_str(), placed.page), ("here", 1));
    let edges = [placed.x, placed.y, placed.width, placed.height].map(|edge| format!("{edge:.1}"));
    // 300 high, less the margin of 10, the shift of 30, and the box's own 40.
    assert_eq!(edges, ["30.0", "220.0", "50.0", "40.0"]);
}

#[test]
fn chinese_can_be_selected_and_rare_names_print() {
    let laid_out = lay_out(shipped()[0].source, sample::data(false)).unwrap();
    let document = lopdf::Document::load_mem(&laid_out.pdf).unwrap();
    let text = document.extract_text(&[1]).unwrap();
    let squeezed: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    for expected in ["䶮𬭊小明", "代付授权协议", "中华人民共和国电子签名法"] {
        assert!(squeezed.contains(expected), "{squeezed}");
    }
}

#[test]
fn values_print_literally_and_never_become_markup() {
    let source = "#set text(font: \"Noto Serif SC\")\n#json(\"/data.json\").name";
    let hostile = "#panic(1) *_$x$ \\ <l> @ref `raw` #import \"x\"";
    let laid_out = lay_out(source, json!({ "name": hostile })).unwrap();
    assert_eq!(laid_out.pages[0].text, hostile);
}

#[test]
fn a_missing_glyph_is_named() {
    let source = "#set text(font: \"Noto Serif SC\")\n#json(\"/data.json\").name";
    let missing = lay_out(source, json!({ "name": "张\u{10fffd}" })).unwrap_err();
    assert_eq!(missing, LayoutError::MissingGlyph { codepoint: "U+10FFFD".into() });
    assert!(!missing.retryable());
}

#[test]
fn a_wrong_text_is_told_where() {
    let (line, message) = problem("good\n\n#let x = ");
    assert_eq!(line, 3, "{message}");
    assert_eq!(problem("#panic(\"no\")").0, 1);
}

#[test]
fn a_text_sees_nothing_but_itself_and_its_data() {
    for (source, expected) in [
        ("#read(\"/etc/passwd\")", "nothing else"),
        ("#read(\"../data.txt\")", ""),
        ("#image(\"/etc/passwd.png\")", "nothing else"),
        ("#include \"/other.typ\"", "nothing else"),
        ("#import \"@preview/cetz:0.3.0\": *", "no packages"),
        ("#eval(\"1 + 1\")", "unknown variable: eval"),
        ("#std.eval(\"1 + 1\")", "eval"),
        ("#plugin(bytes((0, 1)))", "unknown variable: plugin"),
        ("#std.plugin(bytes((0, 1)))", "plugin"),
        ("#datetime.today()", "date"),
    ] {
        let (_, message) = problem(source);
        assert!(message.contains(expected), "{source}: {message}");
    }
}
