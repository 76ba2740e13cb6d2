//! Whether a layout has the boxes that sealing needs, before anybody signs in them.

use super::{SEAL_BOX, SIGN_BOX};
use crate::mark;
use crate::render::{LaidOut, Placed};

/// What is wrong with the boxes of a layout: each must be there once, lie on its page, and be large enough for what is
/// drawn into it. A company needs the box for its seal besides.
pub fn box_problems(laid_out: &LaidOut, company: bool) -> Vec<String> {
    let mut problems = one_box(laid_out, SIGN_BOX, mark::SMALLEST_SIGNATURE);
    if company {
        problems.extend(one_box(laid_out, SEAL_BOX, mark::SMALLEST_SEAL));
    }
    problems
}

fn one_box(laid_out: &LaidOut, label: &str, smallest: (f64, f64)) -> Vec<String> {
    let found: Vec<_> = laid_out.boxes.iter().filter(|placed| placed.label == label).collect();
    let [placed] = found[..] else {
        return vec![format!("needs exactly one box labelled <{label}>; there are {}", found.len())];
    };
    let mut problems = Vec::new();
    if placed.width < smallest.0 || placed.height < smallest.1 {
        let (width, height) = smallest;
        problems.push(format!("the box <{label}> must be at least {width} pt wide and {height} pt high"));
    }
    if !lies_on_its_page(laid_out, placed) {
        problems.push(format!("the box <{label}> must lie on its page as a whole"));
    }
    problems
}

fn lies_on_its_page(laid_out: &LaidOut, placed: &Placed) -> bool {
    // A box that ends where the page ends may overstep it by what rounding adds.
    let within = |from: f64, length: f64, edge: f64| from >= -0.01 && from + length <= edge + 0.01;
    laid_out.pages.get(placed.page).is_some_and(|page| {
        within(placed.x, placed.width, page.width_pt) && within(placed.y, placed.height, page.height_pt)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Page;

    fn laid_out(boxes: &[(&str, [f64; 4])]) -> LaidOut {
        let page = Page { svg: String::new(), text: String::new(), width_pt: 595.0, height_pt: 842.0 };
        let placed = |&(label, [x, y, width, height]): &(&str, [f64; 4])| Placed {
            label: label.into(),
            page: 0,
            x,
            y,
            width,
            height,
        };
        LaidOut { pdf: Vec::new(), pages: vec![page], boxes: boxes.iter().map(placed).collect() }
    }

    #[test]
    fn boxes_are_there_once_on_their_page_and_large_enough() {
        let (sign, seal) =
            (("sign_signatory", [50.0, 60.0, 200.0, 80.0]), ("seal_company", [300.0, 60.0, 120.0, 120.0]));
        for (boxes, company, expected) in [
            (vec![sign], false, vec![]),
            (vec![sign, seal], true, vec![]),
            (vec![sign, seal, seal], false, vec![]),
            (vec![], true, vec!["<sign_signatory>; there are 0", "<seal_company>; there are 0"]),
            (vec![sign], true, vec!["<seal_company>; there are 0"]),
            (vec![sign, sign], false, vec!["<sign_signatory>; there are 2"]),
            (vec![("sign_signatory", [50.0, 60.0, 20.0, 20.0])], false, vec!["must be at least"]),
            (vec![("sign_signatory", [500.0, 60.0, 200.0, 80.0])], false, vec!["on its page"]),
            (vec![sign, ("seal_company", [-9.0, 0.0, 10.0, 10.0])], true, vec!["must be at least", "on its page"]),
        ] {
            let problems = box_problems(&laid_out(&boxes), company);
            assert_eq!(problems.len(), expected.len(), "{problems:?}");
            for (problem, words) in problems.iter().zip(expected) {
                assert!(problem.contains(words), "{problem}: {words}");
            }
        }
    }
}
