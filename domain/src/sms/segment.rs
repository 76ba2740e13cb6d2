//! How long a message is, as mainland carriers bill it.
//!
//! Every message with a Chinese character goes out in UCS-2, and carriers count its 16-bit units: a character of the
//! basic plane is one, an emoji or a rare character is two. A message of at most 70 is one; a longer one is cut into
//! segments of at most 67, because three of each are taken by the header that puts them together again. Nobody's letter
//! is cut in two: what a reader sees as one character goes over into the next segment whole.

use unicode_segmentation::UnicodeSegmentation;

/// Units of a message that is sent in one piece.
const WHOLE: usize = 70;
/// Units of one segment of a longer message.
const SEGMENT: usize = 67;

/// How long a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// UTF-16 code units.
    pub characters: usize,
    /// Messages that the carrier bills; none for an empty text.
    pub segments: usize,
}

impl Length {
    /// So many units fewer would be billed as one message less; none: it is one at most already.
    pub fn fewer_for_one_less(self) -> Option<usize> {
        let room = match self.segments {
            0 | 1 => return None,
            2 => WHOLE,
            segments => SEGMENT * (segments - 1),
        };
        // A letter that went over whole leaves a segment unfilled: then the last one may hold it alone.
        Some(self.characters.saturating_sub(room).max(1))
    }
}

/// Measures a whole text, the sign name in its brackets included where it stands in front.
pub fn length(text: &str) -> Length {
    let characters = units(text);
    let segments = match characters {
        0 => 0,
        1..=WHOLE => 1,
        _ => segments(text),
    };
    Length { characters, segments }
}

/// What carriers count of a text.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn segments(text: &str) -> usize {
    let (mut closed, mut filled) = (0, 0);
    let mut put = |width: usize| {
        if filled + width > SEGMENT {
            closed += 1;
            filled = 0;
        }
        filled += width;
    };
    for seen in text.graphemes(true) {
        let width = units(seen);
        if width <= SEGMENT {
            put(width);
        } else {
            // A heap of accents that fits nowhere is cut between its code points.
            seen.chars().for_each(|c| put(c.len_utf16()));
        }
    }
    closed + 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn seventy_in_one_and_sixty_seven_in_each_of_more() {
        for (characters, segments) in
            [(0, 0), (1, 1), (67, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4), (500, 8)]
        {
            assert_eq!(length(&"签".repeat(characters)), Length { characters, segments });
            assert_eq!(length(&"a".repeat(characters)), Length { characters, segments }, "letters cost the same");
        }
    }

    #[test]
    fn what_saves_a_message_is_told() {
        for (characters, fewer) in
            [(0, None), (70, None), (71, Some(1)), (114, Some(44)), (134, Some(64)), (135, Some(1)), (202, Some(1))]
        {
            let before = length(&"签".repeat(characters));
            assert_eq!(before.fewer_for_one_less(), fewer, "{characters}");
            let Some(fewer) = fewer else { continue };
            assert_eq!(length(&"签".repeat(characters - fewer)).segments, before.segments - 1, "{characters}");
            assert_eq!(length(&"签".repeat(characters - fewer + 1)).segments, before.segments, "{characters}");
        }
    }

    #[test]
    fn an_emoji_counts_two_and_is_never_cut() {
        let text = |before: usize, seen: &str, after: usize| "签".repeat(before) + seen + &"签".repeat(after);
        for (text, characters, segments) in [
            (text(68, "😀", 0), 70, 1),
            (text(69, "😀", 0), 71, 2),
            (text(65, "😀", 67), 134, 2),
            // It would begin at the last unit of the first segment: it goes over, and pushes one unit into a third.
            (text(66, "😀", 66), 134, 3),
            (text(66, "😀", 65), 133, 2),
            // One family to the eye, eleven units to the carrier.
            (text(60, "👨‍👩‍👧‍👦", 3), 74, 2),
            (text(60, "👨‍👩‍👧‍👦", 56), 127, 2),
            (text(60, "👨‍👩‍👧‍👦", 57), 128, 3),
            // A letter under a hundred accents is wider than a segment.
            (format!("e{}", "\u{301}".repeat(100)), 101, 2),
        ] {
            assert_eq!(length(&text), Length { characters, segments }, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_never_takes_less_than_its_share_and_one_unit_more_never_shortens_it(text in "\\PC{0,300}") {
            let whole = length(&text);
            let least = if whole.characters > WHOLE { whole.characters.div_ceil(SEGMENT) } else { 1 };
            prop_assert!(whole.segments >= least.min(whole.characters));
            prop_assert!(length(&(text + "签")).segments >= whole.segments);
        }
    }
}
