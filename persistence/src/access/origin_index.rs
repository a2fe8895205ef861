//! Where a request comes from, as it is kept to count by: keyed hashes.

use groeilijn_domain::values::network::Origin;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::error::Result;
use groeilijn_engine::keys::LoginIndex;

/// The indexes of an [`Origin`].
#[derive(Clone)]
pub(crate) struct OriginIndex {
    /// Of the IPv4 address or the IPv6 /64.
    pub(crate) network: Vec<u8>,
    /// Of the IPv6 /48.
    pub(crate) site: Option<Vec<u8>>,
}

impl OriginIndex {
    /// Of a network address.
    pub(crate) fn of(index: &LoginIndex, address: &str) -> Result<Self> {
        let origin = Origin::of(address);
        Ok(Self {
            network: index.of_address(&origin.network)?,
            site: origin.site.as_deref().map(|site| index.of_address(site)).transpose()?,
        })
    }

    /// Lets one transaction at a time count what comes from there, until its commit.
    pub(crate) fn lock(&self, connection: &mut AnyConnection) -> Result<()> {
        // The widest first, always, so that no two wait for each other in a circle.
        if let Some(site) = &self.site {
            dialect::lock(connection, site)?;
        }
        dialect::lock(connection, &self.network)
    }
}
