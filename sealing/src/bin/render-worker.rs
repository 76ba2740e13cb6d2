//! The layout worker on its own, for this crate's tests. The platform starts its own executable instead.

fn main() -> std::process::ExitCode {
    esign_sealing::render_worker_main()
}
