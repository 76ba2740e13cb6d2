//! Reads PDF syntax.

use super::{Dict, Malformed, Object};

/// How deep arrays and dictionaries may nest.
const MAX_DEPTH: usize = 24;

/// A place in a file, moving forward.
#[derive(Clone)]
pub(crate) struct Parser<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

impl<'a> Parser<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                self.take_while(|byte| byte != b'\n' && byte != b'\r');
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|&byte| !belongs(byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Passes `word` after white space, or fails.
    pub(crate) fn expect(&mut self, word: &str) -> Result<(), Malformed> {
        self.skip_space();
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(Malformed("a keyword is missing"));
        }
        self.at += word.len();
        Ok(())
    }

    /// A whole number without sign.
    pub(crate) fn integer(&mut self) -> Result<usize, Malformed> {
        self.skip_space();
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.len() <= 12);
        digits.and_then(|digits| digits.parse().ok()).ok_or(Malformed("a number is missing"))
    }

    /// Whether `word` comes next.
    pub(crate) fn sees(&mut self, word: &str) -> bool {
        self.skip_space();
        self.rest().starts_with(word.as_bytes())
    }

    /// The next object, whatever it is.
    pub(crate) fn object(&mut self) -> Result<Object, Malformed> {
        self.nested(0)
    }

    /// The next object, which must be a dictionary.
    pub(crate) fn dict(&mut self) -> Result<Dict, Malformed> {
        match self.object()? {
            Object::Dict(dict) => Ok(dict),
            _ => Err(Malformed("a dictionary is missing")),
        }
    }

    fn nested(&mut self, depth: usize) -> Result<Object, Malformed> {
        if depth > MAX_DEPTH {
            return Err(Malformed("an object is nested too deep"));
        }
        self.skip_space();
        match self.peek().ok_or(Malformed("the file ends within an object"))? {
            b'/' => {
                self.at += 1;
                Ok(Object::Name(self.take_while(is_regular).to_vec()))
            }
            b'(' => self.literal_string(),
            b'[' => self.array(depth),
            b'<' if self.rest().starts_with(b"<<") => self.dictionary(depth),
            b'<' => self.hex_string(),
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number_or_reference(),
            _ => self.keyword(),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Object, Malformed> {
        self.expect("[")?;
        let mut items = Vec::new();
        while !self.sees("]") {
            items.push(self.nested(depth + 1)?);
        }
        self.expect("]")?;
        Ok(Object::Array(items))
    }

    fn dictionary(&mut self, depth: usize) -> Result<Object, Malformed> {
        self.expect("<<")?;
        let mut dict = Dict::default();
        while !self.sees(">>") {
            self.expect("/").map_err(|_| Malformed("a dictionary's key is no name"))?;
            let key = self.take_while(is_regular).to_vec();
            dict.0.push((key, self.nested(depth + 1)?));
        }
        self.expect(">>")?;
        Ok(Object::Dict(dict))
    }

    fn hex_string(&mut self) -> Result<Object, Malformed> {
        self.expect("<")?;
        let mut digits: Vec<u8> = Vec::new();
        digits.extend(self.take_while(|byte| byte != b'>').iter().filter(|&&byte| !is_space(byte)));
        self.expect(">")?;
        if digits.len() % 2 == 1 {
            digits.push(b'0');
        }
        hex::decode(digits).map(Object::String).map_err(|_| Malformed("a string is not hexadecimal"))
    }

    fn literal_string(&mut self) -> Result<Object, Malformed> {
        self.expect("(")?;
        let (mut bytes, mut open) = (Vec::new(), 1_usize);
        loop {
            let byte = self.peek().ok_or(Malformed("the file ends within a string"))?;
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' if open == 1 => return Ok(Object::String(bytes)),
                b')' => open -= 1,
                b'\\' => {
                    bytes.extend(self.escaped()?);
                    continue;
                }
                _ => {}
            }
            bytes.push(byte);
        }
    }

    fn escaped(&mut self) -> Result<Option<u8>, Malformed> {
        let byte = self.peek().ok_or(Malformed("the file ends within a string"))?;
        if (b'0'..=b'7').contains(&byte) {
            let from = self.at;
            let octal = |&&digit: &&u8| (b'0'..=b'7').contains(&digit);
            let digits: Vec<u8> = self.rest().iter().take(3).take_while(octal).copied().collect();
            self.at = from + digits.len();
            let value = digits.iter().fold(0_u8, |value, digit| value.wrapping_mul(8).wrapping_add(digit - b'0'));
            return Ok(Some(value));
        }
        self.at += 1;
        Ok(match byte {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' => Some(8),
            b'f' => Some(12),
            b'\n' => None,
            other => Some(other),
        })
    }

    fn number_or_reference(&mut self) -> Result<Object, Malformed> {
        let mut ahead = self.clone();
        if let (Ok(id), Ok(0), Ok(())) = (ahead.integer(), ahead.integer(), ahead.expect("R")) {
            self.at = ahead.at;
            return u32::try_from(id).map(Object::Ref).map_err(|_| Malformed("an object's number is too large"));
        }
        let number = self.take_while(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
        String::from_utf8(number.to_vec()).map(Object::Number).map_err(|_| Malformed("a number is malformed"))
    }

    fn keyword(&mut self) -> Result<Object, Malformed> {
        match self.take_while(is_regular) {
            b"null" => Ok(Object::Null),
            b"true" => Ok(Object::Bool(true)),
            b"false" => Ok(Object::Bool(false)),
            _ => Err(Malformed("an object is malformed")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Object, Parser};
    use proptest::prelude::*;

    #[test]
    fn what_is_read_is_written_again() {
        let text = b"<</A [1 -2.50 true null /N 7 0 R]/S <feff5f20>/D <<>>>>";
        let mut written = Vec::new();
        Parser::new(text, 0).object().unwrap().write(&mut written);
        assert_eq!(written, text);
    }

    #[test]
    fn literal_strings_are_unescaped() {
        let parsed = Parser::new(br"(a\(b\)(c)\101\n)", 0).object().unwrap();
        assert_eq!(parsed, Object::String(b"a(b)(c)A\n".to_vec()));
    }

    #[test]
    fn a_nesting_bomb_is_refused() {
        assert!(Parser::new(&b"[".repeat(100_000), 0).object().is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Parser::new(&bytes, 0).object();
        }
    }
}
