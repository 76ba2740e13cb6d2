//! Tencent Cloud's signature of version 3 (TC3-HMAC-SHA256), as published under
//! <https://cloud.tencent.com/document/api/213/30654> (签名方法 v3).

use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use esign_domain::vault::sha256_hex;

const ALGORITHM: &str = "TC3-HMAC-SHA256";

/// Who signs, and for which product.
pub(super) struct Signer<'a> {
    /// SecretId.
    pub id: &'a str,
    /// SecretKey.
    pub key: &'a str,
    /// `sms`.
    pub service: &'a str,
}

impl Signer<'_> {
    /// The header `authorization` of a POST to `/`. `headers`: those that are signed, in order, names and values in lower
    /// case.
    pub fn authorization(&self, headers: &[(&str, &str)], body: &[u8], now: DateTime<Utc>) -> String {
        let lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let signed = names.join(";");
        let request = format!("POST\n/\n\n{}\n\n{signed}\n{}", lines.join("\n"), sha256_hex(body));
        let date = now.format("%Y-%m-%d").to_string();
        let scope = format!("{date}/{}/tc3_request", self.service);
        let text = format!("{ALGORITHM}\n{}\n{scope}\n{}", now.timestamp(), sha256_hex(request.as_bytes()));
        let secret = format!("TC3{}", self.key);
        let steps = [date.as_str(), self.service, "tc3_request", &text];
        let signature = steps.into_iter().fold(secret.into_bytes(), |key, step| mac(&key, step));
        let signature = hex::encode(signature);
        format!("{ALGORITHM} Credential={}/{scope}, SignedHeaders={signed}, Signature={signature}", self.id)
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of the page named above (CVM, `DescribeInstances`), in the edition that shows its demonstration
    /// keys; later ones print stars in their place.
    #[test]
    fn the_published_example_comes_out_as_published() {
        let signer = Signer {
            id: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
            key: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
            service: "cvm",
        };
        let headers = [("content-type", "application/json; charset=utf-8"), ("host", "cvm.tencentcloudapi.com")];
        let body = br#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
        let now = DateTime::from_timestamp(1_551_113_065, 0).unwrap();
        assert_eq!(
            signer.authorization(&headers, body, now),
            "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, \
             SignedHeaders=content-type;host, Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
        );
    }
}
