//! From the signing certificate to a root that is trusted.

use chrono::{DateTime, TimeDelta, Utc};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{ID_CE_BASIC_CONSTRAINTS, ID_CE_EXT_KEY_USAGE, ID_CE_KEY_USAGE};
use der::Encode;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use crate::cms::verifies;

/// Critical extensions that are understood here.
const UNDERSTOOD: [ObjectIdentifier; 3] = [ID_CE_BASIC_CONSTRAINTS, ID_CE_KEY_USAGE, ID_CE_EXT_KEY_USAGE];
/// How far a signer's clock may be ahead of ours.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// Checks a chain, signing certificate first, against the roots, at the claimed time and now.
pub(super) fn check(
    chain: &[Certificate],
    roots: &[Certificate],
    claimed: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), &'static str> {
    let claimed = claimed.ok_or("the signature does not say when it was made")?;
    if claimed > now + CLOCK_TOLERANCE {
        return Err("the signature claims to be from the future");
    }
    let (signer, last) = (&chain[0], &chain[chain.len() - 1]);
    if !may_sign(signer) {
        return Err("the certificate is not for signing");
    }
    for (depth, pair) in chain.windows(2).enumerate() {
        if !issued(&pair[1], &pair[0], depth) {
            return Err("a certificate was not issued by the next one");
        }
    }
    let root = roots.iter().find(|root| *root == last || issued(root, last, chain.len() - 1));
    let root = root.ok_or("the certificate does not lead to a trusted root")?;
    let all = || chain.iter().chain([root]);
    if !all().all(understood) {
        return Err("a certificate has a critical extension that is not understood");
    }
    if !all().all(|certificate| valid_at(certificate, claimed) && valid_at(certificate, now)) {
        return Err("a certificate is not valid at this time");
    }
    Ok(())
}

/// Whether `issuer` is an authority that issued `certificate`, with `depth` authorities below it.
fn issued(issuer: &Certificate, certificate: &Certificate, depth: usize) -> bool {
    let Ok(message) = certificate.tbs_certificate().to_der() else { return false };
    let signature = certificate.signature().raw_bytes();
    certificate.tbs_certificate().issuer() == issuer.tbs_certificate().subject()
        && certificate.tbs_certificate().signature() == certificate.signature_algorithm()
        && is_authority(issuer, depth)
        && verifies(issuer, certificate.signature_algorithm(), &message, signature)
}

fn is_authority(certificate: &Certificate, depth: usize) -> bool {
    let tbs = certificate.tbs_certificate();
    let constraints = tbs.get_extension::<BasicConstraints>().ok().flatten().map(|(_, constraints)| constraints);
    let authority = constraints.is_some_and(|constraints| {
        constraints.ca && constraints.path_len_constraint.is_none_or(|length| usize::from(length) >= depth)
    });
    authority && usage(certificate).is_none_or(|usage| usage.key_cert_sign())
}

fn may_sign(certificate: &Certificate) -> bool {
    usage(certificate).is_some_and(|usage| usage.digital_signature() || usage.non_repudiation())
}

fn usage(certificate: &Certificate) -> Option<KeyUsage> {
    certificate.tbs_certificate().get_extension::<KeyUsage>().ok().flatten().map(|(_, usage)| usage)
}

fn understood(certificate: &Certificate) -> bool {
    let extensions = certificate.tbs_certificate().extensions().map(Vec::as_slice).unwrap_or_default();
    extensions.iter().all(|extension| !extension.critical || UNDERSTOOD.contains(&extension.extn_id))
}

fn valid_at(certificate: &Certificate, moment: DateTime<Utc>) -> bool {
    let validity = certificate.tbs_certificate().validity();
    let Ok(moment) = u64::try_from(moment.timestamp()) else { return false };
    (validity.not_before.to_unix_duration().as_secs()..=validity.not_after.to_unix_duration().as_secs())
        .contains(&moment)
}
