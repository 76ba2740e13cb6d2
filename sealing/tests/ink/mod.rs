//! A sample of handwriting, and the moment it was written.

use chrono::{DateTime, TimeZone, Utc};

/// A moment shortly before the tests were written, so that other people's validators find the certificates valid.
pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 22, 8, 0, 0).single().expect("a valid moment")
}

/// Two characters, roughly 张三, as a finger draws them on a phone.
pub fn handwriting() -> Vec<Vec<[f64; 2]>> {
    let polylines: [&[[f64; 2]]; 9] = [
        &[[40., 60.], [62., 58.], [96., 54.], [98., 64.], [92., 88.], [88., 100.]],
        &[[46., 104.], [66., 102.], [88., 100.]],
        &[
            [48., 104.],
            [42., 122.],
            [38., 138.],
            [60., 136.],
            [92., 132.],
            [94., 146.],
            [84., 178.],
            [70., 196.],
            [54., 186.],
        ],
        &[[196., 48.], [184., 66.], [168., 82.], [146., 96.]],
        &[[120., 122.], [150., 117.], [190., 111.], [226., 106.]],
        &[[150., 64.], [151., 90.], [150., 130.], [148., 168.], [150., 178.], [164., 170.], [182., 152.]],
        &[[160., 124.], [176., 142.], [200., 166.], [232., 184.]],
        &[[290., 72.], [320., 70.], [352., 66.], [384., 62.]],
        &[[276., 176.], [312., 172.], [356., 166.], [410., 162.], [430., 170.]],
    ];
    let middle: &[[f64; 2]] = &[[298., 122.], [324., 119.], [350., 116.], [372., 114.]];
    polylines.into_iter().chain([middle]).map(sampled).collect()
}

/// Fills in the samples a touch screen would have sent between the corners.
fn sampled(corners: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut samples = vec![corners[0]];
    for pair in corners.windows(2) {
        let ([x0, y0], [x1, y1]) = (pair[0], pair[1]);
        samples.extend((1..=3).map(|step| {
            let along = f64::from(step) / 3.0;
            [x0 + (x1 - x0) * along, y0 + (y1 - y0) * along]
        }));
    }
    samples
}
