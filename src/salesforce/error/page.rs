//! HTML pages where an API's answer should be, told apart by what they are.

/// What an HTML page is that came in an answer's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// Salesforce is down for maintenance.
    Maintenance,
    /// Salesforce's login page, or the script that leads there.
    Login,
    /// A scratch org or a trial that has ended.
    ExpiredOrg,
    /// There is nothing at this address ("URL No Longer Exists"), or not any more.
    NoSuchUrl,
    /// Any other page; a captive portal's, a proxy's and a gateway's cannot be told from each other.
    Other {
        /// Its title, or the first words of it; may be empty.
        title: String,
    },
}
