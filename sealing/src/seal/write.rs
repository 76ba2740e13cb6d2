//! Writes the sealing revision: marks, signature field, signature entry.
//!
//! The handwriting is the appearance of the signature field's widget, so that a click on it shows the signature; the
//! company's seal is a locked stamp. The signature certifies the document (DocMDP, level 1): a reader is told that
//! nothing may be changed any more.

use chrono::{DateTime, Utc};

use super::slot::{Prepared, RANGE_PLACEHOLDER};
use crate::mark::Drawing;
use crate::pdf::{Dict, File, Malformed, Object, Revision};
use crate::render::Placed;

/// Printed and locked: the only flags PDF/A and common sense leave.
const PRINT_AND_LOCKED: u32 = 4 + 128;
/// Signatures exist, and the file is only ever appended to.
const SIGNATURE_FLAGS: u32 = 3;

/// What is drawn, and where.
pub(super) struct Marks<'a> {
    pub(super) signature: (&'a Placed, Drawing),
    pub(super) company: Option<(&'a Placed, Drawing)>,
}

/// What the signature's entry says.
pub(super) struct Entry<'a> {
    pub(super) signer: String,
    pub(super) reason: &'a str,
    pub(super) at: DateTime<Utc>,
    /// Bytes kept free for the signature.
    pub(super) reserved: usize,
}

/// Appends the revision to the base file, which must be one of ours and not sealed yet.
pub(super) fn write(base_pdf: &[u8], marks: &Marks<'_>, entry: &Entry<'_>) -> Result<Prepared, Malformed> {
    let base = File::open(base_pdf)?;
    let (catalog_id, mut catalog) = base.catalog()?;
    if base.revisions() != 1 || !base_pdf.ends_with(b"%%EOF") || catalog.get("AcroForm").is_some() {
        return Err(Malformed("it is not a fresh layout"));
    }
    let mut revision = Revision::behind(&base, base_pdf);
    let signature_id = revision.allocate();
    let mut annotations = Annotations { base: &base, pages: base.pages()?, added: Vec::new() };
    let widget_id = annotations.widget(&mut revision, &marks.signature, signature_id)?;
    if let Some(company) = &marks.company {
        annotations.stamp(&mut revision, company)?;
    }
    annotations.rewrite_pages(&mut revision)?;

    let form_id = revision.allocate();
    let fields = Object::Array(vec![Object::Ref(widget_id)]);
    revision.put(form_id, &Object::Dict(Dict::of([("Fields", fields), ("SigFlags", Object::number(SIGNATURE_FLAGS))])));
    catalog.set("AcroForm", Object::Ref(form_id));
    catalog.set("Perms", Object::Dict(Dict::of([("DocMDP", Object::Ref(signature_id))])));
    revision.put(catalog_id, &Object::Dict(catalog));

    let (raw, range, slot) = signature_entry(entry);
    let start = revision.put_raw(signature_id, &raw);
    Ok(Prepared::new(revision.finish()?, start + range, (start + slot.0, start + slot.1)))
}

/// The signature's entry with its placeholders; where in it the range and the slot stand.
fn signature_entry(entry: &Entry<'_>) -> (Vec<u8>, usize, (usize, usize)) {
    let at = entry.at.format("D:%Y%m%d%H%M%S+00'00'").to_string();
    let head = Dict::of([
        ("Type", Object::name("Sig")),
        ("Filter", Object::name("Adobe.PPKLite")),
        ("SubFilter", Object::name("ETSI.CAdES.detached")),
        ("M", Object::String(at.into_bytes())),
        ("Name", Object::text(&entry.signer)),
        ("Reason", Object::text(entry.reason)),
        ("Reference", Object::Array(vec![certification()])),
    ]);
    let mut raw = Vec::new();
    head.write(&mut raw);
    // The dictionary is opened again: its last two entries are placeholders whose places are needed.
    raw.truncate(raw.len() - b">>".len());
    raw.extend(b"/ByteRange ");
    let range = raw.len();
    raw.extend(RANGE_PLACEHOLDER.as_bytes());
    raw.extend(b"/Contents ");
    let open = raw.len();
    raw.push(b'<');
    raw.resize(raw.len() + entry.reserved * 2, b'0');
    raw.push(b'>');
    let close = raw.len();
    raw.extend(b">>");
    (raw, range, (open, close))
}

/// "No changes to this document are permitted."
fn certification() -> Object {
    let parameters =
        Dict::of([("Type", Object::name("TransformParams")), ("P", Object::number(1)), ("V", Object::name("1.2"))]);
    Object::Dict(Dict::of([
        ("Type", Object::name("SigRef")),
        ("TransformMethod", Object::name("DocMDP")),
        ("TransformParams", Object::Dict(parameters)),
    ]))
}

/// Annotations to be added, page by page.
struct Annotations<'a> {
    base: &'a File<'a>,
    pages: Vec<u32>,
    added: Vec<(u32, u32)>,
}

impl Annotations<'_> {
    fn widget(
        &mut self,
        revision: &mut Revision<'_>,
        mark: &(&Placed, Drawing),
        signature_id: u32,
    ) -> Result<u32, Malformed> {
        self.annotation(
            revision,
            mark,
            [
                ("Subtype", Object::name("Widget")),
                ("FT", Object::name("Sig")),
                ("T", Object::text("platform-seal")),
                ("TU", Object::text("电子签章")),
                ("V", Object::Ref(signature_id)),
            ],
        )
    }

    fn stamp(&mut self, revision: &mut Revision<'_>, mark: &(&Placed, Drawing)) -> Result<u32, Malformed> {
        self.annotation(
            revision,
            mark,
            [
                ("Subtype", Object::name("Stamp")),
                ("Name", Object::name("CompanySeal")),
                ("NM", Object::text("company-seal")),
                ("Contents", Object::text("电子签章")),
                ("T", Object::text("电子签章系统")),
            ],
        )
    }

    fn annotation(
        &mut self,
        revision: &mut Revision<'_>,
        (placed, drawing): &(&Placed, Drawing),
        special: [(&'static str, Object); 5],
    ) -> Result<u32, Malformed> {
        let page = *self.pages.get(placed.page).ok_or(Malformed("a box is on a page that does not exist"))?;
        let form = revision.allocate();
        revision.put_stream(form, form_dict(drawing), &drawing.stream());
        let id = revision.allocate();
        let edges = [placed.x, placed.y, placed.x + placed.width, placed.y + placed.height];
        let mut annotation = Dict::of([("Type", Object::name("Annot"))]);
        for (key, value) in special {
            annotation.set(key, value);
        }
        annotation.set("Rect", Object::rectangle(edges));
        annotation.set("F", Object::number(PRINT_AND_LOCKED));
        annotation.set("P", Object::Ref(page));
        annotation.set("AP", Object::Dict(Dict::of([("N", Object::Ref(form))])));
        revision.put(id, &Object::Dict(annotation));
        self.added.push((page, id));
        Ok(id)
    }

    fn rewrite_pages(&self, revision: &mut Revision<'_>) -> Result<(), Malformed> {
        for &page_id in &self.pages {
            let added = self.added.iter().filter(|(page, _)| *page == page_id).map(|&(_, id)| Object::Ref(id));
            let added: Vec<_> = added.collect();
            if added.is_empty() {
                continue;
            }
            let page = self.base.object(page_id)?;
            let mut page = page.as_dict().cloned().ok_or(Malformed("a page is no dictionary"))?;
            let mut all = match page.get("Annots") {
                Some(old) => self.base.resolve(old)?.as_array().unwrap_or_default().to_vec(),
                None => Vec::new(),
            };
            all.extend(added);
            page.set("Annots", Object::Array(all));
            revision.put(page_id, &Object::Dict(page));
        }
        Ok(())
    }
}

fn form_dict(drawing: &Drawing) -> Dict {
    Dict::of([
        ("Type", Object::name("XObject")),
        ("Subtype", Object::name("Form")),
        ("BBox", Object::rectangle([0.0, 0.0, drawing.width, drawing.height])),
        ("Resources", Object::Dict(Dict::default())),
    ])
}
