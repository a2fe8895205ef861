//! Who and why in words that a parent understands (C096).

use crate::access::{Function, ProcessorFunction};
use crate::activity::ProcessingActivity;
use crate::audit::entry::ActorKind;
use crate::values::language::Language;

/// For what personal data was asked.
pub const fn purpose(activity: ProcessingActivity, language: Language) -> &'static str {
    let (dutch, english) = match activity {
        ProcessingActivity::FollowDevelopment => (
            "Om te volgen hoe het kind zich ontwikkelt, en wat het daarna nodig heeft in onderwijs en opvang",
            "To follow how the child develops, and what it needs next in education and care",
        ),
        ProcessingActivity::AdministerPupils => (
            "Om bij te houden welke kinderen er zijn en in welke groep zij zitten",
            "To keep track of which children there are and in which group each of them is",
        ),
        ProcessingActivity::AdministerAccess => (
            "Om te regelen wie er kan inloggen, wat die mag zien en of die echt is wie hij zegt te zijn",
            "To arrange who can log in, what they may see, and that they are who they say they are",
        ),
        ProcessingActivity::AdministerLicence => (
            "Om de afspraken met de school of opvang uit te voeren",
            "To carry out the agreements with the school or childcare organisation",
        ),
        ProcessingActivity::MaintainFramework => (
            "Om de lijst bij te houden van wat er aan kinderen te zien is; dat gaat over niemand in het bijzonder",
            "To maintain the list of what there is to see in children, which is about nobody in particular",
        ),
        ProcessingActivity::OperateService => (
            "Om de dienst te laten werken en te beveiligen, en om te kunnen laten zien wie wat heeft gezien",
            "To keep the service working and secure, and to be able to show who saw what",
        ),
    };
    said(dutch, english, language)
}

/// Who somebody of the institution is.
pub const fn function(function: Function, language: Language) -> &'static str {
    let (dutch, english) = match function {
        Function::Administrator => {
            ("beheerder van de school of opvang", "administrator at the school or childcare")
        }
        Function::Teacher => ("leerkracht", "teacher"),
        Function::ChildcareWorker => ("pedagogisch medewerker", "childcare worker"),
        Function::InternBegeleider => ("intern begeleider", "care coordinator (intern begeleider)"),
        Function::Management => ("directie of locatieleiding", "management of the school or location"),
        Function::QualityOfficer => ("kwaliteitsmedewerker", "quality officer"),
        Function::PedagogicalCoach => ("pedagogisch coach", "pedagogical coach"),
    };
    said(dutch, english, language)
}

/// Who somebody of the processor is.
pub const fn processor_function(function: ProcessorFunction, language: Language) -> &'static str {
    let (dutch, english) = match function {
        ProcessorFunction::Marketing => {
            ("marketingmedewerker van de leverancier", "marketing employee of the supplier")
        }
        ProcessorFunction::Secretariat => {
            ("secretariaatsmedewerker van de leverancier", "secretary of the supplier")
        }
        ProcessorFunction::Adviser => ("adviseur van de leverancier", "adviser of the supplier"),
        ProcessorFunction::AccountManager => {
            ("accountmanager van de leverancier", "account manager of the supplier")
        }
        ProcessorFunction::Helpdesk => {
            ("helpdeskmedewerker van de leverancier", "helpdesk employee of the supplier")
        }
        ProcessorFunction::PlatformAdministrator => {
            ("platformbeheerder van de leverancier", "platform administrator of the supplier")
        }
    };
    said(dutch, english, language)
}

/// Who asked, when no more than their side is known: of `somebody` an id, though not what they do.
pub const fn side(kind: ActorKind, somebody: bool, language: Language) -> &'static str {
    let (dutch, english) = match kind {
        ActorKind::InstitutionUser if somebody => {
            ("iemand die hier niet meer werkt", "somebody who no longer works here")
        }
        ActorKind::InstitutionUser => ("iemand die niet was ingelogd", "somebody who was not logged in"),
        ActorKind::PlatformUser => ("medewerker van de leverancier", "employee of the supplier"),
        ActorKind::System => {
            ("de dienst zelf, zonder dat er iemand keek", "the service by itself; nobody looked")
        }
        ActorKind::ApiToken => (
            "een programma of controleur met een sleutel van de school of opvang",
            "a program or auditor with a key of the school or childcare",
        ),
    };
    said(dutch, english, language)
}

const fn said(dutch: &'static str, english: &'static str, language: Language) -> &'static str {
    match language {
        Language::Dutch => dutch,
        Language::English => english,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn c096_every_purpose_and_everybody_is_told_apart_in_both_languages() {
        let mut said = BTreeSet::new();
        for language in Language::ALL {
            said.extend(ProcessingActivity::ALL.map(|activity| purpose(activity, language)));
            said.extend(Function::ALL.map(|one| function(one, language)));
            said.extend(ProcessorFunction::ALL.map(|one| processor_function(one, language)));
            said.extend(ActorKind::ALL.map(|kind| side(kind, true, language)));
        }
        let each = ProcessingActivity::ALL.len()
            + Function::ALL.len()
            + ProcessorFunction::ALL.len()
            + ActorKind::ALL.len();
        assert_eq!(said.len(), each * Language::ALL.len());
    }
}
