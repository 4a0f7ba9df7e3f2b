//! `interloper replay`: runs a case again and says what it breaks.
//!
//! Never shrinks: the case runs as it stands.

use std::path::PathBuf;

use clap::Args;

use super::{Found, LoadedTarget, Result, TargetArguments, output};
use crate::finding::story::Course;
use crate::finding::{self, Environment, Finding, Stored};
use crate::report;
use crate::scenario::Scenario;
use crate::targets::ContractOverride;
use crate::trace::digest;
use crate::types::{ProtocolVersion, Seed};

/// Runs a finding or a case again, and shows what happens and what it breaks.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 nothing broke, 1 an invariant broke, 2 error.

Examples:
  interloper replay findings/vault-profit-1a2b3c4d.json
  interloper replay findings/vault-profit-1a2b3c4d.json --build fixed
  interloper replay fuzz/artifacts/vault/crash-0123456789abcdef --target vault")]
pub(super) struct Replay {
    /// A finding, a case in JSON, or a file that libFuzzer wrote.
    file: PathBuf,
    /// The target [default: the one that the finding names].
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// The build of the target to run [default: the one that the finding names].
    #[arg(long, value_name = "NAME")]
    build: Option<String>,
    /// Runs another contract for an account. You can give this option several times.
    #[arg(long, value_name = "ACCOUNT=FILE.wasm")]
    contract: Vec<ContractOverride>,
    /// The NEAR protocol version to simulate, 84 to 88 [default: the one that the finding names].
    #[arg(long, value_name = "VERSION")]
    protocol_version: Option<ProtocolVersion>,
}

impl Replay {
    pub(super) fn run(&self) -> Result {
        let (loaded, environment, scenario, known) = self.load()?;
        self.examine(&loaded, environment, &scenario, known.as_deref())
    }

    /// The target and the case, and the finding that the file holds, if it is one.
    pub(super) fn load(
        &self,
    ) -> Result<(LoadedTarget, Environment, Scenario, Option<Box<Finding>>)> {
        let (environment, scenario, known) = match finding::read(&self.file)? {
            Stored::Finding(finding) => {
                (finding.environment.clone(), finding.scenario.clone(), Some(finding))
            }
            Stored::Scenario(scenario) => (self.nothing_known()?, scenario, None),
        };
        let environment = self.environment(environment);
        let loaded = arguments(&environment)?.load()?;
        loaded.target().validate(&scenario)?;
        Ok((loaded, environment, scenario, known))
    }

    fn examine(
        &self,
        loaded: &LoadedTarget,
        environment: Environment,
        scenario: &Scenario,
        known: Option<&Finding>,
    ) -> Result {
        let examiner = loaded.pristine_checker();
        let examined = examiner.examine(scenario)?;
        for unused in examined.ran.unused(scenario) {
            output::note(&format!("warning: {unused}"));
        }
        let digest = digest(&examined.ran.observation);
        if known.is_some_and(|known| known.digest != digest) {
            output::note(
                "the digest differs from the finding's: the contract, the target or the protocol version is another one",
            );
        }
        let finding = finding::describe(&examiner, scenario.clone(), &examined, environment)?;
        let Some(finding) = finding else {
            let course = Course::of(&examined.ran.observation);
            output::result(&report::course(&course));
            output::result(&format!("nothing broke; digest {digest}"));
            return Ok(Found::Nothing);
        };
        let file = self.file.display().to_string();
        output::result(&report::text(&finding, Some(&file)));
        Ok(Found::Something)
    }

    /// What a bare case does not say and the command line must.
    fn nothing_known(&self) -> Result<Environment> {
        let Some(target) = &self.target else {
            let file = self.file.display();
            return Err(format!("{file} is a case without a target\n  help: name its target, as in `interloper replay {file} --target vault`").into());
        };
        Ok(Environment {
            target: target.clone(),
            folder: target.clone(),
            build: None,
            contracts: Vec::new(),
            protocol_version: crate::chain::NEWEST_VERSION,
            seed: Seed::default(),
            executions: 0,
        })
    }

    /// What the finding says, unless the command line says otherwise.
    fn environment(&self, mut environment: Environment) -> Environment {
        if let Some(target) = &self.target {
            environment.folder.clone_from(target);
        }
        if let Some(build) = &self.build {
            environment.build = Some(build.clone());
        }
        environment.contracts.extend(self.contract.iter().map(ToString::to_string));
        if let Some(version) = self.protocol_version {
            environment.protocol_version = version;
        }
        environment
    }
}

fn arguments(environment: &Environment) -> Result<TargetArguments> {
    let contract = environment.contracts.iter().map(|text| text.parse());
    Ok(TargetArguments {
        target: environment.folder.clone(),
        build: environment.build.clone(),
        contract: contract.collect::<std::result::Result<_, _>>()?,
        protocol_version: environment.protocol_version,
    })
}
