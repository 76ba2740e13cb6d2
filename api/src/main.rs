//! The executable; everything it does stands in the library beside it.

fn main() -> std::process::ExitCode {
    esign_api::cli::main()
}
