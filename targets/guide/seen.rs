use near_sdk::{AccountId, Gas, NearToken, env, near};

/// What a method saw when it ran.
#[derive(Clone)]
#[near(serializers = [json, borsh])]
pub struct Seen {
    pub text: String,
    pub predecessor: AccountId,
    pub block: u64,
    pub deposit: NearToken,
    pub prepaid_gas: Gas,
    /// The promise results in order, `None` for each that failed.
    pub results: Vec<Option<String>>,
}

impl Seen {
    pub fn now(text: String) -> Self {
        Self {
            text,
            predecessor: env::predecessor_account_id(),
            block: env::block_height(),
            deposit: env::attached_deposit(),
            prepaid_gas: env::prepaid_gas(),
            results: (0..env::promise_results_count()).map(result).collect(),
        }
    }
}

fn result(index: u64) -> Option<String> {
    let bytes = env::promise_result_checked(index, 1000).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
