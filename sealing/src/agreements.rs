//! The three agreement texts the platform ships with.
//!
//! They are model texts: complete, set with care, and marked 示范文本 on every page, to be reviewed by a lawyer before
//! real use. Staff publish their own versions beside them; these are what an empty database starts with.

/// One shipped agreement text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shipped {
    /// The agreement type's code.
    pub code: &'static str,
    /// The document's name as printed.
    pub document_name: &'static str,
    /// Its place in lists, from 1.
    pub position: u32,
    /// The typst source.
    pub source: &'static str,
}

/// The shipped texts, in the order of lists.
pub fn shipped() -> [Shipped; 3] {
    [
        Shipped {
            code: "PAYMENT_AGENCY_AGREEMENT",
            document_name: "代付授权协议",
            position: 1,
            source: include_str!("../agreements/payment_agency_agreement.typ"),
        },
        Shipped {
            code: "SETTLEMENT_MANDATE",
            document_name: "结算授权委托书",
            position: 2,
            source: include_str!("../agreements/settlement_mandate.typ"),
        },
        Shipped {
            code: "PAYMENT_AGENCY_MANDATE",
            document_name: "代付授权书",
            position: 3,
            source: include_str!("../agreements/payment_agency_mandate.typ"),
        },
    ]
}
