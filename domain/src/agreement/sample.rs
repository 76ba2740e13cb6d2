//! The one place where sample data of agreements comes from: what a preview shows, and what a text is tried with before
//! it is published. It is made by [`data::of`], so a sample has exactly what a flow's data has.

use chrono::{DateTime, TimeDelta, Utc};
use esign_sealing::Sample;

use super::data;
use crate::{
    flow::input::{BankAccountInput, IdDocumentInput, StartSignFlow, SubjectInput},
    terms::{IdDocumentType, Scene, SubjectRole, SubjectType},
};

/// Whom an agreement is for: who may sign it, and in which scenes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// Who may sign it.
    pub subject_types: Vec<SubjectType>,
    /// In which scenes.
    pub scenes: Vec<Scene>,
}

impl Audience {
    /// Everybody, everywhere: whom a text is tried with whose type doesn't exist yet.
    pub fn everybody() -> Self {
        Self { subject_types: SubjectType::ALL.to_vec(), scenes: Scene::ALL.to_vec() }
    }

    /// Whether all of the other's are among these.
    pub fn covers(&self, other: &Self) -> bool {
        other.subject_types.iter().all(|kind| self.subject_types.contains(kind))
            && other.scenes.iter().all(|scene| self.scenes.contains(scene))
    }
}

/// How much a sample says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// What most flows say.
    Usual,
    /// Everything as long as it may be.
    Longest,
    /// Nothing that may be left out.
    Sparse,
}

/// One sample.
pub struct Kind {
    /// Who signs.
    pub subject_type: SubjectType,
    /// In which scene.
    pub scene: Scene,
    /// How much it says.
    pub form: Form,
}

/// The samples for an audience, the usual one of each subject type first; together they meet every scene.
pub fn kinds(audience: &Audience) -> Vec<Kind> {
    let of = |&subject_type: &SubjectType| {
        let forms = [Form::Usual, Form::Longest, Form::Sparse].into_iter().zip(audience.scenes.iter().cycle());
        forms.map(move |(form, &scene)| Kind { subject_type, scene, form })
    };
    audience.subject_types.iter().flat_map(of).collect()
}

impl Kind {
    /// In words, for whoever reads a problem that this sample brought to light.
    pub fn words(&self) -> String {
        let form = match self.form {
            Form::Usual => "",
            Form::Longest => ", the longest values",
            Form::Sparse => ", nothing optional",
        };
        format!("{}, {}{form}", self.subject_type, self.scene)
    }

    /// The data.
    pub fn sample(&self) -> Sample {
        let started_at = DateTime::<Utc>::from_timestamp(1_795_305_600, 0).expect("a time");
        let client =
            if self.form == Form::Longest { long("示例业务系统", 100) } else { "示例业务系统".into() };
        let data = data::of(&self.input(), &client, started_at, started_at + TimeDelta::days(38));
        let filler = if self.form == Form::Longest { long("示例文字", 200) } else { "〔{name}〕".into() };
        Sample { data, filler }
    }

    fn input(&self) -> StartSignFlow {
        let longest = self.form == Form::Longest;
        let text = |text: &str, most: usize| if longest { long(text, most) } else { text.to_owned() };
        StartSignFlow {
            flow_no: if longest { "SAMPLE-0".repeat(8) } else { "SAMPLE-20261122-0001".into() },
            scene: self.scene,
            business_action: None,
            fund_purpose: text("示例资金用途", 64),
            subject: self.subject(),
            agreement_type: String::new(),
            agreement_variables: None,
            return_url: None,
            expires_in_seconds: None,
            supersedes: None,
            metadata: None,
        }
    }

    fn subject(&self) -> SubjectInput {
        let (longest, sparse) = (self.form == Form::Longest, self.form == Form::Sparse);
        let text = |text: &str, most: usize| if longest { long(text, most) } else { text.to_owned() };
        let corporate = self.subject_type == SubjectType::Corporate;
        let (kind, number) = match (corporate, longest) {
            (true, _) => (IdDocumentType::UnifiedSocialCreditCode, "91350100M000100Y43".to_owned()),
            (false, false) => (IdDocumentType::ResidentIdCard, "11010519491231002X".to_owned()),
            (false, true) => (IdDocumentType::Other, "N0".repeat(32)),
        };
        let account = BankAccountInput {
            account_no: if longest { "62220000".repeat(4) } else { "6222000000000123".into() },
            bank_name: text("示例银行上海市徐汇支行", 100),
            bank_code: None,
        };
        SubjectInput {
            kind: self.subject_type,
            role: if corporate { SubjectRole::Store } else { SubjectRole::Receiver },
            subject_no: if longest { "S-000000".repeat(8) } else { "S-1002".into() },
            name: if corporate { text("上海示例信息技术有限公司", 100) } else { text("欧阳示例", 100) },
            id_document: IdDocumentInput { kind, number },
            mobile: "13800138000".into(),
            bank_account: (!sparse).then_some(account),
            signatory_name: corporate.then(|| text("张示例", 50)),
        }
    }
}

/// A text over and over, to so many characters.
fn long(text: &str, characters: usize) -> String {
    text.chars().cycle().take(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::check;

    #[test]
    fn every_sample_could_be_a_flow_and_the_longest_is_as_long_as_it_may_be() {
        for kind in kinds(&Audience::everybody()) {
            let mut input = kind.input();
            input.agreement_type = "A".into();
            check::shape(&input).unwrap_or_else(|error| panic!("{}: {error:?}", kind.words()));
            let data = kind.sample().data;
            let name = data["subject"]["name"].as_str().unwrap().chars().count();
            assert_eq!(name == 100, kind.form == Form::Longest, "{}", kind.words());
            assert_eq!(data["subject"]["bankName"].is_null(), kind.form == Form::Sparse);
        }
    }

    #[test]
    fn together_they_meet_every_scene_and_every_subject_type() {
        for scenes in [&Scene::ALL[..1], &Scene::ALL[..2], Scene::ALL] {
            let audience = Audience { scenes: scenes.to_vec(), ..Audience::everybody() };
            let kinds = kinds(&audience);
            assert_eq!(kinds.len(), 6);
            for subject_type in SubjectType::ALL {
                let met = |scene: &Scene| kinds.iter().any(|k| k.scene == *scene && k.subject_type == *subject_type);
                assert!(scenes.iter().all(met));
            }
        }
    }

    #[test]
    fn an_audience_covers_what_is_within_it() {
        let all = Audience::everybody();
        let some = Audience { subject_types: vec![SubjectType::Individual], ..all.clone() };
        assert!(all.covers(&some) && all.covers(&all) && !some.covers(&all));
    }
}
