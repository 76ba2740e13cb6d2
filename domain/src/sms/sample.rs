//! What stands for the values of a template's variables where there is no flow: in previews, and where texts are judged
//! before they are sent.

use std::collections::BTreeMap;

use esign_config::Settings;

use super::message::PLACEHOLDER_CODE;
use crate::{
    selector::Selector,
    terms::{Scene, SubjectType},
};

/// The variables a text may use.
pub const VARIABLES: [&str; 7] =
    ["subjectName", "agreementName", "sceneName", "expiresAt", "clientName", "publicUrl", "linkCode"];

/// Values by name: usual ones, and the longest there can be.
#[derive(Debug, Clone)]
pub struct Values {
    /// As most flows have them.
    pub sample: BTreeMap<String, String>,
    /// As long as they can become.
    pub longest: BTreeMap<String, String>,
}

/// The longest name of a subject that `startSignFlow` takes.
const SUBJECT_NAME: usize = 100;
/// The longest name of a client.
const CLIENT_NAME: usize = 100;
/// The longest name of an agreement type.
const AGREEMENT_NAME: usize = 200;
/// The longest that a time is written: two digits for month, day, hour and minute.
const TIME: &str = "12 月 31 日 18:00";

/// The values for a text of this selector; `agreement`: the name of its agreement type, where it fixes one.
///
/// Names are counted as their checks count them; that one consists of nothing but characters that carriers count twice
/// is left out of account. The address and the code are what they are: each as long as every other.
pub fn values(settings: &Settings, selector: &Selector, agreement: Option<&str>) -> Values {
    let subject = match selector.subject_type {
        Some(SubjectType::Individual) => "李晓明",
        _ => "福州云帆商贸有限公司",
    };
    let scene = selector.scene.unwrap_or(Scene::Collection).chinese();
    let longest_scene = Scene::ALL.iter().map(|scene| scene.chinese()).max_by_key(|name| name.chars().count());
    let longest_scene = if selector.scene.is_some() { scene } else { longest_scene.unwrap_or(scene) };
    let of = |count: usize| "国".repeat(count);
    let public_url = &settings.server.public_url;
    let rows = [
        ("subjectName", subject, of(SUBJECT_NAME)),
        ("agreementName", agreement.unwrap_or("代付授权协议"), of(AGREEMENT_NAME)),
        ("sceneName", scene, longest_scene.to_owned()),
        ("expiresAt", TIME, TIME.to_owned()),
        ("clientName", "云帆商贸平台", of(CLIENT_NAME)),
        ("publicUrl", public_url.as_str(), public_url.clone()),
        ("linkCode", PLACEHOLDER_CODE, PLACEHOLDER_CODE.to_owned()),
    ];
    let mut values = Values { sample: BTreeMap::new(), longest: BTreeMap::new() };
    for (name, sample, longest) in rows {
        values.sample.insert(name.to_owned(), sample.to_owned());
        values.longest.insert(name.to_owned(), longest);
    }
    values
}

#[cfg(test)]
mod tests {
    use esign_config::{Profile, from_sources};

    use super::*;

    #[test]
    fn every_variable_has_both_values_and_none_is_longer_than_the_longest() {
        let settings = from_sources(Settings::shipped(Profile::Sandbox)).unwrap();
        let selectors = [None, Some(SubjectType::Corporate), Some(SubjectType::Individual)]
            .map(|subject_type| Selector { subject_type, ..Selector::default() });
        for selector in selectors {
            let values = values(&settings, &selector, None);
            for name in VARIABLES {
                let length = |values: &BTreeMap<String, String>| values[name].chars().count();
                assert!(length(&values.sample) <= length(&values.longest), "{name}");
            }
            assert_eq!((values.sample.len(), values.longest.len()), (VARIABLES.len(), VARIABLES.len()));
        }
    }
}
