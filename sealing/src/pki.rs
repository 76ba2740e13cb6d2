//! The sandbox's own certification authority: a root, and the platform's signing certificate issued by it.
//!
//! It exists so that a sandbox can seal without anyone's help. Nobody else trusts its root, and nobody should: whoever
//! wants to check a sandbox's documents gets `root.pem` from that sandbox.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use chrono::{DateTime, TimeDelta, Utc};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_BASIC_CONSTRAINTS, ID_CE_EXT_KEY_USAGE, ID_CE_KEY_USAGE,
    ID_CE_SUBJECT_KEY_IDENTIFIER, ID_EC_PUBLIC_KEY, SECP_256_R_1,
};
use der::asn1::{Any, BitString, GeneralizedTime, OctetString, UtcTime};
use der::pem::LineEnding;
use der::{Document, Encode, SecretDocument, Sequence};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use std::fs;
use std::path::Path;
use std::str::FromStr;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

use crate::cms::ecdsa_with_sha256;
use crate::digest::sha256;
use crate::seal::SealError;

/// Document signing, RFC 9336.
const DOCUMENT_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.36");
const ROOT_NAME: &str = "CN=电子签章系统沙箱根证书,O=电子签章系统（沙箱）,C=CN";
const PLATFORM_NAME: &str = "CN=电子签章系统沙箱平台签章,O=电子签章系统（沙箱）,C=CN";
const ROOT_YEARS: i64 = 20;
const PLATFORM_YEARS: i64 = 10;

/// Makes a root and a signing certificate, and writes `root.pem`, `platform-chain.pem` and `platform-key.pem` into
/// `dir`, the key readable by its owner only. The root's own key is thrown away: it signs once.
///
/// An error if `platform-key.pem` is there already; nothing is ever overwritten.
pub fn create_sandbox_authority(dir: &Path, now: DateTime<Utc>) -> Result<(), SealError> {
    let key_file = dir.join("platform-key.pem");
    if key_file.exists() {
        return Err(SealError::File(std::io::ErrorKind::AlreadyExists.into()));
    }
    fs::create_dir_all(dir)?;
    let authority = Authority::generate(now).map_err(|_| SealError::Key("the authority cannot be made"))?;
    fs::write(dir.join("root.pem"), &authority.root_pem)?;
    fs::write(dir.join("platform-chain.pem"), &authority.platform_pem)?;
    // The key comes last: where it is, the rest is too.
    let written = authority.platform_key.write_pem_file(key_file, "PRIVATE KEY", LineEnding::LF);
    written.map_err(|_| SealError::File(std::io::ErrorKind::Other.into()))
}

struct Authority {
    root_pem: String,
    platform_pem: String,
    platform_key: SecretDocument,
}

/// Why something could not be generated; nothing a caller could act on.
struct Failed;

impl From<der::Error> for Failed {
    fn from(_: der::Error) -> Self {
        Self
    }
}

impl From<aws_lc_rs::error::Unspecified> for Failed {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

impl Authority {
    fn generate(now: DateTime<Utc>) -> Result<Self, Failed> {
        let root_key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)?;
        let platform_key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)?;
        let root = Wanted { subject: ROOT_NAME, key: &root_key, years: ROOT_YEARS, extensions: root_extensions()? };
        let platform = Wanted {
            subject: PLATFORM_NAME,
            key: &platform_key,
            years: PLATFORM_YEARS,
            extensions: platform_extensions()?,
        };
        Ok(Self {
            root_pem: root.issue(&root_key, now)?,
            platform_pem: platform.issue(&root_key, now)?,
            platform_key: SecretDocument::try_from(platform_key.to_pkcs8v1()?.as_ref())?,
        })
    }
}

/// A certificate's to-be-signed part, version 3.
#[derive(Sequence)]
struct Tbs {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    version: u8,
    serial_number: SerialNumber,
    signature: AlgorithmIdentifierOwned,
    issuer: Name,
    validity: Validity,
    subject: Name,
    public_key: SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    extensions: Vec<Extension>,
}

#[derive(Sequence)]
struct Issued {
    tbs: Tbs,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

/// A certificate to be issued.
struct Wanted<'a> {
    subject: &'static str,
    key: &'a EcdsaKeyPair,
    years: i64,
    extensions: Vec<Extension>,
}

impl Wanted<'_> {
    /// Issues the certificate with the root's key and returns it in PEM.
    fn issue(mut self, root_key: &EcdsaKeyPair, now: DateTime<Utc>) -> Result<String, Failed> {
        let subject_key = OctetString::new(key_identifier(self.key))?;
        let authority_key = AuthorityKeyIdentifier {
            key_identifier: Some(OctetString::new(key_identifier(root_key))?),
            ..Default::default()
        };
        self.extensions.push(extension(ID_CE_SUBJECT_KEY_IDENTIFIER, false, &subject_key)?);
        self.extensions.push(extension(ID_CE_AUTHORITY_KEY_IDENTIFIER, false, &authority_key)?);
        let tbs = Tbs {
            version: 2,
            serial_number: random_serial()?,
            signature: ecdsa_with_sha256(),
            issuer: Name::from_str(ROOT_NAME)?,
            validity: validity(now, self.years)?,
            subject: Name::from_str(self.subject)?,
            public_key: public_key_info(self.key)?,
            extensions: self.extensions,
        };
        let signature = root_key.sign(&SystemRandom::new(), &tbs.to_der()?)?;
        let signature = BitString::from_bytes(signature.as_ref())?;
        let issued = Issued { tbs, algorithm: ecdsa_with_sha256(), signature };
        Ok(Document::encode_msg(&issued)?.to_pem("CERTIFICATE", LineEnding::LF)?)
    }
}

fn root_extensions() -> der::Result<Vec<Extension>> {
    let constraints = BasicConstraints { ca: true, path_len_constraint: Some(0) };
    Ok(vec![
        extension(ID_CE_BASIC_CONSTRAINTS, true, &constraints)?,
        extension(ID_CE_KEY_USAGE, true, &KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign))?,
    ])
}

fn platform_extensions() -> der::Result<Vec<Extension>> {
    Ok(vec![
        extension(ID_CE_KEY_USAGE, true, &KeyUsage(KeyUsages::DigitalSignature | KeyUsages::NonRepudiation))?,
        extension(ID_CE_EXT_KEY_USAGE, false, &ExtendedKeyUsage(vec![DOCUMENT_SIGNING]))?,
    ])
}

fn extension(extn_id: ObjectIdentifier, critical: bool, value: &impl Encode) -> der::Result<Extension> {
    Ok(Extension { extn_id, critical, extn_value: OctetString::new(value.to_der()?)? })
}

fn public_key_info(key: &EcdsaKeyPair) -> der::Result<SubjectPublicKeyInfoOwned> {
    let algorithm =
        AlgorithmIdentifierOwned { oid: ID_EC_PUBLIC_KEY, parameters: Some(Any::encode_from(&SECP_256_R_1)?) };
    Ok(SubjectPublicKeyInfoOwned { algorithm, subject_public_key: BitString::from_bytes(key.public_key().as_ref())? })
}

/// RFC 7093, method 1.
fn key_identifier(key: &EcdsaKeyPair) -> [u8; 20] {
    let mut identifier = [0; 20];
    identifier.copy_from_slice(&sha256(key.public_key().as_ref())[..20]);
    identifier
}

fn random_serial() -> Result<SerialNumber, Failed> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes)?;
    // Positive, and never shorter than it looks.
    bytes[0] = bytes[0] & 0x3f | 0x40;
    Ok(SerialNumber::new(&bytes)?)
}

/// From a day before `now`, so that a clock that is a little behind accepts it.
fn validity(now: DateTime<Utc>, years: i64) -> der::Result<Validity> {
    let start = now - TimeDelta::days(1);
    Ok(Validity::new(time(start)?, time(start + TimeDelta::days(years * 365))?))
}

/// RFC 5280 wants UTCTime until 2049 and GeneralizedTime after.
fn time(moment: DateTime<Utc>) -> der::Result<Time> {
    let seconds = u64::try_from(moment.timestamp()).map_err(|_| der::ErrorKind::DateTime)?;
    let since_epoch = std::time::Duration::from_secs(seconds);
    match UtcTime::from_unix_duration(since_epoch) {
        Ok(time) => Ok(Time::UtcTime(time)),
        Err(_) => Ok(Time::GeneralTime(GeneralizedTime::from_unix_duration(since_epoch)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::create_sandbox_authority;
    use crate::seal::SealError;
    use crate::signer::FileSigner;
    use chrono::DateTime;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_authority_can_be_loaded_and_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        create_sandbox_authority(dir.path(), DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000)).unwrap();
        let key = dir.path().join("platform-key.pem");
        assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        FileSigner::load(&key, &dir.path().join("platform-chain.pem")).unwrap();
        let wrong = FileSigner::load(&key, &dir.path().join("root.pem")).unwrap_err();
        assert_eq!(wrong.to_string(), "the signing key is unusable: the certificate is for another key");
        let again = create_sandbox_authority(dir.path(), DateTime::UNIX_EPOCH).unwrap_err();
        assert!(matches!(again, SealError::File(error) if error.kind() == std::io::ErrorKind::AlreadyExists));
    }
}
