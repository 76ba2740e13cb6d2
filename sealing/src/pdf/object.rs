//! PDF objects, and how they are written.

/// A PDF object. Numbers and names keep their spelling, so that what is read and written again stays the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    Null,
    Bool(bool),
    Number(String),
    Name(Vec<u8>),
    /// A string's bytes, whichever way they were spelt; written in hexadecimal.
    String(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    Ref(u32),
}

/// A dictionary, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dict(pub(crate) Vec<(Vec<u8>, Object)>);

impl Object {
    pub(crate) fn name(name: &str) -> Self {
        Self::Name(name.as_bytes().to_vec())
    }

    pub(crate) fn number(number: impl std::fmt::Display) -> Self {
        Self::Number(number.to_string())
    }

    /// Text as UTF-16 with its mark, which every reader understands.
    pub(crate) fn text(text: &str) -> Self {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        Self::String(units.flat_map(u16::to_be_bytes).collect())
    }

    pub(crate) fn rectangle(edges: [f64; 4]) -> Self {
        Self::Array(edges.map(|edge| Self::number((edge * 1000.0).round() / 1000.0)).to_vec())
    }

    pub(crate) fn as_usize(&self) -> Option<usize> {
        if let Self::Number(number) = self { number.parse().ok() } else { None }
    }

    pub(crate) fn as_name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    pub(crate) fn as_string(&self) -> Option<&[u8]> {
        if let Self::String(bytes) = self { Some(bytes) } else { None }
    }

    pub(crate) fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    pub(crate) fn as_dict(&self) -> Option<&Dict> {
        if let Self::Dict(dict) = self { Some(dict) } else { None }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend(b"null"),
            Self::Bool(value) => out.extend(value.to_string().as_bytes()),
            Self::Number(number) => out.extend(number.as_bytes()),
            Self::Name(name) => {
                out.push(b'/');
                out.extend(name);
            }
            Self::String(bytes) => out.extend(format!("<{}>", hex::encode(bytes)).as_bytes()),
            Self::Array(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b' ');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            Self::Dict(dict) => dict.write(out),
            Self::Ref(id) => out.extend(format!("{id} 0 R").as_bytes()),
        }
    }
}

impl Dict {
    /// A dictionary of a type of its own.
    pub(crate) fn of(entries: impl IntoIterator<Item = (&'static str, Object)>) -> Self {
        Self(entries.into_iter().map(|(key, value)| (key.as_bytes().to_vec(), value)).collect())
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Object> {
        self.0.iter().find(|(name, _)| name == key.as_bytes()).map(|(_, value)| value)
    }

    pub(crate) fn set(&mut self, key: &str, value: Object) {
        match self.0.iter_mut().find(|(name, _)| name == key.as_bytes()) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.as_bytes().to_vec(), value)),
        }
    }

    /// Whether a key stands twice, which readers take differently.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.0.iter().enumerate().any(|(index, (key, _))| self.0[..index].iter().any(|(other, _)| other == key))
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend(b"<<");
        for (key, value) in &self.0 {
            out.push(b'/');
            out.extend(key);
            out.push(b' ');
            value.write(out);
        }
        out.extend(b">>");
    }
}
