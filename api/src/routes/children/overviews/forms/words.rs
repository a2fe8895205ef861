//! What pictures and tables say, in Dutch and in English. The names of lines and scales are in the language of the framework.

use groeilijn_domain::children::overview::Level;
use groeilijn_domain::values::language::Language;

/// The words of one language.
pub(super) struct Words {
    pub(super) child_title: &'static str,
    pub(super) group_title: &'static str,
    pub(super) nothing_registered: &'static str,
    pub(super) nobody: &'static str,
    pub(super) not_judged: &'static str,
    pub(super) ahead: &'static str,
    pub(super) at_level: &'static str,
    pub(super) behind: &'static str,
    pub(super) attention: &'static str,
    pub(super) unregistered: &'static str,
    pub(super) age: &'static str,
    pub(super) reached: &'static str,
    pub(super) newest_first: &'static str,
    pub(super) year: &'static str,
    pub(super) months: &'static str,
    pub(super) first_name: &'static str,
    pub(super) infix: &'static str,
    pub(super) last_name: &'static str,
    pub(super) birth_date: &'static str,
    pub(super) year_level: &'static str,
    pub(super) half_year: &'static str,
    pub(super) registered_on: &'static str,
    pub(super) age_in_months: &'static str,
    pub(super) corrected_age: &'static str,
    pub(super) line: &'static str,
    pub(super) scale: &'static str,
    pub(super) difference: &'static str,
    pub(super) level: &'static str,
    pub(super) step: &'static str,
    pub(super) purpose: &'static str,
    pub(super) made_on: &'static str,
    pub(super) by: &'static str,
    pub(super) confidential: &'static str,
    pub(super) record: &'static str,
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
}

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::Dutch => &DUTCH,
            Language::English => &ENGLISH,
        }
    }

    pub(super) fn level(&self, level: Level) -> &'static str {
        match level {
            Level::Ahead => self.ahead,
            Level::AtLevel => self.at_level,
            Level::Behind => self.behind,
        }
    }

    pub(super) fn yes_or_no(&self, yes: bool) -> &'static str {
        if yes { self.yes } else { self.no }
    }
}

const DUTCH: Words = Words {
    child_title: "Ontwikkelingslijnen",
    group_title: "Groepsoverzicht",
    nothing_registered: "Er is nog niets definitief geregistreerd.",
    nobody: "Er zitten geen kinderen in deze groep.",
    not_judged: "niet beoordeeld",
    ahead: "boven de leeftijd",
    at_level: "op leeftijd",
    behind: "onder de leeftijd",
    attention: "extra aandacht",
    unregistered: "dit halfjaar nog niet",
    age: "leeftijd bij de registratie",
    reached: "bereikte ontwikkelingsleeftijd",
    newest_first: "de nieuwste bovenaan",
    year: "jaar",
    months: "mnd",
    first_name: "Voornaam",
    infix: "Tussenvoegsel",
    last_name: "Achternaam",
    birth_date: "Geboortedatum (bij gelijke namen)",
    year_level: "Jaargroep",
    half_year: "Halfjaar",
    registered_on: "Geregistreerd op",
    age_in_months: "Leeftijd in maanden",
    corrected_age: "Gecorrigeerde leeftijd in maanden",
    line: "Ontwikkelingslijn",
    scale: "Kenmerk",
    difference: "verschil in maanden",
    level: "Niveau",
    step: "Stap",
    purpose: "Om het aanbod aan de groep op af te stemmen; niet om kinderen te rangschikken. De getallen zijn maanden boven (+) en onder (−) de eigen leeftijd.",
    made_on: "Gemaakt op",
    by: "door",
    confidential: "Vertrouwelijk",
    record: "Kenmerk",
    yes: "ja",
    no: "nee",
};

const ENGLISH: Words = Words {
    child_title: "Development lines",
    group_title: "Group overview",
    nothing_registered: "Nothing has been registered as final yet.",
    nobody: "There are no children in this group.",
    not_judged: "not judged",
    ahead: "ahead of age",
    at_level: "at age",
    behind: "behind age",
    attention: "extra attention",
    unregistered: "not yet in this half-year",
    age: "age at the registration",
    reached: "age of development reached",
    newest_first: "the newest on top",
    year: "years",
    months: "mo",
    first_name: "First name",
    infix: "Infix",
    last_name: "Last name",
    birth_date: "Day of birth (of namesakes)",
    year_level: "Year level",
    half_year: "Half-year",
    registered_on: "Registered on",
    age_in_months: "Age in months",
    corrected_age: "Corrected age in months",
    line: "Development line",
    scale: "Scale",
    difference: "difference in months",
    level: "Level",
    step: "Step",
    purpose: "For planning what the group is offered; not for ranking children. The numbers are months above (+) and below (−) a child's own age.",
    made_on: "Made on",
    by: "by",
    confidential: "Confidential",
    record: "Reference",
    yes: "yes",
    no: "no",
};
