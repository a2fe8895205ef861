//! What the columns of a table mean, by their headers.

use super::super::field;
use super::super::file::FilePupil;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Column {
    /// A field of the pupil.
    Pupil(Field),
    /// The name of the group.
    Group,
    /// The location of the group.
    Location,
    /// The school year of the group.
    SchoolYear,
    /// Not taken over, dropped unread and counted under this name (C030, C031).
    Dropped(&'static str),
    /// Means nothing here.
    Ignored,
}

/// A field of a pupil that a column can fill.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Field {
    Key,
    EckId,
    CallName,
    FirstName,
    FirstNames,
    Infix,
    LastName,
    Gender,
    BirthDate,
    HomeLanguage,
    Vve,
    DayParts,
    YearLevel,
    Particulars,
    PlacedOn,
    LeftOn,
}

/// Headers without case, spaces and punctuation, Dutch and English.
#[rustfmt::skip]
const HEADERS: &[(&str, Column)] = &[
    ("leerlingnummer", Column::Pupil(Field::Key)),
    ("sleutel", Column::Pupil(Field::Key)),
    ("key", Column::Pupil(Field::Key)),
    ("schoolkey", Column::Pupil(Field::Key)),
    ("pupilnumber", Column::Pupil(Field::Key)),
    ("eckid", Column::Pupil(Field::EckId)),
    ("ketenid", Column::Pupil(Field::EckId)),
    ("roepnaam", Column::Pupil(Field::CallName)),
    ("callname", Column::Pupil(Field::CallName)),
    ("voornaam", Column::Pupil(Field::FirstName)),
    ("firstname", Column::Pupil(Field::FirstName)),
    ("voornamen", Column::Pupil(Field::FirstNames)),
    ("firstnames", Column::Pupil(Field::FirstNames)),
    ("tussenvoegsel", Column::Pupil(Field::Infix)),
    ("tussenvoegsels", Column::Pupil(Field::Infix)),
    ("voorvoegsel", Column::Pupil(Field::Infix)),
    ("voorvoegsels", Column::Pupil(Field::Infix)),
    ("infix", Column::Pupil(Field::Infix)),
    ("achternaam", Column::Pupil(Field::LastName)),
    ("lastname", Column::Pupil(Field::LastName)),
    ("surname", Column::Pupil(Field::LastName)),
    ("geslacht", Column::Pupil(Field::Gender)),
    ("gender", Column::Pupil(Field::Gender)),
    ("geboortedatum", Column::Pupil(Field::BirthDate)),
    ("birthdate", Column::Pupil(Field::BirthDate)),
    ("dateofbirth", Column::Pupil(Field::BirthDate)),
    ("thuistaal", Column::Pupil(Field::HomeLanguage)),
    ("homelanguage", Column::Pupil(Field::HomeLanguage)),
    ("vve", Column::Pupil(Field::Vve)),
    ("vveindicatie", Column::Pupil(Field::Vve)),
    ("dagdelen", Column::Pupil(Field::DayParts)),
    ("dagdelenperweek", Column::Pupil(Field::DayParts)),
    ("dayparts", Column::Pupil(Field::DayParts)),
    ("daypartsperweek", Column::Pupil(Field::DayParts)),
    ("jaargroep", Column::Pupil(Field::YearLevel)),
    ("leerjaar", Column::Pupil(Field::YearLevel)),
    ("yearlevel", Column::Pupil(Field::YearLevel)),
    ("bijzonderheden", Column::Pupil(Field::Particulars)),
    ("particulars", Column::Pupil(Field::Particulars)),
    ("plaatsingsdatum", Column::Pupil(Field::PlacedOn)),
    ("datumplaatsing", Column::Pupil(Field::PlacedOn)),
    ("instroomdatum", Column::Pupil(Field::PlacedOn)),
    ("datuminstroom", Column::Pupil(Field::PlacedOn)),
    ("placedon", Column::Pupil(Field::PlacedOn)),
    ("uitstroomdatum", Column::Pupil(Field::LeftOn)),
    ("uitstroom", Column::Pupil(Field::LeftOn)),
    ("datumuitstroom", Column::Pupil(Field::LeftOn)),
    ("uitschrijfdatum", Column::Pupil(Field::LeftOn)),
    ("uitschrijving", Column::Pupil(Field::LeftOn)),
    ("uitschrijvingsdatum", Column::Pupil(Field::LeftOn)),
    ("datumuitschrijving", Column::Pupil(Field::LeftOn)),
    ("uitgeschrevenop", Column::Pupil(Field::LeftOn)),
    ("einddatuminschrijving", Column::Pupil(Field::LeftOn)),
    ("datumeindeinschrijving", Column::Pupil(Field::LeftOn)),
    ("vertrekdatum", Column::Pupil(Field::LeftOn)),
    ("datumvertrek", Column::Pupil(Field::LeftOn)),
    ("vertrokkenop", Column::Pupil(Field::LeftOn)),
    ("lefton", Column::Pupil(Field::LeftOn)),
    ("dateleft", Column::Pupil(Field::LeftOn)),
    ("leavingdate", Column::Pupil(Field::LeftOn)),
    ("dateofleaving", Column::Pupil(Field::LeftOn)),
    ("groep", Column::Group),
    ("groepsnaam", Column::Group),
    ("group", Column::Group),
    ("locatie", Column::Location),
    ("vestiging", Column::Location),
    ("location", Column::Location),
    ("schooljaar", Column::SchoolYear),
    ("schoolyear", Column::SchoolYear),
    ("bsn", Column::Dropped("bsn")),
    ("burgerservicenummer", Column::Dropped("bsn")),
    ("citizenservicenumber", Column::Dropped("bsn")),
    ("pgn", Column::Dropped("bsn")),
    ("persoonsgebondennummer", Column::Dropped("bsn")),
    ("bsnondwnr4", Column::Dropped("bsn_ondwnr-4")),
    ("sofinummer", Column::Dropped("sofinummer")),
    ("onderwijsnummer", Column::Dropped("onderwijsnummer")),
    ("rijksregisternummer", Column::Dropped("rijksregisternummer")),
    ("etniciteit", Column::Dropped("etniciteit")),
    ("ethnicity", Column::Dropped("etniciteit")),
    ("nationaliteit", Column::Dropped("nationaliteit")),
    ("nationality", Column::Dropped("nationaliteit")),
    ("land", Column::Dropped("land")),
    ("geboorteland", Column::Dropped("land")),
    ("country", Column::Dropped("land")),
    ("countryofbirth", Column::Dropped("land")),
    ("landvader", Column::Dropped("land_vader")),
    ("landmoeder", Column::Dropped("land_moeder")),
    ("gewicht", Column::Dropped("gewicht")),
    ("leerlinggewicht", Column::Dropped("gewicht")),
    ("gewichtnieuw", Column::Dropped("gewicht_nieuw")),
    ("postcode", Column::Dropped("postcode")),
    ("postcodenl", Column::Dropped("postcode")),
    ("postnummerbe", Column::Dropped("postcode")),
    ("postcodeoverig", Column::Dropped("postcode")),
    ("postalcode", Column::Dropped("postcode")),
    ("email", Column::Dropped("emailadres")),
    ("emailadres", Column::Dropped("emailadres")),
    ("emailaddress", Column::Dropped("emailadres")),
    ("fotourl", Column::Dropped("fotourl")),
    ("photourl", Column::Dropped("fotourl")),
    ("gebruikersnaam", Column::Dropped("gebruikersnaam")),
    ("username", Column::Dropped("gebruikersnaam")),
];

impl Column {
    /// What the column under `header` holds.
    pub(in super::super) fn of(header: &str) -> Self {
        let plain: String =
            header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        HEADERS.iter().find(|(name, _)| *name == plain).map_or(Self::Ignored, |(_, column)| *column)
    }

    /// The fields that the column fills, by their names.
    pub(super) fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Pupil(field) => field.names(),
            Self::Group => &[field::GROUP, field::NAME],
            Self::Location => &[field::LOCATION],
            Self::SchoolYear | Self::Dropped(_) | Self::Ignored => &[],
        }
    }
}

/// The names of one row, which several columns can fill.
#[derive(Default)]
pub(super) struct FirstNames {
    pub(super) call_name: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) all: Option<String>,
}

impl Field {
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Key => &[field::SCHOOL_KEY],
            Self::EckId => &[field::ECK_ID],
            Self::CallName | Self::FirstName | Self::FirstNames => &[field::FIRST_NAME],
            Self::Infix => &[field::INFIX],
            Self::LastName => &[field::LAST_NAME],
            Self::Gender => &[field::GENDER],
            Self::BirthDate => &[field::BIRTH_DATE],
            Self::HomeLanguage => &[field::HOME_LANGUAGE],
            Self::Vve => &[field::VVE],
            Self::DayParts => &[field::DAY_PARTS_PER_WEEK],
            Self::YearLevel => &[field::YEAR_LEVEL],
            Self::Particulars => &[field::PARTICULARS],
            Self::PlacedOn => &[field::PLACED_ON],
            Self::LeftOn => &[field::LEFT_ON],
        }
    }

    /// Where the field's value goes.
    pub(super) fn place<'a>(
        self,
        pupil: &'a mut FilePupil,
        names: &'a mut FirstNames,
    ) -> &'a mut Option<String> {
        match self {
            Self::Key => &mut pupil.key,
            Self::EckId => &mut pupil.eck_id,
            Self::CallName => &mut names.call_name,
            Self::FirstName => &mut names.first_name,
            Self::FirstNames => &mut names.all,
            Self::Infix => &mut pupil.infix,
            Self::LastName => &mut pupil.last_name,
            Self::Gender => &mut pupil.gender,
            Self::BirthDate => &mut pupil.birth_date,
            Self::HomeLanguage => &mut pupil.home_language,
            Self::Vve => &mut pupil.vve,
            Self::DayParts => &mut pupil.day_parts_per_week,
            Self::YearLevel => &mut pupil.year_level,
            Self::Particulars => &mut pupil.particulars,
            Self::PlacedOn => &mut pupil.placed_on,
            Self::LeftOn => &mut pupil.left_on,
        }
    }
}
