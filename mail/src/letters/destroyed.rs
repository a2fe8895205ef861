//! The letter that tells an institution that data were destroyed, with where the certificate is (C110).
use groeilijn_domain::values::email::EmailAddress;
use jiff::civil::Date;
use uuid::Uuid;

use crate::letter::Letter;
use crate::moment::day;

impl Letter {
    /// That what was kept long enough was destroyed; the last backup that may have held its keys is gone on the day
    /// `complete_on`.
    pub fn destroyed(id: Uuid, to: EmailAddress, name: &str, complete_on: Date) -> Self {
        let paragraphs = [
            "Gegevens van uw instelling waarvan de bewaartermijn voorbij is, of waarvan beheerders de vernietiging \
             hebben gevraagd, zijn vernietigd."
                .to_owned(),
            format!(
                "In Groeilijn staat onder bewaren en vernietigen een ondertekend certificaat, dat u buiten Groeilijn om \
                 kunt controleren. Op {} is ook de laatste reservekopie met de sleutels van die gegevens overschreven. \
                 Daarvan komt een tweede certificaat.",
                day(complete_on)
            ),
            "In deze e-mail staat met opzet geen link.".to_owned(),
        ];
        Self::write(id, to, "Gegevens van uw instelling zijn vernietigd", name, &paragraphs)
    }
}
