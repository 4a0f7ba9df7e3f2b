//! Which file each account's contract comes from, and reading it.
//!
//! Checks that a file can be a contract at all. Never looks further into the code: that is the vm's part.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::document::{Field, Section};
use super::{Contract, Dump};
use crate::scenario::{Error, cure_for_name};
use crate::types::AccountId;

/// The chain's own limit, `max_contract_size`.
pub const MAX_CONTRACT_BYTES: u64 = 4 * 1024 * 1024;

/// What every wasm file starts with.
const MAGIC: &[u8] = b"\0asm";

/// Another contract for one account. Reads and prints as `ACCOUNT=FILE.wasm`, as findings keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractOverride {
    /// An account that the target has.
    pub account: AccountId,
    /// Where its contract is, seen from the working directory.
    pub file: PathBuf,
}

/// Why a text is no [`ContractOverride`].
#[derive(Debug, thiserror::Error)]
#[error("`{text}` {problem}: write ACCOUNT=FILE.wasm, as in vault.near=build/vault.wasm")]
pub struct InvalidOverride {
    text: String,
    problem: String,
}

impl FromStr for ContractOverride {
    type Err = InvalidOverride;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |problem: String| InvalidOverride { text: text.to_owned(), problem };
        let (account, file) = text.split_once('=').ok_or_else(|| error("has no `=`".to_owned()))?;
        let account = account
            .parse()
            .map_err(|reason| error(format!("starts with no account id ({reason})")))?;
        Ok(Self { account, file: file.into() })
    }
}

impl ContractOverride {
    /// As the command line has it, for errors.
    pub(super) fn option(&self) -> String {
        format!("--contract {self}")
    }
}

impl std::fmt::Display for ContractOverride {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.account, self.file.display())
    }
}

/// `[builds]`: for each name, the field that names each account's file.
pub(super) type Builds<'d> = BTreeMap<&'d str, BTreeMap<AccountId, Field<'d>>>;

/// Reads `[builds]`; every account must be among the known ones.
pub(super) fn builds<'d>(root: &Section<'d>, accounts: &[&str]) -> Result<Builds<'d>, Error> {
    let Some(field) = root.field("builds") else { return Ok(BTreeMap::new()) };
    let members = field.section()?.into_members().into_iter();
    members.map(|(name, build)| Ok((name, files(&build, accounts)?))).collect()
}

fn files<'d>(
    build: &Field<'d>,
    accounts: &[&str],
) -> Result<BTreeMap<AccountId, Field<'d>>, Error> {
    let file = |(id, field): (&str, Field<'d>)| {
        if !accounts.contains(&id) {
            return Err(
                field.error("names an unknown account", cure_for_name(id, "accounts", accounts))
            );
        }
        field.text()?;
        let account = id
            .parse()
            .map_err(|_| field.error("is no account id", "name an account of this target"))?;
        Ok((account, field))
    };
    build.section()?.into_members().into_iter().map(file).collect()
}

/// The build to run: the wanted one, else `default-build`, else the only one.
pub(super) fn chosen_build<'d>(
    root: &Section<'d>,
    builds: &Builds<'d>,
    wanted: Option<&str>,
) -> Result<Option<&'d str>, Error> {
    let names: Vec<_> = builds.keys().copied().collect();
    let find = |name: &str| names.iter().copied().find(|known| *known == name);
    let default = root.field("default-build");
    if let Some(wanted) = wanted {
        return find(wanted).map(Some).ok_or_else(|| Error::Option {
            option: format!("--build {wanted}"),
            problem: "names no build of this target".to_owned(),
            cure: cure_for_name(wanted, "builds", &names),
        });
    }
    match (default, names.as_slice()) {
        (Some(field), _) => {
            let name = field.text()?;
            let unknown = || {
                field.error(
                    format!("is \"{name}\", which is no build"),
                    cure_for_name(name, "builds", &names),
                )
            };
            find(name).map(Some).ok_or_else(unknown)
        }
        (None, []) => Ok(None),
        (None, [only]) => Ok(Some(only)),
        (None, several) => Err(root.error(
            format!("has {} builds, and none is the default", several.len()),
            format!("add `default-build = \"{}\"`", several[0]),
        )),
    }
}

/// Reads the contract that a field of the file names, relative to the file's folder.
pub(super) fn from_field(field: &Field<'_>) -> Result<Contract, Error> {
    let name = field.text()?;
    let file = field.file().parent().unwrap_or(Path::new("")).join(name);
    read(file)
        .map_err(|(problem, cure)| field.error(format!("is \"{name}\", which {problem}"), cure))
}

/// Reads the state that a field of the file names, relative to the file's folder.
pub(super) fn state(field: &Field<'_>) -> Result<Arc<Dump>, Error> {
    let name = field.text()?;
    let file = field.file().parent().unwrap_or(Path::new("")).join(name);
    let text = std::fs::read_to_string(&file).map_err(|reason| {
        field.error(
            format!("is \"{name}\", which cannot be read ({}: {reason})", file.display()),
            "name a file with the answer to `view_state`",
        )
    })?;
    let dump = Dump::read(&text)
        .map_err(|error| field.error(format!("is \"{name}\": {}", error.problem), error.cure))?;
    Ok(Arc::new(dump))
}

/// Reads the contract that an option of the command line names.
pub(super) fn from_option(option: &ContractOverride) -> Result<Contract, Error> {
    let error = |(problem, cure)| Error::Option { option: option.option(), problem, cure };
    read(option.file.clone()).map_err(error)
}

/// Reads a contract that a person names, before it belongs to any target.
///
/// # Errors
/// When the file cannot be read, is no wasm file, or is larger than the chain accepts.
pub fn read_contract(file: &Path) -> Result<Contract, Error> {
    let error =
        |(problem, cure)| Error::Option { option: file.display().to_string(), problem, cure };
    read(file.to_owned()).map_err(error)
}

/// The contract, or what is wrong with the file and what to do.
fn read(file: PathBuf) -> Result<Contract, (String, String)> {
    let shown = file.display();
    let build = "build the contract with `cargo near build`, or name another file";
    let size = match std::fs::metadata(&file) {
        Ok(data) if data.is_file() => data.len(),
        Ok(_) => {
            return Err((
                format!("is no file ({shown})"),
                "name the compiled `.wasm` file itself".to_owned(),
            ));
        }
        Err(reason) => {
            return Err((format!("cannot be read ({shown}: {reason})"), build.to_owned()));
        }
    };
    if size > MAX_CONTRACT_BYTES {
        let problem =
            format!("has {size} bytes, more than the {MAX_CONTRACT_BYTES} that the chain accepts");
        let cure = "build with `opt-level = \"z\"`, `lto = true` and `strip = true`, or run `wasm-opt -Oz` over it";
        return Err((problem, cure.to_owned()));
    }
    let code = std::fs::read(&file)
        .map_err(|reason| (format!("cannot be read ({shown}: {reason})"), build.to_owned()))?;
    if code.is_empty() {
        return Err((format!("is empty ({shown})"), build.to_owned()));
    }
    if !code.starts_with(MAGIC) {
        let problem = format!("is no wasm file: it does not start with `\\0asm` ({shown})");
        return Err((
            problem,
            "name the compiled `.wasm` file, not source, text or an archive".to_owned(),
        ));
    }
    Ok(Contract { file, code: Arc::from(code) })
}
