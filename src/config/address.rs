//! Login hosts and instance URLs as people paste them: from whatever page of the org they had open to the host
//! that gives tokens. Judging what a host says of its org is `host`'s matter.

use super::{
    host::{KINDS, is_loopback},
    profile::Environment,
};
use url::Url;

/// An address as it may be used, and what was changed to make it so.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) url: Url,
    /// A sentence, where the host itself was replaced.
    pub(super) converted: Option<String>,
}

/// A host that shows pages of an org, and what its My Domain ends with in its place.
struct Pages {
    ends: &'static str,
    login: &'static str,
    /// The first label ends in `--NAME` of a package or of a piece of content.
    named: bool,
    /// From the time before every host of an org had the mark of its kind: a sandbox's login host does not
    /// follow from it.
    old: bool,
}

const fn pages(ends: &'static str, login: &'static str) -> Pages {
    Pages { ends, login, named: false, old: false }
}

const fn named(ends: &'static str, old: bool) -> Pages {
    Pages { ends, login: ".my.salesforce.com", named: true, old }
}

/// Hosts of the user interface, and the My Domain in their place.
///
/// Source: Salesforce Help, My Domain host names and partitioned domains; sfdx-core's table of domain pairs.
const PAGES: &[Pages] = &[
    pages(".lightning.force.com", ".my.salesforce.com"),
    pages(".my.salesforce-setup.com", ".my.salesforce.com"),
    pages(".file.force.com", ".my.salesforce.com"),
    pages(".builder.salesforce-experience.com", ".my.salesforce.com"),
    pages(".live-preview.salesforce-experience.com", ".my.salesforce.com"),
    pages(".preview.salesforce-experience.com", ".my.salesforce.com"),
    pages(".lightning.crmforce.mil", ".my.salesforce.mil"),
    pages(".lightning.sfcrmapps.cn", ".my.sfcrmproducts.cn"),
    pages(".my-lightning.com", ".my-salesforce.com"),
    named(".vf.force.com", false),
    named(".container.force.com", false),
    named(".visualforce.com", true),
    named(".visual.force.com", true),
    named(".documentforce.com", true),
    named(".content.force.com", true),
    // What the rows above do not know of: refused.
    pages(".salesforce-setup.com", ""),
    pages(".salesforce-experience.com", ""),
];

/// Reads a pasted login host or instance URL: white space off, `https://` in front where nothing is, path, query
/// and fragment off (the path of an Experience Cloud site stays).
pub(super) fn read_address(text: &str, environment: Environment) -> Result<Address, String> {
    let text = text.trim();
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let mut url = Url::parse(&with_scheme).map_err(|error| format!("is not a URL ({error})"))?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err("has no host".to_owned());
    }
    if !matches!(url.scheme(), "https" | "http") {
        return Err(format!("begins with {}://; https:// is needed", url.scheme()));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err("begins with http://, which would send secrets unprotected; write https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a name or password before the host; take it out".to_owned());
    }
    let converted = convert_page(&mut url)?;
    let keeps_path =
        environment == Environment::Site || url.host_str().is_some_and(|host| host.ends_with(".my.site.com"));
    let path = if keeps_path { url.path().trim_end_matches('/').to_owned() } else { String::new() };
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Ok(Address { url, converted })
}

/// The login host behind the URL of any page of an org (a record, Lightning, Setup, Visualforce), and a sentence
/// about what became of it. `None` if there is nothing to change, or nothing that could be made of it.
pub fn login_host_of_page(text: &str, environment: Environment) -> Option<(String, String)> {
    let text = text.trim();
    let address = read_address(text, environment).ok()?;
    let better = address.url.as_str().trim_end_matches('/').to_owned();
    if let Some(converted) = address.converted {
        return Some((better, converted));
    }
    // A scheme that was not written, or a slash at the end, is not worth a word.
    let written = text.split_once("://").map_or(text, |(_, rest)| rest).trim_end_matches('/');
    let kept = better.split_once("://").map_or("", |(_, rest)| rest);
    (!written.eq_ignore_ascii_case(kept))
        .then(|| (better, "only the host is kept; what followed it was the address of a page".to_owned()))
}

/// What a host says of the org behind it, where it names the kind: `acme--uat.sandbox.my.salesforce.com`.
pub fn environment_of_host(text: &str) -> Option<Environment> {
    let host = read_address(text, Environment::Custom).ok()?.url.host_str()?.to_owned();
    let (first, rest) = host.split_once('.')?;
    match rest.split_once('.')? {
        ("sandbox", _) => Some(Environment::Sandbox),
        ("scratch", _) => Some(Environment::Scratch),
        ("develop", _) => Some(Environment::Developer),
        ("my", _) if first.contains("--") => Some(Environment::Sandbox),
        _ => None,
    }
}

/// Puts the My Domain in the place of a host that shows pages; a sentence if it did.
fn convert_page(url: &mut Url) -> Result<Option<String>, String> {
    let Some(host) = url.host_str().map(str::to_owned) else { return Ok(None) };
    let Some(page) = PAGES.iter().find(|page| host.ends_with(page.ends)) else { return Ok(None) };
    let Some(better) = my_domain(&host, page) else {
        return Err(format!(
            "{host} shows pages and gives no tokens, and does not tell the org's My Domain; \
             write that: https://NAME.my.salesforce.com (in Setup: My Domain)"
        ));
    };
    url.set_host(Some(&better)).map_err(|error| format!("is not a URL ({error})"))?;
    // A port of the page is none of the login host.
    let _ = url.set_port(None);
    Ok(Some(format!("{host} shows pages and gives no tokens; {better} is used in its place")))
}

/// `acme--uat--c.sandbox.vf.force.com` → `acme--uat.sandbox.my.salesforce.com`. `None` where it does not follow.
fn my_domain(host: &str, page: &Pages) -> Option<String> {
    let org = host.strip_suffix(page.ends).filter(|_| !page.login.is_empty())?;
    let (first, kind) = org.split_once('.').map_or((org, None), |(first, kind)| (first, Some(kind)));
    let name = if page.named { first.rsplit_once("--")?.0 } else { first };
    let known = kind.is_none_or(|kind| KINDS.contains(&kind));
    if name.is_empty() || !known || (page.old && (name.contains("--") || kind.is_some())) {
        return None;
    }
    let kind = kind.map(|kind| format!(".{kind}")).unwrap_or_default();
    Some(format!("{name}{kind}{}", page.login))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_of(text: &str) -> Result<String, String> {
        let address = read_address(text, Environment::Custom)?;
        Ok(address.url.host_str().unwrap_or_default().to_owned())
    }

    #[test]
    fn a_page_of_an_org_leads_to_its_my_domain() {
        let cases = [
            ("https://acme.lightning.force.com/lightning/r/Account/0015800000QmJwXAAV/view", "acme"),
            ("https://acme.lightning.force.com/one/one.app#/setup/home", "acme"),
            ("acme--uat.sandbox.lightning.force.com", "acme--uat.sandbox"),
            (
                "https://acme--uat.sandbox.my.salesforce-setup.com/lightning/setup/SetupOneHome/home",
                "acme--uat.sandbox",
            ),
            ("https://acme--c.vf.force.com/apex/Invoice?id=001", "acme"),
            ("https://acme--uat--billing.sandbox.vf.force.com/apex/billing__Invoice", "acme--uat.sandbox"),
            ("https://ada-dev-ed--c.develop.vf.force.com", "ada-dev-ed.develop"),
            ("https://acme--c.visualforce.com/apex/Invoice", "acme"),
            ("https://acme--uat.sandbox.file.force.com/sfc/servlet.shepherd", "acme--uat.sandbox"),
            ("https://fun-otter.scratch.builder.salesforce-experience.com/x", "fun-otter.scratch"),
            ("https://ada-dev-ed.develop.lightning.force.com", "ada-dev-ed.develop"),
            ("https://acme.my.salesforce.com/0015800000QmJwX", "acme"),
            ("https://ACME.Lightning.Force.com:443/", "acme"),
        ];
        for (pasted, name) in cases {
            assert_eq!(host_of(pasted), Ok(format!("{name}.my.salesforce.com")), "{pasted}");
        }
        assert_eq!(host_of("https://acme.lightning.crmforce.mil/x").unwrap(), "acme.my.salesforce.mil");
        assert_eq!(host_of("https://acme.my-lightning.com").unwrap(), "acme.my-salesforce.com");
    }

    #[test]
    fn what_does_not_tell_the_my_domain_is_refused() {
        for pasted in [
            "https://c.vf.force.com/apex/Invoice",
            "https://acme--uat--c.visualforce.com",
            "https://acme--c.na35.visual.force.com/apex/x",
            "https://acme--c.na35.content.force.com",
            "https://--c.vf.force.com",
            "https://acme.na35.lightning.force.com",
            "https://help.salesforce-setup.com",
        ] {
            let refused = host_of(pasted).unwrap_err();
            assert!(refused.contains("in Setup: My Domain"), "{pasted}: {refused}");
        }
    }

    #[test]
    fn a_host_names_the_kind_of_its_org() {
        let cases = [
            ("https://acme--uat.sandbox.my.salesforce.com", Some(Environment::Sandbox)),
            ("acme--uat.sandbox.lightning.force.com/x", Some(Environment::Sandbox)),
            ("https://acme--uat.my.salesforce.com", Some(Environment::Sandbox)),
            ("https://fun-otter.scratch.my.salesforce.com", Some(Environment::Scratch)),
            ("https://ada-dev-ed.develop.my.salesforce.com", Some(Environment::Developer)),
            ("https://acme.my.salesforce.com", None),
            ("https://login.salesforce.com", None),
            ("", None),
        ];
        for (host, environment) in cases {
            assert_eq!(environment_of_host(host), environment, "{host}");
        }
    }

    #[test]
    fn only_a_change_of_substance_is_told() {
        let told = |text: &str| login_host_of_page(text, Environment::Sandbox);
        let (better, says) =
            told(" https://acme--uat.sandbox.lightning.force.com/lightning/setup/x ").unwrap();
        assert_eq!(better, "https://acme--uat.sandbox.my.salesforce.com");
        assert!(says.contains("is used in its place"), "{says}");
        let (better, says) = told("https://acme.my.salesforce.com/001/e?retURL=%2F").unwrap();
        assert_eq!(better, "https://acme.my.salesforce.com");
        assert!(says.contains("only the host"), "{says}");
        for same in ["", "acme.my.salesforce.com", "https://acme.my.salesforce.com/", "http://127.0.0.1:8080"]
        {
            assert_eq!(told(same), None, "{same}");
        }
        for wrong in ["http://acme.my.salesforce.com/x", "https://", "https://c.vf.force.com"] {
            assert_eq!(told(wrong), None, "{wrong}: the loader says what is wrong with it");
        }
        let site = login_host_of_page("https://acme.my.site.com/shop/s/login?x", Environment::Site);
        assert_eq!(site.unwrap().0, "https://acme.my.site.com/shop/s/login");
    }
}
