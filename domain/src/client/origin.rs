//! The origins (RFC 6454) a signer may be sent back to.

use esign_config::Profile;
use url::{Host, Url};

use super::Client;

/// Reads `scheme://host[:port]` in its one written form. `https` only; the sandbox may also send its own machine's
/// users back over `http`.
pub fn parse(text: &str, profile: Profile) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    (bare && may_be_visited(&url, profile)).then(|| url.origin().ascii_serialization())
}

/// Whether the client's users may be sent to this address at the end.
pub fn may_return_to(client: &Client, return_url: &str, profile: Profile) -> bool {
    Url::parse(return_url).is_ok_and(|url| {
        let origin = url.origin().ascii_serialization();
        may_be_visited(&url, profile)
            && url.username().is_empty()
            && url.password().is_none()
            && client.return_url_origins.0.contains(&origin)
    })
}

/// Whether results may be sent to this address. Where its name leads is looked at before each call.
pub fn may_be_called(address: &str, profile: Profile) -> bool {
    Url::parse(address).is_ok_and(|url| {
        address.len() <= 2_048
            && may_be_visited(&url, profile)
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    })
}

fn may_be_visited(url: &Url, profile: Profile) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => profile == Profile::Sandbox && url.host().is_some_and(|host| is_this_machine(&host)),
        _ => false,
    }
}

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_https_and_nothing_more() {
        let table = [
            ("https://shop.example.cn", Some("https://shop.example.cn")),
            ("https://shop.example.cn/", Some("https://shop.example.cn")),
            ("HTTPS://Shop.Example.cn:443", Some("https://shop.example.cn")),
            ("https://shop.example.cn:8443", Some("https://shop.example.cn:8443")),
            ("https://shop.example.cn/back", None),
            ("https://shop.example.cn?x", None),
            ("https://shop.example.cn#x", None),
            ("https://user@shop.example.cn", None),
            ("https://user:word@shop.example.cn", None),
            ("http://shop.example.cn", None),
            ("http://127.0.0.1.example.cn", None),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("shop.example.cn", None),
            ("//shop.example.cn", None),
            ("*", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text, Profile::Production).as_deref(), expected, "{text}");
            assert_eq!(parse(text, Profile::Sandbox).as_deref(), expected, "{text}");
        }
        for local in ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"] {
            assert_eq!(parse(local, Profile::Production), None, "{local}");
            assert_eq!(parse(local, Profile::Sandbox).as_deref(), Some(local));
        }
    }
}
