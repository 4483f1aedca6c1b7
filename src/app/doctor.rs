//! The check-up as the screen knows it: begun, shown as it goes, stopped with its page, and what mends a finding.

use super::{
    App, Chore, Copied, Effect, Effects, Now, Secretable, Sequel,
    action::Action,
    overlays::{
        Overlay,
        doctor::DoctorPage,
        editor::ProfileEditor,
        vault::{Purpose, VaultBox},
    },
    vaults::Next,
};
use crate::{
    config::{ProfileField, ProfileId},
    jobs::{Checkup, Finding, JobId, Mend, Subject, Surroundings},
};

impl App {
    /// Opens the page and begins to look.
    pub(super) fn open_doctor(&mut self, now: Now) -> Effects {
        self.overlays.push(Overlay::Doctor(DoctorPage::new(None, now.mono)));
        self.look_again(now)
    }

    fn look_again(&mut self, now: Now) -> Effects {
        let surroundings = Surroundings {
            size: Some((self.size.width, self.size.height)),
            no_color: self.no_color,
            ..self.surroundings.clone()
        };
        let last_good = self.config.profiles.clone();
        let checkup = Checkup { surroundings, last_good, ..Checkup::default() };
        let effects = self.start_chore(Chore::Examine(Box::new(checkup)), Sequel::None, now);
        let job = self.jobs.last();
        if let Some(Overlay::Doctor(page)) = self.overlays.last_mut() {
            *page = DoctorPage::new(job, now.mono);
        }
        effects
    }

    pub(super) fn on_examining(&mut self, job: JobId, subjects: Vec<Subject>) {
        if let Some(page) = self.doctor_of(job) {
            page.begin(subjects);
        }
    }

    pub(super) fn on_examined(&mut self, job: JobId, subject: &Subject, findings: Vec<Finding>) {
        if let Some(page) = self.doctor_of(job) {
            page.take(subject, findings);
        }
    }

    /// Whatever became of the job, nothing more is waited for.
    pub(super) fn on_examination_over(&mut self, job: JobId) {
        if let Some(page) = self.doctor_of(job) {
            page.end();
        }
    }

    fn doctor_of(&mut self, job: JobId) -> Option<&mut DoctorPage> {
        self.overlays.iter_mut().find_map(|overlay| match overlay {
            Overlay::Doctor(page) if page.job == Some(job) => Some(page),
            _ => None,
        })
    }

    /// Carries out what concerns the page on top. `None` if the action is no matter of it.
    pub(super) fn apply_in_doctor(&mut self, action: &Action, now: Now) -> Option<Effects> {
        let Some(Overlay::Doctor(page)) = self.overlays.last() else { return None };
        let (job, chosen) = (page.job, page.chosen().map(|(_, finding)| finding.clone()));
        Some(match action {
            Action::OpenDoctor if job.is_none() => self.look_again(now),
            Action::OpenDoctor => {
                self.say("it is still looking", now);
                Effects::none()
            }
            Action::Back | Action::Interrupt => {
                self.overlays.pop();
                job.map_or_else(Effects::none, |job| self.cancel_job(job, now))
            }
            Action::Copy(Copied::Finding) => match chosen {
                Some(_) => self.copy(Copied::Finding, now),
                None => Effects::none(),
            },
            Action::Enter => chosen.map_or_else(Effects::none, |finding| self.mend_found(&finding, now)),
            _ => return None,
        })
    }

    /// Goes where a finding is mended; else copies what to do.
    fn mend_found(&mut self, finding: &Finding, now: Now) -> Effects {
        match (&finding.mend, &finding.fix) {
            (Some(Mend::Field(id, field)), _) => self.edit_found(id, *field, now),
            (Some(Mend::UnlockVault), _) => self.open_vault_box(Purpose::Unlock),
            (Some(Mend::CreateVault), _) => self.open_vault_box(Purpose::Create),
            (None, Some(fix)) => {
                return Effect::Copy { text: Secretable::Plain(to_type(fix).to_owned()), what: "the fix" }
                    .into();
            }
            (None, None) => self.say("there is nothing to mend here", now),
        }
        Effects::none()
    }

    fn edit_found(&mut self, id: &ProfileId, field: ProfileField, now: Now) {
        let Some(profile) = self.config.profile(id).cloned() else {
            return self.complain(format!("{id} is no longer in the file"), now);
        };
        self.open_editor(ProfileEditor::new(Some(&profile)), now);
        if let Some(Overlay::Editor(editor)) = self.overlays.last_mut() {
            editor.go_to(field);
        }
    }

    fn open_vault_box(&mut self, purpose: Purpose) {
        self.overlays.push(Overlay::Vault(Box::new(VaultBox::new(purpose, Next::Nothing))));
    }

    /// The finding under the cursor in one text.
    pub(super) fn found_text(&self) -> Option<String> {
        let Some(Overlay::Doctor(page)) = self.overlays.last() else { return None };
        let (subject, finding) = page.chosen()?;
        let Finding { about, state, seen, fix, .. } = finding;
        let fix = fix.as_ref().map(|fix| format!("; {fix}")).unwrap_or_default();
        Some(format!("{subject}: {about}: {}: {seen}{fix}", state.word()))
    }
}

/// What of a fix is to be typed, if that is in it; else all of it.
fn to_type(fix: &str) -> &str {
    fix.split('`').nth(1).unwrap_or(fix)
}

#[cfg(test)]
mod tests {
    use super::to_type;

    #[test]
    fn what_is_to_be_typed_is_copied_alone() {
        assert_eq!(to_type("run `chmod 600 /a b`"), "chmod 600 /a b");
        assert_eq!(to_type("check the spelling"), "check the spelling");
    }
}
