//! Aliyun's signature of version 3 (ACS3-HMAC-SHA256), as published under
//! <https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature>.

use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use esign_domain::vault::sha256_hex;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

const ALGORITHM: &str = "ACS3-HMAC-SHA256";
/// What stays as it is (RFC 3986, unreserved).
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Who signs.
pub(super) struct Signer<'a> {
    /// AccessKey ID.
    pub key_id: &'a str,
    /// AccessKey Secret.
    pub secret: &'a str,
}

/// Parameters as they are signed and sent: sorted, each encoded.
pub(super) fn canonical_query(parameters: &[(&str, &str)]) -> String {
    let mut sorted = parameters.to_vec();
    sorted.sort_unstable();
    let encoded = |text| utf8_percent_encode(text, KEPT);
    let pairs: Vec<String> =
        sorted.into_iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    pairs.join("&")
}

/// The headers that are signed, in order, of a request without a body.
pub(super) fn headers(
    url: &Url,
    action: &str,
    version: &str,
    now: DateTime<Utc>,
    nonce: &str,
) -> [(&'static str, String); 6] {
    let host = url.host_str().unwrap_or_default();
    [
        ("host", url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))),
        ("x-acs-action", action.to_owned()),
        ("x-acs-content-sha256", sha256_hex(b"")),
        ("x-acs-date", now.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ("x-acs-signature-nonce", nonce.to_owned()),
        ("x-acs-version", version.to_owned()),
    ]
}

impl Signer<'_> {
    /// The header `authorization`.
    pub fn authorization(
        &self,
        method: &str,
        path: &str,
        query: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> String {
        let lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}:{}", value.trim())).collect();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let signed = names.join(";");
        let request = format!("{method}\n{path}\n{query}\n{}\n\n{signed}\n{}", lines.join("\n"), sha256_hex(body));
        let text = format!("{ALGORITHM}\n{}", sha256_hex(request.as_bytes()));
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let signature = hex::encode(hmac::sign(&key, text.as_bytes()));
        format!("{ALGORITHM} Credential={},SignedHeaders={signed},Signature={signature}", self.key_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fixed example of the page named above (ECS, `RunInstances`).
    #[test]
    fn the_published_example_comes_out_as_published() {
        let signer = Signer { key_id: "YourAccessKeyId", secret: "YourAccessKeySecret" };
        let url = Url::parse("https://ecs.cn-shanghai.aliyuncs.com/").unwrap();
        let query = canonical_query(&[
            ("RegionId", "cn-shanghai"),
            ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
        ]);
        let now = "2023-10-26T10:22:32Z".parse().unwrap();
        let headers = headers(&url, "RunInstances", "2014-05-26", now, "3156853299f313e23d1673dc12e1703d");
        assert_eq!(
            signer.authorization("POST", "/", &query, &headers, b""),
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;\
             x-acs-signature-nonce;x-acs-version,\
             Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        );
    }

    #[test]
    fn parameters_are_sorted_and_encoded() {
        let query = canonical_query(&[("b", "a b*c~d/e&="), ("TemplateParam", "{\"名\":1}"), ("a", "")]);
        assert_eq!(query, "TemplateParam=%7B%22%E5%90%8D%22%3A1%7D&a=&b=a%20b%2Ac~d%2Fe%26%3D");
    }
}
