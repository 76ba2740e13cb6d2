//! The ASN.1 of SignedData, as far as ours uses it: what is optional and unused is left out.

use const_oid::ObjectIdentifier;
use der::asn1::{Any, OctetString, SetOfVec};
use der::{Sequence, ValueOrd};
use spki::AlgorithmIdentifierOwned;
use x509_cert::attr::Attribute;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;

/// RFC 5652, section 3.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(super) struct ContentInfo {
    pub(super) content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(super) content: SignedData,
}

/// RFC 5652, section 5.1.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(super) struct SignedData {
    pub(super) version: u8,
    pub(super) digest_algorithms: SetOfVec<AlgorithmIdentifierOwned>,
    pub(super) encapsulated: Encapsulated,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true")]
    pub(super) certificates: SetOfVec<Any>,
    pub(super) signer_infos: SetOfVec<SignerInfo>,
}

/// RFC 5652, section 5.2, its content left out: the signature is detached.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(super) struct Encapsulated {
    pub(super) content_type: ObjectIdentifier,
}

/// RFC 5652, section 5.3.
#[derive(Clone, Debug, PartialEq, Eq, Sequence, ValueOrd)]
pub(super) struct SignerInfo {
    pub(super) version: u8,
    pub(super) sid: Issued,
    pub(super) digest_algorithm: AlgorithmIdentifierOwned,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true")]
    pub(super) signed_attributes: SetOfVec<Attribute>,
    pub(super) signature_algorithm: AlgorithmIdentifierOwned,
    pub(super) signature: OctetString,
}

/// RFC 5652, section 10.2.4: a certificate by its issuer and number.
#[derive(Clone, Debug, PartialEq, Eq, Sequence, ValueOrd)]
pub(super) struct Issued {
    pub(super) issuer: Name,
    pub(super) serial_number: SerialNumber,
}

/// RFC 5035, section 3, its policies left out.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(super) struct SigningCertificateV2 {
    pub(super) certificates: Vec<EssCertIdV2>,
}

/// RFC 5035, section 4, with its default hash algorithm, SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(super) struct EssCertIdV2 {
    pub(super) hash: OctetString,
}
