//! Amounts for people: exact, never rounded, in NEAR where that is short.
//!
//! Never loses a yoctoNEAR.

use crate::types::NearToken;

/// An exact amount: `5 NEAR`, `0.25 NEAR`, `1 yocto`.
#[must_use]
pub fn near(amount: NearToken) -> String {
    let yocto = amount.as_yoctonear();
    // Below a millionth of a NEAR zeros are harder to read than yoctoNEAR.
    if yocto > 0 && yocto < 10u128.pow(18) {
        return format!("{yocto} yocto");
    }
    let (whole, part) = (yocto / 10u128.pow(24), yocto % 10u128.pow(24));
    if part == 0 {
        return format!("{whole} NEAR");
    }
    let part = format!("{part:024}");
    format!("{whole}.{} NEAR", part.trim_end_matches('0'))
}

/// An amount with its sign: `+5 NEAR`.
pub(super) fn change(before: NearToken, after: NearToken) -> String {
    if after >= before {
        format!("+{}", near(after.saturating_sub(before)))
    } else {
        format!("-{}", near(before.saturating_sub(after)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        let shown = |yocto| near(NearToken::from_yoctonear(yocto));
        assert_eq!(shown(0), "0 NEAR");
        assert_eq!(shown(1), "1 yocto");
        assert_eq!(shown(5 * 10u128.pow(24)), "5 NEAR");
        assert_eq!(shown(10u128.pow(24) / 4), "0.25 NEAR");
        assert_eq!(shown(10u128.pow(24) + 1), "1.000000000000000000000001 NEAR");
    }
}
