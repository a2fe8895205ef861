//! EDEXML 2.1, the exchange format of Dutch school administrations (Edustandaard).

use std::collections::BTreeMap;

use super::field;
use super::file::{FileGroup, FilePupil, FileRefusal, MAX_GROUPS, SchoolFile, first_of, school_year};
use super::locations::SharedLocations;
use super::xml::{Element, Xml};

/// Elements of a pupil that are not taken over: numbers of the government, origin, address (C030), and
/// what this product has no use for (C031).
const NOT_TAKEN_OVER: [&str; 17] = [
    "bsn",
    "bsn_ondwnr-4",
    "emailadres",
    "etniciteit",
    "fotourl",
    "gebruikersnaam",
    "gewicht",
    "gewicht_nieuw",
    "land",
    "land_moeder",
    "land_vader",
    "onderwijsnummer",
    "postcodenl",
    "postcodeoverig",
    "postnummerbe",
    "rijksregisternummer",
    "sofinummer",
];

/// What the standard calls the fields.
const ELEMENT_NAMES: [(&str, &str); 12] = [
    (field::BIRTH_DATE, "geboortedatum"),
    (field::ECK_ID, "eckid"),
    (field::FIRST_NAME, "roepnaam"),
    (field::GENDER, "geslacht"),
    (field::GROUP, "groep"),
    (field::INFIX, "voorvoegsel"),
    (field::LAST_NAME, "achternaam"),
    (field::LEFT_ON, "uitstroomdatum"),
    (field::LOCATION, "vestiging"),
    (field::NAME, "naam"),
    (field::PLACED_ON, "instroomdatum"),
    (field::SCHOOL_KEY, "key"),
];

/// Parses the text of an EDEXML document. Elements the standard does not know are passed over.
pub(super) fn parse(text: &str) -> Result<SchoolFile, FileRefusal> {
    let mut document =
        Document { xml: Xml::new(text), file: SchoolFile::default(), locations: BTreeMap::new() };
    document.read()?;
    let named = ELEMENT_NAMES.map(|(field, element)| (field.to_owned(), element.to_owned()));
    document.file.columns = BTreeMap::from(named);
    Ok(document.file)
}

struct Document<'a> {
    xml: Xml<'a>,
    file: SchoolFile,
    /// Names of the school's locations by their keys.
    locations: BTreeMap<String, String>,
}

impl<'a> Document<'a> {
    fn read(&mut self) -> Result<(), FileRefusal> {
        let root = self.xml.root()?;
        if root.name() != "EDEX" {
            let detail = "the root element is not EDEX, so this is not an EDEXML file";
            return Err(FileRefusal::new(root.line, "not-edexml", detail));
        }
        let mut shared = SharedLocations::default();
        while let Some(section) = self.xml.next_child()? {
            match section.name() {
                "school" => self.school()?,
                "vestigingen" => self.locations()?,
                "groepen" => self.groups()?,
                "leerlingen" => self.pupils(&mut shared)?,
                "leerkrachten" => self.teachers()?,
                _ => self.xml.skip()?,
            }
        }
        self.xml.finish()?;
        shared.assign(&mut self.file.groups, |key| self.locations.get(&key).cloned());
        Ok(())
    }

    fn school(&mut self) -> Result<(), FileRefusal> {
        let (mut brin, mut location_digits) = (None, None);
        while let Some(child) = self.xml.next_child()? {
            match child.name() {
                "schooljaar" => {
                    let text = self.xml.text()?;
                    self.file.school_year = text.map(|text| school_year(&text, child.line)).transpose()?;
                }
                "brincode" => brin = self.xml.text()?,
                "dependancecode" => location_digits = self.xml.text()?,
                _ => self.xml.skip()?,
            }
        }
        self.file.brin = brin.map(|brin| brin + location_digits.as_deref().unwrap_or_default());
        Ok(())
    }

    fn locations(&mut self) -> Result<(), FileRefusal> {
        while let Some(location) = self.xml.next_child()? {
            let key = location.attribute("key")?;
            let mut name = None;
            while let Some(child) = self.xml.next_child()? {
                match child.name() {
                    "naam" => name = self.xml.text()?,
                    _ => self.xml.skip()?,
                }
            }
            if self.locations.len() >= MAX_GROUPS {
                let detail = format!("the file has more than {MAX_GROUPS} locations");
                return Err(FileRefusal::new(location.line, "too-many-locations", detail));
            }
            self.locations.extend(key.zip(name));
        }
        Ok(())
    }

    fn groups(&mut self) -> Result<(), FileRefusal> {
        while let Some(element) = self.xml.next_child()? {
            match element.name() {
                "groep" | "samengestelde_groep" => self.group(&element)?,
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn group(&mut self, element: &Element<'a>) -> Result<(), FileRefusal> {
        let school_key = required_key(element)?;
        let mut group = FileGroup { line: element.line, key: school_key.clone(), ..FileGroup::default() };
        group.school_key = Some(school_key);
        while let Some(child) = self.xml.next_child()? {
            match child.name() {
                "naam" => group.name = self.xml.text()?.unwrap_or_default(),
                "jaargroep" => group.year_group = self.xml.text()?,
                _ => self.xml.skip()?,
            }
        }
        self.file.add_group(group)
    }

    fn pupils(&mut self, shared: &mut SharedLocations) -> Result<(), FileRefusal> {
        while let Some(element) = self.xml.next_child()? {
            match element.name() {
                "leerling" => self.pupil(&element, shared)?,
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn pupil(&mut self, element: &Element<'a>, shared: &mut SharedLocations) -> Result<(), FileRefusal> {
        let mut pupil = FilePupil { line: element.line, ..FilePupil::default() };
        pupil.key = element.attribute("key")?;
        pupil.eck_id = element.attribute("eckid")?;
        let (mut first_names, mut combined_group, mut location) = (None, None, None);
        while let Some(child) = self.xml.next_child()? {
            match child.name() {
                "roepnaam" => pupil.first_name = self.xml.text()?,
                "voornamen" => first_names = self.xml.text()?,
                "voorvoegsel" => pupil.infix = self.xml.text()?,
                "achternaam" => pupil.last_name = self.xml.text()?,
                "geslacht" => pupil.gender = self.xml.text()?,
                "geboortedatum" => pupil.birth_date = self.xml.text()?,
                "instroomdatum" => pupil.placed_on = self.xml.text()?,
                "uitstroomdatum" => pupil.left_on = self.xml.text()?,
                "jaargroep" => pupil.year_level = self.xml.text()?,
                "groep" => pupil.group_key = self.reference(&child)?,
                "samengestelde_groepen" => combined_group = self.first_reference()?,
                "vestiging" => location = self.reference(&child)?,
                name if NOT_TAKEN_OVER.contains(&name) => {
                    self.file.count_dropped(name);
                    self.xml.skip()?;
                }
                _ => self.xml.skip()?,
            }
        }
        pupil.first_name = pupil.first_name.or_else(|| first_of(&first_names?));
        pupil.group_key = pupil.group_key.or(combined_group);
        if let (Some(group), Some(location)) = (&pupil.group_key, &location) {
            shared.note(group, location);
        }
        self.file.add_pupil(pupil)
    }

    fn teachers(&mut self) -> Result<(), FileRefusal> {
        while let Some(element) = self.xml.next_child()? {
            self.file.teachers_seen += u64::from(element.name() == "leerkracht");
            self.xml.skip()?;
        }
        Ok(())
    }

    /// The key in an element that only refers to another.
    fn reference(&mut self, element: &Element<'a>) -> Result<Option<String>, FileRefusal> {
        let key = element.attribute("key")?;
        self.xml.skip()?;
        Ok(key)
    }

    /// A child is in one group at a time, so of the combined groups the first counts.
    fn first_reference(&mut self) -> Result<Option<String>, FileRefusal> {
        let mut first = None;
        while let Some(child) = self.xml.next_child()? {
            let key = self.reference(&child)?;
            first = first.or(key);
        }
        Ok(first)
    }
}

fn required_key(element: &Element<'_>) -> Result<String, FileRefusal> {
    element.attribute("key")?.ok_or_else(|| {
        FileRefusal::new(element.line, "missing-key", "a group has no key, so no pupil can be in it")
    })
}
