//! The signature's container: CMS SignedData (RFC 5652) with the attributes that CAdES and PAdES ask for.
//!
//! It is detached (the file is what is signed), has exactly one signer, and three signed attributes: the content's
//! type, its digest, and `signing-certificate-v2` (RFC 5035) over every certificate inside, so that none of them can
//! be exchanged. There is no signing time: in a PDF the signature's own entry `/M` says it. What is written here is
//! the only form [`Signed::parse`] accepts, so every byte has just one spelling.

mod algorithms;
mod attributes;
mod parsed;
mod structures;

pub(crate) use algorithms::verifies;
pub(crate) use parsed::Signed;

use der::asn1::{Any, OctetString, SetOfVec};
use der::{Decode, Encode};
use x509_cert::Certificate;

use crate::seal::SealError;
use crate::signer::Signer;
use structures::{ContentInfo, Encapsulated, Issued, SignedData, SignerInfo};

/// The identifier of ECDSA with SHA-256, for certificates of our own.
pub(crate) fn ecdsa_with_sha256() -> spki::AlgorithmIdentifierOwned {
    algorithms::of(crate::signer::SignatureScheme::EcdsaP256Sha256)
}

/// The common name in a certificate's subject or issuer; empty if it has none.
pub(crate) fn common_name(name: &x509_cert::name::Name) -> String {
    name.common_name().ok().flatten().map(|name| name.value().into_owned()).unwrap_or_default()
}

/// How many bytes to keep free in the PDF for a signature with this chain.
pub(crate) fn reservation(chain: &[Vec<u8>]) -> usize {
    let certificates: usize = chain.iter().map(Vec::len).sum();
    (certificates + 2048).next_multiple_of(1024)
}

/// Signs a file's digest and returns the container in DER.
pub(crate) async fn sign(digest: &[u8; 32], signer: &dyn Signer) -> Result<Vec<u8>, SealError> {
    let chain = signer.chain();
    let attributes = attributes::signed(digest, chain).map_err(|_| unencodable())?;
    let to_be_signed = attributes.to_der().map_err(|_| unencodable())?;
    let signature = signer.sign(&to_be_signed).await?;
    let first = chain.first().ok_or(SealError::Key("there is no certificate"))?;
    let certificate = Certificate::from_der(first).map_err(|_| SealError::Key("a certificate is malformed"))?;
    let tbs = certificate.tbs_certificate();
    let info = SignerInfo {
        version: 1,
        sid: Issued { issuer: tbs.issuer().clone(), serial_number: tbs.serial_number().clone() },
        digest_algorithm: algorithms::sha256(),
        signed_attributes: attributes,
        signature_algorithm: algorithms::of(signer.scheme()),
        signature: OctetString::new(signature).map_err(|_| unencodable())?,
    };
    container(info, chain).map_err(|_| unencodable())
}

fn container(info: SignerInfo, chain: &[Vec<u8>]) -> der::Result<Vec<u8>> {
    let certificates = chain.iter().map(|certificate| Any::from_der(certificate)).collect::<der::Result<Vec<_>>>()?;
    let signed = SignedData {
        version: 1,
        digest_algorithms: SetOfVec::try_from(vec![algorithms::sha256()])?,
        encapsulated: Encapsulated { content_type: const_oid::db::rfc5911::ID_DATA },
        certificates: SetOfVec::try_from(certificates)?,
        signer_infos: SetOfVec::try_from(vec![info])?,
    };
    ContentInfo { content_type: const_oid::db::rfc5911::ID_SIGNED_DATA, content: signed }.to_der()
}

fn unencodable() -> SealError {
    SealError::Key("the signature cannot be encoded")
}
