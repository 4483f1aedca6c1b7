//! The setup guide and what leads to it: golden screens, and what its keys do.

use super::{bench::Bench, golden};
use orgdeck::config::ProfileField;

golden! {
    /// A Lightning page's address was pasted: the form says what became of it.
    form_page_pasted(b) {
        login_host(b).paste("https://acme--uat.sandbox.lightning.force.com/lightning/setup/SetupOneHome/home")
    }
}

/// The form of a new profile, its login host being written.
fn login_host(b: &mut Bench) -> &mut Bench {
    b.keys("1 a Down Down Enter")
}

fn bench() -> Bench {
    Bench::at(120, 36)
}

/// What stands in a field of the form on the screen.
fn form_text(b: &Bench, field: ProfileField) -> String {
    match b.app.overlays.last() {
        Some(orgdeck::app::overlays::Overlay::Editor(editor)) => editor.form.text(field).to_owned(),
        other => panic!("no form is open: {other:?}"),
    }
}

#[test]
fn the_address_of_a_page_becomes_the_login_host_and_that_is_said() {
    let mut b = bench();
    login_host(&mut b).paste("https://acme--uat--c.sandbox.vf.force.com/apex/Invoice");
    assert_eq!(form_text(&b, ProfileField::LoginUrl), "https://acme--uat.sandbox.my.salesforce.com");
    assert!(b.sees("acme--uat--c.sandbox.vf.force.com shows pages"), "{}", b.screen());
    b.types("/x").keys("Tab");
    assert_eq!(form_text(&b, ProfileField::LoginUrl), "https://acme--uat.sandbox.my.salesforce.com");
    assert!(b.sees("only the host is kept"), "{}", b.screen());
    b.keys("Up");
    assert!(!b.sees("only the host is kept"), "the next key takes it away");
}

#[test]
fn what_is_typed_is_left_alone_until_it_is_whole() {
    let mut b = bench();
    login_host(&mut b).types("acme.lightning.force.com");
    assert_eq!(form_text(&b, ProfileField::LoginUrl), "acme.lightning.force.com");
    b.keys("Enter");
    assert_eq!(form_text(&b, ProfileField::LoginUrl), "https://acme.my.salesforce.com");
}
