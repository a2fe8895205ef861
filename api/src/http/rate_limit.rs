//! What a client is told of limits on how often something may fail or be asked for: the `RateLimit` and
//! `RateLimit-Policy` headers of the IETF's draft on rate limit headers.

use groeilijn_domain::access::login::{Allowance, Limit};

/// How much is left of some limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimits(Vec<(Limit, Allowance)>);

impl RateLimits {
    /// What is left of each limit.
    pub fn of(allowances: &[(Limit, Allowance)]) -> Self {
        Self(allowances.to_vec())
    }

    /// The `RateLimit` header: what is left (`r`) and in how many seconds more is (`t`).
    pub fn header(&self) -> String {
        let each = self.0.iter().map(|(limit, allowance)| {
            format!("\"{}\";r={};t={}", limit.code(), allowance.remaining, allowance.reset_seconds)
        });
        each.collect::<Vec<_>>().join(", ")
    }

    /// The `RateLimit-Policy` header: the quota (`q`) in a window of so many seconds (`w`).
    pub fn policy_header(&self) -> String {
        let each = self.0.iter().map(|(limit, _)| {
            format!("\"{}\";q={};w={}", limit.code(), limit.quota(), limit.window().as_secs())
        });
        each.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_lists_of_items_with_parameters() {
        let limits = RateLimits::of(&[
            (Limit::Account, Allowance { remaining: 3, reset_seconds: 841 }),
            (Limit::Address, Allowance { remaining: 70, reset_seconds: 12 }),
        ]);
        assert_eq!(limits.header(), r#""account";r=3;t=841, "address";r=70;t=12"#);
        assert_eq!(limits.policy_header(), r#""account";q=10;w=900, "address";q=75;w=900"#);
    }
}
