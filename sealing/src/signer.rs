//! Whoever holds the key.

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use der::{Encode, SecretDocument};
use std::path::Path;
use x509_cert::Certificate;

use crate::seal::SealError;

/// How a signature is made and checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureScheme {
    /// ECDSA on P-256 with SHA-256, the signature in DER.
    EcdsaP256Sha256,
    /// RSA PKCS #1 v1.5 with SHA-256.
    RsaPkcs1Sha256,
}

/// A key that can sign, wherever it lives: a file in the sandbox, a token or a certification authority elsewhere.
#[async_trait]
pub trait Signer: Send + Sync {
    /// The certificates in DER, the signing one first, each issued by the next; the root is left out.
    fn chain(&self) -> &[Vec<u8>];

    /// How [`sign`](Self::sign) signs.
    fn scheme(&self) -> SignatureScheme;

    /// Signs the message `to_be_signed` (not its digest) and returns the signature's bytes.
    async fn sign(&self, to_be_signed: &[u8]) -> Result<Vec<u8>, SealError>;
}

/// A key from a PKCS #8 file. For the sandbox: a file is no place for a production key.
pub struct FileSigner {
    key: Key,
    chain: Vec<Vec<u8>>,
}

enum Key {
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl std::fmt::Debug for FileSigner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FileSigner").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

impl FileSigner {
    /// Reads a PKCS #8 private key (P-256 or RSA) and its certificates, both in PEM, and checks that they belong
    /// together.
    pub fn load(key_pem: &Path, chain_pem: &Path) -> Result<Self, SealError> {
        let chain = read_chain(chain_pem)?;
        let (_, document) =
            SecretDocument::read_pem_file(key_pem).map_err(|_| SealError::Key("the key file cannot be read"))?;
        let key = Key::parse(document.as_bytes()).ok_or(SealError::Key("the key is neither P-256 nor RSA"))?;
        let certified = chain[0].tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes();
        if certified != key.public_key() {
            return Err(SealError::Key("the certificate is for another key"));
        }
        let chain = chain.iter().map(Certificate::to_der).collect::<Result<_, _>>();
        Ok(Self { key, chain: chain.map_err(|_| SealError::Key("a certificate cannot be encoded"))? })
    }
}

fn read_chain(file: &Path) -> Result<Vec<Certificate>, SealError> {
    let pem = std::fs::read(file).map_err(|_| SealError::Key("the certificate file cannot be read"))?;
    let chain = Certificate::load_pem_chain(&pem).map_err(|_| SealError::Key("a certificate is malformed"))?;
    if chain.is_empty() { Err(SealError::Key("the certificate file is empty")) } else { Ok(chain) }
}

impl Key {
    fn parse(pkcs8: &[u8]) -> Option<Self> {
        let p256 = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8).map(Self::P256);
        p256.or_else(|_| RsaKeyPair::from_pkcs8(pkcs8).map(Self::Rsa)).ok()
    }

    fn public_key(&self) -> &[u8] {
        match self {
            Self::P256(pair) => pair.public_key().as_ref(),
            Self::Rsa(pair) => pair.public_key().as_ref(),
        }
    }
}

#[async_trait]
impl Signer for FileSigner {
    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    fn scheme(&self) -> SignatureScheme {
        match self.key {
            Key::P256(_) => SignatureScheme::EcdsaP256Sha256,
            Key::Rsa(_) => SignatureScheme::RsaPkcs1Sha256,
        }
    }

    async fn sign(&self, to_be_signed: &[u8]) -> Result<Vec<u8>, SealError> {
        let random = SystemRandom::new();
        let refused = |_| SealError::Signing("the key refused to sign".to_owned());
        match &self.key {
            Key::P256(pair) => Ok(pair.sign(&random, to_be_signed).map_err(refused)?.as_ref().to_vec()),
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, to_be_signed, &mut signature).map_err(refused)?;
                Ok(signature)
            }
        }
    }
}
