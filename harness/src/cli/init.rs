//! `interloper init`: makes a target from a compiled contract.
//!
//! Does not write into a folder that exists.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use clap::Args;

use super::{Found, Result, output};
use crate::chain::{NEWEST_VERSION, Protocol};
use crate::discovery::{self, Abi, InputContract, ScaffoldRequest, Scaffolder};
use crate::report;
use crate::targets::{Dump, read_contract};
use crate::types::{AccountId, ProtocolVersion};
use crate::vm::Comparing;

/// The largest file read besides a contract, in bytes.
const MAX_FILE: u64 = 128 << 20;

/// Makes a target from a compiled contract: finds out what its methods take, and writes a `target.toml`.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 done, 2 error.

Examples:
  interloper init contract.wasm
  interloper init bridge.wasm --with token=ft.wasm --account bridge.near
  interloper init pool.wasm --account pool.near --state pool-state.json
  interloper fuzz contract")]
pub(super) struct Init {
    /// The compiled contract, a `.wasm` file.
    contract: PathBuf,
    /// The name of the target and of its folder [default: the name of the contract's file].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The account that runs the contract [default: the name with `.near`].
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<AccountId>,
    /// The real contract of an account that it calls. You can give this option several times.
    #[arg(long, value_name = "NAME=FILE.wasm")]
    with: Vec<Named>,
    /// Another contract under test. It and the first are one system: calls between them never fail. You can
    /// give this option several times.
    #[arg(long, value_name = "NAME=FILE.wasm")]
    also: Vec<Named>,
    /// A node's answers to `view_state` and `view_account` as JSON, to start from that state: of the contract,
    /// or of ACCOUNT. You can give this option several times.
    #[arg(long, value_name = "[ACCOUNT=]FILE.json")]
    state: Vec<String>,
    /// The contract's ABI, as JSON or compressed with zstd [default: the one in the contract, or next to
    /// it].
    #[arg(long, value_name = "FILE")]
    abi: Option<PathBuf>,
    /// The folder in which to make the target's folder.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    into: PathBuf,
    /// The NEAR protocol version to simulate, 84 to 88.
    #[arg(long, value_name = "VERSION", default_value_t = NEWEST_VERSION)]
    protocol_version: ProtocolVersion,
}

/// `NAME=FILE`.
#[derive(Clone, Debug)]
struct Named {
    name: String,
    file: PathBuf,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (name, file) =
            text.split_once('=').ok_or("write NAME=FILE.wasm, as in token=ft.wasm")?;
        Ok(Self { name: name.to_owned(), file: file.into() })
    }
}

impl Init {
    pub(super) fn run(&self) -> Result {
        let name = match &self.name {
            Some(name) => name.clone(),
            None => plain_name(&self.contract),
        };
        let id = match &self.account {
            Some(id) => id.clone(),
            None => account(&name)?,
        };
        let mut request = ScaffoldRequest {
            contract: piece(id, &self.contract, self.abi.as_deref())?,
            also: pieces(&self.also)?,
            with: pieces(&self.with)?,
            folder: self.into.join(&name),
            name,
            dumps: Vec::new(),
        };
        for state in &self.state {
            request.dumps.push(self.dump(state, &request)?);
        }
        let protocol: Arc<_> = Protocol::new(self.protocol_version)?.into();
        let engine = Comparing::new(Arc::clone(&protocol.config))?;
        let draft = Scaffolder { protocol, engine: &engine }.scaffold(&request)?;
        output::result(&report::draft(&draft, &request.folder));
        match draft.uninitialized() {
            None => Ok(Found::Nothing),
            Some(contract) => Err(report::uninitialized(contract, &request.folder).into()),
        }
    }

    fn dump(&self, text: &str, request: &ScaffoldRequest) -> Result<(AccountId, Dump)> {
        let (id, file) = match text.split_once('=') {
            Some((id, file)) => (account(id)?, Path::new(file)),
            None => (request.contract.id.clone(), Path::new(text)),
        };
        let known = request.contracts();
        if !known.map(|piece| &piece.id).any(|known| *known == id) {
            return Err(format!(
                "`--state {text}` is for {id}, which does not run a contract here\n  help: name its code with `--with {id}=FILE.wasm`"
            )
            .into());
        }
        let text = String::from_utf8(read(file)?).map_err(|_| {
            format!("{} is not text\n  help: save the node's answer as it is", file.display())
        })?;
        let dump = Dump::read(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok((id, dump))
    }
}

/// A file's name without its ending, as the name of a target.
fn plain_name(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let plain: String = stem
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .take(40)
        .collect();
    let plain = plain.trim_matches('-').to_owned();
    if plain.len() < 2 { "contract".to_owned() } else { plain }
}

/// An account id, or a name that becomes one.
fn account(name: &str) -> Result<AccountId> {
    let id = if name.contains('.') { name.to_owned() } else { format!("{name}.near") };
    id.parse().map_err(|reason| {
        format!("`{name}` is not an account id ({reason})\n  help: name one with lower-case letters, as in `token` or `token.near`").into()
    })
}

fn pieces(named: &[Named]) -> Result<Vec<InputContract>> {
    named.iter().map(|named| piece(account(&named.name)?, &named.file, None)).collect()
}

pub(super) fn piece(id: AccountId, file: &Path, abi: Option<&Path>) -> Result<InputContract> {
    let contract = read_contract(file)?;
    let abi = match abi {
        Some(abi) => Some(discovery::abi::read(&read(abi)?).filter(is_abi).ok_or_else(|| {
            format!("{} is not an ABI\n  help: build one with `cargo near build`", abi.display())
        })?),
        None => beside(file),
    };
    Ok(InputContract { id, file: file.to_owned(), code: contract.code, abi })
}

/// An ABI next to the contract, with the name that cargo-near gives it.
fn beside(file: &Path) -> Option<serde_json::Value> {
    let stem = file.file_stem()?.to_string_lossy().into_owned();
    let names = ["_abi.json", "_abi.zst", ".abi.json", ".json"].map(|end| format!("{stem}{end}"));
    let abi = |name: &String| discovery::abi::read(&read(&file.with_file_name(name)).ok()?);
    names.iter().find_map(abi).filter(is_abi)
}

fn is_abi(value: &serde_json::Value) -> bool {
    Abi::read(value).is_some()
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let unreadable = |reason: std::io::Error| {
        format!("cannot read {}: {reason}\n  help: name a file that exists", file.display())
    };
    let length = std::fs::metadata(file).map_err(unreadable)?.len();
    if length > MAX_FILE {
        return Err(format!(
            "{} has {length} bytes, more than the limit of {MAX_FILE}\n  help: name another file",
            file.display()
        )
        .into());
    }
    Ok(std::fs::read(file).map_err(unreadable)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_file_gives_a_name() {
        assert_eq!(plain_name(Path::new("a/My Contract.wasm")), "my-contract");
        assert_eq!(plain_name(Path::new("../..wasm")), "contract");
        assert!(account("To Ken").is_err());
        assert_eq!(account("token").unwrap(), "token.near");
    }
}
