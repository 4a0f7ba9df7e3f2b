//! Which protocol the simulated chain follows: its version, its published configuration, its prices.
//! Every number that the near crates hold is taken from them.

use std::sync::{Arc, LazyLock};

use near_parameters::{RuntimeConfig, RuntimeConfigStore, RuntimeFeesConfig};
use near_primitives::version::ProtocolFeature;

use super::layout::Layout;
use crate::types::{Gas, NearToken, ProtocolVersion};
use crate::vm::TrieDepth;

/// The versions that run on the virtual machine that this crate carries.
pub const SUPPORTED_VERSIONS: std::ops::RangeInclusive<ProtocolVersion> = 84..=88;

/// The newest stable version, and the default.
pub const NEWEST_VERSION: ProtocolVersion = *SUPPORTED_VERSIONS.end();

/// The lowest gas price of the public network, which is also its usual one, in yoctoNEAR per gas.
pub const USUAL_GAS_PRICE: NearToken = NearToken::from_yoctonear(100_000_000);

// The store parses all configurations of the chain's history: slow, so once.
static CONFIGURATIONS: LazyLock<RuntimeConfigStore> =
    LazyLock::new(|| RuntimeConfigStore::new(None));

/// Everything about the chain that does not change while a case runs.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// The protocol version.
    pub version: ProtocolVersion,
    /// Its published configuration.
    pub config: Arc<RuntimeConfig>,
    /// The price of gas in every block, in yoctoNEAR per gas.
    pub gas_price: NearToken,
    /// What state access costs.
    pub trie_depth: TrieDepth,
    /// Which accounts share a shard.
    pub layout: Layout,
}

/// A protocol version that cannot be simulated.
#[derive(Debug, thiserror::Error)]
#[error("protocol version {0} cannot be simulated: choose one from {first} to {last}",
    first = SUPPORTED_VERSIONS.start(), last = SUPPORTED_VERSIONS.end())]
pub struct UnsupportedVersion(pub ProtocolVersion);

impl Protocol {
    /// The protocol as campaigns run it.
    ///
    /// # Errors
    /// When the version is not among [`SUPPORTED_VERSIONS`].
    pub fn new(version: ProtocolVersion) -> Result<Self, UnsupportedVersion> {
        if !SUPPORTED_VERSIONS.contains(&version) {
            return Err(UnsupportedVersion(version));
        }
        let config = Arc::clone(CONFIGURATIONS.get_config(version));
        let trie_depth = TrieDepth::PESSIMISTIC;
        let layout = Layout::default();
        Ok(Self { version, config, gas_price: USUAL_GAS_PRICE, trie_depth, layout })
    }

    /// Whether this version has the feature.
    #[must_use]
    pub fn has(&self, feature: ProtocolFeature) -> bool {
        feature.enabled(self.version)
    }

    pub(super) fn fees(&self) -> &RuntimeFeesConfig {
        &self.config.fees
    }

    /// The price at which the gas of a new transaction is bought.
    pub(super) fn purchase_price(&self) -> NearToken {
        self.gas_price.max(self.config.min_gas_purchase_price)
    }

    /// The price at which gas bought at `purchase` is burnt.
    pub(super) fn burn_price(&self, purchase: NearToken) -> NearToken {
        if self.has(ProtocolFeature::AccountCostIncrease) {
            purchase.min(self.gas_price)
        } else {
            self.gas_price
        }
    }
}

/// What `gas` costs at `price`.
pub(super) fn cost(price: NearToken, gas: Gas) -> NearToken {
    // 2^64 gas at 2^64 yoctoNEAR each would just fit: real prices are far below.
    price.checked_mul(u128::from(gas.as_gas())).expect("gas costs less than 2^128 yoctoNEAR")
}
