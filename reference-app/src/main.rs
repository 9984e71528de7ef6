//! The thin binary: reads the settings and serves.
use clap::Parser;

#[derive(Parser)]
#[command(name = "reference-app", version, about)]
struct Arguments {
    #[command(flatten)]
    settings: reference_app::Settings,
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match reference_app::serve(Arguments::parse().settings).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "stopped");
            std::process::ExitCode::FAILURE
        }
    }
}
