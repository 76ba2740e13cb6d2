//! Algorithm identifiers, each in the one spelling its RFC prefers (5754, 5758, 3370).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use const_oid::db::{rfc5912, rfc5912::ID_SHA_256};
use der::asn1::Any;
use spki::AlgorithmIdentifierOwned;
use x509_cert::Certificate;

use crate::signer::SignatureScheme;

pub(super) fn sha256() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: ID_SHA_256, parameters: None }
}

/// The identifier of a scheme's signatures.
pub(crate) fn of(scheme: SignatureScheme) -> AlgorithmIdentifierOwned {
    match scheme {
        SignatureScheme::EcdsaP256Sha256 => {
            AlgorithmIdentifierOwned { oid: rfc5912::ECDSA_WITH_SHA_256, parameters: None }
        }
        SignatureScheme::RsaPkcs1Sha256 => {
            AlgorithmIdentifierOwned { oid: rfc5912::SHA_256_WITH_RSA_ENCRYPTION, parameters: Some(Any::null()) }
        }
    }
}

/// The scheme an identifier names, if it is one of ours in our spelling.
fn scheme(identifier: &AlgorithmIdentifierOwned) -> Option<SignatureScheme> {
    [SignatureScheme::EcdsaP256Sha256, SignatureScheme::RsaPkcs1Sha256]
        .into_iter()
        .find(|&scheme| of(scheme) == *identifier)
}

/// Whether `signature` over `message` was made with the key that `certificate` certifies.
pub(crate) fn verifies(
    certificate: &Certificate,
    identifier: &AlgorithmIdentifierOwned,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let key = certificate.tbs_certificate().subject_public_key_info();
    let (expected, algorithm): (_, &'static dyn VerificationAlgorithm) = match scheme(identifier) {
        Some(SignatureScheme::EcdsaP256Sha256) => (rfc5912::ID_EC_PUBLIC_KEY, &ECDSA_P256_SHA256_ASN1),
        Some(SignatureScheme::RsaPkcs1Sha256) => (rfc5912::RSA_ENCRYPTION, &RSA_PKCS1_2048_8192_SHA256),
        None => return false,
    };
    let key_bytes = key.subject_public_key.raw_bytes();
    key.algorithm.oid == expected && UnparsedPublicKey::new(algorithm, key_bytes).verify(message, signature).is_ok()
}
