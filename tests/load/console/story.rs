//! What became of a seeded flow: which flow it is, when it began, how it ended, and what happened on the way.

use chrono::{DateTime, TimeDelta, Utc};
use esign_domain::terms::{AuthStatus, FlowEventType, FlowStatus, SealStatus};

/// So many days the seeded flows go back.
const DAYS: f64 = 180.0;
/// One in so many has its whole story; of the others only how it began and how it ended is told.
const WHOLE: u64 = 250;

/// One step of a story: what happened, in which status the flow was afterwards, so many seconds after its start.
pub type Step = (FlowEventType, FlowStatus, i64);

/// How a flow stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// Its status.
    pub status: FlowStatus,
    /// Of its attempt.
    pub auth: AuthStatus,
    /// Of its documents.
    pub seal: SealStatus,
    /// Why it failed.
    pub failure: Option<&'static str>,
    /// What happened last.
    pub last: FlowEventType,
    /// No message came through.
    pub unreached: bool,
}

/// The number of a flow, mixed, so that neighbours have little in common.
pub fn mixed(number: u64, salt: u64) -> u64 {
    let mut bits = number.wrapping_add(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits ^= bits >> 31;
    bits.wrapping_mul(0x94d0_49bb_1331_11eb) >> 16
}

/// How much of a day's flows have begun after so many of its hours, and the hours again: most begin between eight and
/// eight.
const DAY: [(f64, f64); 4] = [(0.0, 0.0), (0.05, 8.0), (0.9, 20.0), (1.0, 24.0)];

/// When the flow with this number of so many began: the days in China are alike, and the last of them is today, as far as
/// it has come.
pub fn began(number: u64, count: u64, now: DateTime<Utc>) -> DateTime<Utc> {
    let china = TimeDelta::hours(8);
    let midnight = (now + china).date_naive().and_time(chrono::NaiveTime::MIN).and_utc() - china;
    let today = between(DAY.map(|(part, hour)| (hour, part)), (now - midnight).as_seconds_f64() / 3600.0);
    #[expect(clippy::cast_precision_loss, reason = "a few millions")]
    let along = number as f64 / count as f64 * (DAYS - 1.0 + today);
    let hours = along.floor() * 24.0 + between(DAY, along.fract());
    #[expect(clippy::cast_possible_truncation, reason = "180 days of microseconds")]
    let after = TimeDelta::microseconds((hours * 3_600_000_000.0) as i64);
    #[expect(clippy::cast_possible_truncation, reason = "180")]
    let days = TimeDelta::days(DAYS as i64 - 1);
    (midnight - days + after).min(now - TimeDelta::seconds(1))
}

/// The value at `x` on the line through these points.
fn between(points: [(f64, f64); 4], x: f64) -> f64 {
    let part = points.windows(2).find(|part| x <= part[1].0).unwrap_or(&points[2..]);
    let ((x0, y0), (x1, y1)) = (part[0], part[1]);
    y0 + (x - x0) / (x1 - x0) * (y1 - y0)
}

/// How the flow with this number, so old, stands.
pub fn fate(number: u64, age: TimeDelta) -> Fate {
    use AuthStatus as A;
    use FlowEventType as T;
    use FlowStatus as S;
    use SealStatus as D;
    let of = |status, auth, seal, failure, last| Fate { status, auth, seal, failure, last, unreached: false };
    let lot = mixed(number, 1) % 1000;
    // Of those of the last hour most are on their way, of those of the last three days some.
    let open = if age < TimeDelta::minutes(45) { 900 } else { 700 };
    match lot {
        620..900 if age < TimeDelta::hours(72) && lot < open => match lot % 100 {
            0..6 => {
                Fate { unreached: lot.is_multiple_of(2), ..of(S::Created, A::NotStarted, D::Pending, None, T::Started) }
            }
            6..60 => of(S::PendingSign, A::NotStarted, D::Pending, None, T::SmsAccepted),
            60..92 => of(S::PendingAuth, A::Challenged, D::Signed, None, T::ChallengeCreated),
            92..96 => of(S::Authenticating, A::Processing, D::Signed, None, T::MaterialSubmitted),
            _ => of(S::Sealing, A::Passed, D::Signed, None, T::SealFailed),
        },
        740..800 => of(S::TimedOut, A::NotStarted, D::Pending, Some("SESSION_EXPIRED"), T::SessionExpired),
        800..830 => of(S::TimedOut, A::Expired, D::Signed, Some("AUTH_TIMEOUT"), T::ChallengeExpired),
        830..870 => of(S::Failed, A::NotStarted, D::Pending, Some("SIGN_DECLINED"), T::Declined),
        870..930 => of(S::Failed, A::Rejected, D::Signed, Some("AUTH_FAILED"), T::AuthRejected),
        930..935 => of(S::Failed, A::Passed, D::Failed, Some("SIGN_FAILED"), T::SealAbandoned),
        935..940 => of(S::Failed, A::NotStarted, D::Signed, Some("AUTH_INIT_FAILED"), T::ChallengeFailed),
        940..1000 => of(S::Cancelled, A::NotStarted, D::Pending, None, T::Cancelled),
        _ => of(S::Completed, A::Passed, D::Sealed, None, T::Sealed),
    }
}

/// What happened to the flow.
pub fn steps(number: u64, fate: &Fate, age: TimeDelta) -> Vec<Step> {
    use FlowEventType as T;
    use FlowStatus as S;
    let pace = i64::try_from(mixed(number, 2) % 1800).unwrap_or_default() + 90;
    let whole: [Step; 11] = [
        (T::Started, S::Created, 0),
        (T::SmsAccepted, S::PendingSign, 1),
        (T::LinkOpened, S::PendingSign, pace / 6),
        (T::Read, S::PendingSign, pace / 4),
        (T::Consented, S::PendingSign, pace / 3),
        (T::Signed, S::PendingAuth, pace / 3 + 1),
        (T::ChallengeCreated, S::PendingAuth, pace / 3 + 4),
        (T::MaterialSubmitted, S::Authenticating, pace - 8),
        (T::AuthPassed, S::Sealing, pace - 4),
        (T::SealFailed, S::Sealing, pace - 3),
        (T::Sealed, S::Completed, pace),
    ];
    let mut told: Vec<Step> =
        whole.into_iter().filter(|step| step.0 != T::SealFailed || fate.last == T::SealFailed).collect();
    if let Some(last) = told.iter().position(|step| step.0 == fate.last) {
        told.truncate(last + 1);
    } else {
        // What ends a flow early comes after as much as its state needs.
        told.truncate(match fate.seal {
            SealStatus::Pending => 2,
            _ if fate.auth == AuthStatus::Passed => 9,
            _ => 7,
        });
        let expired = matches!(fate.last, T::SessionExpired | T::ChallengeExpired);
        told.push((fate.last, fate.status, if expired { 259_200 } else { pace + 60 }));
    }
    if !number.is_multiple_of(WHOLE) && told.len() > 2 {
        told = vec![told[0], told[told.len() - 1]];
    }
    // Nothing has happened that lies ahead.
    let most = age.num_seconds();
    for step in &mut told {
        step.2 = step.2.min(most);
    }
    told
}
