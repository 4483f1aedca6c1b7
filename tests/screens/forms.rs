//! Golden screens of the profile form.

use super::golden;

golden! {
    form_new(b) { b.keys("1 a") }

    /// A name being written.
    form_new_written(b) { b.keys("1 a Enter").types("acme-new") }

    /// Saved without a name: said at the field, nothing written.
    form_new_refused(b) { b.keys("1 a Tab Right Ctrl-S") }

    /// A name that is taken.
    form_new_name_taken(b) { b.keys("1 a Enter").types("acme-prod").keys("Ctrl-S") }

    /// A sandbox's form; its secrets are in the file and never shown.
    form_edit(b) { b.keys("1 e") }

    /// Its last rows.
    form_edit_end(b) { b.keys("1 e").keys(&"Down ".repeat(40)) }

    /// Closing asks, because something was changed.
    form_close_question(b) { b.keys("1 e Enter").types("-2").keys("Esc Esc") }
}
