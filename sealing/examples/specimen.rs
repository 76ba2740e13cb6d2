//! Writes specimens of every shipped agreement into a directory: as laid out, and sealed with a fresh sandbox
//! authority whose `root.pem` lies beside them. `tests/strangers.py` has them judged by other people's programs.
//!
//! `cargo run -p esign-sealing --example specimen -- <directory>`

use chrono::{DateTime, Utc};
use esign_sealing::{Company, FileSigner, Fonts, Ink, Layout, SealOrder, lay_out_in_process, pki, seal, shipped};
use std::path::{Path, PathBuf};

#[path = "../tests/ink/mod.rs"]
mod ink;
#[path = "../tests/sample/mod.rs"]
mod sample;

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let dir = PathBuf::from(std::env::args().nth(1).ok_or("name a directory")?);
    let now = ink::now();
    pki::create_sandbox_authority(&dir, now)?;
    let signer = FileSigner::load(&dir.join("platform-key.pem"), &dir.join("platform-chain.pem"))?;
    let fonts = Fonts::find(None)?;
    for shipped in shipped() {
        for corporate in [false, true] {
            let kind = if corporate { "corporate" } else { "individual" };
            let stem = dir.join(format!("{}-{kind}", shipped.code.to_lowercase()));
            specimen(shipped.source, corporate, &stem, now, &fonts, &signer).await?;
        }
    }
    Ok(())
}

async fn specimen(
    source: &str,
    corporate: bool,
    stem: &Path,
    now: DateTime<Utc>,
    fonts: &Fonts,
    signer: &FileSigner,
) -> Result<(), Failure> {
    let data = sample::data(corporate);
    let flow_no = data["flowNo"].as_str().unwrap_or_default().to_owned();
    let name = data["subject"]["name"].as_str().unwrap_or_default().to_owned();
    let laid_out = lay_out_in_process(&Layout { source: source.to_owned(), data }, fonts)?;
    let ink = if corporate { Ink::Strokes(ink::handwriting()) } else { Ink::TypedName(name.clone()) };
    let order = SealOrder {
        base_pdf: &laid_out.pdf,
        boxes: &laid_out.boxes,
        ink: &ink,
        signatory_name: if corporate { "张三" } else { &name },
        company: corporate.then_some(Company { name: &name, flow_no: &flow_no }),
        reason: "签署协议",
        signed_at: now,
        sealed_at: now,
    };
    let sealed = seal(&order, signer).await?;
    std::fs::write(stem.with_extension("base.pdf"), &laid_out.pdf)?;
    std::fs::write(stem.with_extension("pdf"), &sealed.bytes)?;
    let words: Vec<_> = laid_out.pages.iter().map(|page| page.text.as_str()).collect();
    std::fs::write(stem.with_extension("txt"), words.join("\n\u{c}\n"))?;
    std::fs::write(stem.with_extension("svg"), &laid_out.pages[0].svg)?;
    Ok(())
}
