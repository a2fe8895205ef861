//! What the report says, in Dutch and in English. The names of lines and scales, and what children do, are in the language
//! of the framework.

use groeilijn_domain::children::registration::Completeness;
use groeilijn_domain::values::language::Language;
use jiff::civil::Date;

use super::facts::Place;

/// The words of one language.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) born: &'static str,
    pub(super) group: &'static str,
    pub(super) at: &'static str,
    pub(super) made: &'static str,
    pub(super) by: &'static str,
    pub(super) what_it_is: &'static str,
    pub(super) nothing_yet: &'static str,
    pub(super) scales: &'static str,
    pub(super) lines: &'static str,
    pub(super) how_to_read: &'static str,
    pub(super) age_mark: &'static str,
    pub(super) reached: &'static str,
    pub(super) not_looked_at: &'static str,
    pub(super) no_phase: &'static str,
    pub(super) attention: &'static str,
    pub(super) what_attention_is: &'static str,
    pub(super) unjudged: &'static str,
    pub(super) notes: &'static str,
    pub(super) parents_tell: &'static str,
    pub(super) agreed: &'static str,
    pub(super) confidential: &'static str,
    pub(super) record: &'static str,
    begun: &'static str,
    partly: &'static str,
    complete: &'static str,
    corrected: &'static str,
    step: &'static str,
    of: &'static str,
    to: &'static str,
    and: &'static str,
    year: Number,
    month: Number,
    months_of_the_year: [&'static str; 12],
}

/// A word for one and for more.
struct Number {
    one: &'static str,
    more: &'static str,
}

impl Number {
    fn told(&self, number: u16) -> String {
        format!("{number} {}", if number == 1 { self.one } else { self.more })
    }
}

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::Dutch => &DUTCH,
            Language::English => &ENGLISH,
        }
    }

    /// `21 november 2026`.
    pub(super) fn date(&self, day: Date) -> String {
        let month = usize::try_from(day.month() - 1).ok().and_then(|at| self.months_of_the_year.get(at));
        format!("{} {} {}", day.day(), month.copied().unwrap_or_default(), day.year())
    }

    /// `4 jaar en 7 maanden`.
    pub(super) fn age(&self, months: u16) -> String {
        match (months / 12, months % 12) {
            (0, months) => self.month.told(months),
            (years, 0) => self.year.told(years),
            (years, months) => format!("{} {} {}", self.year.told(years), self.and, self.month.told(months)),
        }
    }

    /// ` (gecorrigeerd 11 maanden)`.
    pub(super) fn corrected(&self, months: u16) -> String {
        format!(" ({} {})", self.corrected, self.age(months))
    }

    /// `4 jaar`.
    pub(super) fn years(&self, years: u16) -> String {
        self.year.told(years)
    }

    /// `3½ tot 4 jaar`; of phases that are not of half years, or of the first two, in months.
    fn phase(&self, (from, to): (u16, u16)) -> String {
        if from < 24 || from % 6 != 0 || to % 6 != 0 {
            return format!("{from} {} {}", self.to, self.month.told(to));
        }
        let halves = |months: u16| format!("{}{}", months / 12, if months % 12 == 6 { "½" } else { "" });
        format!("{} {} {} {}", halves(from), self.to, halves(to), self.year.more)
    }

    /// `3½ tot 4 jaar, ongeveer de helft`.
    pub(super) fn place(&self, place: &Place) -> String {
        let completeness = match place.completeness {
            Completeness::Begun => self.begun,
            Completeness::Partly => self.partly,
            Completeness::Complete => self.complete,
        };
        format!("{}, {completeness}", self.phase(place.phase))
    }

    /// `stap 4 van 5`.
    pub(super) fn step(&self, value: u8, most: u8) -> String {
        format!("{} {value} {} {most}", self.step, self.of)
    }
}

const DUTCH: Words = Words {
    title: "Voor het gesprek met ouders",
    born: "Geboren",
    group: "Groep",
    at: "School of opvang",
    made: "Gemaakt",
    by: "door",
    what_it_is: "Dit verslag beschrijft wat de medewerkers in de groep over een langere tijd hebben gezien. Het is een hulpmiddel \
                 om samen te kijken hoe het gaat en wat er nu past. Het is geen test en geen diagnose, het voorspelt niets en het \
                 vergelijkt uw kind niet met andere kinderen. Wat u thuis ziet, hoort er net zo goed bij.",
    nothing_yet: "Er is nog niets definitief geregistreerd. Hieronder is plaats voor wat u vertelt en voor wat we afspreken.",
    scales: "Hoe uw kind erbij is",
    lines: "De ontwikkeling in beeld",
    how_to_read: "Hoe langer de balk, hoe verder uw kind is op een ontwikkelingslijn. Het streepje is de leeftijd van uw kind op \
                  die dag. Kinderen ontwikkelen zich met sprongen: een balk die korter of langer is dan het streepje is gewoon.",
    age_mark: "leeftijd op die dag",
    reached: "Wat we zagen",
    not_looked_at: "Niet bekeken",
    no_phase: "Geen fase gekozen",
    attention: "Krijgt extra aandacht",
    what_attention_is: "Extra aandacht betekent dat we bij dit onderdeel vaker kijken en gerichter helpen. Het zegt niet dat er iets \
                        mis is. In het gesprek vertellen we wat we doen.",
    unjudged: "Niet bekeken:",
    notes: "Uit onze aantekeningen",
    parents_tell: "Wat u als ouder ziet en vertelt",
    agreed: "Wat we afspreken",
    confidential: "Vertrouwelijk",
    record: "vastgelegd onder",
    begun: "de eerste tekenen",
    partly: "ongeveer de helft",
    complete: "helemaal",
    corrected: "gecorrigeerd voor vroeggeboorte:",
    step: "stap",
    of: "van",
    to: "tot",
    and: "en",
    year: Number { one: "jaar", more: "jaar" },
    month: Number { one: "maand", more: "maanden" },
    months_of_the_year: [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
};

const ENGLISH: Words = Words {
    title: "For the talk with parents",
    born: "Born",
    group: "Group",
    at: "School or childcare",
    made: "Made",
    by: "by",
    what_it_is: "This report describes what the professionals in the group have seen over a longer time. It is an aid to see \
                 together how things go and what fits now. It is no test and no diagnosis, it predicts nothing, and it does not \
                 compare your child with other children. What you see at home belongs to it just as much.",
    nothing_yet: "Nothing has been registered as final yet. Below there is room for what you tell and for what we agree.",
    scales: "How your child is doing",
    lines: "The development in a picture",
    how_to_read: "The longer the bar, the further your child is on a development line. The mark is the age of your child on that \
                  day. Children develop in leaps: a bar that is shorter or longer than the mark is quite usual.",
    age_mark: "age on that day",
    reached: "What we saw",
    not_looked_at: "Not looked at",
    no_phase: "No phase chosen",
    attention: "Gets extra attention",
    what_attention_is: "Extra attention means that we look more often here and help in a more directed way. It does not say that \
                        something is wrong. In the talk we tell what we do.",
    unjudged: "Not looked at:",
    notes: "From our notes",
    parents_tell: "What you see and tell as a parent",
    agreed: "What we agree",
    confidential: "Confidential",
    record: "on record as",
    begun: "the first signs",
    partly: "about half of it",
    complete: "all of it",
    corrected: "corrected for early birth:",
    step: "step",
    of: "of",
    to: "to",
    and: "and",
    year: Number { one: "year", more: "years" },
    month: Number { one: "month", more: "months" },
    months_of_the_year: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
};

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_and_ages_are_told_as_people_say_them() {
        assert_eq!(DUTCH.date(date(2026, 11, 21)), "21 november 2026");
        assert_eq!(ENGLISH.date(date(2026, 1, 1)), "1 January 2026");
        assert_eq!(DUTCH.age(55), "4 jaar en 7 maanden");
        assert_eq!(
            [0, 1, 11, 12, 13].map(|months| ENGLISH.age(months)),
            ["0 months", "1 month", "11 months", "1 year", "1 year and 1 month"]
        );
    }

    #[test]
    fn a_phase_is_told_in_half_years_or_in_months() {
        assert_eq!(
            [(0, 3), (18, 24), (24, 30), (42, 48), (30, 33)].map(|phase| DUTCH.phase(phase)),
            ["0 tot 3 maanden", "18 tot 24 maanden", "2 tot 2½ jaar", "3½ tot 4 jaar", "30 tot 33 maanden"]
        );
    }
}
