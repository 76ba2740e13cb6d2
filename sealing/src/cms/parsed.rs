//! Reading a container, and checking it.

use der::{Decode, Encode};
use x509_cert::Certificate;

use super::structures::{ContentInfo, SignedData, SignerInfo};
use super::{algorithms, attributes};

/// A container in our form, its certificates in order.
#[derive(Debug)]
pub(crate) struct Signed {
    info: SignerInfo,
    /// The certificates in DER, signing certificate first, each issued by the next.
    chain: Vec<Vec<u8>>,
    certificates: Vec<Certificate>,
}

impl Signed {
    /// Reads a container; an error says in what way it is not in our form.
    pub(crate) fn parse(container: &[u8]) -> Result<Self, &'static str> {
        let content = ContentInfo::from_der(container).map_err(|_| "the signature is malformed")?;
        if content.to_der().ok().as_deref() != Some(container) {
            return Err("the signature is not in its canonical form");
        }
        let signed = content.content;
        let [info] = signed.signer_infos.as_slice() else { return Err("the signature has not exactly one signer") };
        let info = info.clone();
        if !in_our_form(&content.content_type, &signed, &info) {
            return Err("the signature is of another kind");
        }
        let (chain, certificates) = ordered(&signed, &info)?;
        Ok(Self { info, chain, certificates })
    }

    /// The certificates, signing certificate first, each issued by the next.
    pub(crate) fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Whether this container signs a file with this digest, and with exactly these certificates.
    pub(crate) fn signs(&self, digest: &[u8; 32]) -> bool {
        let expected = attributes::signed(digest, &self.chain);
        let Ok(message) = self.info.signed_attributes.to_der() else { return false };
        expected.as_ref() == Ok(&self.info.signed_attributes)
            && algorithms::verifies(
                &self.certificates[0],
                &self.info.signature_algorithm,
                &message,
                self.info.signature.as_bytes(),
            )
    }
}

fn in_our_form(content_type: &const_oid::ObjectIdentifier, signed: &SignedData, info: &SignerInfo) -> bool {
    *content_type == const_oid::db::rfc5911::ID_SIGNED_DATA
        && signed.version == 1
        && signed.digest_algorithms.as_slice() == [algorithms::sha256()]
        && signed.encapsulated.content_type == const_oid::db::rfc5911::ID_DATA
        && info.version == 1
        && info.digest_algorithm == algorithms::sha256()
}

/// Follows the issuers from the signing certificate; every certificate must have its place in the chain.
fn ordered(signed: &SignedData, info: &SignerInfo) -> Result<(Vec<Vec<u8>>, Vec<Certificate>), &'static str> {
    let malformed = |_| "a certificate is malformed";
    let mut loose = Vec::new();
    for any in signed.certificates.iter() {
        let der = any.to_der().map_err(malformed)?;
        let certificate = Certificate::from_der(&der).map_err(malformed)?;
        loose.push((der, certificate));
    }
    let is_signer = |certificate: &Certificate| {
        let tbs = certificate.tbs_certificate();
        *tbs.issuer() == info.sid.issuer && *tbs.serial_number() == info.sid.serial_number
    };
    let (mut chain, mut certificates): (Vec<Vec<u8>>, Vec<Certificate>) = (Vec::new(), Vec::new());
    while !loose.is_empty() {
        let next = loose.iter().position(|(_, candidate)| match certificates.last() {
            None => is_signer(candidate),
            Some(last) => candidate.tbs_certificate().subject() == last.tbs_certificate().issuer(),
        });
        let (der, certificate) = loose.remove(next.ok_or("a certificate does not belong to the signature")?);
        chain.push(der);
        certificates.push(certificate);
    }
    if chain.is_empty() { Err("the signature has no certificate") } else { Ok((chain, certificates)) }
}
