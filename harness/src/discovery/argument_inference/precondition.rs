//! Recognises the preconditions that a contract checks before it reads its arguments: who may call, and with
//! which deposit.
//!
//! Only reads failures. Whether a precondition holds is found out by calling.

/// A precondition that a call did not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::discovery) enum Precondition {
    /// Only the contract itself may call it.
    Private,
    /// It accepts no deposit.
    NoDeposit,
    /// It requires exactly one yoctoNEAR.
    OneYocto,
    /// It requires the result of a promise.
    PromiseResults,
}

/// The precondition that a failure reports, in the words of near-sdk and of SDKs that follow it.
pub(in crate::discovery) fn precondition(failure: &str) -> Option<Precondition> {
    let text = failure.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["is private", "can come only from itself", "only be called by the contract itself"]) {
        Some(Precondition::Private)
    } else if has(&["doesn't accept deposit", "does not accept deposit", "is not payable"]) {
        Some(Precondition::NoDeposit)
    } else if has(&["yoctonear", "1 yocto", "one yocto", "yocto attached"]) {
        Some(Precondition::OneYocto)
    } else if has(&[
        "callback computation",
        "deserialize callback",
        "promise result",
        "promise_result",
        "invalidpromiseindex",
        "expected a callback",
        "is a callback",
        "called as a callback",
    ]) {
        Some(Precondition::PromiseResults)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preconditions_of_near_sdk_and_near_sdk_py_are_known() {
        for (failure, known) in [
            ("Method on_withdrawn is private", Some(Precondition::Private)),
            ("Method withdraw doesn't accept deposit", Some(Precondition::NoDeposit)),
            ("Function is private", Some(Precondition::Private)),
            ("Function is not payable", Some(Precondition::NoDeposit)),
            ("Requires attached deposit of exactly 1 yoctoNEAR", Some(Precondition::OneYocto)),
            ("Callback computation 0 was not successful", Some(Precondition::PromiseResults)),
            ("This function can only be called as a callback", Some(Precondition::PromiseResults)),
            ("Callbacks can only be called by the contract itself", Some(Precondition::Private)),
            ("You have less than that", None),
        ] {
            assert_eq!(precondition(failure), known, "{failure}");
        }
    }
}
