//! What is counted before anything is parsed: bytes, tokens, brackets; in one pass and without memory.
//!
//! The parsers behind it are linear too, but dearly so: a megabyte of comment or of one string is a tenth of a second in
//! the parser of documents, and a megabyte of `{},{},…` is forty megabytes once it is read.

use esign_domain::error::{Error, Result};

/// Bytes of a document. What is long belongs into variables.
pub const DOCUMENT: usize = 64 * 1024;
/// Lexical tokens in a document.
pub const TOKENS: usize = 2_000;
/// Bytes of a name or a number: the validator compares those it doesn't know with all that it knows.
pub const WORD: usize = 200;
/// Values in a JSON text, those inside others included.
pub const VALUES: usize = 10_000;
/// Brackets inside brackets: bounds the parsers' own recursion.
const NESTING: usize = 64;

/// Counts what a document is made of.
///
/// # Errors
/// [`Error::QueryTooComplex`] for too many bytes or tokens, words too long, or brackets nested too deeply.
pub fn check_document(query: &str) -> Result<()> {
    let bytes = query.as_bytes();
    let (mut at, mut tokens, mut nesting) = (0, 0, 0_usize);
    let mut is_within = bytes.len() <= DOCUMENT;
    while is_within && at < bytes.len() {
        let begun = at;
        at = match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at = end_of_line(bytes, at);
                continue;
            }
            b'"' => end_of_string(bytes, at),
            byte if is_word(byte) => at + bytes[at..].iter().take_while(|b| is_word(**b)).count(),
            byte => {
                nesting = nested(nesting, byte);
                at + 1
            }
        };
        tokens += 1;
        is_within = tokens <= TOKENS && nesting <= NESTING && (bytes[begun] == b'"' || at - begun <= WORD);
    }
    if is_within { Ok(()) } else { Err(Error::QueryTooComplex) }
}

/// Counts the values of a JSON text; whether it is one, the parser says.
///
/// # Errors
/// [`Error::QueryTooComplex`] for too many values, or brackets nested too deeply.
pub fn check_json(text: &[u8]) -> Result<()> {
    let (mut at, mut values, mut nesting) = (0, 0, 0_usize);
    while at < text.len() {
        match text[at] {
            b'"' => {
                at = end_of(b"\"", text, at + 1);
                continue;
            }
            b',' | b'[' | b'{' => values += 1,
            _ => {}
        }
        nesting = nested(nesting, text[at]);
        if values > VALUES || nesting > NESTING {
            return Err(Error::QueryTooComplex);
        }
        at += 1;
    }
    Ok(())
}

fn nested(nesting: usize, byte: u8) -> usize {
    match byte {
        b'{' | b'[' | b'(' => nesting + 1,
        b'}' | b']' | b')' => nesting.saturating_sub(1),
        _ => nesting,
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn end_of_line(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|b| matches!(b, b'\n' | b'\r')).map_or(bytes.len(), |n| at + n)
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let quote: &[u8] = if bytes[start..].starts_with(b"\"\"\"") { b"\"\"\"" } else { b"\"" };
    end_of(quote, bytes, start + quote.len())
}

/// Behind the next of these quotes that no backslash stands before.
fn end_of(quote: &[u8], bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        if bytes[at..].starts_with(quote) {
            return at + quote.len();
        }
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    bytes.len()
}
