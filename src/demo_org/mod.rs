//! The simulated Salesforce orgs behind `orgdeck demo`. Imports nothing else of this crate.
