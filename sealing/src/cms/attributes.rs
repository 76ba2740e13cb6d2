//! The signed attributes.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST};
use der::asn1::{Any, OctetString, SetOfVec};
use der::{EncodeValue, Tagged};
use x509_cert::attr::Attribute;

use super::structures::{EssCertIdV2, SigningCertificateV2};
use crate::digest::sha256;

/// The attributes for a file's digest and the certificates that go with it, signing certificate first.
pub(super) fn signed(digest: &[u8], chain: &[Vec<u8>]) -> der::Result<SetOfVec<Attribute>> {
    let hash = |certificate: &Vec<u8>| Ok(EssCertIdV2 { hash: OctetString::new(sha256(certificate))? });
    let certificates = chain.iter().map(hash).collect::<der::Result<_>>()?;
    SetOfVec::try_from(vec![
        attribute(ID_CONTENT_TYPE, &ID_DATA)?,
        attribute(ID_MESSAGE_DIGEST, &OctetString::new(digest)?)?,
        attribute(ID_AA_SIGNING_CERTIFICATE_V_2, &SigningCertificateV2 { certificates })?,
    ])
}

fn attribute<T: EncodeValue + Tagged>(oid: ObjectIdentifier, value: &T) -> der::Result<Attribute> {
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![Any::encode_from(value)?])? })
}
