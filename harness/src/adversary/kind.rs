//! The ways in which an attacker may bend what happens to a receipt, as a scenario names them.
//!
//! Data only: a [`Rule`](super::Rule) draws them, [`Puppet`](super::Puppet) carries them out.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::types::text;
use crate::types::{AccountId, NearToken};

/// What happens to a receipt instead of what should.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FaultKind {
    /// The called contract panics at once.
    Panic,
    /// The called contract burns all gas that it was given, and fails.
    OutOfGas,
    /// The called account is gone when the receipt comes.
    MissingAccount,
    /// The called contract was replaced by one without the method.
    MissingMethod,
    /// The called contract answers a promise, which then fails. Only where a puppet plays it.
    FailsLater,
    /// The called contract answers with these bytes. Only where a puppet plays it.
    Answer(#[serde(with = "text")] Vec<u8>),
    /// The called contract calls somebody and answers nothing. Only where a puppet plays it.
    Call(PuppetCall),
    /// The called contract sends money and answers nothing. Only where a puppet plays it.
    Transfer(PuppetTransfer),
    /// So many blocks pass before the receipt comes: a yield may run out of time meanwhile.
    Delay(u32),
    /// The called account is deleted before the receipt comes, and is not there for anything else that
    /// the operation calls it for.
    Deleted,
    /// The called contract is replaced before the receipt comes by one that has none of the methods
    /// for which the operation calls it, then or later.
    Redeployed,
}

/// A call that a puppet makes, with all gas that it has left.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PuppetCall {
    /// Whom.
    pub receiver: AccountId,
    /// Which method.
    pub method: String,
    /// Its input.
    #[serde(with = "text")]
    pub arguments: Vec<u8>,
    /// Attached, in yoctoNEAR.
    pub deposit: NearToken,
}

/// Money that a puppet sends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PuppetTransfer {
    /// To whom.
    pub receiver: AccountId,
    /// In yoctoNEAR.
    pub amount: NearToken,
}

/// A call that goes through a puppet: its contract calls, and not the signer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ViaContract {
    /// The account that a puppet plays.
    pub account: AccountId,
    /// The call comes as the callback of a promise of the puppet's own, which ended like this;
    /// where nothing is said, it is a plain call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_of: Option<SpoofedCallback>,
}

/// How the puppet's own promise ends, whose result a forged callback reads.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpoofedCallback {
    /// It fails.
    Failure,
    /// It succeeds with this value.
    Success(#[serde(with = "text")] Vec<u8>),
}

/// Answers that contracts trip over.
pub const ANSWERS: &[&[u8]] = &[
    b"",
    b"null",
    b"true",
    b"false",
    b"0",
    b"\"0\"",
    b"\"1\"",
    b"\"340282366920938463463374607431768211455\"",
    b"-1",
    b"\"\"",
    b"[]",
    b"{}",
    b"\xff\xfe",
    &[b'9'; 512],
];

/// Blocks that may pass: one more than usual, two, and as many as make every yield run out of time.
pub const DELAYS: &[u32] = &[1, 2, 200];

impl FaultKind {
    /// The names of all kinds, as targets and scenarios write them.
    pub const NAMES: &[&str] = &[
        "panic",
        "out-of-gas",
        "missing-account",
        "missing-method",
        "deleted",
        "redeployed",
        "fails-later",
        "answer",
        "call",
        "transfer",
        "delay",
    ];

    /// Its name, as targets and scenarios write it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::OutOfGas => "out-of-gas",
            Self::MissingAccount => "missing-account",
            Self::MissingMethod => "missing-method",
            Self::Deleted => "deleted",
            Self::Redeployed => "redeployed",
            Self::FailsLater => "fails-later",
            Self::Answer(_) => "answer",
            Self::Call(_) => "call",
            Self::Transfer(_) => "transfer",
            Self::Delay(_) => "delay",
        }
    }

    /// Whether only an account that a puppet plays does this: whoever has a contract of their own may
    /// fail, and otherwise does what the contract does.
    #[must_use]
    pub fn needs_puppet(&self) -> bool {
        matches!(self, Self::FailsLater | Self::Answer(_) | Self::Call(_) | Self::Transfer(_))
    }

    /// Whether it happens to everything that the operation calls the account for from then on. Other
    /// operations find the account as it was: it is there again.
    #[must_use]
    pub fn lasts(&self) -> bool {
        matches!(self, Self::Deleted | Self::Redeployed)
    }

    /// Everything that can be said without looking at a case: failures first, then what puppets do.
    #[must_use]
    pub fn menu(puppet: bool) -> Vec<Self> {
        let mut menu = vec![Self::Panic, Self::OutOfGas, Self::MissingAccount, Self::MissingMethod];
        menu.extend([Self::Deleted, Self::Redeployed]);
        if puppet {
            menu.push(Self::FailsLater);
            menu.extend(ANSWERS.iter().map(|answer| Self::Answer(answer.to_vec())));
        }
        menu
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_as_it_prints_and_its_name_is_how_it_prints() {
        let receiver: AccountId = "a.near".parse().unwrap();
        let call = PuppetCall {
            receiver: receiver.clone(),
            method: "m".to_owned(),
            arguments: b"{\"a\":1}".to_vec(),
            deposit: NearToken::from_yoctonear(1),
        };
        let amount = NearToken::from_near(2);
        let mut kinds = FaultKind::menu(true);
        kinds.push(FaultKind::Call(call));
        kinds.push(FaultKind::Transfer(PuppetTransfer { receiver, amount }));
        kinds.push(FaultKind::Delay(200));
        let mut names: Vec<_> = kinds.iter().map(FaultKind::name).collect();
        names.dedup();
        assert_eq!(names, FaultKind::NAMES);
        for kind in kinds {
            let json = serde_json::to_string(&kind).unwrap();
            assert!(json.contains(kind.name()), "{json}");
            assert_eq!(serde_json::from_str::<FaultKind>(&json).unwrap(), kind);
        }
    }
}
