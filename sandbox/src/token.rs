//! Randomness: ids, credentials, and the amount of a transfer.

/// `prefix` followed by 128 random bits in hex.
pub(crate) fn token(prefix: &str) -> String {
    format!("{prefix}{}", hex::encode(random::<16>()))
}

/// A transfer between 1 and 99 fen, each as likely as the other.
pub(crate) fn amount() -> u32 {
    loop {
        // 198 is the largest multiple of 99 that a byte can hold; larger bytes would favour the small amounts.
        let [byte] = random::<1>();
        if byte < 198 {
            return u32::from(byte % 99) + 1;
        }
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}
