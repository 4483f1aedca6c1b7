//! What a host's name says of who runs it: Salesforce or somebody else, and which org's it is.

use crate::config::is_loopback;
use url::{Host, Url};

/// Domains below which Salesforce alone can have hosts.
///
/// Source: sfdx-core (its list of Salesforce domains, and its table of domain pairs); Salesforce Help, My Domain URL
/// formats (sites).
const DOMAINS: &[&str] = &[
    ".salesforce.com",
    ".force.com",
    ".cloudforce.com",
    ".my.site.com",
    ".salesforce.mil",
    ".crmforce.mil",
    ".my-salesforce.com",
    ".my-lightning.com",
    ".sfcrmproducts.cn",
    ".sfcrmapps.cn",
];

/// What follows an org's own name in its hosts: API, user interface, sites.
///
/// Source: Salesforce Help, My Domain URL formats; sfdx-core (domain pairs).
const OF_AN_ORG: &[&str] = &[
    ".my.salesforce.com",
    ".lightning.force.com",
    ".my.site.com",
    ".my.salesforce.mil",
    ".lightning.crmforce.mil",
    ".my-salesforce.com",
    ".my-lightning.com",
    ".my.sfcrmproducts.cn",
    ".lightning.sfcrmapps.cn",
];

/// Whether a host is Salesforce's, by its name: TLS proves the rest.
pub(super) fn is_salesforce(url: &Url) -> bool {
    let Some(Host::Domain(name)) = url.host() else { return false };
    DOMAINS.iter().any(|domain| name.ends_with(domain))
}

/// Whether a host is an Experience Cloud site's.
pub(super) fn is_site(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host.ends_with(".my.site.com"))
}

/// The org's own name in a host: `acme--uat.sandbox` of `acme--uat.sandbox.my.salesforce.com`. `None` where the host
/// does not name its org: the generic login hosts, old instances (`na139`), this machine.
pub(super) fn my_domain(url: &Url) -> Option<&str> {
    let host = url.host_str()?;
    OF_AN_ORG.iter().find_map(|suffix| host.strip_suffix(suffix))
}

/// Whether two hosts are the same org's as far as their names say it, so that a link of one may be opened for the
/// other.
pub(super) fn same_org(one: &Url, other: &Url) -> bool {
    if is_loopback(one) && is_loopback(other) {
        return true;
    }
    one.host() == other.host() || my_domain(one).is_some_and(|name| my_domain(other) == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn salesforce_s_hosts_are_told_from_look_alikes() {
        for own in
            ["login.salesforce.com", "acme.my.salesforce.com", "ACME.my.salesforce.mil", "a.my.site.com"]
        {
            assert!(is_salesforce(&url(&format!("https://{own}/x"))), "{own}");
        }
        for foreign in [
            "salesforce.com.evil.example",
            "my-salesforce.com.evil.example",
            "acmesalesforce.com",
            "acme.my.salesforce.com@evil.example",
            "acme.my.ѕalesforce.com",
            "acme.my.salesforce。com.evil.example",
            "site.com",
            "127.0.0.1",
        ] {
            assert!(!is_salesforce(&url(&format!("https://{foreign}/x"))), "{foreign}");
        }
    }

    #[test]
    fn an_org_s_hosts_belong_together() {
        let same = |one: &str, other: &str| same_org(&url(one), &url(other));
        let home = "https://acme--uat.sandbox.my.salesforce.com";
        assert!(same(home, "https://acme--uat.sandbox.lightning.force.com/x"));
        assert!(same(home, home) && same("http://127.0.0.1:1", "http://localhost:2"));
        for other in [
            "https://acme.my.salesforce.com",
            "https://acme--uat.my.salesforce.com",
            "https://evil.example/acme--uat.sandbox.my.salesforce.com",
            "https://login.salesforce.com",
            "http://127.0.0.1",
        ] {
            assert!(!same(home, other), "{other}");
        }
        assert!(!same("https://na139.salesforce.com", "https://login.salesforce.com"));
    }
}
