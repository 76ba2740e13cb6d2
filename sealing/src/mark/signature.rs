//! The signatory's mark: what they wrote, and below it, small, who and on which day.

use chrono::{DateTime, Datelike, FixedOffset, Utc};

use super::Ink;
use super::drawing::{Drawing, GREY, INK_BLUE, Point};
use super::handwriting::{self, Area};
use super::lettering::{Weight, letters, set_line, width};
use crate::fonts::Fonts;
use crate::seal::SealError;

/// The small print's size, in points, and the strip it stands in.
const SMALL: f64 = 8.5;
const STRIP: f64 = 15.0;
/// The smallest box to sign in, width and height in points.
pub(crate) const SMALLEST_SIGNATURE: (f64, f64) = (24.0, 10.0 + STRIP);
/// Shanghai's distance from UTC.
const SHANGHAI_SECONDS: i32 = 8 * 3600;

/// Draws the mark on a sheet of the box's size.
pub(crate) fn signature(
    fonts: &Fonts,
    ink: &Ink,
    signatory_name: &str,
    signed_at: DateTime<Utc>,
    (box_width, box_height): (f64, f64),
) -> Result<Drawing, SealError> {
    let mut drawing = Drawing::sheet(box_width, box_height);
    let area = Area { x: 2.0, y: STRIP, width: box_width - 4.0, height: box_height - STRIP };
    if box_width < SMALLEST_SIGNATURE.0 || box_height < SMALLEST_SIGNATURE.1 {
        return Err(SealError::Mark("the box to sign in is too small"));
    }
    drawing.stroke_colour(INK_BLUE);
    drawing.fill_colour(INK_BLUE);
    match ink {
        Ink::Strokes(strokes) => handwriting::ink(&mut drawing, strokes, area)?,
        Ink::TypedName(name) => typed_name(&mut drawing, fonts, name, area)?,
    }
    drawing.fill_colour(GREY);
    small_print(&mut drawing, fonts, &format!("{signatory_name}　签署日期：{}", shanghai_date(signed_at)))?;
    Ok(drawing)
}

fn typed_name(drawing: &mut Drawing, fonts: &Fonts, name: &str, area: Area) -> Result<(), SealError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(SealError::Mark("there is no ink"));
    }
    let letters = letters(fonts, name, Weight::Regular)?;
    let size = (area.height * 0.6).min(area.width / width(&letters).max(1.0));
    // The baseline of Chinese type stands 12 % of its size above the foot of the square.
    let start = Point { x: area.x, y: area.y + (area.height - size) / 2.0 + size * 0.12 };
    set_line(drawing, &letters, start, size);
    Ok(())
}

fn small_print(drawing: &mut Drawing, fonts: &Fonts, text: &str) -> Result<(), SealError> {
    let letters = letters(fonts, text, Weight::Regular)?;
    let size = SMALL.min((drawing.width - 4.0) / width(&letters).max(1.0));
    set_line(drawing, &letters, Point { x: 2.0, y: 2.6 }, size);
    Ok(())
}

fn shanghai_date(moment: DateTime<Utc>) -> String {
    let shanghai = FixedOffset::east_opt(SHANGHAI_SECONDS).expect("eight hours are a valid offset");
    let date = moment.with_timezone(&shanghai).date_naive();
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

#[cfg(test)]
mod tests {
    use super::{Ink, shanghai_date, signature};
    use crate::fonts::Fonts;
    use chrono::{DateTime, TimeZone, Utc};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static FONTS: LazyLock<Fonts> = LazyLock::new(|| Fonts::find(None).unwrap());

    fn drawn(ink: &Ink) -> Result<String, String> {
        let drawing = signature(&FONTS, ink, "张三", DateTime::UNIX_EPOCH, (170.0, 62.0));
        drawing.map(|it| it.operators()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_day_is_shanghais() {
        let late = Utc.with_ymd_and_hms(2026, 11, 21, 16, 0, 0).unwrap();
        assert_eq!(shanghai_date(late), "2026年11月22日");
    }

    #[test]
    fn no_ink_is_an_error_and_a_dot_is_ink() {
        let nothing = Ink::Strokes(vec![vec![], vec![[f64::NAN, 1.0], [f64::INFINITY, 2.0]]]);
        assert_eq!(drawn(&nothing).unwrap_err(), "the mark cannot be drawn: there is no ink");
        assert_eq!(drawn(&Ink::TypedName("  ".into())).unwrap_err(), "the mark cannot be drawn: there is no ink");
        assert!(drawn(&Ink::Strokes(vec![vec![[3.0, 3.0]]])).is_ok());
    }

    #[test]
    fn a_character_no_typeface_has_is_an_error_without_the_name() {
        let error = drawn(&Ink::TypedName("张\u{10fffd}".into())).unwrap_err();
        assert_eq!(error, "the mark cannot be drawn: no typeface has one of its characters");
    }

    #[test]
    fn ink_stays_within_the_box() {
        let content = drawn(&Ink::Strokes(vec![vec![[0.0, 0.0], [900.0, 10.0], [20.0, 400.0]]])).unwrap();
        let ink = content.lines().take_while(|line| !line.starts_with('q'));
        let points = ink.filter_map(|line| line.strip_suffix(" l"));
        for point in points {
            let (x, y) = point.split_once(' ').unwrap();
            let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
            assert!((-6.0..=176.0).contains(&x) && (0.0..=68.0).contains(&y), "({x}, {y})");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_strokes_never_panic_and_give_only_numbers(
            strokes in proptest::collection::vec(proptest::collection::vec(any::<[f64; 2]>(), 0..40), 0..8),
        ) {
            if let Ok(content) = drawn(&Ink::Strokes(strokes)) {
                prop_assert!(!content.contains("NaN") && !content.contains("inf") && !content.contains('e'));
            }
        }

        #[test]
        fn screen_sized_strokes_always_draw(
            strokes in proptest::collection::vec(
                proptest::collection::vec([-50.0..2000.0f64, -50.0..2000.0f64], 1..60), 1..8),
        ) {
            prop_assert!(drawn(&Ink::Strokes(strokes)).is_ok());
        }
    }
}
