//! The command line: one file per subcommand.
//!
//! Parses and prints; the library does the work. Results go to stdout, everything else to stderr. Exit codes: 0
//! nothing found, 1 findings, 2 could not run.

mod bench;
mod benchmark;
mod campaign;
mod conform;
mod corpus;
mod coverage;
mod explore;
mod fuzz;
mod init;
mod inspect;
mod list;
mod output;
mod reach;
mod replay;
mod report;
mod sample_schedules;
mod shell;
mod worker;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use serde::{Deserialize, Serialize};

use crate::campaign::{LoadOptions, LoadedTarget};
use crate::chain::NEWEST_VERSION;
use crate::targets::ContractOverride;
use crate::types::ProtocolVersion;

/// Fuzzes NEAR contracts: finds what goes wrong between a cross-contract call and its callback.
#[derive(Debug, Parser)]
#[command(name = "interloper", version, arg_required_else_help = true)]
#[command(after_help = "Exit status: 0 nothing found, 1 findings, 2 error.

Examples:
  interloper list
  interloper fuzz vault
  interloper fuzz vault --build fixed --runs 100000
  interloper fuzz path/to/folder --contract me.near=target/near/me.wasm
  interloper replay findings/vault-profit-1a2b3c4d.json
  interloper report findings --format html --output findings.html")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Inspect(inspect::Inspect),
    Fuzz(fuzz::Fuzz),
    Explore(explore::Explore),
    Replay(replay::Replay),
    #[command(alias = "orders")]
    SampleSchedules(sample_schedules::SampleSchedules),
    Report(report::Report),
    Campaign(campaign::CampaignCommand),
    Corpus(corpus::CorpusCommand),
    Man(shell::Man),
    Completions(shell::Completions),
    List(list::List),
    Conform(conform::Conform),
    Coverage(coverage::Coverage),
    Reach(reach::ReachCommand),
    Bench(bench::Bench),
    #[command(alias = "score")]
    Benchmark(benchmark::Benchmark),
    #[command(hide = true)]
    Worker(worker::Worker),
}

/// Decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Something,
}

type Result<T = Found> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Init(command) => command.run(),
        Command::Inspect(command) => command.run(),
        Command::Fuzz(command) => command.run(),
        Command::Explore(command) => command.run(),
        Command::Replay(command) => command.run(),
        Command::SampleSchedules(command) => command.run(),
        Command::Report(command) => command.run(),
        Command::Campaign(command) => command.run(),
        Command::Corpus(command) => command.run(),
        Command::Man(command) => command.run(),
        Command::Completions(command) => command.run(),
        Command::List(command) => command.run(),
        Command::Conform(command) => command.run(),
        Command::Coverage(command) => command.run(),
        Command::Reach(command) => command.run(),
        Command::Bench(command) => command.run(),
        Command::Benchmark(command) => command.run(),
        Command::Worker(command) => command.run(),
    };
    match result {
        Ok(Found::Nothing) => ExitCode::SUCCESS,
        Ok(Found::Something) => ExitCode::from(1),
        Err(error) => {
            output::error(&*error);
            ExitCode::from(2)
        }
    }
}

/// Which target to run, and with which contracts.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
struct TargetArguments {
    /// The target: a name from `interloper list`, or a folder with a `target.toml`.
    target: String,
    /// The build of the target to run [default: the target's `default-build`].
    #[arg(long, value_name = "NAME")]
    build: Option<String>,
    /// Runs another contract for an account. You can give this option several times.
    #[arg(long, value_name = "ACCOUNT=FILE.wasm")]
    contract: Vec<ContractOverride>,
    /// The NEAR protocol version to simulate, 84 to 88.
    #[arg(long, value_name = "VERSION", default_value_t = NEWEST_VERSION)]
    protocol_version: ProtocolVersion,
}

impl TargetArguments {
    fn load(&self) -> Result<LoadedTarget> {
        let options = LoadOptions {
            build: self.build.clone(),
            contracts: self.contract.clone(),
            protocol_version: self.protocol_version,
        };
        Ok(LoadedTarget::load(&list::find(&self.target)?, &options, Vec::new())?)
    }
}
