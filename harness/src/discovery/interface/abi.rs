//! Reads what a contract says about itself: its ABI and its NEP-330 description.
//!
//! Does not trust it: whatever does not parse counts as absent.

use std::io::Read as _;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::discovery::argument_inference::{Probe, ProbeCall};
use crate::types::NearToken;
use crate::vm::{Error, ModuleInfo};

/// The method that returns the ABI, packed with zstd.
pub(super) const ABI_METHOD: &str = "__contract_abi";
/// The method that returns the description, after NEP-330.
pub(super) const METADATA_METHOD: &str = "contract_source_metadata";

/// The most bytes to which an ABI may unpack.
const MAX_ABI: u64 = 8 << 20;

/// A contract's description, after NEP-330.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where the source is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The standards that it says it follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standards: Vec<Claim>,
    /// What it was built from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_info: Option<BuildInfo>,
}

/// What a contract says it was built from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildInfo {
    /// The image that it was built in.
    #[serde(default)]
    pub build_environment: String,
    /// The command and its arguments.
    #[serde(default)]
    pub build_command: Vec<String>,
    /// Where in the source the contract is.
    #[serde(default)]
    pub contract_path: String,
    /// Where the source is, with the commit.
    #[serde(default)]
    pub source_code_snapshot: String,
}

/// A standard that a contract says it follows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// As in `nep141`.
    #[serde(default)]
    pub standard: String,
    /// As in `1.0.0`.
    #[serde(default)]
    pub version: String,
}

impl Metadata {
    /// All of it in one line, as the contract wrote it; empty if there is nothing.
    #[must_use]
    pub fn line(&self) -> String {
        let mut parts = Vec::new();
        let mut say = |about: &str, text: &str| {
            if !text.is_empty() {
                parts.push(format!("{about} {text}"));
            }
        };
        say("version", self.version.as_deref().unwrap_or_default());
        let standards: Vec<_> = self
            .standards
            .iter()
            .map(|claim| format!("{} {}", claim.standard, claim.version))
            .collect();
        say("standards", &standards.join(", "));
        say("source", self.link.as_deref().unwrap_or_default());
        if let Some(build) = &self.build_info {
            say("built from", &build.source_code_snapshot);
            say("in its folder", &build.contract_path);
            say("by", &build.build_command.join(" "));
            say("in", &build.build_environment);
        }
        parts.join("; ")
    }
}

/// The ABI that the contract carries.
///
/// # Errors
/// If the engine fails.
pub fn embedded(probe: &Probe<'_>, module: &ModuleInfo) -> Result<Option<Value>, Error> {
    Ok(returned(probe, module, ABI_METHOD)?.and_then(|bytes| read(&bytes)))
}

/// The contract's description, if it has one.
///
/// # Errors
/// If the engine fails.
pub fn metadata(probe: &Probe<'_>, module: &ModuleInfo) -> Result<Option<Metadata>, Error> {
    let bytes = returned(probe, module, METADATA_METHOD)?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// An ABI as JSON, packed with zstd or not.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Value> {
    if let Ok(value) = serde_json::from_slice(bytes) {
        return Some(value);
    }
    let mut unpacked = Vec::new();
    let decoder = zstd::stream::Decoder::new(bytes).ok()?;
    decoder.take(MAX_ABI).read_to_end(&mut unpacked).ok()?;
    serde_json::from_slice(&unpacked).ok()
}

fn returned(
    probe: &Probe<'_>,
    module: &ModuleInfo,
    method: &str,
) -> Result<Option<Vec<u8>>, Error> {
    if module.exports.get(method) != Some(&true) {
        return Ok(None);
    }
    let call = ProbeCall {
        method,
        input: b"{}",
        caller: &probe.account,
        deposit: NearToken::ZERO,
        results: &[],
        view: true,
    };
    Ok(probe.call(&call)?.returned)
}
