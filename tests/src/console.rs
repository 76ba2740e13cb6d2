//! Staff, at a desk: signed in at the real door, with the session's cookie and the mark of its forms.

use std::collections::BTreeSet;

use axum::body::Body;
use esign_config::Secret;
use esign_domain::{
    Caller,
    caller::Role,
    staff::register::{self, NewStaff},
};
use http::{Request, header};

use crate::{TestApp, door::Answer};

/// The password of every account a story makes.
pub const PASSWORD: &str = "correct horse battery staple";

/// A member of staff who is signed in.
pub struct Desk<'a> {
    app: &'a TestApp,
    /// The sign-in name: the role's, so that a story reads well.
    pub name: String,
    cookie: String,
    csrf: String,
}

impl TestApp {
    /// Makes an account of this role, named after it, and signs in. Once a role in a story.
    pub async fn desk(&self, role: Role) -> Desk<'_> {
        let name = role.as_str().to_owned();
        let new = NewStaff { name: name.clone(), role, password: Some(Secret::new(PASSWORD)) };
        register::add(self, &Caller::System, new).await.expect("an account can be made");
        self.sign_in_as(name).await
    }

    async fn sign_in_as(&self, name: String) -> Desk<'_> {
        let answer = self.post_form("/admin/sign-in", &[("name", &name), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let cookie = answer.headers[header::SET_COOKIE].to_str().expect("a cookie is text");
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let mut desk = Desk { app: self, name, cookie, csrf: String::new() };
        // A page without figures: the mark stands in every page's way out.
        let page = desk.get("/admin/clients/none").await.text();
        mark(&page).expect("a page carries the mark of its session").clone_into(&mut desk.csrf);
        desk
    }
}

impl TestApp {
    /// A browser in which nobody is signed in.
    pub fn stranger(&self) -> Desk<'_> {
        Desk { app: self, name: String::new(), cookie: String::new(), csrf: String::new() }
    }
}

impl<'a> Desk<'a> {
    /// The same member, signed in anew: sessions end after a time, and the password is asked for again much earlier.
    pub async fn again(self) -> Desk<'a> {
        self.app.sign_in_as(self.name).await
    }
}

impl Desk<'_> {
    /// Keeps the session's cookie that an answer brings, as a browser does, and learns the mark from a page of that session.
    pub async fn keep(&mut self, answer: &Answer, page: &str) {
        let cookie = answer.headers[header::SET_COOKIE].to_str().expect("a cookie is text");
        cookie.split(';').next().unwrap_or_default().clone_into(&mut self.cookie);
        let page = self.get(page).await.text();
        mark(&page).expect("a page carries the mark of its session").clone_into(&mut self.csrf);
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Answer {
        self.app.call(self.request(Request::get(path), "")).await
    }

    /// `GET path` as a script asks for a page's content alone.
    pub async fn part(&self, path: &str) -> Answer {
        self.app.call(self.request(Request::get(path).header("hx-request", "true"), "")).await
    }

    /// A page that must be there: its HTML.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    }

    /// A form, posted with the mark of the session.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut fields = url::form_urlencoded::Serializer::new(String::new());
        let body = fields.extend_pairs(form).append_pair("csrf", &self.csrf).finish();
        self.post_body(path, &body).await
    }

    /// The same without the mark, as another site's page would send it.
    pub async fn post_unmarked(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.post_body(path, &body).await
    }

    async fn post_body(&self, path: &str, body: &str) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.app.call(self.request(request, body)).await
    }

    fn request(&self, request: http::request::Builder, body: &str) -> Request<Body> {
        request.header(header::COOKIE, &self.cookie).body(Body::from(body.to_owned())).expect("a request")
    }
}

/// The mark that a page's forms carry.
fn mark(page: &str) -> Option<&str> {
    page.split_once(r#"name="csrf" value=""#)?.1.split_once('"').map(|(mark, _)| mark)
}

/// Where an answer leads.
pub fn location(answer: &Answer) -> &str {
    answer.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

impl Desk<'_> {
    /// Every page of the console that a link leads to from the overview, one of each kind: its address and its HTML.
    pub async fn walk(&self) -> Vec<(String, String)> {
        let (mut waiting, mut seen) = (vec!["/admin".to_owned()], BTreeSet::from(["/admin".to_owned()]));
        let mut pages = Vec::new();
        while let Some(path) = waiting.pop() {
            let answer = self.get(&path).await;
            let kind = answer.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            if !kind.starts_with("text/html") {
                continue;
            }
            assert_eq!(answer.status, 200, "{path}");
            let html = answer.text();
            for link in links(&html) {
                if seen.insert(kind_of(&link)) {
                    waiting.push(link);
                }
            }
            pages.push((path, html));
        }
        pages
    }
}

/// The pages of the console that a page links to, but not itself in another language or other colours.
fn links(html: &str) -> impl Iterator<Item = String> {
    let targets = html.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let pages = targets.filter(|target| target.starts_with("/admin") && !target.starts_with("/admin/assets"));
    pages.map(|target| target.replace("&amp;", "&").split('#').next().unwrap_or_default().to_owned())
}

/// The same for all things of a kind: ids and the values of queries are left out.
fn kind_of(link: &str) -> String {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let step = |step: &str| match step {
        id if id.len() >= 36 && id.matches('-').count() == 4 => "{id}".to_owned(),
        number if number.bytes().all(|byte| byte.is_ascii_digit()) && !number.is_empty() => "{n}".to_owned(),
        word => word.to_owned(),
    };
    let path: Vec<_> = path.split('/').map(step).collect();
    let names: BTreeSet<_> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    format!("{}?{}", path.join("/"), names.into_iter().collect::<Vec<_>>().join("&"))
}

/// What a form of a page carries unseen, by where it is sent to: its hidden fields but the mark. A form is as good as
/// its page without a script.
pub fn carried(html: &str, action: &str) -> Vec<(String, String)> {
    let opening = format!(r#"action="{action}""#);
    let (_, rest) = html.split_once(&opening).unwrap_or_else(|| panic!("no form is sent to {action}: {html}"));
    let form = rest.split("</form>").next().unwrap_or_default();
    let value = |field: &str, name: &str| {
        let (_, rest) = field.split_once(&format!(r#" {name}=""#))?;
        Some(
            rest.split('"')
                .next()?
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&"),
        )
    };
    let fields = form.split("<input").skip(1).filter(|field| field.contains(r#"type="hidden""#));
    let named = fields.filter_map(|field| Some((value(field, "name")?, value(field, "value")?)));
    named.filter(|(name, _)| name != "csrf").collect()
}

impl Desk<'_> {
    /// A form as a page carried it, posted.
    pub async fn post_carried(&self, path: &str, form: &[(String, String)]) -> Answer {
        let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(path, &form).await
    }
}
