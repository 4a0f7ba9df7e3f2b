//! Regression tests of each target, written from its corpus.

mod airdrop;
mod approval;
mod auction;
mod bridge;
mod channel;
mod exchange;
mod factory;
mod grants;
mod guestbook;
mod harvest;
mod lending;
mod linkdrop;
mod market;
mod maze;
mod names;
mod pawn;
mod purse;
mod relay;
mod rewards;
mod router;
mod split;
mod staking;
mod token;
mod vault;
mod vesting;
